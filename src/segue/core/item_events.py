"""What happens to the items of a task execution with a list of them. See `segue.core.events`."""

from collections.abc import Mapping

import msgspec

from segue.core.event import Event
from segue.core.failure import Failure
from segue.core.status import Status
from segue.values import JsonValue


class ItemsStarted(Event, frozen=True, kw_only=True, tag="items_started"):
    """An attempt of a task with items began: these are the items, each with an action of its own.

    `items` None: those of the attempt before, of which the ones that succeeded keep their result.
    At most `concurrency` of them run at once (None: all of them). `on_failure` says whether further
    ones start after more than `max_failures` have failed ("stop", "continue", "while_active").
    """

    task: str
    visit: int
    attempt: int
    items: tuple[JsonValue, ...] | None
    concurrency: int | None = None
    on_failure: str = "stop"
    max_failures: int = 0


class ItemStarted(Event, frozen=True, kw_only=True, tag="item_started"):
    """The action of an item was handed off. `item` counts from 0; the rest as `AttemptStarted`."""

    task: str
    visit: int
    attempt: int
    item: int
    action: str | None
    input: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    timeout: float | None = None
    asks: bool = False
    due: float | None = None


class ItemChanged(Event, frozen=True, kw_only=True, tag="item_changed"):
    """An item goes on in another way, as `AttemptChanged`."""

    task: str
    visit: int
    attempt: int
    item: int
    status: Status


class ItemSucceeded(Event, frozen=True, kw_only=True, tag="item_succeeded"):
    """The action of an item ended well."""

    task: str
    visit: int
    attempt: int
    item: int
    result: JsonValue = None


class ItemFailed(Event, frozen=True, kw_only=True, tag="item_failed"):
    """The action of an item ended badly, or could not be run."""

    task: str
    visit: int
    attempt: int
    item: int
    failure: Failure
    result: JsonValue = None


class ItemTimedOut(Event, frozen=True, kw_only=True, tag="item_timed_out"):
    """The action of an item took longer than the timeout of its task, and was ended."""

    task: str
    visit: int
    attempt: int
    item: int
    failure: Failure
    result: JsonValue = None


class ItemCanceled(Event, frozen=True, kw_only=True, tag="item_canceled"):
    """The action of an item was ended on request."""

    task: str
    visit: int
    attempt: int
    item: int
    result: JsonValue = None


class ItemCancelRequested(Event, frozen=True, kw_only=True, tag="item_cancel_requested"):
    """The running action of an item is to be ended."""

    task: str
    visit: int
    attempt: int
    item: int


class ItemsEnded(Event, frozen=True, kw_only=True, tag="items_ended"):
    """The attempt is over: its result is the list of the items' results, None for one without."""

    task: str
    visit: int
    attempt: int
