"""Taking over what no living engine has."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from segue.failpoints import Failpoint, reach
from segue.runtime.attempts.orphans import end_orphans
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.identity import is_gone
from segue.runtime.turns.dispatch import Dispatcher
from segue.store.port import EngineRow, StoreError, UnreadableError, Work, WorkKind

_log = logging.getLogger(__name__)

#: How many rows are claimed at a time.
PAGE = 1000
#: What somebody has to have so that it goes on. A timer can wait for that until it is due.
TO_RUN = frozenset({WorkKind.ATTEMPT, WorkKind.CHILD, WorkKind.QUESTION})

#: Ends what a former engine left running of a piece of work. Raises if it lives on.
EndProcess = Callable[[Work], Awaitable[None]]


#: Is told of an execution that can't go on, and why.
Park = Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What `resume` found. All are ids of executions.

    `taken`: there was free work, this engine goes on with it. `held`: a living engine has work of
    it, which was not touched. `stuck`: it is not settled and yet nothing of it is outstanding,
    which must not be; tell us. An execution can be both taken and held.
    """

    taken: tuple[str, ...] = ()
    held: tuple[tuple[str, EngineRow], ...] = ()
    stuck: tuple[str, ...] = ()


class Claims:
    """See the module.

    `behind`: the store was in trouble while we looked for work. What was claimed then may be ours
    without our knowing, and who was lost may not be noticed again: `catch_up` looks for both.
    """

    def __init__(
        self,
        desk: Desk,
        dispatcher: Dispatcher,
        *,
        end_process: EndProcess,
        lost_after: float,
        park: Park,
    ) -> None:
        self._desk = desk
        self._dispatcher = dispatcher
        self._end_process = end_process
        self._lost_after = lost_after
        self._park = park
        self._heard: dict[str, tuple[float, float]] | None = None
        self._claiming = asyncio.Lock()
        self.behind = False
        self._closed = False

    def close(self) -> None:
        """Take nothing from now on."""
        self._closed = True

    async def declare_lost(self) -> list[EngineRow]:
        """Declare lost whoever is: the process is gone, or its heart has stopped for too long."""
        here = self._desk.identity
        lost = []
        for row, since in self._listened(await self._desk.store.list_engines()):
            if row.id == here.id:
                continue
            silent = self._desk.clock.now() - since > self._lost_after
            if (silent or is_gone(row, here)) and await self._desk.store.declare_lost(
                row.id, row.heartbeat_at
            ):
                _log.info("engine %s (pid %d on %s) is lost", row.id, row.pid, row.host)
                lost.append(row)
                reach(Failpoint.ENGINE_DECLARED_LOST)
        return lost

    def _listened(self, rows: Sequence[EngineRow]) -> list[tuple[EngineRow, float]]:
        """Return each engine with the time since which it is silent, by our own clock.

        Only of those that are there when we first look we believe what their clock said. A heart
        that we hear beat is not silent, however far its clock is from ours.
        """
        now = self._desk.clock.now()
        before, self._heard = self._heard, {}
        for row in rows:
            beat, since = row.heartbeat_at, now
            if before is None:
                since = min(beat, now)
            elif row.id in before and before[row.id][0] == beat:
                since = min(before[row.id][1], now)
            self._heard[row.id] = beat, since
        return [(row, self._heard[row.id][1]) for row in rows]

    async def take(self, execution: str | None = None) -> list[str]:
        """Claim free work (of one execution) and go on with it; return the executions taken.

        What a former holder left running is ended before anything is repeated.
        """
        try:
            taken = [*await self.recover(), *await self._claim(execution)]
        except StoreError:
            self.behind = True
            raise
        return list(dict.fromkeys(taken))

    async def take_to_run(self, limit: int) -> list[str]:
        """Claim so much free work that makes something run, and go on with it as `take` does.

        Returns the execution of each piece of it.
        """
        return await self._take_some(TO_RUN, None, limit)

    async def take_due(self, within: float, limit: int) -> list[str]:
        """Claim so many free timers that are due within so many seconds, and arm them.

        Returns the execution of each of them.
        """
        by = self._desk.clock.now() + within
        return await self._take_some({WorkKind.TIMER}, by, limit)

    async def _take_some(
        self, kinds: Collection[WorkKind], due_by: float | None, limit: int
    ) -> list[str]:
        try:
            return await self._claim(None, kinds, due_by, limit)
        except StoreError:
            self.behind = True
            raise

    async def catch_up(self) -> None:
        """Take what is free of the executions that we conduct, and what is ours unawares.

        What was lost may have left sub-workflows behind that nobody needs any more: they end.
        """
        self.behind = True
        await self.recover(rearm=True)
        await end_orphans(self._desk)
        for execution in self._desk.holdings.conducted():
            await self._claim(execution)
        self.behind = False

    async def recover(self, *, rearm: bool = False) -> list[str]:
        """Go on with what is ours in the store and not in hand; return the executions.

        A store can fail after it has written: then work was made or claimed, and nobody was told.
        After such trouble all timers are armed again (`rearm`): one that was made then may have the
        name of one that we had before, for further retries of a task execution use it again.
        """
        # What is being claimed is ours in the store before it is in hand, and no trouble.
        async with self._claiming:
            return [] if self._closed else await self._recover(rearm=rearm)

    async def _recover(self, *, rearm: bool) -> list[str]:
        found = {
            _key(work): work
            for work in await self._ours()
            if (rearm and work.kind is WorkKind.TIMER) or not self._desk.holdings.has(work)
        }
        if not found:
            return []
        survivors = dict(
            zip(
                found,
                await asyncio.gather(*(self._end(work) for work in found.values())),
                strict=True,
            )
        )
        taken: dict[str, None] = {}
        async with self._desk.turn:
            for work in await self._ours():  # some of it may be over by now
                if _key(work) not in found:
                    continue
                if rearm and work.kind is WorkKind.TIMER:
                    self._desk.holdings.drop(work.execution, work.name)
                if not self._desk.holdings.has(work):
                    taken[work.execution] = None
                    self._desk.holdings.conduct(work.execution)
                    self._take_up(work, survivors[_key(work)])
        return list(taken)

    def _take_up(self, work: Work, survivor: str | None) -> None:
        """Go on with a piece of work; one that can't be read must not keep us from others."""
        try:
            self._dispatcher.take_up(work, survivor)
        except UnreadableError as error:
            self._park(work.execution, error)

    async def _ours(self) -> Sequence[Work]:
        return await self._desk.store.list_work(engine=self._desk.identity.id)

    async def _claim(
        self,
        execution: str | None,
        kinds: Collection[WorkKind] | None = None,
        due_by: float | None = None,
        limit: int | None = None,
    ) -> list[str]:
        """Claim free work, up to a page if there is a limit; return the execution of each piece."""
        taken: list[str] = []
        engine = self._desk.identity.id
        page = PAGE if limit is None else min(limit, PAGE)
        while not self._closed:
            async with self._claiming:
                works = await self._desk.store.claim_work(
                    engine, execution=execution, kinds=kinds, due_by=due_by, limit=page
                )
                reach(Failpoint.WORK_CLAIMED)
                survivors = await asyncio.gather(*(self._end(work) for work in works))
                reach(Failpoint.LEFTOVERS_ENDED)
                async with self._desk.turn:
                    if self._desk.identity.id != engine:
                        return taken  # we were declared lost meanwhile: it is free again
                    for work, survivor in zip(works, survivors, strict=True):
                        taken.append(work.execution)
                        self._desk.holdings.conduct(work.execution)
                        self._take_up(work, survivor)
                        reach(Failpoint.WORK_TAKEN_UP)
            if limit is not None or len(works) < page:
                return taken
        return taken

    async def held_by_others(self, execution: str | None = None) -> list[tuple[str, EngineRow]]:
        """Return (execution, engine) for work that living engines other than this one have."""
        here = self._desk.identity.id
        engines = {row.id: row for row in await self._desk.store.list_engines() if row.id != here}
        found: dict[tuple[str, str], EngineRow] = {}
        for work in await self._desk.store.list_work(execution=execution):
            if work.engine is not None and work.engine in engines:
                found[work.execution, work.engine] = engines[work.engine]
        return [(name, row) for (name, _), row in found.items()]

    async def _end(self, work: Work) -> str | None:
        """End what the former holder left running; return why it could not be, if so."""
        if work.process is None:
            return None
        try:
            await self._end_process(work)
        except Exception as error:  # noqa: BLE001 - then it must not be repeated
            _log.warning("%s of %s can't be repeated: %s", work.name, work.execution, error)
            return str(error)
        return None


def _key(work: Work) -> tuple[str, str, int]:
    return work.execution, work.name, work.claim
