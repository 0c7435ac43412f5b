"""The state as bytes, for snapshots, and as a part of the events of reruns.

A snapshot is only ever a shortcut: a state that can't be read back (one of another release) is
folded from the log instead, so there is a version and no migration.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from segue.core.context import Context, Register
from segue.core.errors import InternalError
from segue.core.items import EndedItem, Items
from segue.core.references import hashes_in, restored
from segue.core.saved import (
    SavedArrival,
    SavedBranch,
    SavedItems,
    SavedRegister,
    SavedState,
    SavedTask,
)
from segue.core.state import Arrival, Branch, Ended, Record, Round, State, TaskExecution
from segue.expressions.scope import TaskRecord
from segue.language.model import OnItemFailure

VERSION = 2

_decoder: msgspec.json.Decoder[SavedState] = msgspec.json.Decoder(SavedState)


def encode_state(state: State) -> bytes:
    """Return the state as bytes."""
    return msgspec.json.encode(save_state(state))


def decode_state(data: bytes) -> State:
    """Return the state that `encode_state` gave these bytes for.

    Raises `InternalError` for anything else: bytes of another version among them.
    """
    try:
        saved = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise InternalError(f"the snapshot can't be read: {error}") from error
    if saved.version != VERSION:
        raise InternalError(f"the snapshot is of version {saved.version}, not {VERSION}")
    return read_state(restored(saved, saved.refers or ()))


def save_state(state: State) -> SavedState:
    """Return the state as it is written down."""
    saved = SavedState(
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
        tasks=tuple(_task(execution) for execution in state.living()),
        visits=dict(sorted(state.visits.items())),
        ready=state.ready,
        arrivals=tuple(_arrival(arrival) for arrival in state.arrivals),
        leaving=_task(state.leaving) if state.leaving else None,
        rounds=tuple(
            (join, key, waiting.sources, _branch(waiting.branch))
            for (join, key), waiting in sorted(state.rounds.items(), key=lambda item: item[0])
        ),
        fired=tuple(sorted((join, key, visit) for (join, key), visit in state.fired.items())),
        last_fired=dict(sorted(state.last_fired.items())),
        end=_branch(state.end),
        ends=tuple((ended.order, _branch(ended.branch)) for ended in state.ends),
        unhandled=state.unhandled,
        stepwise=state.stepwise,
        seen={
            task: tuple(
                (route, order, record.status, record.result) for route, order, record in entries
            )
            for task, entries in sorted(state.seen.items())
        },
        dormant=tuple(sorted(name for name, waiting in state.rounds.items() if waiting.dormant)),
        counted=tuple(
            (join, key, sources) for (join, key), sources in sorted(state.counted.items())
        ),
        superseded=dict(sorted(state.superseded.items())),
    )
    return replace(saved, refers=hashes_in(saved)) if state.refers else saved


def read_state(saved: SavedState) -> State:
    """Return the state that was written down so."""
    tasks = [_read_task(execution) for execution in saved.tasks]
    return State(
        seq=saved.seq,
        status=saved.status,
        settled=saved.settled,
        workflow=saved.workflow,
        definition=saved.definition,
        start=saved.start,
        deadline=saved.deadline,
        visit_limit=saved.visit_limit,
        deep=saved.deep,
        by_start=saved.by_start,
        tasks=HashTrieMap({task.order: task for task in tasks}),
        index=HashTrieMap({(task.task, task.visit): task.order for task in tasks}),
        visits=HashTrieMap(saved.visits),
        ready=saved.ready,
        arrivals=tuple(_read_arrival(arrival) for arrival in saved.arrivals),
        leaving=_read_task(saved.leaving) if saved.leaving else None,
        rounds=HashTrieMap(
            {
                (join, key): Round(sources, _read_branch(branch), (join, key) in saved.dormant)
                for join, key, sources, branch in saved.rounds
            }
        ),
        fired=HashTrieMap({(join, key): visit for join, key, visit in saved.fired}),
        last_fired=HashTrieMap(saved.last_fired),
        end=_read_branch(saved.end),
        ends=tuple(Ended(order, _read_branch(branch)) for order, branch in saved.ends),
        unhandled=saved.unhandled,
        stepwise=saved.stepwise,
        seen=HashTrieMap(
            {
                task: tuple(
                    (route, order, TaskRecord(status=status, result=result))
                    for route, order, status, result in entries
                )
                for task, entries in saved.seen.items()
            }
        ),
        counted=HashTrieMap({(join, key): sources for join, key, sources in saved.counted}),
        superseded=HashTrieMap(saved.superseded),
        refers=saved.refers is not None,
    )


def _context(context: Context) -> dict[str, SavedRegister]:
    return {
        name: SavedRegister(
            value=register.value,
            write=register.write,
            overwritten=tuple(sorted(register.overwritten)),
            parts=None if register.parts is None else _context(register.parts),
            also=tuple(sorted(register.also)),
        )
        for name, register in sorted(context.items())
    }


def _read_context(context: Mapping[str, SavedRegister]) -> Context:
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


def _branch(branch: Branch) -> SavedBranch:
    return SavedBranch(
        context=_context(branch.context),
        keys=dict(sorted(branch.keys.items())),
        records={
            task: (kept.order, kept.record.status, kept.record.result)
            for task, kept in sorted(branch.records.items())
        },
        route=branch.route,
    )


def _read_branch(branch: SavedBranch) -> Branch:
    return Branch(
        _read_context(branch.context),
        HashTrieMap(branch.keys),
        HashTrieMap(
            {
                task: Record(order, TaskRecord(status=status, result=result))
                for task, (order, status, result) in branch.records.items()
            }
        ),
        branch.route,
    )


def _items(items: Items | None) -> SavedItems | None:
    if items is None:
        return None
    return SavedItems(
        values=items.values,
        concurrency=items.concurrency,
        on_failure=items.on_failure,
        max_failures=items.max_failures,
        next=items.next,
        open=tuple(sorted(items.open.items(), key=lambda pair: pair[0])),
        ended=tuple(
            (item, ended.status, ended.result)
            for item, ended in sorted(items.ended.items(), key=lambda pair: pair[0])
        ),
        active=items.active,
        failed=items.failed,
        timed_out=items.timed_out,
        canceled=items.canceled,
        failure=items.failure,
        last=items.last,
    )


def _read_items(saved: SavedItems | None) -> Items | None:
    if saved is None:
        return None
    return Items(
        values=saved.values,
        concurrency=saved.concurrency,
        on_failure=OnItemFailure(saved.on_failure),
        max_failures=saved.max_failures,
        next=saved.next,
        open=HashTrieMap(dict(saved.open)),
        ended=HashTrieMap(
            {item: EndedItem(status, result) for item, status, result in saved.ended}
        ),
        active=saved.active,
        failed=saved.failed,
        timed_out=saved.timed_out,
        canceled=saved.canceled,
        failure=saved.failure,
        last=saved.last,
    )


def _task(task: TaskExecution) -> SavedTask:
    return SavedTask(
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
        items=_items(task.items),
        delay=task.delay,
        watched=task.watched,
        place=task.place,
    )


def _read_task(task: SavedTask) -> TaskExecution:
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
        items=_read_items(task.items),
        delay=task.delay,
        watched=task.watched,
        place=task.place,
    )


def _arrival(arrival: Arrival) -> SavedArrival:
    return SavedArrival(
        task=arrival.task,
        branch=_branch(arrival.branch),
        source=arrival.source,
        direct=arrival.direct,
        round=arrival.round,
        exempt=arrival.exempt,
        visit=arrival.visit,
        attempt=arrival.attempt,
        items=_items(arrival.items),
        again=arrival.again,
        place=arrival.place,
    )


def _read_arrival(arrival: SavedArrival) -> Arrival:
    return Arrival(
        task=arrival.task,
        branch=_read_branch(arrival.branch),
        source=arrival.source,
        direct=arrival.direct,
        round=arrival.round,
        exempt=arrival.exempt,
        visit=arrival.visit,
        attempt=arrival.attempt,
        items=_read_items(arrival.items),
        again=arrival.again,
        place=arrival.place,
    )
