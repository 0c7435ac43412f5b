"""An execution from its start to its end, with real actions and a clock that jumps.

What takes time takes it on that clock only: delays, retries, timeouts and `core.sleep`. So an
example may wait for an hour, and what comes of it is the same each time.
"""

import asyncio
import heapq
from collections.abc import Mapping
from itertools import count

from tests.actions.stage import Stage
from tests.support.conducted import T0, Conducted

from segue.actions.registry import Registry
from segue.core import stimuli as s
from segue.core.commands import CancelAttempt, SetTimer, StartAttempt
from segue.core.commands_of import commands_of
from segue.values import JsonValue

_MOST_STEPS = 5000


class Rehearsal:
    """One execution of a workflow that is on the page."""

    def __init__(
        self,
        text: str,
        inputs: Mapping[str, JsonValue],
        start: tuple[str, ...] = (),
        *,
        registry: Registry | None = None,
    ) -> None:
        self._registry = registry or Registry()
        self._due: list[tuple[float, int, s.Stimulus]] = []
        self._numbers = count()
        self.run = Conducted(text, inputs, start, check=False)
        self._seen = 0
        self._act()

    def to_the_end(self) -> Conducted:
        """Let everything happen, in order of time; what is due at once in order of hand-off."""
        for _ in range(_MOST_STEPS):
            if self.run.settled():
                return self.run
            at, _, stimulus = heapq.heappop(self._due)
            self.run.now = max(self.run.now, at)
            self.run.give(stimulus)
            self._act()
        raise AssertionError("it goes on and on")

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return self.run.now - T0

    def _act(self) -> None:
        events, self._seen = self.run.events[self._seen :], len(self.run.events)
        for recorded in events:
            for command in commands_of(recorded.event):
                match command:
                    case StartAttempt():
                        self._start(command)
                    case SetTimer():
                        self._later(command.due, command.stimulus)
                    case CancelAttempt():
                        self._ended(0.0, command, s.Canceled())
                    case _:
                        pass

    def _start(self, command: StartAttempt) -> None:
        seconds = 0.0
        if command.action is None:
            outcome: s.Outcome = s.Succeeded()
        elif command.action == "core.sleep":
            asked = command.input["seconds"]
            assert isinstance(asked, int | float)
            seconds, outcome = float(asked), s.Succeeded()
        else:
            stage = Stage(registry=self._registry, task=command.task, attempt=command.attempt)
            outcome = asyncio.run(stage.run(command.action, **command.input))
        if command.timeout is not None and seconds > command.timeout:
            seconds, outcome = command.timeout, s.TimedOut(seconds=command.timeout)
        self._ended(seconds, command, outcome)

    def _ended(
        self, seconds: float, command: StartAttempt | CancelAttempt, outcome: s.Outcome
    ) -> None:
        ended = s.AttemptEnded(
            task=command.task,
            visit=command.visit,
            attempt=command.attempt,
            item=command.item,
            outcome=outcome,
        )
        self._later(self.run.now + seconds, ended)

    def _later(self, at: float, stimulus: s.Stimulus) -> None:
        heapq.heappush(self._due, (at, next(self._numbers), stimulus))
