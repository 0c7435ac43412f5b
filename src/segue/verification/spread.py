"""Whether the items of an attempt start once, end once, and not too many run at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from segue.core import events as e
from segue.core.items import DORMANT
from segue.core.status import Status
from segue.language.model import OnItemFailure
from segue.verification.attempts import Visited
from segue.verification.check import Check

_ItemEnd = e.ItemSucceeded | e.ItemFailed | e.ItemTimedOut | e.ItemCanceled
_ITEM_ENDS = (e.ItemSucceeded, e.ItemFailed, e.ItemTimedOut, e.ItemCanceled)


@dataclass(slots=True)
class _Attempt:
    """The items of an attempt. `count` is None where the log does not say how many there are."""

    attempt: int
    count: int | None
    concurrency: int | None
    while_active: bool
    open: dict[int, Status] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    succeeded: set[int] = field(default_factory=set)

    def running(self) -> int:
        """Return how many take a place among those that may run at a time."""
        if not self.while_active:
            return len(self.open)
        return sum(status not in DORMANT for status in self.open.values())


class Items(Check):
    """Each item of an attempt starts once and ends once, and not more run than may."""

    def __init__(self) -> None:
        self._attempts: dict[Visited, _Attempt] = {}

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Follow the items."""
        event = one.event
        match event:
            case e.ItemsStarted():
                self._begin(event)
            case e.ItemStarted():
                yield from self._start(event)
            case e.ItemChanged(status=status):
                yield from self._change(event, status)
            case e.ItemCancelRequested():
                yield from self._change(event, Status.CANCELING)
            case _ if isinstance(event, _ITEM_ENDS):
                yield from self._end(event)
            case e.ItemsEnded():
                yield from self._end_all(event)
            case e.TaskSucceeded() | e.TaskFailed() | e.TaskCanceled() | e.TaskWithdrawn():
                self._attempts.pop((event.task, event.visit), None)
            case _:
                pass

    def _begin(self, event: e.ItemsStarted) -> None:
        before = self._attempts.get((event.task, event.visit))
        attempt = _Attempt(
            event.attempt,
            None if event.items is None else len(event.items),
            event.concurrency,
            event.on_failure == OnItemFailure.WHILE_ACTIVE,
        )
        if event.items is None and before is not None:
            attempt.count = before.count
            attempt.ended = set(before.succeeded)
            attempt.succeeded = set(before.succeeded)
        self._attempts[event.task, event.visit] = attempt

    def _start(self, event: e.ItemStarted) -> Iterator[str]:
        attempt, item = self._of(event), event.item
        if attempt is None:
            yield f"{_name(event)} starts, and its attempt does not run"
            return
        if item in attempt.open or item in attempt.ended:
            yield f"{_name(event)} starts again"
        if attempt.count is not None and not 0 <= item < attempt.count:
            yield f"{_name(event)} starts, and there are {attempt.count} items"
        attempt.open[item] = Status.PENDING if event.asks else Status.RUNNING
        if attempt.concurrency is not None and attempt.running() > attempt.concurrency:
            yield f"{_name(event)} starts as number {attempt.running()} of {attempt.concurrency}"

    def _change(self, event: e.ItemChanged | e.ItemCancelRequested, to: Status) -> Iterator[str]:
        attempt = self._of(event)
        if attempt is None or event.item not in attempt.open:
            yield f"{_name(event)} changes, and does not run"
            return
        attempt.open[event.item] = to

    def _end(self, event: _ItemEnd) -> Iterator[str]:
        attempt, item = self._of(event), event.item
        if attempt is None:
            yield f"{_name(event)} ends, and its attempt does not run"
            return
        never_started = isinstance(event, e.ItemFailed) and item not in attempt.ended
        if attempt.open.pop(item, None) is None and not never_started:
            yield f"{_name(event)} ends, and does not run"
        attempt.ended.add(item)
        if isinstance(event, e.ItemSucceeded):
            attempt.succeeded.add(item)

    def _end_all(self, event: e.ItemsEnded) -> Iterator[str]:
        attempt = self._attempts.get((event.task, event.visit))
        if attempt is None:
            return  # an outcome of what does not run: that is another invariant
        running = sorted(item for item, status in attempt.open.items() if status not in DORMANT)
        if running:
            yield f"{event.task}#{event.visit} is over, and items {running} run"
        attempt.open.clear()

    def _of(
        self, event: e.ItemStarted | e.ItemChanged | e.ItemCancelRequested | _ItemEnd
    ) -> _Attempt | None:
        attempt = self._attempts.get((event.task, event.visit))
        return attempt if attempt is not None and attempt.attempt == event.attempt else None


def _name(event: e.ItemStarted | e.ItemChanged | e.ItemCancelRequested | _ItemEnd) -> str:
    return f"item {event.item} of {event.task}#{event.visit}.{event.attempt}"
