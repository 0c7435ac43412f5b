"""The shape in which a state is written down: JSON with maps as objects or lists of pairs.

It is read by the release that wrote it, for snapshots, and by later ones, for reruns: an event
keeps the state that the execution goes on from. So fields may be added with a default.
"""

from __future__ import annotations

import msgspec

from segue.core.failure import Failure
from segue.core.status import Status
from segue.values import JsonValue


class SavedRegister(msgspec.Struct, array_like=True, frozen=True):
    """A variable (`segue.core.context.Register`)."""

    value: JsonValue
    write: int
    overwritten: tuple[int, ...]
    parts: dict[str, SavedRegister] | None
    also: tuple[int, ...]


class SavedBranch(msgspec.Struct, array_like=True, frozen=True):
    """A branch; `records` are order, status and result by task."""

    context: dict[str, SavedRegister]
    keys: dict[str, int]
    records: dict[str, tuple[int, str, JsonValue]]
    route: tuple[str, ...] = ()


class SavedItems(msgspec.Struct, frozen=True):
    """The items of a task execution; `open` and `ended` by item."""

    values: tuple[JsonValue, ...]
    concurrency: int | None
    on_failure: str
    max_failures: int
    next: int
    open: tuple[tuple[int, Status], ...]
    ended: tuple[tuple[int, Status, JsonValue], ...]
    active: int
    failed: int
    timed_out: int
    canceled: int
    failure: Failure | None
    last: Status | None


class SavedTask(msgspec.Struct, array_like=True, frozen=True):
    """A task execution that is not finished."""

    task: str
    visit: int
    status: Status
    order: int
    branch: SavedBranch
    attempt: int
    open: bool
    handed_off_at: int
    result: JsonValue
    round: int | None
    exempt: bool
    items: SavedItems | None = None
    delay: float = 0.0
    watched: bool = False
    place: int = 0


class SavedArrival(msgspec.Struct, array_like=True, frozen=True):
    """A branch that has come to a task."""

    task: str
    branch: SavedBranch
    source: tuple[str, int] | None
    direct: bool
    round: int | None
    exempt: bool
    visit: int | None = None
    attempt: int = 0
    items: SavedItems | None = None
    again: int | None = None
    place: int = 0


class SavedState(msgspec.Struct, frozen=True):
    """A state (`segue.core.state.State`).

    `refers` are the hashes of the references in it, None where there never were any.
    """

    version: int
    seq: int
    status: Status
    settled: bool
    workflow: str
    definition: str
    start: tuple[str, ...]
    deadline: float | None
    visit_limit: int | None
    deep: bool
    by_start: bool
    tasks: tuple[SavedTask, ...]
    visits: dict[str, int]
    ready: tuple[int, ...]
    arrivals: tuple[SavedArrival, ...]
    leaving: SavedTask | None
    rounds: tuple[tuple[str, int, tuple[str, ...], SavedBranch], ...]
    fired: tuple[tuple[str, int, int], ...]
    last_fired: dict[str, int]
    end: SavedBranch
    ends: tuple[tuple[int, SavedBranch], ...]
    unhandled: Failure | None
    stepwise: bool = False
    seen: dict[str, tuple[tuple[tuple[str, ...], int, str, JsonValue], ...]] = {}
    dormant: tuple[tuple[str, int], ...] = ()
    counted: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    superseded: dict[str, int] = {}
    refers: tuple[str, ...] | None = None
