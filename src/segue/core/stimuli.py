"""What happens to an execution from outside. The time comes with the facts of the decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from segue.values import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begin, with these inputs, at these tasks (empty: the entry points or declared start).

    `max_duration` (seconds) and `max_visits` are the engine's defaults for limits that the
    workflow does not set; None is unlimited.
    """

    inputs: Mapping[str, JsonValue]
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
class AttemptEnded:
    """The outcome of an attempt came in. For an attempt that is closed already it is dropped."""

    task: str
    visit: int
    attempt: int
    outcome: Outcome


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
class DeadlinePassed:
    """The limit on the duration of the whole execution has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Somebody asks to cancel the execution."""

    reason: str | None = None


TimerStimulus = DelayPassed | RetryDue | DeadlinePassed
Stimulus = Start | AttemptEnded | TimerStimulus | Cancel
