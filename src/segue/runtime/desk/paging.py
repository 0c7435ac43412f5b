"""Long logs, read in pages: they are never whole in memory, and others get their turn."""

from collections.abc import AsyncIterator

from segue.core.events import Recorded
from segue.store.port import Store

#: How many events or pieces of log are read at a time.
PAGE = 1000


async def events_after(store: Store, execution: str, after: int = 0) -> AsyncIterator[Recorded]:
    """Give the events of an execution after the number `after` that there are by now, in order.

    Raises `StoreError`.
    """
    while page := await store.read_events(execution, after, PAGE):
        for recorded in page:
            yield recorded
        after = page[-1].seq
