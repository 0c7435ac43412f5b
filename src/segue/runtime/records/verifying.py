"""Holding the invariants against what is in a store."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from segue.core.errors import RequestError
from segue.core.events import ExecutionStarted
from segue.core.status import Status
from segue.runtime.attempts.kin import may_be_rerun
from segue.runtime.desk.loading import PAGE
from segue.runtime.desk.outstanding import may_run, stimulus_of
from segue.runtime.desk.questions import question_of
from segue.runtime.workflows.programs import Programs
from segue.store.port import ExecutionRow, Snapshot, Store, UnreadableError, Work, WorkKind
from segue.verification.invariants import Known
from segue.verification.kept import Kept, KeptChild, KeptSnapshot, KeptWork
from segue.verification.verifier import Verifier
from segue.verification.violation import Violation

#: An execution that goes on is looked at so often, for a moment at which it stands still.
MOST_LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what is wrong with it (nothing: all is well).

    `whole` is false for an execution that went on all the time: its log was verified, and not
    whether its outstanding work agrees with it.
    """

    execution: str
    events: int
    violations: tuple[Violation, ...]
    whole: bool


async def verify_execution(store: Store, programs: Programs, execution: str) -> Verified:
    """Verify an execution, which may go on meanwhile.

    Raises `RequestError` if there is none of this id, `StoreError`.
    """
    try:
        return await _verify(store, programs, execution)
    except UnreadableError as error:
        return Verified(
            execution=execution,
            events=0,
            violations=(_violation(execution, "I3", str(error).rstrip(".")),),
            whole=False,
        )


async def _verify(store: Store, programs: Programs, execution: str) -> Verified:
    kept, snapshot = await _look(store, execution)
    try:
        needed = await _needed(store, programs, execution)
        unusable = None if needed is not None else f"the definition {kept.definition} is not kept"
    except UnreadableError as error:
        needed, unusable = {}, str(error).rstrip(".")
    verifier = Verifier(execution, Known(snapshot=snapshot, needed=needed or {}))
    seq = 0
    referred: dict[str, None] = {}
    while seq < kept.seq:
        page = await store.read_events(execution, seq, min(PAGE, kept.seq - seq))
        if not page:
            break
        for recorded in page:
            verifier.add(recorded)
            referred.update(dict.fromkeys(recorded.event.refers))
        seq += len(page)
    violations = verifier.finish(replace(kept, lost=await _lost(store, referred)))
    if unusable is not None:
        violations = (*violations, _violation(execution, "I20", unusable))
    if violations:
        await _row(store, execution)  # somebody may be removing it
    return Verified(
        execution=execution,
        events=seq,
        violations=violations,
        whole=kept.work is not None,
    )


def _violation(execution: str, invariant: str, message: str) -> Violation:
    return Violation(execution=execution, invariant=invariant, seq=None, message=message)


async def _lost(store: Store, referred: Iterable[str]) -> Mapping[str, str]:
    """Return which values are not there as they were, and why. One is in memory at a time."""
    lost = {}
    for sha256 in referred:
        data = await store.read_value(sha256)
        if data is None:
            lost[sha256] = "is not kept"
        elif hashlib.sha256(data).hexdigest() != sha256:
            lost[sha256] = "is damaged: its hash is another one"
    return lost


async def _look(store: Store, execution: str) -> tuple[Kept, KeptSnapshot | None]:
    """Return what is kept of an execution at one moment, or only its row if it never stands still.

    What runs for it is looked at later than its row: it may only have gone on further.
    """
    for _ in range(MOST_LOOKS):
        row = await _row(store, execution)
        snapshot = await store.read_snapshot(execution)
        works = await store.list_work(execution=execution)
        children = [
            await _child(store, child) for child in await store.list_executions(parent=execution)
        ]
        if (await _row(store, execution)).seq == row.seq:
            return _kept(row, tuple(map(_work, works)), tuple(children)), _snapshot(snapshot)
    return _kept(row, None, None), None


async def _row(store: Store, execution: str) -> ExecutionRow:
    row = await store.get_execution(execution)
    if row is None:
        raise RequestError("execution_not_found", f"there is no execution {execution}")
    return row


async def _needed(store: Store, programs: Programs, execution: str) -> Mapping[str, int] | None:
    """Return how many arrivals the joins need; None: the definition is lost."""
    first = await store.read_events(execution, 0, 1)
    if not first or not isinstance(first[0].event, ExecutionStarted):
        return {}
    if await store.get_definition(first[0].event.definition) is None:
        return None
    program = await programs.find(first[0].event.definition)
    graph = program.graph(first[0].event.start)
    return {name: join.needed for name, join in graph.joins.items()}


def _kept(
    row: ExecutionRow,
    work: tuple[KeptWork, ...] | None,
    children: tuple[KeptChild, ...] | None,
) -> Kept:
    return Kept(
        seq=row.seq,
        status=row.status,
        settled=row.settled,
        definition=row.definition,
        parent=None if row.parent is None else f"{row.parent}/{row.attempt}",
        work=work,
        children=children,
    )


def _work(work: Work) -> KeptWork:
    match work.kind:  # raises for what can't be read
        case WorkKind.TIMER:
            stimulus_of(work)
        case WorkKind.QUESTION:
            question_of(work.execution, work)
        case WorkKind.ATTEMPT | WorkKind.CHILD:
            may_run(work)
    return KeptWork(name=work.name, kind=work.kind.value, due=work.due, cancel=work.cancel)


async def _child(store: Store, row: ExecutionRow) -> KeptChild:
    ends = row.settled or row.status is Status.CANCELING
    rerun = not ends and await may_be_rerun(store, row.id)
    return KeptChild(id=row.id, attempt=row.attempt or "", ends=ends, rerun=rerun)


def _snapshot(snapshot: Snapshot | None) -> KeptSnapshot | None:
    return None if snapshot is None else KeptSnapshot(seq=snapshot.seq, data=snapshot.data)
