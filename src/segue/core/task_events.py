"""What happens to a task execution. See `segue.core.events`."""

from collections.abc import Mapping

import msgspec

from segue.core.event import Event
from segue.core.failure import Failure
from segue.core.status import Status
from segue.values import JsonValue


class TaskScheduled(Event, frozen=True, kw_only=True, tag="task_scheduled"):
    """A branch has reached a task: a new visit of it. `due` is set where it has a delay.

    `source` is the task execution whose transition led here (None for a task to begin with and
    for a joined task: `JoinArrived` says who has arrived). `opens` are the joins of which a new
    round begins with this visit; `round` is the round of the task's own join that fired.
    `exempt`: it was named beside `fail`, and runs although the execution has failed. `again` is
    the visit that this one runs again, after a rerun. `watched`: expressions on its route can ask
    how it is, even while it runs.
    """

    task: str
    visit: int
    again: int | None = None
    watched: bool = False
    source: tuple[str, int] | None = None
    due: float | None = None
    opens: tuple[str, ...] = ()
    round: int | None = None
    exempt: bool = False


class DelayElapsed(Event, frozen=True, kw_only=True, tag="delay_elapsed"):
    """The delay of a task execution has passed: it may start."""

    task: str
    visit: int


class TaskWithdrawn(Event, frozen=True, kw_only=True, tag="task_withdrawn"):
    """A task execution that waited (to start, or for its next attempt) will not run any more."""

    task: str
    visit: int


class TaskSkipped(Event, frozen=True, kw_only=True, tag="task_skipped"):
    """A branch came to a task whose `when` does not hold: it is not run, and the branch ends."""

    task: str
    visit: int


class TaskReoffered(Event, frozen=True, kw_only=True, tag="task_reoffered"):
    """A joined task is offered anew to the host that steps through, for another branch arrives.

    An attempt of which items run, and the items that a rerun kept, count as never begun.
    """

    task: str
    visit: int


class AttemptStarted(Event, frozen=True, kw_only=True, tag="attempt_started"):
    """An attempt was handed off, with this action (None: nothing to do) and rendered input.

    `asks`: it is a question to people, open until `due` (seconds since the epoch; None: for ever).
    """

    task: str
    visit: int
    attempt: int
    action: str | None
    input: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    timeout: float | None = None  # seconds, from the moment it is handed off
    asks: bool = False
    due: float | None = None


class AttemptChanged(Event, frozen=True, kw_only=True, tag="attempt_changed"):
    """What runs goes on in another way: it waits for somebody, was paused, is being ended."""

    task: str
    visit: int
    attempt: int
    status: Status


class AttemptSucceeded(Event, frozen=True, kw_only=True, tag="attempt_succeeded"):
    """The action ended well."""

    task: str
    visit: int
    attempt: int
    result: JsonValue = None


class AttemptFailed(Event, frozen=True, kw_only=True, tag="attempt_failed"):
    """The action ended badly, or could not be run. It may have a result all the same."""

    task: str
    visit: int
    attempt: int
    failure: Failure
    result: JsonValue = None


class AttemptTimedOut(Event, frozen=True, kw_only=True, tag="attempt_timed_out"):
    """The action took longer than the timeout of its task, and was ended."""

    task: str
    visit: int
    attempt: int
    failure: Failure
    result: JsonValue = None


class AttemptCanceled(Event, frozen=True, kw_only=True, tag="attempt_canceled"):
    """The action was ended because the execution is canceled or timed out."""

    task: str
    visit: int
    attempt: int
    result: JsonValue = None


class AttemptCancelRequested(Event, frozen=True, kw_only=True, tag="attempt_cancel_requested"):
    """A running attempt is to be ended."""

    task: str
    visit: int
    attempt: int


class RetryScheduled(Event, frozen=True, kw_only=True, tag="retry_scheduled"):
    """The attempt that just ended is followed by another one, at `due` (None: at once)."""

    task: str
    visit: int
    attempt: int  # the number of the attempt to come
    due: float | None = None
    delay: float = 0.0  # seconds; a host that steps through the execution waits for them itself
    keeps_items: bool = False  # those that succeeded are not run again


class TaskSucceeded(Event, frozen=True, kw_only=True, tag="task_succeeded"):
    """A task execution completed well. Its result is that of its last attempt.

    `kept`: expressions of the definition can ask for this task's latest execution.
    """

    task: str
    visit: int
    kept: bool = False


class TaskFailed(Event, frozen=True, kw_only=True, tag="task_failed"):
    """A task execution completed badly. `handled`: a transition taken deals with it.

    `status` is failed or timeout, `kept` as in `TaskSucceeded`.
    """

    task: str
    visit: int
    failure: Failure
    handled: bool = False
    status: Status = Status.FAILED
    kept: bool = False


class TaskCanceled(Event, frozen=True, kw_only=True, tag="task_canceled"):
    """A task execution was ended because the execution is canceled or timed out."""

    task: str
    visit: int
    kept: bool = False
