"""Sub-workflows: executions that run for an attempt of another one.

The id of a child follows from its parent and the attempt, so that whoever takes the attempt up
again after a crash finds the child: it is begun, gone on with, or its outcome is given, whichever
is next. What a child does is known from its row, so that it does not matter who conducts it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from segue.core.errors import RequestError
from segue.core.events import PauseRequested
from segue.core.status import Status
from segue.core.stimuli import (
    AttemptChanged,
    Cancel,
    Canceled,
    DeadlinePassed,
    Failed,
    Outcome,
    Pause,
    Resume,
    Stimulus,
    TimedOut,
)
from segue.runtime.attempts.calling import Begin, Calling
from segue.runtime.attempts.endings import ending_of
from segue.runtime.attempts.orphans import ATTEMPT_OVER, end_child
from segue.runtime.attempts.timers import Timer, Timers
from segue.runtime.config import Config
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.ids import child_id
from segue.runtime.desk.inbox import Entry, ended
from segue.runtime.desk.paging import events_after
from segue.runtime.errors import EngineStoppedError
from segue.store.port import ExecutionRow, StoreError, UnreadableError
from segue.transport.port import Job

_log = logging.getLogger(__name__)

#: After trouble with the store we try again when so many seconds have passed.
TROUBLE_SECONDS = 1.0

#: What the parent's attempt is while its child has this status; running for all others.
_SHOWN = {
    Status.PENDING: Status.PENDING,
    Status.PAUSING: Status.PAUSING,
    Status.PAUSED: Status.PAUSED,
}

#: The parent stands still in these. In all others its children go on, or finish, or are ended.
_STANDING = frozenset({Status.PAUSING, Status.PAUSED})

#: Why a child is paused that will go on by itself when its parent does.
WITH_PARENT = "the execution that it runs for is paused"

Ask = Callable[[str, Stimulus], Coroutine[Any, Any, object]]
TakeUp = Callable[[str], Coroutine[Any, Any, object]]


@dataclass(slots=True, eq=False)
class _Child:
    """A child of which this engine has the attempt.

    `shown` is what the parent was told of it (None: nobody knows). `paused`: it was because the
    parent is. `begun`: it is there. `canceled`: its end was asked for. `over`: its outcome is on
    its way to the parent. `seq` is how many events it had when last seen.
    """

    id: str
    job: Job
    due: float | None
    shown: Status | None
    paused: bool = False
    begun: bool = False
    canceled: bool = False
    over: bool = False
    seq: int = 0


@dataclass(slots=True)
class _Parent:
    """An execution with children of ours. `standing`: it is paused, or about to be."""

    children: dict[str, _Child] = field(default_factory=dict)
    standing: bool = False
    seq: int = 0


class Children:
    """See the module.

    `begin` starts an execution, `request` asks one for something, `take_up` goes on with what
    nobody has of one.
    """

    def __init__(
        self, desk: Desk, config: Config, *, begin: Begin, request: Ask, take_up: TakeUp
    ) -> None:
        self._desk = desk
        self._request = request
        self._calling = Calling(desk, config, begin)
        self._take_up = take_up
        self._timers = Timers(desk.clock, self._expire)
        self._children: dict[str, _Child] = {}
        self._parents: dict[str, _Parent] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, job: Job, due: float | None, *, canceled: bool = False) -> None:
        """Begin the child of an attempt, or go on with it; at `due` it is ended.

        `canceled`: its end was asked for before we had it.
        """
        shown = None if job.redelivered else Status.RUNNING
        child = _Child(child_id(job.execution, job.name), job, due, shown, canceled=canceled)
        self._children[child.id] = child
        self._parents.setdefault(job.execution, _Parent()).children[child.id] = child
        if due is not None:
            self._timers.arm(
                job.execution, job.name, due=due, claim=job.claim, stimulus=DeadlinePassed()
            )
        self._spawn(self._run(child))

    def has(self, job: Job) -> bool:
        """Return whether a child runs for this attempt."""
        return child_id(job.execution, job.name) in self._children

    def attempts(self) -> list[tuple[str, str]]:
        """Return the (execution, name) of the attempts that children run for."""
        return [(child.job.execution, child.job.name) for child in self._children.values()]

    def watched(self) -> list[str]:
        """Return the children whose rows are to be looked at."""
        return list(self._children)

    def cancel(self, job: Job) -> None:
        """Have the child of an attempt end; the attempt ends with it."""
        child = self._children.get(child_id(job.execution, job.name))
        if child is not None and not child.canceled:
            child.canceled = True
            self._end(child, _reason(child))

    def drop(self, job: Job) -> None:
        """Forget the child of an attempt that is over; without its doing, the child ends, too."""
        child = self._children.pop(child_id(job.execution, job.name), None)
        if child is None:
            return
        parent = self._parents[job.execution]
        del parent.children[child.id]
        if not parent.children:
            del self._parents[job.execution]
        self._timers.disarm(job.execution, job.name)
        self._end(child, ATTEMPT_OVER)

    def clear(self) -> None:
        """Forget all children: others may have them."""
        self._timers.clear()
        self._children.clear()
        self._parents.clear()
        for task in self._tasks:
            task.cancel()

    async def stop(self) -> None:
        """Leave all children as they are."""
        self.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def noticed(self, row: ExecutionRow) -> None:
        """Take note of how an execution is: its children follow it, and its parent is told."""
        parent = self._parents.get(row.id)
        if parent is not None and row.seq >= parent.seq:
            self._lead(parent, row)
        child = self._children.get(row.id)
        if child is not None and row.seq >= child.seq and not child.over:
            self._tell_parent(child, row)

    def parked(self, execution: str, error: Exception) -> None:
        """Take note that an execution can't go on because of a defect of ours."""
        child = self._children.get(execution)
        if child is not None:
            message = f"{child.job.action} ({child.id}) can't go on: {error}"
            self._give(child, Failed(code="workflow_failed", message=message))

    # -- down: what the parent does, its children do ----------------------------------------

    def _lead(self, parent: _Parent, row: ExecutionRow) -> None:
        parent.seq = row.seq
        standing = row.status in _STANDING
        if standing is parent.standing:
            return
        parent.standing = standing
        for child in parent.children.values():
            self._follow(child, standing=standing)

    def _follow(self, child: _Child, *, standing: bool) -> None:
        if child.over or not child.begun or child.canceled:
            return
        if not standing and child.paused:
            child.paused = False
            self._tell(child, Resume())
        elif standing and not child.paused and child.shown not in _STANDING:
            child.paused = True
            self._tell(child, Pause(reason=WITH_PARENT))

    def _end(self, child: _Child, reason: str) -> None:
        if child.begun and not child.over:  # who begins it looks whether it is to end
            end_child(self._desk, child.id, reason)

    def _expire(self, timer: Timer) -> None:
        child = self._children.get(child_id(timer.execution, timer.name))
        if child is not None:
            self._end(child, _reason(child))

    def _tell(self, child: _Child, stimulus: Stimulus) -> None:
        # What follows from it is ours, also where it had no work that could be claimed.
        self._desk.holdings.conduct(child.id)
        self._desk.inbox.put(Entry(execution=child.id, stimulus=stimulus))

    # -- up: what the child does, its parent learns ------------------------------------------

    def _tell_parent(self, child: _Child, row: ExecutionRow) -> None:
        child.seq = row.seq
        if row.settled:
            child.over = True
            self._spawn(self._deliver(child, row))
            return
        if row.status in {Status.CANCELING, Status.RUNNING} and child.shown in _STANDING:
            child.paused = False  # somebody let it go on by itself
        shown = _SHOWN.get(row.status, Status.RUNNING)
        if shown is child.shown or child.canceled:
            return
        child.shown = shown
        job = child.job
        self._put(
            job,
            AttemptChanged(
                task=job.task, visit=job.visit, attempt=job.attempt, status=shown, item=job.item
            ),
        )

    async def _deliver(self, child: _Child, row: ExecutionRow) -> None:
        async def give() -> None:
            try:
                ending = await ending_of(self._desk.store, row, child.job.action or "")
            except RequestError:
                return  # it was removed, and with it what it ran for: nobody waits for it
            late = child.due is not None and row.updated_at >= child.due
            if child.canceled and row.status is Status.CANCELED:
                self._give(child, Canceled(result=ending.result))
            elif late and row.status is not Status.SUCCEEDED:
                seconds = child.job.timeout or 0.0
                self._give(child, TimedOut(seconds=seconds, result=ending.result))
            else:
                self._give(child, ending)

        await self._insist(child, give)

    def _give(self, child: _Child, outcome: Outcome) -> None:
        child.over = True
        self._put(child.job, ended(child.job, outcome))

    def _put(self, job: Job, stimulus: Stimulus) -> None:
        held = self._desk.holdings.find(job.execution, job.name)
        if held is not None and held.claim == job.claim:
            fence = (job.name, job.claim)
            self._desk.inbox.put(Entry(execution=job.execution, stimulus=stimulus, fence=fence))

    # -- beginning, and going on --------------------------------------------------------------

    async def _run(self, child: _Child) -> None:
        await self._insist(child, lambda: self._go_on(child))

    async def _go_on(self, child: _Child) -> None:
        row = await self._desk.store.get_execution(child.id)
        if row is None:
            outcome = await self._begin(child)
            if outcome is not None:
                self._give(child, outcome)
                return
        elif (row.parent, row.attempt) != (child.job.execution, child.job.name):
            message = f"{child.job.action}: the id {child.id} is that of another execution"
            self._give(child, Failed(code="workflow_failed", message=message))
            return
        elif not row.settled:
            if child.canceled or self._is_overdue(child):
                await self._cancel_first(child)
            child.paused = await self._was_paused_with_parent(row)
            self._desk.holdings.conduct(child.id)
            await self._take_up(child.id)
        child.begun = True
        await self._catch_up(child)

    async def _catch_up(self, child: _Child) -> None:
        """Do what could not be done before the child was there."""
        store = self._desk.store
        row = await store.get_execution(child.id)
        assert row is not None, "it was begun"
        self.noticed(row)
        if child.canceled or self._is_overdue(child):
            self._end(child, _reason(child))
        above = await store.get_execution(child.job.execution)
        parent = self._parents.get(child.job.execution)
        if above is not None and parent is not None:
            self._lead(parent, above)
            self._follow(child, standing=above.status in _STANDING)

    async def _cancel_first(self, child: _Child) -> None:
        """Cancel what is to be taken up: what it ran is not to be repeated only to be ended."""
        with suppress(RequestError):  # it has ended meanwhile
            await self._request(child.id, Cancel(reason=_reason(child)))

    async def _was_paused_with_parent(self, row: ExecutionRow) -> bool:
        if row.status not in _STANDING:
            return False
        latest = None
        async for recorded in events_after(self._desk.store, row.id):
            if isinstance(recorded.event, PauseRequested):
                latest = recorded.event
        return latest is not None and latest.reason == WITH_PARENT

    async def _begin(self, child: _Child) -> Outcome | None:
        """Begin a child; return how the attempt has ended if that can't be."""
        if child.canceled:
            return Canceled()
        if self._is_overdue(child):
            return TimedOut(seconds=child.job.timeout or 0.0)
        return await self._calling.call(child.job, child.id)

    def _is_overdue(self, child: _Child) -> bool:
        return child.due is not None and self._desk.clock.now() >= child.due

    # -- tasks --------------------------------------------------------------------------------

    async def _insist(self, child: _Child, do: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something for a child, whatever it takes: the parent waits for it."""
        while self._children.get(child.id) is child:
            try:
                await do()
            except EngineStoppedError:
                return
            except UnreadableError as error:
                _log.error("%s can't be gone on with: %s", child.id, error)
                self.parked(child.id, error)
                return
            except StoreError as error:
                _log.warning("%s can't be gone on with: %s; trying again", child.id, error)
                await self._desk.clock.sleep(TROUBLE_SECONDS)
            except Exception as error:  # noqa: BLE001 - a bug, whatever it raises
                _log.exception("%s can't be gone on with", child.id)
                self.parked(child.id, error)
                return
            else:
                return

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _reason(child: _Child) -> str:
    """Return why a child is canceled."""
    if child.canceled:
        return "the execution that it runs for ends it"
    return "the timeout of the task that it runs for has passed"
