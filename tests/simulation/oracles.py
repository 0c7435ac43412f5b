"""What must be true of a world: in the middle of it, and at its end."""

import hashlib
import json
from collections.abc import Coroutine, Iterable
from typing import TypeVar, cast

from msgspec.structs import replace
from tests.simulation.world import CONFIG, EPOCH, World

from segue.core import events as e
from segue.core.commands import attempt_name
from segue.core.events import Recorded, decode, encode
from segue.core.reasoning import waits_of
from segue.core.reasons import Nothing
from segue.core.references import event_with_values
from segue.core.stimuli import Succeeded
from segue.language.model import Delivery
from segue.runtime.peers.hearing import Hearing
from segue.runtime.records.explaining import Explaining
from segue.runtime.workflows.programs import Programs
from segue.store.port import ExecutionRow
from segue.verification.invariants import Known
from segue.verification.kept import Kept, KeptChild, KeptSnapshot, KeptWork
from segue.verification.verifier import verify

T = TypeVar("T")


def look(world: World) -> list[str]:
    """Return which invariants do not hold now."""
    return [
        f"{one.execution}: {one.invariant} at {one.seq}: {one.message}"
        for row in world.store._executions.values()
        for one in verify(row.id, log_of(world, row.id), _kept(world, row), _known(world, row))
    ]


def unexplained(world: World) -> list[str]:
    """Return what is not over now and has no reason that `segue why` can name."""
    rows = world.store._executions.values()
    return [trouble for row in rows if not row.settled for trouble in _unexplained(world, row)]


def judge(world: World) -> list[str]:
    """Return what is wrong with a world that is over."""
    troubles = look(world)
    rows = world.store._executions
    for row in rows.values():
        if not row.settled:
            troubles.append(f"{row.id} is {row.status} and waits for nobody")
        log = _whole_log_of(world, row.id)
        troubles += _unfounded(world, row.id, log)
        troubles += _beyond_limits(world, row, log)
    troubles += [
        f"{id_} was acknowledged, and is lost"
        for id_ in world.user.started - set(rows) - world.records.gone
    ]
    troubles += _run_too_often(world)
    for execution, promise in world.records.promises:
        broken = promise(_whole_log_of(world, execution))
        if broken is not None:
            troubles.append(f"{execution}: {broken}")
    if world.store._work and not troubles:
        troubles.append(f"{len(world.store._work)} pieces of work are left")
    return troubles


def _unexplained(world: World, row: ExecutionRow) -> list[str]:
    hearing = Hearing.of(CONFIG, EPOCH + world.loop.time())
    explained = _at_once(Explaining(world.store, Programs(world.store), hearing).explain(row.id))
    waits = waits_of(explained.view, explained.known)
    if not waits:
        return [f"{row.id} is {row.status}, and nothing says what it waits for"]
    return [
        f"{row.id}: {one.task or 'it'} is {one.status}, and waits for nothing that is kept"
        for one in waits
        if isinstance(one.reason, Nothing)
    ]


def _at_once(what: Coroutine[None, None, T]) -> T:
    """Return what comes of something that waits for nothing: the memory is always there."""
    try:
        what.send(None)
    except StopIteration as ended:
        return cast("T", ended.value)
    raise AssertionError("it waits for something")


def log_of(world: World, execution: str) -> list[Recorded]:
    """Return the log of an execution, as it stands in the store."""
    log = world.store._events.get(execution) or world.records.archive.get(execution, ())
    return [
        Recorded(seq=seq, at=at, event=decode(data)) for seq, (at, data) in enumerate(log, start=1)
    ]


def _whole_log_of(world: World, execution: str) -> list[Recorded]:
    """Return the log with what the references in it stand for."""
    values = {**world.records.values, **world.store._values}
    known = {sha256: json.loads(data) for sha256, data in values.items()}
    return [
        replace(one, event=event_with_values(one.event, known)) if one.event.refers else one
        for one in log_of(world, execution)
    ]


def digest(world: World) -> str:
    """Return what tells one course of a world from another."""
    found = hashlib.sha256()
    for execution, log in sorted(world.store._events.items()):
        found.update(execution.encode())
        for at, data in log:
            found.update(f"{at!r}".encode() + data)
    return found.hexdigest()[:16]


def story(world: World) -> tuple[str, ...]:
    """Return the logs of all executions, and the definitions of what was run."""
    lines = []
    for execution, row in world.store._executions.items():
        source = world.library.by_hash[row.definition].definition.source
        lines += ["", f"{execution}: {row.status}, {source}"]
        for one in log_of(world, execution):
            data = json.loads(encode(one.event))
            said = {key: value for key, value in data.items() if value and key != "state"}
            lines.append(f"{one.seq:5} {one.at - EPOCH:9.3f} {said.pop('type')} {said}"[:300])
    return tuple(lines)


def _kept(world: World, row: ExecutionRow) -> Kept:
    return Kept(
        seq=row.seq,
        status=row.status,
        settled=row.settled,
        definition=row.definition,
        parent=None if row.parent is None else f"{row.parent}/{row.attempt}",
        work=tuple(
            KeptWork(name=work.name, kind=work.kind.value, due=work.due, cancel=work.cancel)
            for work in world.store._work.values()
            if work.execution == row.id
        ),
        children=tuple(
            KeptChild(
                id=one.id,
                attempt=one.attempt or "",
                # What is parked is ended by whoever has it next.
                ends=one.settled or one.id in world.store._parked,
                rerun=_was_rerun(log_of(world, one.id)),
            )
            for one in world.store._executions.values()
            if one.parent == row.id
        ),
        lost={
            sha256: "is not kept"
            for one in log_of(world, row.id)
            for sha256 in one.event.refers
            if sha256 not in world.store._values
        },
    )


def _known(world: World, row: ExecutionRow) -> Known:
    snapshot = world.store._snapshots.get(row.id)
    prepared = world.library.by_hash[row.definition]
    joins = prepared.program.graph(_start_of(world, row.id)).joins
    return Known(
        snapshot=None if snapshot is None else KeptSnapshot(seq=snapshot.seq, data=snapshot.data),
        needed={name: join.needed for name, join in joins.items()},
    )


def _start_of(world: World, execution: str) -> tuple[str, ...]:
    first = decode(world.store._events[execution][0][1])
    return first.start if isinstance(first, e.ExecutionStarted) else ()


def _unfounded(world: World, execution: str, log: list[Recorded]) -> list[str]:
    """Return outcomes in the log that no action has told."""
    troubles = []
    for one in log:
        event = one.event
        item = event.item if isinstance(event, e.ItemSucceeded) else None
        if not isinstance(event, e.AttemptSucceeded | e.ItemSucceeded):
            continue
        name = (execution, attempt_name(event.task, event.visit, event.attempt, item))
        told = world.records.outcomes.get(name, [])
        if isinstance(event.result, dict) or name not in world.records.handed:
            continue  # an answer, or what a sub-workflow gave
        named = (execution, event.task, event.visit, item)
        if not world.records.effects.get(world.records.names[named]):
            troubles.append(f"{execution}/{name[1]} has succeeded without an effect")
        if not any(isinstance(o, Succeeded) and o.result == event.result for o in told):
            troubles.append(f"{execution}/{name[1]} has a result that no action told")
    return troubles


def _run_too_often(world: World) -> list[str]:
    """Return attempts that were run more than once, and may be once at most."""
    troubles = []
    for (execution, task, _, attempt), runs in world.records.runs.items():
        row = world.store._executions.get(execution)
        if runs > 1 and row is not None:
            workflow = world.library.by_hash[row.definition].workflow
            if workflow.tasks[task].delivery is Delivery.AT_MOST_ONCE:
                troubles.append(f"{execution}/{task}: attempt {attempt} was run {runs} times")
    return troubles


def _was_rerun(log: Iterable[Recorded]) -> bool:
    return any(isinstance(one.event, e.ExecutionRerun) for one in log)


def _beyond_limits(world: World, row: ExecutionRow, log: list[Recorded]) -> list[str]:
    """Return attempts and visits beyond what the definition allows, and retries that hurry.

    Of what was run again the limits are others.
    """
    if _was_rerun(log):
        return []
    source = json.loads(world.library.by_hash[row.definition].definition.source)
    most = source.get("limits", {}).get("visits", CONFIG.max_task_iterations_per_workflow)
    troubles = []
    for one in log:
        event = one.event
        if isinstance(event, e.TaskScheduled) and event.visit > most and not event.exempt:
            troubles.append(f"{row.id}: visit {event.visit} of {event.task}, and {most} may be")
        if isinstance(event, e.RetryScheduled):
            retry = source["tasks"][event.task]["retry"]
            if event.attempt > retry["count"] + 1:
                troubles.append(f"{row.id}: attempt {event.attempt} of {event.task} is too many")
            waits = 0.0 if event.due is None else event.due - one.at
            if waits < retry.get("delay", 0) * (0.5 if retry.get("jitter") else 1) - 0.001:
                troubles.append(f"{row.id}: attempt {event.attempt} of {event.task} hurries")
    return troubles
