"""The heart of an engine: by its beat others know that it lives, and it hears of theirs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from segue.failpoints import Failpoint, reach
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.identity import identify
from segue.runtime.peers.claims import Claims
from segue.runtime.turns.parking import Parking
from segue.store.port import StoreError

_log = logging.getLogger(__name__)


class Heart:
    """See the module. It begins to beat when the engine first may hold work.

    `drop` ends and forgets all that the engine has, `seek` looks for work that has become free.
    """

    def __init__(
        self,
        desk: Desk,
        claims: Claims,
        parking: Parking,
        *,
        seconds: float,
        drop: Callable[[], Awaitable[None]],
        seek: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._claims = claims
        self._parking = parking
        self._seconds = seconds
        self._drop = drop
        self._seek = seek
        self._beginning = asyncio.Lock()
        self._known = False

    @property
    def engine(self) -> str | None:
        """The engine as others know it; None: nobody does, so that it can't hold work."""
        return self._desk.identity.id if self._known else None

    async def begin(self) -> bool:
        """Make this engine known, so that it can hold work. False: that was done before."""
        async with self._beginning:
            if self._known:
                return False
            await self._desk.store.add_engine(self._desk.identity.row(self._desk.clock.now()))
            reach(Failpoint.ENGINE_ADDED)
            self._known = True
            return True

    async def go_on(self) -> None:
        """Beat again and again. Never returns."""
        while True:
            await self._desk.clock.sleep(self._seconds)
            try:
                await self.beat()
            except StoreError as error:
                self._claims.behind = True
                _log.warning("the heart could not beat: %s", error)

    async def beat(self) -> None:
        """Beat once; begin anew if we were declared lost, and look who else is."""
        if not await self._desk.store.beat(self._desk.identity.id, self._desk.clock.now()):
            await self._begin_anew()
        if await self._claims.declare_lost() or self._claims.behind:
            await self._claims.catch_up()
            self._seek()
        await self._parking.write()

    async def end(self) -> None:
        """Say that this engine ends, if anybody knows it. Raises nothing."""
        if self._known:
            try:
                await self._desk.store.remove_engine(self._desk.identity.id)
            except StoreError as error:
                _log.warning("the engine could not say that it ends: %s", error)

    async def _begin_anew(self) -> None:
        """Somebody took us for dead: our work is theirs. Drop it, and take only what is free."""
        _log.warning("engine %s was declared lost; beginning anew", self._desk.identity.id)
        self._claims.behind = True
        async with self._desk.turn:
            await self._drop()
            self._desk.identity = identify()
            await self._desk.store.add_engine(self._desk.identity.row(self._desk.clock.now()))
