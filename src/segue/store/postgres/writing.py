"""What is written: one transaction for each function, and one round trip for each commit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import msgspec
import psycopg

from segue.core.errors import InternalError
from segue.core.events import encode, type_of
from segue.store.port import (
    Change,
    CommitResult,
    Committed,
    Conflict,
    EngineRow,
    Fenced,
    KeyRow,
    LogChunk,
    ParkedRow,
    Work,
)
from segue.store.postgres import queries
from segue.store.rows import work_of
from segue.store.soundness import require_sound, storable

T = TypeVar("T")
# What psycopg sends for a parameter is of the type that the query says.
Bindings = dict[str, Any]


def prepare(changes: Sequence[Change]) -> Bindings:
    """Make what will be sent. Raises `InternalError` for a change that isn't sound."""
    for change in changes:
        require_sound(change)
    rows = [change.row for change in changes]
    snapshots = [change.snapshot for change in changes]
    return {
        "ids": [row.id for row in rows],
        "expecteds": [change.expected for change in changes],
        "workflows": [row.workflow for row in rows],
        "definitions": [row.definition for row in rows],
        "statuses": [row.status.value for row in rows],
        "settleds": [row.settled for row in rows],
        "seqs": [row.seq for row in rows],
        "created": [row.created_at for row in rows],
        "updated": [row.updated_at for row in rows],
        "parents": [row.parent for row in rows],
        "attempts": [row.attempt for row in rows],
        "depths": [row.depth for row in rows],
        "folders": [row.folder for row in rows],
        "engines": [change.claimed_by for change in changes],
        "counts": [count for change in changes for count in _counts(change)],
        "event_at": _all(changes, lambda one: [event.at for event in one.events]),
        "event_type": _all(changes, lambda one: [type_of(event.event) for event in one.events]),
        "event_data": _all(changes, lambda one: [encode(event.event) for event in one.events]),
        "fence_names": _all(changes, lambda one: [name for name, _ in one.fences]),
        "fence_claims": _all(changes, lambda one: [claim for _, claim in one.fences]),
        "ended_names": _all(changes, lambda one: one.ended),
        "work_names": _all(changes, lambda one: [work.name for work in one.new_work]),
        "work_kinds": _all(changes, lambda one: [work.kind.value for work in one.new_work]),
        "work_data": _all(changes, lambda one: [work.data for work in one.new_work]),
        "work_due": _all(changes, lambda one: [work.due for work in one.new_work]),
        "canceled_names": _all(changes, lambda one: one.canceled),
        "snapshot_seqs": [None if one is None else one.seq for one in snapshots],
        "snapshot_data": [None if one is None else one.data for one in snapshots],
    }


async def commit(
    connection: psycopg.AsyncConnection, writer: str, number: int, bindings: Bindings
) -> Sequence[CommitResult]:
    """Write the changes that are not refused, all in one transaction.

    `number` counts the groups of `writer`, under which the answers are kept.
    """
    found = await connection.execute(
        queries.COMMIT_CHANGES, {**bindings, "writer": writer, "number": number}, binary=True
    )
    row = await found.fetchone()
    assert row is not None, "a function returns something"
    return [_result(answer) for answer in row[0]]


async def answers_of(
    connection: psycopg.AsyncConnection, writer: str, number: int
) -> Sequence[CommitResult] | None:
    """Return what was answered to a group; None: it was not written, and is not being written."""
    found = await connection.execute(queries.GET_ANSWERS, (writer,))
    row = await found.fetchone()
    if row is None or row[0] != number:
        return None
    return [_result(answer) for answer in row[1]]


async def add_engine(connection: psycopg.AsyncConnection, engine: EngineRow) -> None:
    """Make an engine known."""
    await connection.execute(queries.PUT_ENGINE, asdict(engine))


async def forget_engine(
    connection: psycopg.AsyncConnection, engine: str, heartbeat_at: float | None
) -> bool:
    """Forget an engine, if its heartbeat is still this one (None: anyhow), and free its work."""
    found = await connection.execute(queries.FORGET_ENGINE, (engine, heartbeat_at))
    return await found.fetchone() == (True,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Which free work is meant: see `Store.claim_work`."""

    execution: str | None
    kinds: Sequence[str] | None
    due_by: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an engine wants to claim. `token` is of this call alone, `writer` is whose it is."""

    engine: str
    free: Free
    limit: int
    writer: str
    token: str


async def claim_work(connection: psycopg.AsyncConnection, claim: Claim) -> Sequence[Work]:
    """Claim free work. What was claimed under the token before is among what is returned."""
    query = queries.CLAIM_WORK if claim.free.due_by is None else queries.CLAIM_DUE_WORK
    await connection.execute(query, {**asdict(claim), **asdict(claim.free)})
    found = await connection.execute(queries.TAKEN_WORK, (claim.engine, claim.token), binary=True)
    return [work_of(row) for row in await found.fetchall()]


async def note_parked(connection: psycopg.AsyncConnection, rows: Sequence[ParkedRow]) -> None:
    """Remember what can't go on."""
    columns = (
        [row.execution for row in rows],
        [row.engine for row in rows],
        [row.at for row in rows],
        [storable(row.problem).encode() for row in rows],
    )
    await connection.execute(queries.NOTE_PARKED, columns)


async def append_log(connection: psycopg.AsyncConnection, chunks: Sequence[LogChunk]) -> None:
    """Keep what attempts printed."""
    columns = (
        [chunk.execution for chunk in chunks],
        [chunk.task for chunk in chunks],
        [chunk.visit for chunk in chunks],
        [chunk.attempt for chunk in chunks],
        [chunk.stream for chunk in chunks],
        [chunk.at for chunk in chunks],
        [storable(chunk.text).encode() for chunk in chunks],
    )
    await connection.execute(queries.APPEND_LOG, columns)


async def put_key(connection: psycopg.AsyncConnection, key: KeyRow) -> None:
    """Keep a key with its value."""
    await connection.execute(
        queries.PUT_KEY, (key.name, msgspec.json.encode(key.value), key.updated_at)
    )


def _all(changes: Sequence[Change], of: Callable[[Change], Iterable[T]]) -> list[T]:
    return [one for change in changes for one in of(change)]


def _counts(change: Change) -> tuple[int, ...]:
    """Return how many there are of each, in the order in which `commit_changes` takes them."""
    return (
        len(change.events),
        len(change.fences),
        len(change.ended),
        len(change.new_work),
        len(change.canceled),
    )


def _result(answer: str) -> CommitResult:
    word, _, rest = answer.partition(" ")
    if word == "committed":
        return Committed()
    if word == "conflict":
        return Conflict(int(rest))
    if word == "fenced":
        return Fenced(rest)
    raise InternalError(f"the database answered {answer!r} to a change")
