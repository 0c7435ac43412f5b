"""Whom an execution runs for, and which run for it."""

from collections.abc import Collection, Sequence

from segue.core.events import ExecutionRerun
from segue.runtime.desk.paging import events_after
from segue.store.port import ExecutionRow, Store, UnreadableError


async def top_of(store: Store, execution: str) -> str:
    """Return the execution at the top of those that this one runs for; itself, if it is none."""
    while True:
        row = await store.get_execution(execution)
        if row is None or row.parent is None:
            return execution
        execution = row.parent


async def topmost(store: Store, executions: Collection[str]) -> list[str]:
    """Return those that run for none of the others."""
    found = []
    for execution in executions:
        row = await store.get_execution(execution)
        while row is not None and row.parent is not None and row.parent not in executions:
            row = await store.get_execution(row.parent)
        if row is None or row.parent is None:
            found.append(execution)
    return found


async def living_below(store: Store, execution: str) -> list[str]:
    """Return the executions that run for this one, or for one that does, and have not ended."""
    found: list[str] = []
    waiting = [execution]
    while waiting:
        rows = await store.list_executions(parent=waiting.pop())
        living = [row.id for row in reversed(rows) if not row.settled]
        found += living
        waiting += living
    return found


async def children_of(
    store: Store, execution: str, limit: int | None = None
) -> Sequence[ExecutionRow]:
    """Return the executions that run for this one, as they began; with `limit`, the latest."""
    rows = await store.list_executions(parent=execution, limit=limit)
    return sorted(rows, key=lambda row: (row.created_at, row.attempt or ""))


async def may_be_rerun(store: Store, execution: str) -> bool:
    """Return whether somebody has run it again; of one that can't be read nobody knows.

    What it runs for never does: that calls anew.
    """
    try:
        async for recorded in events_after(store, execution):
            if isinstance(recorded.event, ExecutionRerun):
                return True
    except UnreadableError:
        return True
    return False
