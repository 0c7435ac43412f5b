"""What tells why an execution is not finished: what is outstanding of it, and who has it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from segue.core.events import ExecutionStarted
from segue.core.reasoning import Known, Outstanding, tries_of, waits_of, why_of
from segue.core.reasons import Lease, Parked, SubWorkflow, Wait, Why
from segue.core.view import ExecutionView
from segue.core.viewing import ViewBuilder, joins_of
from segue.runtime.desk.ids import child_id
from segue.runtime.desk.outstanding import read_work
from segue.runtime.desk.paging import events_after
from segue.runtime.desk.questions import is_open
from segue.runtime.peers.hearing import Hearing
from segue.runtime.turns.parking import still_parked
from segue.runtime.workflows.programs import Programs
from segue.store.port import ExecutionRow, Store, UnreadableError, Work, WorkKind

#: Of each engine that is known its lease; None: it does not live.
Leases = Mapping[str, Lease | None]
#: An execution that goes on is looked at so often, for a moment at which it stands still.
MOST_LOOKS = 5
#: The reasons of so many sub-workflows are looked for in all; of the others the ids are told.
MOST_CHILDREN = 100
#: And of those of the items of one task so many.
MOST_OF_A_TASK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An execution at one moment, and what is known beside it.

    `below`: what is known of the sub-workflows that run for it, or for one that does.
    """

    view: ExecutionView
    at: float
    known: Known
    below: Mapping[str, Known]


class _Whose(msgspec.Struct, frozen=True):
    """Whose work a row is: what all rows have in common. The deadline is nobody's."""

    task: str = ""
    visit: int = 0
    action: str | None = None


_whose = msgspec.json.Decoder(_Whose)


class Explaining:
    """Looks into a store. Nothing is written. Methods raise `StoreError`."""

    def __init__(self, store: Store, programs: Programs, hearing: Hearing) -> None:
        self._store = store
        self._programs = programs
        self._hearing = hearing
        self._children_left = MOST_CHILDREN
        self._below: dict[str, Known] = {}

    async def why(self, execution: str) -> Why:
        """Return why an execution is not finished, also if what has happened can't be read."""
        try:
            explained = await self.explain(execution)
        except UnreadableError as error:
            row = await self._store.get_execution(execution)
            if row is None or row.settled:
                raise
            return Why(
                execution=row.id,
                workflow=row.workflow,
                status=row.status,
                settled=False,
                started_at=row.created_at,
                finished_at=None,
                failure=None,
                waits=await self._unreadable(row, error),
                leases=(),
            )
        return why_of(explained.view, explained.known)

    async def explain(self, execution: str) -> Explained:
        """Return an execution, and what is known beside it."""
        for _ in range(MOST_LOOKS):
            row = await self._store.get_execution(execution)
            works = await self._store.list_work(execution=execution)
            builder = await self._read(execution)
            if still := row is not None and row.seq == builder.view.seq:
                break
        leases = await self._leases()
        parked = await self._parked(execution, works, leases)
        readable, problem = _readable(works)
        if problem is not None and parked is None:
            parked = Parked(problem=problem, since=None, lease=None)
        return Explained(
            view=builder.view,
            at=self._hearing.now,
            known=Known(
                tries=builder.tries,
                outstanding=_outstanding(readable, leases, self._hearing.now),
                children=await self._children(execution, readable),
                parked=parked,
                exact=still and problem is None,
            ),
            below=self._below,
        )

    async def _leases(self) -> Leases:
        return {row.id: self._hearing.lease(row) for row in await self._store.list_engines()}

    async def _unreadable(self, row: ExecutionRow, error: UnreadableError) -> tuple[Wait, ...]:
        """Return what an execution waits for of which only the row can be read."""
        if row.settled:
            return ()
        works = await self._store.list_work(execution=row.id)
        parked = await self._parked(row.id, works, await self._leases())
        reason = parked or Parked(problem=str(error), since=None, lease=None)
        return (Wait(task=None, visit=None, status=row.status, reason=reason),)

    async def _parked(self, execution: str, works: Sequence[Work], leases: Leases) -> Parked | None:
        """Return what keeps an execution from going on, unless another engine has gone on."""
        for row in await self._store.list_parked(execution):
            having = {work.engine for work in works if work.engine and leases.get(work.engine)}
            if still_parked(row, having):
                lease = leases.get(row.engine)
                return Parked(problem=row.problem, since=row.at, lease=lease)
        return None

    async def _read(self, execution: str) -> "_Read":
        builder = ViewBuilder(execution)
        tries: Mapping[str, int] = {}
        async for recorded in events_after(self._store, execution):
            event = recorded.event
            if isinstance(event, ExecutionStarted):
                program = await self._programs.find(event.definition)
                builder = ViewBuilder(execution, joins_of(program, event.start))
                tries = tries_of(program.workflow)
            builder.add(recorded)
        return _Read(builder.view(), tries)

    async def _children(
        self, execution: str, works: Sequence[tuple[Work, _Whose]]
    ) -> Mapping[str, SubWorkflow]:
        found: dict[str, SubWorkflow] = {}
        looked: Counter[tuple[str, int]] = Counter()
        for work, whose in works:
            if work.kind is not WorkKind.CHILD:
                continue
            looked[whose.task, whose.visit] += 1
            if looked[whose.task, whose.visit] <= MOST_OF_A_TASK and self._children_left > 0:
                self._children_left -= 1
                found[work.name] = await self._child(execution, work, whose)
        return found

    async def _child(self, execution: str, work: Work, whose: _Whose) -> SubWorkflow:
        id_ = child_id(execution, work.name)
        row = await self._store.get_execution(id_)
        if row is None:
            return SubWorkflow(execution=id_, workflow=whose.action or "", status=None)
        try:
            explained = await self.explain(id_)
        except UnreadableError as error:
            status, waits = row.status, await self._unreadable(row, error)
        else:
            self._below[id_] = explained.known
            status, waits = explained.view.status, waits_of(explained.view, explained.known)
        return SubWorkflow(execution=id_, workflow=row.workflow, status=status, waits=waits)


def _readable(works: Sequence[Work]) -> tuple[Sequence[tuple[Work, _Whose]], str | None]:
    """Return the work that can be read, each with whose it is, and why others can't, if any."""
    found: list[tuple[Work, _Whose]] = []
    problem: str | None = None
    for work in works:
        try:
            found.append((work, read_work(_whose, work)))
        except UnreadableError as error:
            problem = problem or str(error)
    return found, problem


def _outstanding(
    works: Sequence[tuple[Work, _Whose]], leases: Leases, now: float
) -> Mapping[tuple[str, int], Sequence[Outstanding]]:
    found: dict[tuple[str, int], list[Outstanding]] = {}
    for work, whose in works:
        one = Outstanding(
            name=work.name,
            holder=leases.get(work.engine or ""),
            asks=is_open(work, now),
        )
        found.setdefault((whose.task, whose.visit), []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    view: ExecutionView
    tries: Mapping[str, int]
