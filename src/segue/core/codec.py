"""The state as bytes, for snapshots: JSON of the same fields, maps as lists of pairs.

A snapshot is only ever a shortcut: a state that can't be read back (one of another release) is
folded from the log instead, so there is a version and no migration.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from rpds import HashTrieMap

from segue.core.context import Context, Register
from segue.core.errors import InternalError
from segue.core.events import Failure
from segue.core.state import Arrival, Branch, Ended, Record, Round, State, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import TaskRecord
from segue.values import JsonValue

VERSION = 1


class _Register(msgspec.Struct, array_like=True):
    value: JsonValue
    write: int
    overwritten: list[int]
    parts: dict[str, _Register] | None
    also: list[int]


class _Branch(msgspec.Struct, array_like=True):
    context: dict[str, _Register]
    keys: dict[str, int]
    records: dict[str, tuple[int, str, JsonValue]]


class _Task(msgspec.Struct, array_like=True):
    task: str
    visit: int
    status: Status
    order: int
    branch: _Branch
    attempt: int
    open: bool
    handed_off_at: int
    result: JsonValue
    round: int | None
    exempt: bool


class _Arrival(msgspec.Struct, array_like=True):
    task: str
    branch: _Branch
    source: tuple[str, int] | None
    direct: bool
    round: int | None
    exempt: bool


class _State(msgspec.Struct):
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
    tasks: list[_Task]
    visits: dict[str, int]
    ready: tuple[int, ...]
    arrivals: list[_Arrival]
    leaving: _Task | None
    rounds: list[tuple[str, int, tuple[str, ...], _Branch]]
    fired: list[tuple[str, int, int]]
    last_fired: dict[str, int]
    end: _Branch
    ends: list[tuple[int, _Branch]]
    unhandled: Failure | None


_decoder: msgspec.json.Decoder[_State] = msgspec.json.Decoder(_State)


def encode_state(state: State) -> bytes:
    """Return the state as bytes."""
    return msgspec.json.encode(
        _State(
            version=VERSION,
            seq=state.seq,
            status=state.status,
            settled=state.settled,
            workflow=state.workflow,
            definition=state.definition,
            start=state.start,
            deadline=state.deadline,
            visit_limit=state.visit_limit,
            deep=state.deep,
            by_start=state.by_start,
            tasks=[_task(execution) for execution in state.living()],
            visits=dict(sorted(state.visits.items())),
            ready=state.ready,
            arrivals=[_arrival(arrival) for arrival in state.arrivals],
            leaving=_task(state.leaving) if state.leaving else None,
            rounds=[
                (join, key, waiting.sources, _branch(waiting.branch))
                for (join, key), waiting in sorted(state.rounds.items(), key=lambda item: item[0])
            ],
            fired=sorted((join, key, visit) for (join, key), visit in state.fired.items()),
            last_fired=dict(sorted(state.last_fired.items())),
            end=_branch(state.end),
            ends=[(ended.order, _branch(ended.branch)) for ended in state.ends],
            unhandled=state.unhandled,
        )
    )


def decode_state(data: bytes) -> State:
    """Return the state that `encode_state` gave these bytes for.

    Raises `InternalError` for anything else: bytes of another version among them.
    """
    try:
        kept = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise InternalError(f"the snapshot can't be read: {error}") from error
    if kept.version != VERSION:
        raise InternalError(f"the snapshot is of version {kept.version}, not {VERSION}")
    tasks = [_read_task(execution) for execution in kept.tasks]
    return State(
        seq=kept.seq,
        status=kept.status,
        settled=kept.settled,
        workflow=kept.workflow,
        definition=kept.definition,
        start=kept.start,
        deadline=kept.deadline,
        visit_limit=kept.visit_limit,
        deep=kept.deep,
        by_start=kept.by_start,
        tasks=HashTrieMap({task.order: task for task in tasks}),
        index=HashTrieMap({(task.task, task.visit): task.order for task in tasks}),
        visits=HashTrieMap(kept.visits),
        ready=kept.ready,
        arrivals=tuple(_read_arrival(arrival) for arrival in kept.arrivals),
        leaving=_read_task(kept.leaving) if kept.leaving else None,
        rounds=HashTrieMap(
            {
                (join, key): Round(sources, _read_branch(branch))
                for join, key, sources, branch in kept.rounds
            }
        ),
        fired=HashTrieMap({(join, key): visit for join, key, visit in kept.fired}),
        last_fired=HashTrieMap(kept.last_fired),
        end=_read_branch(kept.end),
        ends=tuple(Ended(order, _read_branch(branch)) for order, branch in kept.ends),
        unhandled=kept.unhandled,
    )


def _context(context: Context) -> dict[str, _Register]:
    return {
        name: _Register(
            value=register.value,
            write=register.write,
            overwritten=sorted(register.overwritten),
            parts=None if register.parts is None else _context(register.parts),
            also=sorted(register.also),
        )
        for name, register in sorted(context.items())
    }


def _read_context(context: Mapping[str, _Register]) -> Context:
    return HashTrieMap(
        {
            name: Register(
                register.value,
                register.write,
                frozenset(register.overwritten),
                None if register.parts is None else _read_context(register.parts),
                frozenset(register.also),
            )
            for name, register in context.items()
        }
    )


def _branch(branch: Branch) -> _Branch:
    return _Branch(
        context=_context(branch.context),
        keys=dict(sorted(branch.keys.items())),
        records={
            task: (kept.order, kept.record.status, kept.record.result)
            for task, kept in sorted(branch.records.items())
        },
    )


def _read_branch(branch: _Branch) -> Branch:
    return Branch(
        _read_context(branch.context),
        HashTrieMap(branch.keys),
        HashTrieMap(
            {
                task: Record(order, TaskRecord(status=status, result=result))
                for task, (order, status, result) in branch.records.items()
            }
        ),
    )


def _task(task: TaskExecution) -> _Task:
    return _Task(
        task=task.task,
        visit=task.visit,
        status=task.status,
        order=task.order,
        branch=_branch(task.branch),
        attempt=task.attempt,
        open=task.open,
        handed_off_at=task.handed_off_at,
        result=task.result,
        round=task.round,
        exempt=task.exempt,
    )


def _read_task(task: _Task) -> TaskExecution:
    return TaskExecution(
        task=task.task,
        visit=task.visit,
        status=task.status,
        order=task.order,
        branch=_read_branch(task.branch),
        attempt=task.attempt,
        open=task.open,
        handed_off_at=task.handed_off_at,
        result=task.result,
        round=task.round,
        exempt=task.exempt,
    )


def _arrival(arrival: Arrival) -> _Arrival:
    return _Arrival(
        task=arrival.task,
        branch=_branch(arrival.branch),
        source=arrival.source,
        direct=arrival.direct,
        round=arrival.round,
        exempt=arrival.exempt,
    )


def _read_arrival(arrival: _Arrival) -> Arrival:
    return Arrival(
        task=arrival.task,
        branch=_read_branch(arrival.branch),
        source=arrival.source,
        direct=arrival.direct,
        round=arrival.round,
        exempt=arrival.exempt,
    )
