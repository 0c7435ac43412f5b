"""Changes as the engine makes them, with what a test doesn't speak of filled in."""

from collections.abc import Sequence

from segue.core.events import AttemptSucceeded, Recorded
from segue.core.status import Status
from segue.store.port import (
    Change,
    EngineRow,
    ExecutionRow,
    LogChunk,
    NewWork,
    Snapshot,
    WorkKind,
)
from segue.values import JsonValue


def event(seq: int, result: JsonValue = None) -> Recorded:
    return Recorded(
        seq=seq,
        at=1000.5 + seq,
        event=AttemptSucceeded(task="poll", visit=seq, attempt=1, result=result),
    )


def row(
    execution: str = "x",
    *,
    seq: int = 1,
    status: Status = Status.RUNNING,
    settled: bool = False,
    workflow: str = "watch",
    created_at: float = 1000.25,
) -> ExecutionRow:
    return ExecutionRow(
        id=execution,
        workflow=workflow,
        definition="hash",
        status=status,
        settled=settled,
        seq=seq,
        created_at=created_at,
        updated_at=created_at + seq,
    )


def change(
    execution: str = "x",
    *,
    after: int = 0,
    events: int = 1,
    result: JsonValue = None,
    new_work: Sequence[NewWork | str] = (),
    ended: Sequence[str] = (),
    canceled: Sequence[str] = (),
    fences: Sequence[tuple[str, int]] = (),
    by: str | None = "e1",
    snapshot: Snapshot | None = None,
    status: Status = Status.RUNNING,
    settled: bool = False,
    workflow: str = "watch",
    created_at: float = 1000.25,
) -> Change:
    """A change decided from `after` events that adds `events` more."""
    return Change(
        row=row(
            execution,
            seq=after + events,
            status=status,
            settled=settled,
            workflow=workflow,
            created_at=created_at,
        ),
        expected=after,
        events=[event(after + number, result) for number in range(1, events + 1)],
        new_work=[attempt(one) if isinstance(one, str) else one for one in new_work],
        ended=ended,
        canceled=canceled,
        fences=fences,
        claimed_by=by,
        snapshot=snapshot,
    )


def attempt(name: str, data: bytes = b'{"run":"it"}') -> NewWork:
    return NewWork(name=name, kind=WorkKind.ATTEMPT, data=data)


def timer(name: str, due: float) -> NewWork:
    return NewWork(name=name, kind=WorkKind.TIMER, data=b"{}", due=due)


def engine(name: str = "e1", heartbeat_at: float = 100.0) -> EngineRow:
    return EngineRow(
        id=name,
        host="host",
        boot="boot",
        pid=4711,
        pid_started_at=99.125,
        heartbeat_at=heartbeat_at,
    )


def chunk(
    text: str, *, execution: str = "x", task: str = "poll", visit: int = 1, stream: str = "stdout"
) -> LogChunk:
    return LogChunk(
        execution=execution,
        task=task,
        visit=visit,
        attempt=1,
        stream=stream,
        at=1000.75,
        text=text,
    )
