"""What happens to an execution as a whole. See `segue.core.events`."""

from collections.abc import Mapping

import msgspec

from segue.core.event import Event
from segue.core.failure import Failure
from segue.core.saved import SavedState
from segue.values import JsonValue


class ExecutionStarted(Event, frozen=True, kw_only=True, tag="execution_started"):
    """The execution exists. `context` are its first variables: rendered inputs, then vars.

    `start` are the tasks to begin with. `deadline` and `visits` are the limits that apply
    (None: unlimited), with the engine's defaults of that time filled in. `deep`: publishing a
    mapping merges it into the one that was there. `by_start`: the ends of branches are merged
    for the output in the order in which the ending tasks started, not ended. `stepwise`: a host
    says what it begins; nothing is handed off by itself. `ends_only`: the output sees only branches
    that have ended, and nothing if none has. `parent` is the attempt that the execution runs for
    ("ID/task#1.1"), `depth` how many executions stand above it. `defaulted` are the inputs that
    nobody gave.
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
    stepwise: bool = False
    ends_only: bool = False
    parent: str | None = None
    depth: int = 0
    defaulted: tuple[str, ...] = ()


class PauseRequested(Event, frozen=True, kw_only=True, tag="pause_requested"):
    """Somebody asked to pause. What runs is let finish, nothing new starts."""

    reason: str | None = None


class ExecutionPaused(Event, frozen=True, kw_only=True, tag="execution_paused"):
    """Pausing is over: nothing runs any more, though something may wait."""


class ExecutionResumed(Event, frozen=True, kw_only=True, tag="execution_resumed"):
    """Somebody asked a pausing or paused execution to go on."""


class ExecutionRerun(Event, frozen=True, kw_only=True, tag="execution_rerun"):
    """An execution that had ended goes on from an earlier point.

    `targets` are the task executions (task, visit) that are run again, as new visits; they and what
    followed from them are `superseded`: they stay in the log, and count no more. `state` is the
    one in which all of that has not happened. `inputs` are the new ones, where some were given;
    `deadline` is that of the execution from now on. `variables` were written before what is run
    again, `reset_items` names the targets all of whose items are run again. `restarted` is set
    where the inputs were rendered anew. `asked` are the task executions that were named, some of
    which may follow from others; `rerun` is what the language has a rerun do to what followed
    ("supersedes", "restarts").
    """

    targets: tuple[tuple[str, int], ...]
    superseded: tuple[tuple[str, int], ...]
    state: SavedState
    inputs: Mapping[str, JsonValue] | None = None
    deadline: float | None = None
    variables: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    reset_items: tuple[tuple[str, int], ...] = ()
    restarted: ExecutionStarted | None = None
    asked: tuple[tuple[str, int], ...] = ()
    rerun: str = "supersedes"
    from_start: bool = False


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
