"""Taking any work that is free, of whatever execution: what an engine does that serves."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from segue.runtime.claims import Claims
from segue.runtime.clock import Clock
from segue.store.port import StoreError

_log = logging.getLogger(__name__)

#: We look at least so often, in seconds, whether or not somebody nudges us.
LOOK_SECONDS = 1.0
#: A timer that nobody has is taken so many seconds before it is due: it needs nobody until then.
AHEAD_SECONDS = 30.0
#: At most this part of our room is taken at a time, so that others that look now get some, too.
SHARE = 8

#: Is told of the executions of which something was taken.
Taken = Callable[[Sequence[str]], None]


class Seeker:
    """See the module.

    No more is taken than can run: what waits in the store is there for the first that has room.
    """

    def __init__(self, clock: Clock, claims: Claims, room: Callable[[], int]) -> None:
        self._clock = clock
        self._claims = claims
        self._room = room
        self._nudged = asyncio.Event()
        self._full = False
        self._closed = False
        self._taken: list[Taken] = []

    def nudge(self) -> None:
        """Take note that there may be something."""
        self._nudged.set()

    def made_room(self) -> None:
        """Take note that something has ended."""
        if self._full:
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
            self._tell(await self._claims.take_due(AHEAD_SECONDS))
        while not self._closed:
            room = self._room()
            if not room:
                self._full = True
                return
            taken = await self._claims.take_to_run(-(-room // SHARE))
            self._tell(taken)
            if not taken:
                return

    def _tell(self, executions: Sequence[str]) -> None:
        if executions:
            for tell in self._taken:
                tell(executions)
