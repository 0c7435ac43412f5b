"""What the connection that reads does. Each function sees one state of the database.

All rows are fetched before any is looked at: one that can't be read would leave the query
unfinished, and the connection with the state that it saw, for as long as somebody keeps the error.
"""

from collections.abc import Collection, Mapping, Sequence

import apsw
import msgspec

from segue.core.events import Recorded
from segue.store.chosen import Chosen
from segue.store.port import (
    Definition,
    EngineRow,
    ExecutionRow,
    KeyRow,
    LogChunk,
    ParkedRow,
    Snapshot,
    Work,
)
from segue.store.rows import (
    definition_of,
    engine_of,
    execution_of,
    key_of,
    log_of,
    parked_of,
    recorded_of,
    snapshot_of,
    work_of,
)
from segue.store.sqlite import queries
from segue.store.sqlite.rows import Value, fetch, fetch_one

_NO_LIMIT = -1  # as SQLite has it


def get_definition(connection: apsw.Connection, hash_: str) -> Definition | None:
    """Return the definition with this hash."""
    rows = fetch(connection, queries.GET_DEFINITION, (hash_,))
    return definition_of(rows[0]) if rows else None


def get_execution(connection: apsw.Connection, execution: str) -> ExecutionRow | None:
    """Return the row of an execution."""
    rows = fetch(connection, queries.GET_EXECUTION, (execution,))
    return execution_of(rows[0]) if rows else None


def find_executions(connection: apsw.Connection, prefix: str, limit: int) -> Sequence[str]:
    """Return ids that begin with `prefix`, in order."""
    found = fetch(connection, queries.FIND_EXECUTIONS, {"prefix": prefix, "limit": limit})
    return [str(execution) for (execution,) in found]


def list_executions(
    connection: apsw.Connection,
    chosen: Chosen,
    limit: int | None,
    offset: int,
) -> Sequence[ExecutionRow]:
    """Return the executions that fit, the newest first."""
    query = queries.LIST_EXECUTIONS[chosen.filters]
    bindings = chosen.bindings()
    bindings["limit"] = _NO_LIMIT if limit is None else limit
    bindings["offset"] = offset
    return [execution_of(row) for row in fetch(connection, query, bindings)]


def count_executions(connection: apsw.Connection, chosen: Chosen) -> int:
    """Return how many executions fit."""
    query = queries.COUNT_EXECUTIONS[chosen.filters]
    (count,) = fetch_one(connection, query, chosen.bindings())
    return int(count)


def read_events(
    connection: apsw.Connection, execution: str, after: int, limit: int | None
) -> Sequence[Recorded]:
    """Return the events after `after`, in order."""
    bindings = (execution, after, _NO_LIMIT if limit is None else limit)
    rows = fetch(connection, queries.READ_EVENTS, bindings)
    return [recorded_of(execution, row) for row in rows]


def read_snapshot(connection: apsw.Connection, execution: str) -> Snapshot | None:
    """Return the latest snapshot of an execution."""
    rows = fetch(connection, queries.READ_SNAPSHOT, (execution,))
    return snapshot_of(rows[0]) if rows else None


def read_value(connection: apsw.Connection, sha256: str) -> bytes | None:
    """Return a value that events refer to."""
    rows = fetch(connection, queries.READ_VALUE, (sha256,))
    return bytes(rows[0][0]) if rows else None


def list_work(
    connection: apsw.Connection, execution: str | None, engine: str | None
) -> Sequence[Work]:
    """Return outstanding work in order of making."""
    query = queries.LIST_WORK[execution is not None, engine is not None]
    bindings = {
        name: value
        for name, value in (("execution", execution), ("engine", engine))
        if value is not None
    }
    return [work_of(row) for row in fetch(connection, query, bindings)]


def canceled_work(connection: apsw.Connection, engine: str) -> Sequence[Work]:
    """Return the work of an engine that somebody asked to end."""
    return [work_of(row) for row in fetch(connection, queries.CANCELED_WORK, (engine,))]


def list_engines(connection: apsw.Connection) -> Sequence[EngineRow]:
    """Return the engines that are known, in order of id."""
    return [engine_of(row) for row in fetch(connection, queries.LIST_ENGINES)]


def list_parked(connection: apsw.Connection, execution: str | None) -> Sequence[ParkedRow]:
    """Return what can't go on, in order of the execution's id."""
    return [parked_of(row) for row in fetch(connection, queries.LIST_PARKED, (execution,))]


def read_log(
    connection: apsw.Connection, execution: str, task: str | None, after: int, limit: int
) -> Sequence[tuple[int, LogChunk]]:
    """Return numbered pieces of log in order."""
    bindings = {"execution": execution, "task": task, "after": after, "limit": limit}
    return [log_of(row) for row in fetch(connection, queries.READ_LOG, bindings)]


def get_keys(connection: apsw.Connection, names: Collection[str]) -> Mapping[str, KeyRow]:
    """Return those of the named keys that there are."""
    listed = msgspec.json.encode(list(names)).decode()
    found = [key_of(row) for row in fetch(connection, queries.GET_KEYS, (listed,))]
    return {key.name: key for key in found}


def list_keys(connection: apsw.Connection, prefix: str, limit: int | None) -> Sequence[KeyRow]:
    """Return the keys whose names begin so, in order."""
    search: dict[str, Value] = {"prefix": prefix, "limit": _NO_LIMIT if limit is None else limit}
    return [key_of(row) for row in fetch(connection, queries.LIST_KEYS, search)]
