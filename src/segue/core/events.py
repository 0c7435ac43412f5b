"""What has happened in an execution: facts, in the past tense, complete.

Folding events never evaluates an expression: what was rendered, published or decided is in
them. They are written to the log as JSON with the struct's tag as their type; a field may be
added with a default, and is never renamed or removed.

A task execution is named by its task and its visit (from 1); an attempt counts from 1 within
it. The time of an event is kept beside it (`Recorded.at`), times inside are in seconds since
the epoch.
"""

from collections.abc import Mapping

import msgspec

from segue.core.status import Status
from segue.values import JsonValue


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all events."""


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something failed, as users see it in `errors`. `code` is stable and documented."""

    code: str
    message: str
    task: str | None = None
    visit: int | None = None
    #: the place in the definition, "file:line:column", where there is one
    place: str | None = None


# -- the execution ---------------------------------------------------------------------------


class ExecutionStarted(Event, frozen=True, kw_only=True, tag="execution_started"):
    """The execution exists. `context` are its first variables: rendered inputs, then vars.

    `start` are the tasks to begin with. `deadline` and `visits` are the limits that apply
    (None: unlimited), with the engine's defaults of that time filled in. `deep`: publishing a
    mapping merges it into the one that was there. `by_start`: the ends of branches are merged
    for the output in the order in which the ending tasks started, not ended.
    """

    workflow: str
    definition: str
    inputs: Mapping[str, JsonValue]
    context: Mapping[str, JsonValue]
    start: tuple[str, ...]
    deadline: float | None = None
    visits: int | None = None
    deep: bool = False
    by_start: bool = False


class CancelRequested(Event, frozen=True, kw_only=True, tag="cancel_requested"):
    """Somebody asked to cancel. What has not started is withdrawn, what runs is being ended."""

    reason: str | None = None


class ExecutionSucceeded(Event, frozen=True, kw_only=True, tag="execution_succeeded"):
    """Nothing runs, nothing is scheduled, and every failure was handled."""


class ExecutionFailed(Event, frozen=True, kw_only=True, tag="execution_failed"):
    """The execution has failed; what still runs is let finish."""

    failure: Failure


class ExecutionCanceled(Event, frozen=True, kw_only=True, tag="execution_canceled"):
    """Canceling is over: nothing runs any more."""


class ExecutionTimedOut(Event, frozen=True, kw_only=True, tag="execution_timed_out"):
    """The limit of the whole execution has passed; what runs is being ended."""

    failure: Failure


class ExecutionSettled(Event, frozen=True, kw_only=True, tag="execution_settled"):
    """The status is final, nothing runs, nothing is scheduled. Nothing follows this event.

    `output` is None where the workflow declares none or none of it could be rendered; the
    failures are of entries that could not.
    """

    output: Mapping[str, JsonValue] | None = None
    failures: tuple[Failure, ...] = ()


class ExpressionFailed(Event, frozen=True, kw_only=True, tag="expression_failed"):
    """An expression failed in a language in which that fails the execution, not the task."""

    failure: Failure


# -- task executions -------------------------------------------------------------------------


class TaskScheduled(Event, frozen=True, kw_only=True, tag="task_scheduled"):
    """A branch has reached a task: a new visit of it. `due` is set where it has a delay.

    `source` is the task execution whose transition led here (None for a task to begin with and
    for a joined task: `JoinArrived` says who has arrived). `opens` are the joins of which a new
    round begins with this visit; `round` is the round of the task's own join that fired.
    `exempt`: it was named beside `fail`, and runs although the execution has failed.
    """

    task: str
    visit: int
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


class AttemptStarted(Event, frozen=True, kw_only=True, tag="attempt_started"):
    """An attempt was handed off, with this action (None: nothing to do) and rendered input."""

    task: str
    visit: int
    attempt: int
    action: str | None
    input: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    timeout: float | None = None  # seconds, from the moment it is handed off


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


# -- transitions and joins -------------------------------------------------------------------


class TransitionTaken(Event, frozen=True, kw_only=True, tag="transition_taken"):
    """A transition of a completed task held. `published` in order; `do` as written.

    `exempt`: `fail` is among what the completed task leads to, and the tasks named here run
    although the execution fails.
    """

    task: str
    visit: int
    transition: int
    do: tuple[str, ...]
    published: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    exempt: bool = False


class BranchEnded(Event, frozen=True, kw_only=True, tag="branch_ended"):
    """A branch ended after a task execution: no transition led on from it.

    `unmet` is the number of its transitions, where it has some and the `when` of none held:
    worth a note to whoever watches. The context of the branch goes into the output.
    """

    task: str
    visit: int
    unmet: int = 0


class JoinArrived(Event, frozen=True, kw_only=True, tag="join_arrived"):
    """A branch arrived at a join, in the round `key`, and waits there for the others.

    `joined` is set where the round has fired already but its visit is not handed off yet: the
    branch is merged into that.
    """

    join: str
    key: int
    task: str
    visit: int
    joined: int | None = None


class JoinFired(Event, frozen=True, kw_only=True, tag="join_fired"):
    """A round of a join has what it needs: the visit `visit` of the joined task follows.

    `remembered`: branches that live can still arrive in this round; they will be absorbed.
    """

    join: str
    key: int
    visit: int
    remembered: bool = False


class ArrivalAbsorbed(Event, frozen=True, kw_only=True, tag="arrival_absorbed"):
    """A branch arrived at a round of a join that had fired already: without effect."""

    join: str
    key: int
    task: str
    visit: int


class JoinRoundEnded(Event, frozen=True, kw_only=True, tag="join_round_ended"):
    """No branch can arrive in this round of a join any more.

    `outcome`: "complete" (it had fired), "superseded" (it had not, but a later round has, or
    one that can't be satisfied either stands for it), "unsatisfied" (it had not, and none can: an
    error of the execution, `failure`). `missing` are the tasks that it still needed.
    """

    join: str
    key: int
    outcome: str
    missing: tuple[str, ...] = ()
    failure: Failure | None = None


AnyEvent = (
    ExecutionStarted
    | CancelRequested
    | ExecutionSucceeded
    | ExecutionFailed
    | ExecutionCanceled
    | ExecutionTimedOut
    | ExecutionSettled
    | ExpressionFailed
    | TaskScheduled
    | DelayElapsed
    | TaskWithdrawn
    | AttemptStarted
    | AttemptSucceeded
    | AttemptFailed
    | AttemptTimedOut
    | AttemptCanceled
    | AttemptCancelRequested
    | RetryScheduled
    | TaskSucceeded
    | TaskFailed
    | TaskCanceled
    | TransitionTaken
    | BranchEnded
    | JoinArrived
    | JoinFired
    | ArrivalAbsorbed
    | JoinRoundEnded
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands in the log of its execution: `seq` counts from 1 without a gap."""

    seq: int
    at: float  # seconds since the epoch
    event: AnyEvent


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def type_of(event: AnyEvent) -> str:
    """Return the type of an event as the log and the users see it: "task_scheduled"."""
    tag = type(event).__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def encode(event: AnyEvent) -> bytes:
    """Return an event as the JSON object that the log keeps, its type under "type"."""
    return _encoder.encode(event)


def decode(data: bytes) -> AnyEvent:
    """Return the event that `encode` gave `data` for.

    Raises `msgspec.DecodeError` for anything else.
    """
    return _decoder.decode(data)
