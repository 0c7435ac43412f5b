"""The engine's inside: one loop that decides and writes, and the tasks around it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from segue.core.errors import InternalError
from segue.core.stimuli import Cancel, Start, Stimulus
from segue.failpoints import Failpoint, reach
from segue.runtime.attempts.children import Children
from segue.runtime.attempts.host import StoreHost
from segue.runtime.attempts.orphans import end_orphans
from segue.runtime.attempts.timers import BATCH, Timer, Timers
from segue.runtime.config import Config
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.inbox import Entry, outcome_entry
from segue.runtime.errors import EngineStoppedError
from segue.runtime.peers.claims import Claims, EndProcess, Resumed
from segue.runtime.peers.handing_back import hand_back
from segue.runtime.peers.heart import Heart
from segue.runtime.peers.seeking import Seeker, Taken
from segue.runtime.peers.stuck import find_stuck
from segue.runtime.peers.watching import Watcher
from segue.runtime.turns.batch import SNAPSHOT_EVERY, Batches
from segue.runtime.turns.dispatch import Dispatcher
from segue.store.port import ExecutionRow, StoreError
from segue.transport.port import Job, JobEnded, Transport

_log = logging.getLogger(__name__)

#: After so many failures of the store in a row the engine gives up.
MOST_TROUBLES = 5
#: The pause after the first of them, in seconds; it doubles with each.
TROUBLE_SECONDS = 0.1


class Conductor:
    """See the module.

    It begins to decide when it is first asked for something, and makes itself known to others
    when it first may hold work: who only looks writes nothing.
    """

    def __init__(
        self,
        desk: Desk,
        transport: Transport,
        config: Config,
        *,
        end_process: EndProcess,
        snapshot_every: int = SNAPSHOT_EVERY,
    ) -> None:
        self.desk = desk
        self._transport = transport
        self._timers = Timers(desk.clock, self._fire, lambda: BATCH - desk.inbox.timers)
        self._children = Children(
            desk, config, begin=self.start, request=self.request, take_up=self._take
        )
        self._dispatcher = Dispatcher(desk, transport, self._timers, self._children)
        self._batches = Batches(
            desk, self._dispatcher, self._children, snapshot_every=snapshot_every
        )
        self._claims = Claims(
            desk,
            self._dispatcher,
            end_process=end_process,
            lost_after=config.lost_after_seconds,
            park=lambda execution, why: self._batches.park(execution, (), why),
        )
        self.watcher = Watcher(desk, self._dispatcher, self._claims, self._children)
        self._seeker = Seeker(
            desk.clock, self._claims, transport.room, lambda: self._timers.overdue
        )
        self.heart = Heart(
            desk,
            self._claims,
            self._batches.parking,
            seconds=config.heartbeat_seconds,
            drop=self._drop_all,
            seek=self._seeker.nudge,
        )
        self._serving = False
        self._over_with = asyncio.Event()
        self._ending = asyncio.Lock()
        self._ended_well = False
        self._tasks: list[asyncio.Task[None]] = []
        self._not_begun: list[Job] = []
        self._stopping = False
        self._failure: BaseException | None = None
        transport.bind(StoreHost(desk.store, desk.clock, self._ended))

    # -- requests --------------------------------------------------------------------------

    async def leave(
        self, execution: str, stimulus: Start, folder: str | None = None
    ) -> ExecutionRow:
        """Begin an execution, durably, as `start` does, and leave it to any engine that serves."""
        row = await self._ask(_asking(execution, stimulus, folder))
        assert row is not None, "to start an execution writes something"
        self._seeker.nudge()
        return row

    async def start(
        self, execution: str, stimulus: Start, folder: str | None = None
    ) -> ExecutionRow:
        """Begin an execution, durably. Raises `RequestError`, `StoreError`.

        `folder` is where relative paths in its definition begin.
        """
        await self._register()
        ours_before = self.desk.holdings.conducts(execution)
        self.desk.holdings.conduct(execution)
        try:
            row = await self._ask(_asking(execution, stimulus, folder))
        except BaseException:
            if not ours_before and self.desk.holdings.seen(execution) < 0:
                self.desk.holdings.release_idle(execution)
            raise
        assert row is not None, "to start an execution writes something"
        return row

    async def cancel(self, execution: str, reason: str | None) -> ExecutionRow | None:
        """Ask to cancel, durably; see to it that somebody does it.

        Returns when the engine that has the work can see it. Where no living engine has it, this
        one takes it, and returns when the execution is settled. None: there was nothing to do.
        Raises `RequestError`, `StoreError`.
        """
        entry = _asking(execution, Cancel(reason=reason))
        row = await self._ask(entry)
        granted = row if entry.counted else None
        if (row is not None and row.settled) or self.desk.holdings.conducts(execution):
            return granted
        await self._register()
        await self._claims.declare_lost()
        if await self._claims.take(execution):
            await self.wait_settled(execution)
        return granted

    async def request(self, execution: str, stimulus: Stimulus) -> ExecutionRow | None:
        """Ask for something, durably; None: there was nothing to do.

        What follows from it is the work of whoever conducts the execution. Raises `RequestError`,
        `StoreError`.
        """
        return await self._ask_if_any(_asking(execution, stimulus))

    async def take_up(self, execution: str, stimulus: Stimulus) -> ExecutionRow | None:
        """Ask for something, durably, and conduct the execution from then on.

        None: there was nothing to do. Raises `RequestError`, `StoreError`.
        """
        await self._register()
        ours_before = self.desk.holdings.conducts(execution)
        try:
            return await self._ask_if_any(_asking(execution, stimulus, conducts=True))
        except BaseException:
            if not ours_before:
                self.desk.holdings.release_idle(execution)
            raise

    async def resume(self, execution: str | None) -> Resumed:
        """Take what no living engine has, of one execution or of all. Raises `StoreError`."""
        await self._register()
        await self._claims.declare_lost()
        taken = await self._claims.take(execution)
        if execution is None:
            await end_orphans(self.desk)
        held = await self._claims.held_by_others(execution)
        stuck = await find_stuck(self.desk.store, execution)
        return Resumed(taken=tuple(taken), held=tuple(held), stuck=tuple(stuck))

    async def serve(self, taken: Taken | None = None) -> None:
        """Take whatever work is free from now on; return when the engine is stopped.

        `taken` is told of the executions of which something was taken. Raises why the engine
        can't go on.
        """
        await self._register()
        if taken is not None:
            self._seeker.on_taken(taken)
        if not self._serving:
            self._serving = True
            await self._claims.declare_lost()
            await end_orphans(self.desk)
            self._spawn(self._seeker.seek(), "seek")
        await self._over_with.wait()
        if self._failure is not None:
            raise self._failure

    async def wait_settled(self, execution: str) -> None:
        """Return when an execution is settled, whoever conducts it."""
        await self._wait(execution, self.desk.followers.settled(execution), lambda row: row.settled)

    async def wait_moved(self, execution: str, after: int) -> None:
        """Return when an execution has more than `after` events, whoever writes them."""
        moved = self.desk.followers.moved(execution, after)
        await self._wait(execution, moved, lambda row: row.seq > after)

    async def _wait(
        self,
        execution: str,
        told: Coroutine[None, None, None],
        holds: Callable[[ExecutionRow], bool],
    ) -> None:
        """Return when we are told, or when it holds already."""
        waiting = asyncio.create_task(told)
        try:
            await self.begin()
            # Who waits must be known before the looks: otherwise it could happen in between.
            await asyncio.sleep(0)
            parked = self._batches.parking.find(execution)
            if parked is not None:
                raise parked
            row = await self.desk.store.get_execution(execution)
            if row is not None and not holds(row):
                await waiting
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _ask(self, entry: Entry) -> ExecutionRow | None:
        """Return the row of the execution once all is durable that follows from what was asked."""
        await self.begin()
        self.desk.inbox.put(entry)
        reach(Failpoint.REQUEST_ACCEPTED)
        assert entry.answer is not None, "whoever asks waits for the answer"
        return await entry.answer

    async def _ask_if_any(self, entry: Entry) -> ExecutionRow | None:
        """Return the row that was written; None: nothing followed from what was asked."""
        row = await self._ask(entry)
        # Others may have moved it at the same time: that says nothing of what was asked for here.
        return row if entry.counted else None

    async def _take(self, execution: str) -> object:
        return await self._claims.take(execution)

    # -- life ------------------------------------------------------------------------------

    @property
    def failure(self) -> BaseException | None:
        """Why the engine has stopped by itself; None: it has not."""
        return self._failure

    async def begin(self) -> None:
        """Begin to decide and to watch, once. Raises why the engine has stopped."""
        if self._failure is not None:
            raise self._failure
        if self._stopping:
            raise EngineStoppedError
        if not self._tasks:
            self._spawn(self._conduct(), "conduct")
            self._spawn(self.watcher.watch(lambda: self.heart.engine, self._seeker.nudge), "watch")

    async def _register(self) -> None:
        """Make this engine known, once, so that it can hold work."""
        await self.begin()
        if await self.heart.begin():
            self._spawn(self.heart.go_on(), "heartbeat")

    async def stop(self, grace: float) -> None:
        """Hand off nothing new, give what runs `grace` seconds, then end it without a word.

        What does not run is given back at once, and so is what follows in the meantime: others can
        go on with it while we wait. What was ended so is repeated by whoever resumes; what was
        recorded is not. What is in the store can be read all the while, and afterwards.
        """
        self._stopping = True
        self._over_with.set()
        self._seeker.close()
        self._claims.close()
        self._dispatcher.close()
        self._not_begun += self._transport.close()
        async with self._ending:
            if not self._ended_well:
                await self._end(grace)
                self._ended_well = True

    async def _end(self, grace: float) -> None:
        if self._failure is None:
            await self._let_go()
            await self._transport.drain(grace)
            await self._empty_inbox()
            await self._batches.parking.write()
        await self._children.stop()
        await self._transport.abandon()
        async with self.desk.turn:  # never in the middle of a commit
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._refuse_all(self._failure or EngineStoppedError())
        await self.heart.end()

    async def _let_go(self) -> None:
        """Let others have at once what does not run here: timers, questions, what had no room."""
        if self.heart.engine is None:
            return
        async with self.desk.turn:
            keep = {(job.execution, job.name) for job in self._transport.jobs()}
            keep.update(self._children.attempts(), self.desk.inbox.outcomes())
            await hand_back(self.desk, keep, {(job.execution, job.name) for job in self._not_begun})

    async def _empty_inbox(self) -> None:
        try:
            while len(self.desk.inbox) and self._failure is None:
                async with self.desk.turn:
                    await self._batches.run()
        except StoreError as error:
            _log.warning("not all outcomes could be written: %s; they will be repeated", error)

    def _refuse_all(self, error: BaseException) -> None:
        while len(self.desk.inbox):
            for entry in self.desk.inbox.take(len(self.desk.inbox)):
                entry.refuse(error)
        self.desk.followers.fail(error)

    def _spawn(self, coroutine: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(coroutine, name=f"segue {name}")
        task.add_done_callback(self._over)
        self._tasks.append(task)

    def _over(self, task: asyncio.Task[None]) -> None:
        """Deal with a task of ours that has ended: it never should, before we stop."""
        if task.cancelled():
            return
        error = task.exception()
        if error is None or self._failure is not None:
            return
        if not isinstance(error, StoreError):
            _log.error("the engine stops because of a defect", exc_info=error)
            defect = InternalError(f"a defect in segue: {type(error).__name__}: {error}")
            defect.__cause__ = error
            error = defect
        self._failure = error
        self._over_with.set()
        self._seeker.close()
        self._dispatcher.close()
        self._refuse_all(error)

    # -- the loop --------------------------------------------------------------------------

    async def _conduct(self) -> None:
        troubles = 0
        while True:
            await self.desk.inbox.wait()
            try:
                async with self.desk.turn:
                    await self._batches.run()
                if troubles:
                    await self._claims.recover(rearm=True)
                troubles = 0
                self._timers.go_on()
                self._seeker.worked_off()
            except StoreError as error:
                troubles += 1
                if troubles >= MOST_TROUBLES:
                    raise
                _log.warning("the store failed: %s; trying again", error)
                await self.desk.clock.sleep(TROUBLE_SECONDS * 2**troubles)

    def _fire(self, timer: Timer) -> None:
        reach(Failpoint.TIMER_FIRED)
        fence = (timer.name, timer.claim)
        self.desk.inbox.put(
            Entry(execution=timer.execution, stimulus=timer.stimulus, fence=fence, due=timer.due)
        )

    def _ended(self, report: JobEnded) -> None:
        self._seeker.made_room()
        self.desk.inbox.put(outcome_entry(report.job, report.job.claim, report.outcome))
        reach(Failpoint.OUTCOME_REPORTED)

    async def _drop_all(self) -> None:
        """End and forget what we have: it is somebody else's by now. To be done in a turn."""
        for job in self._transport.jobs():
            self._batches.late.abandoned(job)
        await self._transport.abandon()
        self._timers.clear()
        self._children.clear()
        self.desk.holdings.drop_all()
        self.desk.loader.forget_all()
        self._batches.parking.clear()
        await self._batches.late.write()


def _asking(
    execution: str, stimulus: Stimulus, folder: str | None = None, *, conducts: bool = False
) -> Entry:
    answer: asyncio.Future[ExecutionRow | None] = asyncio.get_running_loop().create_future()
    return Entry(
        execution=execution, stimulus=stimulus, answer=answer, folder=folder, conducts=conducts
    )
