"""What the events of items do to the state."""

from msgspec.structs import replace

from segue.core import events as e
from segue.core.evolve_tasks import begun, changed, expect, put
from segue.core.items import Items
from segue.core.state import State, TaskExecution
from segue.core.status import Status
from segue.language.model import OnItemFailure


def items_started(state: State, event: e.ItemsStarted) -> State:
    """The attempt is open, with all of its items to come."""
    execution = begun(state, event)
    if event.items is None:
        expect(execution.items is not None, event, "there were items before")
        assert execution.items is not None
        items = execution.items.unfinished()
    else:
        items = Items(values=event.items)
    items = replace(
        items,
        concurrency=event.concurrency,
        on_failure=OnItemFailure(event.on_failure),
        max_failures=event.max_failures,
    )
    return put(state, replace(execution, items=items))


def item_started(state: State, event: e.ItemStarted) -> State:
    """The item is open."""
    execution, items = _with_items(state, event)
    fresh = event.item < len(items.values) and not (
        event.item in items.open or event.item in items.ended
    )
    expect(fresh, event, "the item is to come")
    status = Status.PENDING if event.asks else Status.RUNNING
    return put(state, replace(execution, items=items.put(event.item, status)))


def item_changed(state: State, event: e.ItemChanged) -> State:
    """The item stays open, in another status."""
    execution, items = _with_open_item(state, event)
    return put(state, replace(execution, items=items.put(event.item, event.status)))


def item_cancel_requested(state: State, event: e.ItemCancelRequested) -> State:
    """The item stays open until its outcome comes in."""
    execution, items = _with_open_item(state, event)
    return put(state, replace(execution, items=items.put(event.item, Status.CANCELING)))


def item_succeeded(state: State, event: e.ItemSucceeded) -> State:
    """The item has ended well."""
    execution, items = _with_open_item(state, event)
    items = items.end(event.item, Status.SUCCEEDED, event.result, None)
    return put(state, replace(execution, items=items))


def item_failed(state: State, event: e.ItemFailed | e.ItemTimedOut) -> State:
    """The item has ended badly; it may not even have been started."""
    execution, items = _with_items(state, event)
    known = event.item < len(items.values) and event.item not in items.ended
    expect(known, event, "the item has not ended")
    status = Status.TIMEOUT if isinstance(event, e.ItemTimedOut) else Status.FAILED
    items = items.end(event.item, status, event.result, event.failure)
    return put(state, replace(execution, items=items))


def item_canceled(state: State, event: e.ItemCanceled) -> State:
    """The item was ended."""
    execution, items = _with_open_item(state, event)
    items = items.end(event.item, Status.CANCELED, event.result, None)
    return put(state, replace(execution, items=items))


def items_ended(state: State, event: e.ItemsEnded) -> State:
    """The attempt is closed; its result are the items' results."""
    execution, items = _with_items(state, event)
    expect(items.active == 0, event, "no item of it runs")
    return put(state, replace(execution, open=False, result=items.results))


_OfItem = (
    e.ItemChanged
    | e.ItemSucceeded
    | e.ItemFailed
    | e.ItemTimedOut
    | e.ItemCanceled
    | e.ItemCancelRequested
)


def _with_items(
    state: State, event: _OfItem | e.ItemStarted | e.ItemsEnded
) -> tuple[TaskExecution, Items]:
    execution = changed(state, event)
    items = execution.items
    known = execution.open and event.attempt == execution.attempt and items is not None
    expect(known, event, "the attempt is open and has items")
    assert items is not None
    return execution, items


def _with_open_item(state: State, event: _OfItem) -> tuple[TaskExecution, Items]:
    execution, items = _with_items(state, event)
    expect(event.item in items.open, event, "the item is open")
    return execution, items
