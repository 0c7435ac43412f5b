"""The items of one attempt of a task: which have ended, which run, which are still to come."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from segue.core.failure import Failure
from segue.core.status import Status
from segue.language.model import OnItemFailure
from segue.values import JsonValue

#: An open item that is in none of these counts as one that runs.
DORMANT = frozenset({Status.PENDING, Status.PAUSED})


class EndedItem(msgspec.Struct, frozen=True):
    """How an item ended."""

    status: Status
    result: JsonValue = None


class Items(msgspec.Struct, frozen=True, kw_only=True):
    """Items in the order of their list. Each step costs the same, however many there are.

    `values` are the items as expressions see them. `next` is the first that may still have to be
    started: all before it are open or have ended. `active` counts the open ones that run,
    `failed` those that ended badly, `timed_out` among these the ones that took too long.
    `failure` is that of the first that failed. `last` is how the latest of them ended, or what
    it waits for.
    """

    values: tuple[JsonValue, ...]
    concurrency: int | None = None
    on_failure: OnItemFailure = OnItemFailure.STOP
    max_failures: int = 0
    next: int = 0
    open: HashTrieMap[int, Status] = msgspec.field(default_factory=HashTrieMap)
    ended: HashTrieMap[int, EndedItem] = msgspec.field(default_factory=HashTrieMap)
    active: int = 0
    failed: int = 0
    timed_out: int = 0
    canceled: int = 0
    failure: Failure | None = None
    last: Status | None = None

    @property
    def are_left(self) -> bool:
        """Whether there are items that were never started."""
        return self.next < len(self.values)

    @property
    def too_many_failed(self) -> bool:
        """Whether more of them failed than the task can bear."""
        return self.failed > self.max_failures

    @property
    def have_stopped(self) -> bool:
        """Whether none of them starts any more because too many failed.

        Questions that are still open are withdrawn then: that cancels items, and not the task.
        """
        return self.on_failure is OnItemFailure.STOP and self.too_many_failed

    @property
    def results(self) -> list[JsonValue]:
        """The results in the order of the items, None for one that has none."""
        return [
            ended.result if (ended := self.ended.get(item)) else None
            for item in range(len(self.values))
        ]

    def startable(self) -> list[int]:
        """Return the items that may start now, as far as the items themselves can tell.

        One that waits for somebody takes its place among those that run at the same time; not so
        in Orquesta.
        """
        taken = self.active if self.on_failure is OnItemFailure.WHILE_ACTIVE else len(self.open)
        left = len(self.values) if self.concurrency is None else self.concurrency - taken
        found: list[int] = []
        item = self.next
        while left > len(found) and item < len(self.values):
            if item not in self.ended and item not in self.open:
                found.append(item)
            item += 1
        return found

    def put(self, item: int, status: Status) -> Items:
        """Return the items with this one open, in this status."""
        before = self.open.get(item)
        active = self.active - (before is not None and before not in DORMANT)
        items = replace(
            self,
            open=self.open.insert(item, status),
            active=active + (status not in DORMANT),
            last=status,
        )
        return _skipped(items)

    def end(self, item: int, status: Status, result: JsonValue, failure: Failure | None) -> Items:
        """Return the items with this one ended. It was open, unless it could not be started."""
        before = self.open.get(item)
        items = replace(
            self,
            open=self.open if before is None else self.open.remove(item),
            ended=self.ended.insert(item, EndedItem(status, result)),
            active=self.active - (before is not None and before not in DORMANT),
            failed=self.failed + (failure is not None),
            timed_out=self.timed_out + (status is Status.TIMEOUT),
            canceled=self.canceled + (status is Status.CANCELED),
            failure=self.failure or failure,
            last=status,
        )
        return _skipped(items)

    def unfinished(self) -> Items:
        """Return the items as a new attempt finds them: those that succeeded keep their result."""
        ended = self.ended
        for item, one in self.ended.items():
            if one.status is not Status.SUCCEEDED:
                ended = ended.remove(item)
        items = Items(
            values=self.values,
            concurrency=self.concurrency,
            on_failure=self.on_failure,
            max_failures=self.max_failures,
            ended=ended,
        )
        return _skipped(items)


def _skipped(items: Items) -> Items:
    item = items.next
    while item < len(items.values) and (item in items.ended or item in items.open):
        item += 1
    return items if item == items.next else replace(items, next=item)
