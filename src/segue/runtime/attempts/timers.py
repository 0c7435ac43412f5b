"""Timers of this engine in memory: what is due is fired in turn, and one alarm for what is not.

The rows in the store are the truth; these are what is armed of them. A timer never fires early:
when the alarm rings the clock is asked again, and a clock that was set back is waited for.

After a pause of the machine, or when everything is due in the same second, a hundred thousand of
them may be due at once. They are fired in batches, and the next one only when there is room for it:
when those before have been dealt with. Executions take turns, so that one with many timers does
not keep another one waiting; those of one are fired in the order in which they are due.
"""

import heapq
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from segue.core.stimuli import TimerStimulus
from segue.runtime.desk.clock import Clock
from segue.transport.alarms import Alarm

#: After so many seconds the clock is asked again at the latest: it may have been set forward, or
#: the machine may have slept.
LONGEST_WAIT_SECONDS = 30.0
#: So many timers are fired before others get their turn.
BATCH = 256
#: ... and so many of one execution before the next one has its turn: those of one are decided and
#: written together, which costs a fraction of what each by itself would.
PORTION = 16
#: So many executions are found to be due before others get their turn.
LINE_UP = 4096


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Timer:
    """A timer that is armed, under one claim. `overdue`: it was due when it was armed."""

    due: float
    number: int
    execution: str = field(compare=False)
    name: str = field(compare=False)
    claim: int = field(compare=False)
    stimulus: TimerStimulus = field(compare=False)
    overdue: bool = field(compare=False)


class Timers:
    """See the module. `fire` is called once for each timer, at its due time or later.

    `room` says for how many more whoever hears of them has room; where there was none he says so
    when there is some again (`go_on`).
    """

    def __init__(
        self, clock: Clock, fire: Callable[[Timer], None], room: Callable[[], int] = lambda: BATCH
    ) -> None:
        self._clock = clock
        self._fire = fire
        self._room = room
        self._armed: dict[tuple[str, str], Timer] = {}
        # What is disarmed stays in its heap until it is due.
        self._heaps: dict[str, list[Timer]] = {}
        self._size = 0
        # The first of each execution that has none due yet; and those that have, in turn.
        self._firsts: list[tuple[float, int, str]] = []
        self._turns: OrderedDict[str, None] = OrderedDict()
        self._overdue = 0
        self._number = 0
        self._alarm: Alarm | None = None
        self._alarm_at = 0.0

    def __len__(self) -> int:
        return len(self._armed)

    @property
    def overdue(self) -> int:
        """How many were due when they were armed, and still wait for their turn."""
        return self._overdue

    def arm(
        self, execution: str, name: str, *, due: float, claim: int, stimulus: TimerStimulus
    ) -> None:
        """Arm a timer; one of the same name is replaced."""
        self._number += 1
        overdue = due <= self._clock.now()
        timer = Timer(
            due=due,
            number=self._number,
            execution=execution,
            name=name,
            claim=claim,
            stimulus=stimulus,
            overdue=overdue,
        )
        self._armed[execution, name] = timer
        heap = self._heaps.setdefault(execution, [])
        heapq.heappush(heap, timer)
        self._size += 1
        self._overdue += overdue
        if execution not in self._turns and heap[0] is timer:
            self._wait(execution, due=overdue)
        self._ring()

    def disarm(self, execution: str, name: str) -> None:
        """Disarm a timer; one that is not armed is ignored."""
        self._armed.pop((execution, name), None)
        if self._size > 2 * len(self._armed) + BATCH:
            self._forget_disarmed()

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()
        self._forget_disarmed()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def go_on(self) -> None:
        """Take note that there is room again."""
        if self._turns:
            self._ring()

    def _forget_disarmed(self) -> None:
        self._heaps, self._firsts, self._size, self._overdue = {}, [], 0, 0
        for timer in sorted(self._armed.values()):  # which is a heap
            self._heaps.setdefault(timer.execution, []).append(timer)
            self._size += 1
            self._overdue += timer.overdue
        turns, self._turns = self._turns, OrderedDict()
        for execution in turns:
            if execution in self._heaps:
                self._wait(execution, due=True)
        for execution in self._heaps:
            if execution not in self._turns:
                self._wait(execution, due=False)

    def _wait(self, execution: str, *, due: bool) -> None:
        """Let an execution wait for its turn, or until its first timer is due."""
        if due:
            self._turns[execution] = None
        else:
            first = self._heaps[execution][0]
            heapq.heappush(self._firsts, (first.due, first.number, execution))

    def _ring(self) -> None:
        """See to it that the alarm rings for what is due, if there is room, or for what comes."""
        now = self._clock.now()
        if self._turns and self._room() > 0:
            at = now
        elif self._firsts:
            at = min(max(self._firsts[0][0], now), now + LONGEST_WAIT_SECONDS)
        else:
            return
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = self._clock.call_later(at - now, self._rung)

    def _rung(self) -> None:
        self._alarm = None
        now = self._clock.now()
        self._line_up(now)
        left = min(BATCH, self._room())
        while self._turns and left > 0:
            left -= self._fire_some(now, min(PORTION, left))
        self._ring()

    def _line_up(self, now: float) -> None:
        for _ in range(LINE_UP):
            if not self._firsts or self._firsts[0][0] > now:
                return
            _, number, execution = heapq.heappop(self._firsts)
            heap = self._heaps.get(execution)
            # One that was armed later may be due earlier, and be its first.
            if heap and heap[0].number == number and execution not in self._turns:
                self._wait(execution, due=True)

    def _fire_some(self, now: float, most: int) -> int:
        """Fire timers of the execution whose turn it is; its next ones come after the others.

        Returns how many were fired: what is not armed any more is not.
        """
        execution, _ = self._turns.popitem(last=False)
        heap = self._heaps[execution]
        fired: list[Timer] = []
        while heap and heap[0].due <= now and len(fired) < most:
            timer = heapq.heappop(heap)
            self._size -= 1
            self._overdue -= timer.overdue
            if self._armed.get((execution, timer.name)) is timer:
                del self._armed[execution, timer.name]
                fired.append(timer)
        if heap:
            self._wait(execution, due=heap[0].due <= now)
        else:
            del self._heaps[execution]
        for timer in fired:
            self._fire(timer)
        return len(fired)
