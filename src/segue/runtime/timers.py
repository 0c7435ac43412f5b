"""Timers of this engine in memory: a heap, and one alarm for the first of them.

The rows in the store are the truth; these are what is armed of them. A timer never fires early:
when the alarm rings the clock is asked again, and a clock that was set back is waited for.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from segue.core.stimuli import TimerStimulus
from segue.runtime.clock import Alarm, Clock

#: After so many seconds the clock is asked again at the latest: it may have been set forward, or
#: the machine may have slept.
LONGEST_WAIT_SECONDS = 30.0
#: So many timers are fired before others get their turn.
BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Timer:
    """A timer that is armed, under one claim."""

    due: float
    number: int
    execution: str = field(compare=False)
    name: str = field(compare=False)
    claim: int = field(compare=False)
    stimulus: TimerStimulus = field(compare=False)


class Timers:
    """See the module. `fire` is called once for each timer, at its due time or later."""

    def __init__(self, clock: Clock, fire: Callable[[Timer], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._heap: list[Timer] = []
        self._armed: dict[tuple[str, str], Timer] = {}
        self._number = 0
        self._alarm: Alarm | None = None
        self._alarm_at = 0.0

    def __len__(self) -> int:
        return len(self._armed)

    def arm(
        self, execution: str, name: str, *, due: float, claim: int, stimulus: TimerStimulus
    ) -> None:
        """Arm a timer; one of the same name is replaced."""
        self._number += 1
        timer = Timer(
            due=due,
            number=self._number,
            execution=execution,
            name=name,
            claim=claim,
            stimulus=stimulus,
        )
        self._armed[execution, name] = timer
        heapq.heappush(self._heap, timer)
        self._ring()

    def disarm(self, execution: str, name: str) -> None:
        """Disarm a timer; one that is not armed is ignored."""
        self._armed.pop((execution, name), None)
        # What is disarmed stays in the heap until it is due: bound that.
        if len(self._heap) > 2 * len(self._armed) + BATCH:
            self._heap = list(self._armed.values())
            heapq.heapify(self._heap)

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()
        self._heap.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        """See to it that the alarm rings for the first timer."""
        if not self._heap:
            return
        now = self._clock.now()
        at = min(max(self._heap[0].due, now), now + LONGEST_WAIT_SECONDS)
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = self._clock.call_later(at - now, self._rung)

    def _rung(self) -> None:
        self._alarm = None
        now = self._clock.now()
        for _ in range(BATCH):
            if not self._heap or self._heap[0].due > now:
                break
            timer = heapq.heappop(self._heap)
            if self._armed.get((timer.execution, timer.name)) is timer:
                del self._armed[timer.execution, timer.name]
                self._fire(timer)
        self._ring()
