"""Long logs, read in pages: they are never whole in memory, and others get their turn."""

from collections.abc import AsyncIterator, Sequence

from segue.core.errors import RequestError
from segue.core.events import Recorded
from segue.store.port import Store, UnreadableError

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


async def events_kept(
    store: Store, execution: str, after: int = 0, limit: int | None = None
) -> Sequence[Recorded]:
    """Return events of an execution after the number `after`, where there must be some.

    Raises `RequestError` if it was removed meanwhile, `UnreadableError` if its log is lost,
    `StoreError`.
    """
    if found := await store.read_events(execution, after, limit):
        return found
    if await store.get_execution(execution) is None:
        raise RequestError("execution_not_found", f"{execution} was removed meanwhile")
    raise UnreadableError(f"The log of execution {execution} is lost, or a part of it.")
