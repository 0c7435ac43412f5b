"""Executions that no engine would ever go on with: they have no outstanding work."""

from segue.core.status import Status
from segue.store.port import Store

_GOING_ON = (
    Status.REQUESTED,
    Status.RUNNING,
    Status.PENDING,
    Status.PAUSING,
    Status.RESUMING,
    Status.CANCELING,
)


async def find_stuck(store: Store, execution: str | None) -> list[str]:
    """Return executions (of all, or just this one) that go on and have no outstanding work."""
    if execution is not None:
        row = await store.get_execution(execution)
        rows = [row] if row is not None else []
    else:
        rows = []
        for status in _GOING_ON:
            rows += await store.list_executions(status=status)
    busy = {work.execution for work in await store.list_work(execution=execution)}
    stuck = []
    for row in rows:
        if row.settled or row.id in busy or row.status is Status.PAUSED:
            continue
        # Between the two looks it may have gone on, or ended.
        later = await store.get_execution(row.id)
        if later is not None and not later.settled and later.seq == row.seq:
            stuck.append(row.id)
    return stuck
