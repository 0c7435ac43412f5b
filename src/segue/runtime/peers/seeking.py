"""Taking any work that is free, of whatever execution: what an engine does that serves."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from segue.runtime.desk.clock import Clock
from segue.runtime.peers.claims import Claims
from segue.store.port import StoreError

_log = logging.getLogger(__name__)

#: We look at least so often, in seconds, whether or not somebody nudges us.
LOOK_SECONDS = 1.0
#: A timer that nobody has is taken so many seconds before it is due: it needs nobody until then.
AHEAD_SECONDS = 30.0
#: So many timers that are due may wait here for their turn, and so many may be taken ahead: the
#: others stay where they cost nothing, for whoever has room first.
MOST_TIMERS = 4000
#: At most this part of our room is taken at a time, so that others that look now get some, too.
SHARE = 8

#: Is told of the executions of which something was taken.
Taken = Callable[[Sequence[str]], None]


class Seeker:
    """See the module.

    No more is taken than can run: what waits in the store is there for the first that has room.
    `room` is how many more actions we can run, `overdue` how many timers of ours were due when we
    took them, and still wait for their turn.
    """

    def __init__(
        self,
        clock: Clock,
        claims: Claims,
        room: Callable[[], int],
        overdue: Callable[[], int] = lambda: 0,
    ) -> None:
        self._clock = clock
        self._claims = claims
        self._room = room
        self._overdue = overdue
        self._nudged = asyncio.Event()
        self._full = False
        self._more_due = False
        self._ahead: deque[tuple[float, int]] = deque()  # by when they are due, how many
        self._closed = False
        self._taken: list[Taken] = []

    def nudge(self) -> None:
        """Take note that there may be something."""
        self._nudged.set()

    def made_room(self) -> None:
        """Take note that something has ended."""
        if self._full:
            self._nudged.set()

    def worked_off(self) -> None:
        """Take note that timers were dealt with."""
        if self._more_due and self._overdue() < MOST_TIMERS // 2:
            self._nudged.set()

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    def on_taken(self, tell: Taken) -> None:
        """Have somebody told of what is taken."""
        self._taken.append(tell)

    async def seek(self) -> None:
        """Look whenever there may be something. Never returns."""
        while True:
            self._nudged.clear()
            try:
                await self.look()
            except StoreError as error:
                _log.warning("work can't be looked for: %s", error)
            alarm = self._clock.call_later(LOOK_SECONDS, self.nudge)
            try:
                await self._nudged.wait()
            finally:
                alarm.cancel()

    async def look(self) -> None:
        """Take what is free, as far as there is room."""
        self._full = False
        if not self._closed:
            await self._look_for_timers()
        while not self._closed:
            room = self._room()
            if not room:
                self._full = True
                return
            taken = await self._claims.take_to_run(-(-room // SHARE))
            self._tell(taken)
            if not taken:
                return

    async def _look_for_timers(self) -> None:
        """Take those that are due, and then those that soon will be: as many as there is room."""
        self._more_due = False
        while (room := MOST_TIMERS - self._overdue()) > 0:
            taken = await self._claims.take_due(0.0, room)
            self._tell(taken)
            if not taken:
                break
        else:
            self._more_due = True
            return
        now = self._clock.now()
        while self._ahead and self._ahead[0][0] <= now:
            self._ahead.popleft()
        while (room := MOST_TIMERS - sum(count for _, count in self._ahead)) > 0:
            taken = await self._claims.take_due(AHEAD_SECONDS, room)
            self._tell(taken)
            if not taken:
                return
            self._ahead.append((now + AHEAD_SECONDS, len(taken)))

    def _tell(self, executions: Sequence[str]) -> None:
        if executions:
            for tell in self._taken:
                tell(list(dict.fromkeys(executions)))
