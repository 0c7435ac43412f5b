"""The JSON documents that programs read. Their shape is versioned and stands in the docs.

A field may be added within a version; none is renamed or removed.
"""

from collections.abc import Sequence

import msgspec

from segue.cli.reports.kin import caller_of
from segue.cli.terminal.times import iso_text
from segue.core.events import Recorded, encode
from segue.core.view import ErrorView, ExecutionView, ItemsView, JoinView, RequestView, TaskView
from segue.store.port import ExecutionRow, KeyRow, LogChunk
from segue.values import JsonObject, JsonValue

SCHEMA_VERSION = 1


def execution_document(view: ExecutionView, children: Sequence[ExecutionRow] = ()) -> JsonObject:
    """Return what `run --json` and `show --json` print. `children` are its sub-workflows."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": view.id,
        "workflow": view.workflow,
        "definition": view.definition,
        "status": view.status.value,
        "settled": view.settled,
        "started_at": iso_text(view.started_at),
        "finished_at": _iso_or_none(view.finished_at),
        "inputs": view.inputs,
        "output": view.output,
        "errors": [_error(error) for error in view.errors],
        "request": _request(view.request),
        "tasks": [_task(task) for task in view.tasks],
        "joins": [_join(join) for join in view.joins],
        "seq": view.seq,
        "reruns": view.reruns,
        "parent": view.parent,
        "children": [_child(row) for row in children],
    }


def row_document(row: ExecutionRow) -> JsonObject:
    """Return one execution as `list --json` prints it."""
    return {
        "id": row.id,
        "workflow": row.workflow,
        "definition": row.definition,
        "status": row.status.value,
        "settled": row.settled,
        "events": row.seq,
        "created_at": iso_text(row.created_at),
        "updated_at": iso_text(row.updated_at),
        "parent": None if row.parent is None else f"{row.parent}/{row.attempt}",
    }


def event_document(recorded: Recorded) -> JsonObject:
    """Return one event as `events --json` prints it: what names a task execution stands outside."""
    data = msgspec.json.decode(encode(recorded.event), type=dict[str, JsonValue])
    document: dict[str, JsonValue] = {
        "seq": recorded.seq,
        "type": data.pop("type"),
        "at": iso_text(recorded.at),
    }
    for key in ("task", "visit"):
        if key in data:
            document[key] = data.pop(key)
    document["data"] = data
    return document


def log_document(chunk: LogChunk) -> JsonObject:
    """Return one piece of output as `logs --json` prints it."""
    return {
        "task": chunk.task,
        "visit": chunk.visit,
        "attempt": chunk.attempt,
        "stream": chunk.stream,
        "at": iso_text(chunk.at),
        "text": chunk.text,
    }


def key_document(key: KeyRow) -> dict[str, JsonValue]:
    """Return a key as `key get --json` and `key list --json` print it."""
    return {"name": key.name, "value": key.value, "updated_at": iso_text(key.updated_at)}


def _child(row: ExecutionRow) -> JsonObject:
    called = caller_of(row)
    return {
        "id": row.id,
        "workflow": row.workflow,
        "status": row.status.value,
        "settled": row.settled,
        "task": called.task,
        "visit": called.visit,
        "attempt": called.attempt,
        "item": called.item,
    }


def _request(request: RequestView | None) -> JsonObject | None:
    return None if request is None else {"at": iso_text(request.at), "reason": request.reason}


def _error(error: ErrorView) -> JsonObject:
    return {
        "code": error.code,
        "message": error.message,
        "task": error.task,
        "visit": error.visit,
        "handled": error.handled,
    }


def _task(task: TaskView) -> JsonObject:
    return {
        "task": task.task,
        "visit": task.visit,
        "status": task.status.value,
        "attempts": task.attempts,
        "result": task.result,
        "scheduled_at": iso_text(task.scheduled_at),
        "started_at": _iso_or_none(task.started_at),
        "finished_at": _iso_or_none(task.finished_at),
        "due": _iso_or_none(task.due),
        "waiting_for": task.waiting_for,
        "note": task.note,
        "items": None if task.items is None else _items(task.items),
        "again": task.again,
        "superseded": task.superseded,
    }


def _items(items: ItemsView) -> JsonObject:
    return {
        "total": items.total,
        "succeeded": items.succeeded,
        "failed": items.failed,
        "canceled": items.canceled,
        "running": items.running,
        "pending": items.pending,
        "failures": [{"item": item, "message": message} for item, message in items.failures],
    }


def _join(join: JoinView) -> JsonObject:
    return {
        "join": join.join,
        "round": join.key,
        "arrived": list(join.arrived),
        "missing": list(join.missing),
        "needed": join.needed,
    }


def _iso_or_none(instant: float | None) -> str | None:
    return None if instant is None else iso_text(instant)
