"""Sub-workflows that run for an attempt that is over: who was to end them has died before."""

from segue.core.status import Status
from segue.core.stimuli import Cancel
from segue.runtime.attempts.kin import may_be_rerun
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.inbox import Entry
from segue.store.port import Store

#: Why the sub-workflow of an attempt that is over is ended.
ATTEMPT_OVER = "the attempt that it runs for is over"
#: What is on its way to its end gets there by itself.
_GOING_ON = (
    Status.REQUESTED,
    Status.RUNNING,
    Status.PENDING,
    Status.PAUSING,
    Status.PAUSED,
    Status.RESUMING,
)


def end_child(desk: Desk, execution: str, reason: str) -> None:
    """Have a sub-workflow end; what follows from it is ours, whether or not there was work."""
    desk.holdings.conduct(execution)
    desk.inbox.put(Entry(execution=execution, stimulus=Cancel(reason=reason)))


async def end_orphans(desk: Desk) -> None:
    """Have the sub-workflows end whose attempts are over. Raises `StoreError`.

    The end of an attempt and that of its sub-workflow are two commits, of two executions. Whoever
    dies between them has told the second to nobody.
    """
    for execution in await find_orphans(desk.store):
        end_child(desk, execution, ATTEMPT_OVER)


async def find_orphans(store: Store) -> list[str]:
    """Return the executions that go on for an attempt which is not outstanding any more.

    One that somebody has run again by itself goes on for whoever did so, and one that can't be read
    hinders no other.
    """
    rows = [
        row
        for status in _GOING_ON
        for row in await store.list_executions(status=status)
        if row.parent is not None and not row.settled
    ]
    # What runs for an attempt began when that was outstanding. So the rows are read first.
    outstanding = {
        parent: {work.name for work in await store.list_work(execution=parent)}
        for parent in {row.parent for row in rows if row.parent is not None}
    }
    left = [row.id for row in rows if row.attempt not in outstanding[row.parent or ""]]
    return [execution for execution in left if not await may_be_rerun(store, execution)]
