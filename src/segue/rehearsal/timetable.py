"""When what has happened happens again, in the rehearsal of it.

In a rehearsal timers fire to the instant, and in an engine a little later; what ended meanwhile has
to end before them there, so that all of it comes in the order in which it came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import accumulate
from math import inf
from typing import TypeAlias

from segue.core import events as e
from segue.core.commands import (
    CancelAttempt,
    Command,
    OpenQuestion,
    SetTimer,
    StartAttempt,
    attempt_name,
)
from segue.core.commands_of import DEADLINE, commands_of, delay_timer, retry_timer

#: What comes one after the other is at least so many seconds apart.
APART = 1e-6

Ended: TypeAlias = (
    e.AttemptSucceeded
    | e.AttemptFailed
    | e.AttemptTimedOut
    | e.AttemptCanceled
    | e.ItemSucceeded
    | e.ItemFailed
    | e.ItemTimedOut
    | e.ItemCanceled
)
Asked: TypeAlias = e.PauseRequested | e.ExecutionResumed | e.CancelRequested | e.ExecutionRerun


class EndedBy(Enum):
    """What ended an execution that had failed already, and was only running out."""

    REQUEST = auto()
    DEADLINE = auto()


@dataclass(slots=True)
class Endings:
    """Finds where an execution was ended that had failed already.

    It stays failed, and so the log tells only what was ended with it: by nothing that came before
    at that instant.
    """

    _before: float = 0.0
    _deadline: float = inf

    def find(self, recorded: e.Recorded) -> EndedBy | None:
        """Say what ended it here, if something did. Takes all of a log, one after the other."""
        event, at, before = recorded.event, recorded.at, self._before
        self._before = at
        if isinstance(event, e.ExecutionStarted | e.ExecutionRerun):
            self._deadline = inf if event.deadline is None else event.deadline
        ended = e.AttemptCancelRequested | e.ItemCancelRequested | e.TaskWithdrawn
        if at == before or not isinstance(event, ended):
            return None
        return EndedBy.REQUEST if at < self._deadline else EndedBy.DEADLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """An event, by its place in the log, that another follows by itself so many seconds later."""

    place: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Began:
    """A call: its place in the log, and what is known of its end."""

    place: int
    timeout: float | None
    at_once: bool


@dataclass(slots=True)
class _Causes:
    """What of a log follows by itself, and what might come at any time."""

    of: dict[int, _Cause] = field(default_factory=dict)
    calls: dict[int, _Began] = field(default_factory=dict)  # the free end of a call, to the call
    free: list[int] = field(default_factory=list)  # 1 for each event that might come at any time
    _endings: Endings = field(default_factory=Endings)
    _timers: dict[str, _Cause] = field(default_factory=dict)
    _begun: dict[str, _Began] = field(default_factory=dict)
    _canceled: dict[str, int] = field(default_factory=dict)

    def add(self, place: int, recorded: e.Recorded) -> None:
        event = recorded.event
        ended = self._endings.find(recorded)
        fired = (DEADLINE,) if ended is EndedBy.DEADLINE else _fired(event)
        timer = next((name for name in fired if name in self._timers), None)
        self.free.append(0)
        if timer is not None:
            self.of[place] = self._timers.pop(timer)
        elif isinstance(event, Ended):
            self._end(place, event)
        elif isinstance(event, Asked) or ended is EndedBy.REQUEST:
            self.free[place] = 1
        for command in commands_of(event):
            self._command(place, recorded.at, command)

    def _end(self, place: int, event: Ended) -> None:
        name = attempt_name(event.task, event.visit, event.attempt, getattr(event, "item", None))
        began = self._begun[name]
        if began.at_once:
            self.of[place] = _Cause(place=began.place, seconds=0.0)
        elif name in self._canceled:
            self.of[place] = _Cause(place=self._canceled[name], seconds=0.0)
        elif isinstance(event, e.AttemptTimedOut | e.ItemTimedOut) and began.timeout is not None:
            self.of[place] = _Cause(place=began.place, seconds=began.timeout)
        else:
            self.free[place] = 1
            self.calls[place] = began

    def _command(self, place: int, at: float, command: Command) -> None:
        match command:
            case SetTimer():
                self._timers[command.name] = _Cause(place=place, seconds=command.due - at)
            case StartAttempt() | OpenQuestion():
                at_once = isinstance(command, StartAttempt) and command.action is None
                name = _name(command)
                self._begun[name] = _Began(place=place, timeout=command.timeout, at_once=at_once)
            case CancelAttempt():
                self._canceled[_name(command)] = place
            case _:
                pass


def _name(command: StartAttempt | OpenQuestion | CancelAttempt) -> str:
    return attempt_name(command.task, command.visit, command.attempt, command.item)


def _fired(event: e.AnyEvent) -> Iterator[str]:
    match event:
        case e.DelayElapsed(task=task, visit=visit):
            yield retry_timer(task, visit)
            yield delay_timer(task, visit)
        case e.ExecutionTimedOut():
            yield DEADLINE
        case _:
            return


def timetable(log: Sequence[e.Recorded], start: float) -> list[float]:
    """Return for each event when it comes in a rehearsal that begins at `start`.

    What might come at any time comes when it came: though after what came before it, before the
    timers that fired after it, and within the timeout of its call.
    """
    causes = _Causes()
    for place, recorded in enumerate(log):
        causes.add(place, recorded)
    followers: dict[int, list[tuple[int, float]]] = {}
    for place, cause in causes.of.items():
        followers.setdefault(cause.place, []).append((place, cause.seconds))
    counts = list(accumulate(causes.free, initial=0))
    due: dict[int, float] = {}  # the timers that will fire, by the place where they do
    times: list[float] = []
    now = start
    for place, recorded in enumerate(log):
        if place in due:
            now = max(now, due.pop(place))
        elif causes.free[place]:
            limits = [at - APART * (counts[other] - counts[place]) for other, at in due.items()]
            at = _moment(recorded.at, now, start, limits, _call(causes, times, place))
            now = max(now, at)
        times.append(now)
        for other, seconds in followers.get(place, ()):
            due[other] = now + seconds
    return times


def _call(causes: _Causes, times: Sequence[float], place: int) -> tuple[float, float | None] | None:
    """Return when the call that ends here began, and its timeout; None: it is none."""
    call = causes.calls.get(place)
    return None if call is None else (times[call.place], call.timeout)


def _moment(
    at: float,
    now: float,
    start: float,
    limits: Sequence[float],
    call: tuple[float, float | None] | None,
) -> float:
    began, timeout = call or (start, None)
    latest = min(limits, default=at)
    if timeout is not None:
        latest = min(latest, began + timeout)
    seconds = round(max(min(at, latest), now + APART) - began, 6)
    # Whatever it comes after: it did not take longer than it might.
    return began + (seconds if timeout is None else min(seconds, timeout))
