"""What events ask the runtime to do, once they are durable. Doing one twice is harmless.

Work and timers have names that are unique within their execution (`attempt_name`, the
`name` of a timer), so that the same command always concerns the same row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from segue.core.stimuli import TimerStimulus
from segue.values import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAttempt:
    """Run an action. `action` None: there is nothing to do, it succeeds with None.

    `refers` are the hashes of what the references in `input` stand for.
    """

    task: str
    visit: int
    attempt: int
    action: str | None
    input: Mapping[str, JsonValue]
    timeout: float | None
    item: int | None = None
    refers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """Let people answer; give `QuestionExpired` back at `due`, if nobody has.

    `timeout` (seconds) is how long that is, `input` what they are asked.
    """

    task: str
    visit: int
    attempt: int
    input: Mapping[str, JsonValue]
    due: float | None
    timeout: float | None
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAttempt:
    """The attempt is over: its outstanding work is done with."""

    task: str
    visit: int
    attempt: int
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAttempt:
    """End a running action; its outcome is still awaited."""

    task: str
    visit: int
    attempt: int
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Give `stimulus` back at `due` (seconds since the epoch), never before."""

    name: str
    due: float
    stimulus: TimerStimulus


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTimer:
    """The timer is not needed any more, whether or not it has fired."""

    name: str


Command = StartAttempt | OpenQuestion | EndAttempt | CancelAttempt | SetTimer | ClearTimer


def attempt_name(task: str, visit: int, attempt: int, item: int | None = None) -> str:
    """Return the name of an attempt, or of an item of it, unique within its execution."""
    name = f"{task}#{visit}.{attempt}"
    return name if item is None else f"{name}[{item}]"
