"""What a sub-workflow gives the task that it ran for, once it has ended."""

from collections.abc import Sequence

from segue.actions.payload import MAX_RESULT, NotJsonError, TooLargeError, to_payload
from segue.core.events import ExecutionSettled
from segue.core.status import Status
from segue.core.stimuli import Failed, Succeeded
from segue.core.view import ErrorView
from segue.core.viewing import ViewBuilder
from segue.runtime.desk.paging import events_after, events_kept
from segue.store.port import ExecutionRow, Store
from segue.values import JsonValue

_HAS_ENDED = {
    Status.FAILED: "failed",
    Status.CANCELED: "was canceled",
    Status.TIMEOUT: "took too long",
}


async def ending_of(store: Store, row: ExecutionRow, action: str) -> Succeeded | Failed:
    """Return the outcome of an attempt for which this execution ran, and is settled now.

    The result is the same mapping however it ended: `id`, `status`, `output` and `errors`, which
    are those that nothing handled. Raises `RequestError` if it was removed, `StoreError`.
    """
    if row.status is Status.SUCCEEDED:
        errors: Sequence[ErrorView] = ()
    else:
        errors = await _errors_of(store, row.id)
    listed: list[JsonValue] = [
        {"code": error.code, "message": error.message, "task": error.task}
        for error in errors
        if not error.handled
    ]
    result: JsonValue = {
        "id": row.id,
        "status": row.status.value,
        "output": await _output_of(store, row),
        "errors": listed,
    }
    try:
        to_payload(result)
    except (NotJsonError, TooLargeError) as error:  # too deep, with what is around it
        most = f"{MAX_RESULT // 2**20} MiB"
        message = f"the output of {row.id} is too large or too deep ({error}; at most {most})"
        return Failed(code="result_too_large", message=message)
    if row.status is Status.SUCCEEDED:
        return Succeeded(result=result)
    return Failed(code="workflow_failed", message=_message(row, action, errors), result=result)


async def _output_of(store: Store, row: ExecutionRow) -> JsonValue:
    [last] = await events_kept(store, row.id, row.seq - 1, 1)
    assert isinstance(last.event, ExecutionSettled), "nothing follows that event"
    return last.event.output


async def _errors_of(store: Store, execution: str) -> Sequence[ErrorView]:
    builder = ViewBuilder(execution)
    async for recorded in events_after(store, execution):
        builder.add(recorded)
    return builder.view().errors


def _message(row: ExecutionRow, action: str, errors: Sequence[ErrorView]) -> str:
    message = f"{action} ({row.id}) {_HAS_ENDED.get(row.status, row.status)}"
    first = next((error for error in errors if not error.handled), None)
    if first is None:
        return message
    where = f" in `{first.task}`" if first.task else ""
    return f"{message}{where}: {first.message}"
