"""What the connection that writes does: one transaction for each function."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import apsw
import msgspec

from segue.core.errors import InternalError
from segue.core.events import encode, type_of
from segue.failpoints import Failpoint, reach
from segue.store.port import (
    Change,
    CommitResult,
    Committed,
    Conflict,
    Definition,
    EngineRow,
    ExecutionRow,
    Fenced,
    KeyRow,
    LogChunk,
    ParkedRow,
    ProcessMark,
    Work,
    WorkKind,
)
from segue.store.rows import Row, work_of
from segue.store.soundness import referred, require_sound, storable
from segue.store.sqlite import queries
from segue.store.sqlite.connection import transaction
from segue.store.sqlite.rows import fetch, fetch_one


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedChange:
    """A change with the rows of its events made: all that can fail for want of sense is done."""

    change: Change
    events: Sequence[tuple[str, int, float, str, bytes]]


def prepare(change: Change) -> PreparedChange:
    """Make what will be written. Raises `InternalError` for a change that isn't sound."""
    require_sound(change)
    execution = change.row.id
    return PreparedChange(
        change=change,
        events=[
            (execution, one.seq, one.at, type_of(one.event), encode(one.event))
            for one in change.events
        ],
    )


def commit(
    connection: apsw.Connection, changes: Sequence[PreparedChange]
) -> Sequence[CommitResult]:
    """Write the changes that are not refused, all in one transaction."""
    with transaction(connection):
        reach(Failpoint.TRANSACTION_BEGUN)
        return [_write(connection, prepared) for prepared in changes]


def put_definition(connection: apsw.Connection, definition: Definition) -> None:
    """Keep a definition; one with the same hash stays as it is."""
    _write_definition(connection, definition)


def note_process(
    connection: apsw.Connection, execution: str, name: str, claim: int, process: ProcessMark
) -> bool:
    """Remember the process that work runs in, if the claim is held."""
    connection.execute(
        queries.NOTE_PROCESS, (process.group, process.started_at, execution, name, claim)
    )
    return connection.changes() > 0


def add_engine(connection: apsw.Connection, engine: EngineRow) -> None:
    """Make an engine known."""
    connection.execute(
        queries.PUT_ENGINE,
        (
            engine.id,
            engine.host,
            engine.boot,
            engine.pid,
            engine.pid_started_at,
            engine.heartbeat_at,
        ),
    )


def beat(connection: apsw.Connection, engine: str, now: float) -> bool:
    """Renew a heartbeat, if the engine is known."""
    connection.execute(queries.BEAT, (now, engine))
    return connection.changes() > 0


def remove_engine(connection: apsw.Connection, engine: str) -> None:
    """Forget an engine: what it holds is free by that."""
    connection.execute(queries.REMOVE_ENGINE, (engine,))


def declare_lost(connection: apsw.Connection, engine: str, heartbeat_at: float) -> bool:
    """Forget an engine if its heartbeat is still this one."""
    connection.execute(queries.DECLARE_LOST, (engine, heartbeat_at))
    return connection.changes() > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Which free work is meant: see `Store.claim_work`."""

    execution: str | None
    kinds: Collection[WorkKind] | None
    due_by: float | None


def claim_work(
    connection: apsw.Connection,
    engine: str,
    free: Free,
    limit: int,
) -> Sequence[Work]:
    """Claim free work. Where there is none, which is the rule, nobody is kept from writing."""
    kinds = None if free.kinds is None else msgspec.json.encode(sorted(free.kinds)).decode()
    search = {**asdict(free), "kinds": kinds, "limit": limit}
    if not fetch(connection, queries.FREE_WORK, {**search, "limit": 1}):
        return []
    with transaction(connection):
        if not fetch(connection, queries.HAS_ENGINE, (engine,)):
            return []
        query = queries.FREE_WORK if free.due_by is None else queries.FREE_DUE_WORK
        rows = fetch(connection, query, search)
        connection.executemany(queries.CLAIM_WORK, [(engine, row[0]) for row in rows])
        claimed = [work_of(row[1:]) for row in rows]
        return [replace(work, engine=engine, claim=work.claim + 1) for work in claimed]


def release_work(
    connection: apsw.Connection,
    engine: str,
    keep: Sequence[tuple[str, str]],
    renewed: Mapping[tuple[str, str], bytes],
) -> None:
    """Give back what an engine has, but for what it keeps, some of it with new data."""
    rows = [(data, *key, engine) for key, data in renewed.items()]
    with transaction(connection):
        connection.executemany(queries.RENEW_WORK, rows)
        connection.execute(queries.RELEASE_WORK, (engine, msgspec.json.encode(keep).decode()))


def note_parked(connection: apsw.Connection, rows: Sequence[ParkedRow]) -> None:
    """Remember what can't go on."""
    noted = [(row.engine, row.at, storable(row.problem), row.execution) for row in rows]
    with transaction(connection):
        connection.executemany(queries.NOTE_PARKED, noted)


def append_log(connection: apsw.Connection, chunks: Sequence[LogChunk]) -> None:
    """Keep what attempts printed."""
    rows = [
        (
            chunk.execution,
            chunk.task,
            chunk.visit,
            chunk.attempt,
            chunk.stream,
            chunk.at,
            storable(chunk.text),
        )
        for chunk in chunks
    ]
    with transaction(connection):
        connection.executemany(queries.APPEND_LOG, rows)


def put_key(connection: apsw.Connection, key: KeyRow) -> None:
    """Keep a key with its value."""
    connection.execute(queries.PUT_KEY, (key.name, msgspec.json.encode(key.value), key.updated_at))


def delete_key(connection: apsw.Connection, name: str) -> bool:
    """Forget a key, if there is one of this name."""
    connection.execute(queries.DELETE_KEY, (name,))
    return connection.changes() > 0


def data_version(connection: apsw.Connection) -> int:
    """Return a number that changes whenever another connection has written."""
    (version,) = fetch_one(connection, "PRAGMA data_version")
    return int(version)


def _write(connection: apsw.Connection, prepared: PreparedChange) -> CommitResult:
    """Write one change, or nothing of it: what can refuse it is looked at first."""
    change = prepared.change
    row = change.row
    execution = row.id
    found = fetch(connection, queries.GET_POSITION, (execution,))
    position = found[0] if found else None
    seq = 0 if position is None else int(position[0])
    if seq != change.expected:
        return Conflict(seq)
    for name, claim in change.fences:
        if fetch(connection, queries.GET_CLAIM, (execution, name)) != [(claim,)]:
            return Fenced(name)
    _write_row(connection, row, position)
    if change.definition is not None:
        _write_definition(connection, change.definition)
    reach(Failpoint.ROW_WRITTEN)
    connection.executemany(queries.INSERT_EVENT, prepared.events)
    reach(Failpoint.EVENTS_WRITTEN)
    _write_work(connection, change)
    _write_values(connection, change)
    reach(Failpoint.WORK_WRITTEN)
    if change.snapshot is not None:
        connection.execute(
            queries.PUT_SNAPSHOT, (execution, change.snapshot.seq, change.snapshot.data)
        )
    return Committed()


def _write_values(connection: apsw.Connection, change: Change) -> None:
    for value in change.values:
        connection.execute(queries.PUT_VALUE, (value.sha256, value.data))
    for sha256 in referred(change):
        if not fetch(connection, queries.HAS_VALUE, (sha256,)):
            raise InternalError(f"execution {change.row.id}: no value {sha256} is kept")
        connection.execute(queries.PUT_VALUE_USE, (sha256, change.row.id))


def _write_definition(connection: apsw.Connection, definition: Definition) -> None:
    row = (definition.hash, definition.name, definition.source, definition.file)
    connection.execute(queries.PUT_DEFINITION, row)


def _write_row(connection: apsw.Connection, row: ExecutionRow, position: Row | None) -> None:
    indexed = (row.status.value, row.workflow, row.definition, row.created_at)
    if position is None:
        connection.execute(
            queries.INSERT_EXECUTION,
            (
                row.id,
                row.workflow,
                row.definition,
                row.status.value,
                row.settled,
                row.seq,
                row.created_at,
                row.updated_at,
                row.parent,
                row.attempt,
                row.depth,
                row.folder,
            ),
        )
    elif position[1:] == indexed:
        connection.execute(
            queries.ADVANCE_EXECUTION, (row.settled, row.seq, row.updated_at, row.id)
        )
    else:
        connection.execute(
            queries.REPLACE_EXECUTION,
            (
                row.workflow,
                row.definition,
                row.status.value,
                row.settled,
                row.seq,
                row.created_at,
                row.updated_at,
                row.id,
            ),
        )


def _write_work(connection: apsw.Connection, change: Change) -> None:
    execution = change.row.id
    for name in change.ended:
        connection.execute(queries.DELETE_WORK, (execution, name))
    for new in change.new_work:
        connection.execute(
            queries.INSERT_WORK,
            (execution, new.name, new.kind.value, new.data, new.due, change.claimed_by),
        )
    for name in change.canceled:
        connection.execute(queries.CANCEL_WORK, (execution, name))
