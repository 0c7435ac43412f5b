"""What happens to an execution from outside. The time comes with the facts of the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.core.rerun_plan import RerunPlan
from segue.core.status import Status
from segue.values import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begin, with these inputs, at these tasks (empty: the entry points or declared start).

    `max_duration` (seconds) and `max_visits` are the engine's defaults for limits that the
    workflow does not set; None is unlimited. `context` are variables that stand before the
    inputs: those of whoever embeds the execution. `parent` is the attempt that an execution runs
    for ("ID/task#1.1"), `depth` how many executions stand above it. `stepwise`: nothing is handed
    off by itself, and delays are not waited for: a host asks what may be (`segue.core.offering`),
    and says what it has begun (`HandOff`).
    """

    inputs: Mapping[str, JsonValue]
    parent: str | None = None
    depth: int = 0
    context: Mapping[str, JsonValue] = field(default_factory=dict)
    stepwise: bool = False
    start: tuple[str, ...] = ()
    definition: str = ""
    max_duration: float | None = None
    max_visits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The outcome of an action that ended well."""

    result: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The outcome of an action that ended badly or could not be run."""

    message: str
    code: str = "action_failed"
    result: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """The outcome of an action that was ended because its timeout passed."""

    seconds: float
    result: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    """The outcome of an action that was ended on request."""

    result: JsonValue = None


Outcome = Succeeded | Failed | TimedOut | Canceled


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """The host of a stepwise execution has begun a task, or an item of one."""

    task: str
    visit: int
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded:
    """The outcome of an attempt, or of one item of it, came in.

    For an attempt that is closed already it is dropped. `refers`: there are references in its
    result, to values that are kept beside the log.
    """

    task: str
    visit: int
    attempt: int
    outcome: Outcome
    item: int | None = None
    refers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptChanged:
    """What runs goes on in another way, as whoever runs it says.

    `status` is running, pending, pausing, paused, resuming or canceling. For an attempt that is
    closed already it is dropped.
    """

    task: str
    visit: int
    attempt: int
    status: Status
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayPassed:
    """The delay of a task execution is over."""

    task: str
    visit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryDue:
    """The next attempt of a task execution may start."""

    task: str
    visit: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionExpired:
    """Nobody has answered in time, which was so many seconds."""

    task: str
    visit: int
    attempt: int
    seconds: float
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """The limit on the duration of the whole execution has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody asks to pause the execution: what runs is let finish, nothing new starts."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Somebody asks a paused execution to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Somebody asks to cancel the execution."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclude:
    """The host of a stepwise execution says that it has succeeded, or failed."""

    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """Somebody asks to run again, as planned (`segue.core.rerunning`)."""

    plan: RerunPlan


TimerStimulus = DelayPassed | RetryDue | QuestionExpired | DeadlinePassed
Request = Pause | Resume | Cancel | Conclude | Rerun
Stimulus = Start | HandOff | AttemptEnded | AttemptChanged | TimerStimulus | Request
