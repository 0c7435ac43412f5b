"""An execution as people and programs look at it: a fold of its whole log.

The state (`segue.core.state`) forgets what nothing can refer to any more; the view keeps every
visit. It is the documented shape of `run --json` and `show --json`.
"""

import msgspec

from segue.core.status import Status
from segue.values import JsonValue


class ErrorView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that went wrong. `handled`: a transition dealt with it."""

    code: str
    message: str
    task: str | None
    visit: int | None
    handled: bool


class ItemsView(msgspec.Struct, frozen=True, kw_only=True):
    """The items of a task execution, counted. `pending` of the running ones wait for a person.

    `failures` are the first few that failed: the item (from 0), and why.
    """

    total: int
    succeeded: int
    failed: int
    canceled: int
    running: int
    pending: int
    failures: tuple[tuple[int, str], ...]


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """One task execution. Instants are seconds since the epoch, None: not yet.

    `waiting_for` says in a few words what a task execution that is not finished waits for;
    `note` what is worth knowing of one that is ("no `when` held: the branch ended here"). `again`
    is the visit that this one runs again, after a rerun; `superseded`: a rerun went back before it,
    and it counts no more. `items` is None for a task without them.

    `since` is when it came to be as it is, for one with an attempt; `action` what its last attempt
    runs; `users` who may answer, where that is a question (none named: anybody).
    """

    task: str
    visit: int
    status: Status
    attempts: int
    result: JsonValue
    started_at: float | None
    finished_at: float | None
    scheduled_at: float
    due: float | None
    waiting_for: str | None
    note: str | None
    items: ItemsView | None = None
    again: int | None = None
    superseded: bool = False
    since: float | None = None
    action: str | None = None
    users: tuple[str, ...] | None = None


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """That an execution was asked to pause or to end: when, and why."""

    at: float
    reason: str | None


class JoinView(msgspec.Struct, frozen=True, kw_only=True):
    """A round of a join that has not fired: who has arrived, how many it needs, who is missing."""

    join: str
    key: int
    arrived: tuple[str, ...]
    missing: tuple[str, ...]
    needed: int


class ExecutionView(msgspec.Struct, frozen=True, kw_only=True):
    """A whole execution.

    `tasks` in order of scheduling; `reruns` counts how often it was rerun. `parent` is the attempt
    that it runs for ("ID/task#1.1"), where it is one.

    `status` is pending where it runs and only people can move it. `request` is the latest to pause
    or to cancel it, while it holds: that which canceled it stays, unless it is run again.
    """

    id: str
    workflow: str
    definition: str
    status: Status
    settled: bool
    inputs: JsonValue
    output: JsonValue
    errors: tuple[ErrorView, ...]
    tasks: tuple[TaskView, ...]
    joins: tuple[JoinView, ...]
    started_at: float
    finished_at: float | None
    seq: int
    reruns: int = 0
    parent: str | None = None
    request: RequestView | None = None
