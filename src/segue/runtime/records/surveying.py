"""How all that goes on in a database is: who has it, and what waits for somebody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segue.core.status import Status
from segue.runtime.desk.questions import is_open
from segue.runtime.peers.stuck import find_stuck
from segue.runtime.turns.parking import still_parked
from segue.store.port import EngineRow, ExecutionRow, ParkedRow, Store, WorkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was seen.

    `lost` are engines that are known and don't live: whoever resumes takes over what they have.
    `idle` are executions with something to do that no living engine has, the one of which nothing
    has been heard for longest first. `stuck` are not settled and have nothing to do, which must
    not be. `parked` are those that an engine can't go on with. `questions` wait for people.
    `newest` is the latest instant that others have written.
    """

    engines: Sequence[EngineRow]
    lost: Sequence[EngineRow]
    idle: Sequence[ExecutionRow]
    stuck: Sequence[str]
    parked: Sequence[ParkedRow]
    questions: int
    newest: float | None


async def survey(store: Store, lives: Callable[[EngineRow], bool], now: float) -> Survey:
    """Look at all that goes on; `lives` tells of an engine whether it does. Raises `StoreError`."""
    engines = await store.list_engines()
    living = {row.id for row in engines if lives(row)}
    work = await store.list_work()
    held: dict[str, set[str]] = {}
    for one in work:
        if one.engine in living:
            held.setdefault(one.execution, set()).add(one.engine)
    free = [one for one in work if one.kind is not WorkKind.QUESTION and one.execution not in held]
    rows = [
        await store.get_execution(execution)
        for execution in dict.fromkeys(one.execution for one in free)
    ]
    idle = [row for row in rows if row and not row.settled and row.status is not Status.PAUSED]
    latest = await store.list_executions(limit=1)
    instants = [row.heartbeat_at for row in engines] + [row.updated_at for row in (*latest, *idle)]
    return Survey(
        engines=[row for row in engines if row.id in living],
        lost=[row for row in engines if row.id not in living],
        idle=sorted(idle, key=lambda row: row.updated_at),
        stuck=await find_stuck(store, None),
        parked=[
            row
            for row in await store.list_parked()
            if still_parked(row, held.get(row.execution, ()))
        ],
        questions=sum(is_open(one, now) for one in work),
        newest=max(instants, default=None),
    )
