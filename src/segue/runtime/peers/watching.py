"""Noticing what other processes have written."""

import logging
import sys
from collections.abc import Callable

from segue.runtime.attempts.children import Children
from segue.runtime.desk.desk import Desk
from segue.runtime.peers.claims import Claims
from segue.runtime.turns.dispatch import Dispatcher
from segue.store.port import ExecutionRow, StoreError

_log = logging.getLogger(__name__)

#: We look at least so often, in seconds, whether or not the store gives a hint.
LOOK_SECONDS = 1.0
#: ... and rest at least so long between looks, and five times as long as the last one took.
REST_SECONDS = 0.02
REST_FACTOR = 5.0
#: A look that seems to have taken hours has not: the clock was set, or the machine has slept.
LONGEST_REST_SECONDS = 5.0


class Watcher:
    """See the module: what was asked to end is ended, who follows an execution is told.

    A hint of the store may be missing, late or without cause: each look begins from the rows.
    """

    def __init__(
        self, desk: Desk, dispatcher: Dispatcher, claims: Claims, children: Children
    ) -> None:
        self._desk = desk
        self._dispatcher = dispatcher
        self._claims = claims
        self._children = children

    async def watch(
        self, engine: Callable[[], str | None], looked: Callable[[], None] = lambda: None
    ) -> None:
        """Look whenever something may have changed, and say so. Never returns."""
        while True:
            try:
                await self._desk.store.wait_for_change(LOOK_SECONDS)
                began = self._desk.clock.now()
                await self.look(engine())
                looked()
            except StoreError as error:
                _log.warning("the store can't be watched: %s", error)
                began = self._desk.clock.now()
                await self._desk.clock.sleep(LOOK_SECONDS)
            rest = REST_FACTOR * (self._desk.clock.now() - began)
            await self._desk.clock.sleep(min(max(REST_SECONDS, rest), LONGEST_REST_SECONDS))

    async def look(self, engine: str | None) -> None:
        """Look once, with the eyes of `engine` (None: of one that holds nothing)."""
        if engine is not None:
            for work in await self._desk.store.canceled_work(engine):
                self._dispatcher.cancel(work.execution, work.name)
        conducted = dict.fromkeys(self._desk.holdings.conducted())
        followed, watched = self._desk.followers.executions(), self._children.watched()
        for execution in dict.fromkeys([*conducted, *followed, *watched]):
            row = await self._desk.store.get_execution(execution)
            if row is None:
                await self._missing(execution)
                continue
            if execution in conducted:
                await self._seen(row)
            self._desk.followers.tell(execution, row.seq, settled=row.settled)
            self._children.noticed(row)

    async def _missing(self, execution: str) -> None:
        """Deal with an execution that has not begun yet, or that somebody has removed.

        Whoever waits for a removed one looks, and sees that it is gone.
        """
        self._desk.followers.tell(execution, sys.maxsize, settled=True)
        if self._desk.holdings.seen(execution) >= 0:
            await self._let_go(execution)

    async def _seen(self, row: ExecutionRow) -> None:
        """Deal with what somebody else has written to an execution that we conduct."""
        if row.seq <= self._desk.holdings.seen(row.id):
            return
        self._desk.loader.forget(row.id)
        if row.settled:
            await self._let_go(row.id)
            return
        self._desk.holdings.conduct(row.id, row.seq)
        await self._claims.take(row.id)

    async def _let_go(self, execution: str) -> None:
        """Conduct an execution no more that is over, unless we have begun it again since."""
        async with self._desk.turn:
            row = await self._desk.store.get_execution(execution)
            if row is None or row.settled:
                self._desk.holdings.release(execution)
