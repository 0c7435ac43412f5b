"""Task executions and their items while a view of them is made, event by event."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.core import events as e
from segue.core.items import DORMANT
from segue.core.status import Status
from segue.core.view import ItemsView, TaskView
from segue.values import JsonValue

#: So many failures of items are told one by one.
TOLD = 10


def users_of(question: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return who may answer what is asked with this input; none named: anybody."""
    users = question.get("users")
    return tuple(str(user) for user in users) if isinstance(users, list | tuple) else ()


@dataclass(slots=True)
class ItemsRow:
    """The items of a task execution so far."""

    total: int
    succeeded: int = 0
    failed: int = 0
    canceled: int = 0
    open: dict[int, bool] = field(default_factory=dict)  # whether it waits for a person
    failures: list[tuple[int, str]] = field(default_factory=list)
    results: dict[int, JsonValue] = field(default_factory=dict)
    well: set[int] = field(default_factory=set)

    def unfinished(self) -> "ItemsRow":
        """Return them as a new attempt finds them: those that succeeded keep their result."""
        kept = {item: result for item, result in self.results.items() if item in self.well}
        return ItemsRow(
            total=self.total, succeeded=len(self.well), results=kept, well=set(self.well)
        )

    def view(self) -> ItemsView:
        """Return what is shown of them."""
        return ItemsView(
            total=self.total,
            succeeded=self.succeeded,
            failed=self.failed,
            canceled=self.canceled,
            running=len(self.open),
            pending=sum(self.open.values()),
            failures=tuple(self.failures),
        )

    def waiting_for(self, what: str) -> str:
        """Return what is waited for, where that are items: how many of them."""
        if not self.open:
            return what
        pending = sum(self.open.values())
        answers = f", {pending} of them for an answer" if pending else ""
        left = self.total - self.succeeded - self.failed - self.canceled
        return f"{left} of {self.total} items{answers}"


@dataclass(slots=True)
class TaskRow:
    """A task execution so far."""

    task: str
    visit: int
    scheduled_at: float
    status: Status
    attempts: int = 0
    result: JsonValue = None
    started_at: float | None = None
    finished_at: float | None = None
    due: float | None = None
    waiting_for: str | None = None
    note: str | None = None
    failure: e.Failure | None = None  # of its last attempt
    items: ItemsRow | None = None
    again: int | None = None
    superseded: bool = False
    since: float | None = None
    action: str | None = None
    users: tuple[str, ...] | None = None

    def begin(self, attempt: int, at: float) -> None:
        """Take note that an attempt has begun."""
        self.status, self.attempts, self.due, self.since = Status.RUNNING, attempt, None, at
        self.started_at = self.started_at or at
        self.action = self.users = None

    def turn(self, status: Status, at: float, waiting_for: str | None) -> None:
        """Take note that its attempt has become something else."""
        self.status, self.since, self.waiting_for = status, at, waiting_for

    def view(self) -> TaskView:
        """Return what is shown of it."""
        return TaskView(
            task=self.task,
            visit=self.visit,
            status=self.status,
            attempts=self.attempts,
            result=self.result,
            started_at=self.started_at,
            finished_at=self.finished_at,
            scheduled_at=self.scheduled_at,
            due=self.due,
            waiting_for=self._waiting_for(),
            note=self.note,
            items=self.items.view() if self.items else None,
            again=self.again,
            superseded=self.superseded,
            since=self.since,
            action=self.action,
            users=self.users,
        )

    @property
    def is_pending(self) -> bool:
        """Whether only people can move it."""
        if self.items and self.items.open:
            return all(self.items.open.values())
        return self.status in DORMANT

    def _waiting_for(self) -> str | None:
        if self.items is None or self.waiting_for is None:
            return self.waiting_for
        return self.items.waiting_for(self.waiting_for)
