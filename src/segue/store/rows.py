"""Rows of a database as the values of the port. Databases of SQL give the same columns."""

from typing import Any

import msgspec

from segue.core.events import Recorded, decode
from segue.core.status import Status
from segue.store.port import (
    Definition,
    EngineRow,
    ExecutionRow,
    KeyRow,
    LogChunk,
    ParkedRow,
    ProcessMark,
    Snapshot,
    UnreadableError,
    Work,
    WorkKind,
)

#: The columns in the order of the query, of the types that the tables hold.
Row = tuple[Any, ...]


def definition_of(row: Row) -> Definition:
    """Return a definition from a row of it."""
    hash_, name, source, file = row
    return Definition(hash=hash_, name=name, source=source, file=file)


def execution_of(row: Row) -> ExecutionRow:
    """Return the row of an execution. Raises `StoreError` for a status that nobody wrote."""
    execution, workflow, definition, status, settled, seq, created_at, updated_at = row[:8]
    parent, attempt, depth, folder = row[8:]
    return ExecutionRow(
        id=execution,
        workflow=workflow,
        definition=definition,
        status=_status_of(status, execution),
        settled=bool(settled),
        seq=seq,
        created_at=created_at,
        updated_at=updated_at,
        parent=parent,
        attempt=attempt,
        depth=depth,
        folder=folder,
    )


def recorded_of(execution: str, row: Row) -> Recorded:
    """Return an event. Raises `StoreError` for one that can't be read."""
    seq, at, kind, data = row
    try:
        event = decode(data)
    except msgspec.MsgspecError as error:
        raise UnreadableError(
            f"Event {seq} of execution {execution} ({kind}) can't be read ({error}). It is "
            "damaged, or was written by a newer release."
        ) from error
    return Recorded(seq=seq, at=at, event=event)


def snapshot_of(row: Row) -> Snapshot:
    """Return a snapshot from a row of it."""
    seq, data = row
    return Snapshot(seq=seq, data=data)


def work_of(row: Row) -> Work:
    """Return outstanding work. Raises `StoreError` for a kind that nobody wrote."""
    execution, name, kind, data, due, engine, claim, cancel, group, started_at = row
    try:
        kind = WorkKind(kind)
    except ValueError as error:
        raise UnreadableError(
            f"Work {name} of execution {execution} is of an unknown kind, {kind!r}."
        ) from error
    return Work(
        execution=execution,
        name=name,
        kind=kind,
        data=data,
        due=due,
        engine=engine,
        claim=claim,
        cancel=bool(cancel),
        process=None if group is None else ProcessMark(group=group, started_at=started_at),
    )


def engine_of(row: Row) -> EngineRow:
    """Return an engine from a row of it."""
    engine, host, boot, pid, pid_started_at, heartbeat_at = row
    return EngineRow(
        id=engine,
        host=host,
        boot=boot,
        pid=pid,
        pid_started_at=pid_started_at,
        heartbeat_at=heartbeat_at,
    )


def parked_of(row: Row) -> ParkedRow:
    """Return what keeps an execution from going on, from a row of it."""
    execution, engine, at, problem = row
    return ParkedRow(execution=execution, engine=engine, at=at, problem=problem)


def log_of(row: Row) -> tuple[int, LogChunk]:
    """Return a piece of log with its number."""
    number, execution, task, visit, attempt, stream, at, text = row
    return number, LogChunk(
        execution=execution,
        task=task,
        visit=visit,
        attempt=attempt,
        stream=stream,
        at=at,
        text=text,
    )


def key_of(row: Row) -> KeyRow:
    """Return a key with its value. Raises `StoreError` for a value that can't be read."""
    name, data, updated_at = row
    try:
        value = msgspec.json.decode(data)
    except msgspec.MsgspecError as error:
        raise UnreadableError(f"The value of the key {name!r} can't be read ({error}).") from error
    return KeyRow(name=name, value=value, updated_at=updated_at)


def _status_of(status: str, execution: str) -> Status:
    try:
        return Status(status)
    except ValueError as error:
        raise UnreadableError(
            f"Execution {execution} has an unknown status, {status!r}."
        ) from error
