"""From what is known of an execution to why it is not finished (`segue.core.reasons`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from segue.core import reasons as r
from segue.core.commands import attempt_name
from segue.core.items import DORMANT
from segue.core.reasons import Lease, Parked, Reason, SubWorkflow, Wait, Why
from segue.core.status import Status
from segue.core.view import ExecutionView, ItemsView, JoinView, TaskView
from segue.language.model import Workflow

#: So many questions and sub-workflows of the items of a task are named.
MOST_NAMED = 3

_REPORTED = frozenset({Status.PENDING, Status.PAUSING, Status.PAUSED, Status.RESUMING})
_HELD_BACK = frozenset({Status.PAUSING, Status.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """A piece of outstanding work, and which living engine has it. `asks`: it is a question."""

    name: str
    holder: Lease | None
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an execution beside its view.

    `tries`: how many attempts a task may have. `outstanding`: its work, by the task execution that
    it is for; None: nobody has looked, and nothing is said of engines. `children`: what runs for
    its attempts, by their names. `parked`: what keeps it from going on. `exact`: the work is all
    that there was at the very moment of the view.
    """

    tries: Mapping[str, int] = field(default_factory=dict)
    outstanding: Mapping[tuple[str, int], Sequence[Outstanding]] | None = None
    children: Mapping[str, SubWorkflow] = field(default_factory=dict)
    parked: Parked | None = None
    exact: bool = False


NOTHING_KNOWN = Known()


def tries_of(workflow: Workflow) -> Mapping[str, int]:
    """Return how many attempts the tasks of a workflow may have, where the file has a number."""
    return {
        name: task.retry.count.value + 1
        for name, task in workflow.tasks.items()
        if task.retry is not None
        and isinstance(task.retry.count.value, int)
        and not isinstance(task.retry.count.value, bool)
    }


def why_of(view: ExecutionView, known: Known = NOTHING_KNOWN) -> Why:
    """Return why an execution is not finished, or how it ended."""
    unhandled = [error for error in view.errors if not error.handled]
    failed = view.status in {Status.FAILED, Status.TIMEOUT} and unhandled
    leases = {
        one.holder.engine: one.holder
        for works in (known.outstanding or {}).values()
        for one in works
        if one.holder is not None
    }
    return Why(
        execution=view.id,
        workflow=view.workflow,
        status=view.status,
        settled=view.settled,
        started_at=view.started_at,
        finished_at=view.finished_at,
        failure=unhandled[0].message if failed else None,
        waits=waits_of(view, known),
        leases=tuple(leases.values()),
    )


def waits_of(view: ExecutionView, known: Known = NOTHING_KNOWN) -> tuple[Wait, ...]:
    """Return what of an execution is not finished, and why; nothing, if it is settled.

    First the execution itself, where there is something to say of it as a whole; then its tasks,
    in the order in which they were scheduled; then the joins that have not fired, unless the
    execution is ending: then none of them will.
    """
    if view.settled:
        return ()
    tasks = [_task_wait(view, task, known) for task in view.tasks if is_unfinished(task)]
    ends = view.status is Status.CANCELING or view.status.is_final
    joins = [] if ends else [_join_wait(join) for join in view.joins]
    whole = [reason for reason in (known.parked, _whole(view)) if reason is not None]
    if not whole and not tasks and not joins:
        whole = [r.Nothing()]
    return (*(_whole_wait(view, reason) for reason in whole), *tasks, *joins)


_NOT_BEGUN = frozenset({Status.SCHEDULED, Status.DELAYED, Status.RETRYING})


def is_unfinished(task: TaskView) -> bool:
    """Return whether a task execution is still to be waited for."""
    return not task.status.is_final and not task.superseded


def _whole_wait(view: ExecutionView, reason: Reason) -> Wait:
    return Wait(task=None, visit=None, status=view.status, reason=reason)


def _whole(view: ExecutionView) -> Reason | None:
    begun = [one for one in view.tasks if is_unfinished(one) and one.status not in _NOT_BEGUN]
    running = len(begun)
    reason = view.request.reason if view.request else None
    since = view.request.at if view.request else None
    match view.status:
        case Status.REQUESTED:
            return r.Begin()
        case Status.PAUSING:
            # It does not wait for what waits for people.
            return r.Pausing(reason=reason, since=since, running=sum(map(_is_active, begun)))
        case Status.PAUSED:
            return r.Paused(reason=reason, since=since)
        case Status.CANCELING:
            return r.Canceling(reason=reason, since=since, running=running)
        case status if status.is_final:
            return r.Finishing(status=status, running=running)
        case _:
            return None


def _is_active(task: TaskView) -> bool:
    if task.items is not None and task.items.running:
        return task.items.running > task.items.pending
    return task.status not in DORMANT


def _join_wait(join: JoinView) -> Wait:
    more = max(0, join.needed - len(join.arrived)) if join.needed else None
    reason = r.Arrivals(arrived=join.arrived, missing=join.missing, needed=join.needed, more=more)
    return Wait(task=join.join, visit=None, status=None, reason=reason)


def _task_wait(view: ExecutionView, task: TaskView, known: Known) -> Wait:
    lost = known.exact and _must_be_kept(task) and not _works(task, known)
    reason = r.Nothing() if lost else _held(task, _reason(view, task, known), known)
    return Wait(task=task.task, visit=task.visit, status=task.status, reason=reason)


def _must_be_kept(task: TaskView) -> bool:
    """Return whether what a task execution waits for must be kept as outstanding work."""
    if task.items is not None:
        return task.items.running > 0
    return task.due is not None if task.status in _NOT_BEGUN else True


def _held(task: TaskView, reason: Reason, known: Known) -> Reason:
    """Return the reason, with what is to be said of who has the work."""
    holders = [one.holder for one in _works(task, known)]
    if any(holder is None for holder in holders):
        return r.Unheld(was=reason)
    late = [holder for holder in holders if holder is not None and holder.late]
    return r.Late(was=reason, lease=late[0]) if late else reason


def _works(task: TaskView, known: Known) -> Sequence[Outstanding]:
    """Return what is outstanding of a task execution."""
    return (known.outstanding or {}).get((task.task, task.visit), ())


def _reason(view: ExecutionView, task: TaskView, known: Known) -> Reason:
    tries = known.tries.get(task.task)
    match task.status:
        case Status.DELAYED if task.due is not None:
            return r.Delay(until=task.due)
        case Status.RETRYING if task.due is not None:
            return r.Retry(attempt=task.attempts + 1, tries=tries, until=task.due)
        case Status.SCHEDULED | Status.DELAYED | Status.RETRYING:
            return r.Turn(held_back=view.status in _HELD_BACK)
        case _ if task.items is not None:
            return _items(view, task, task.items, known)
        case Status.CANCELING:
            return r.Ending(action=task.action, since=task.since)
        case _:
            return _attempt(view, task, known)


def _attempt(view: ExecutionView, task: TaskView, known: Known) -> Reason:
    """Return what the open attempt of a task execution waits for."""
    name = attempt_name(task.task, task.visit, task.attempts)
    if task.users is not None:
        return r.Answer(question=f"{view.id}/{name}", users=task.users, until=task.due)
    if name in known.children:
        return msgspec.structs.replace(known.children[name], since=task.since)
    if task.status in _REPORTED:
        return r.Reported(action=task.action, status=task.status, since=task.since)
    return r.Running(
        action=task.action,
        attempt=task.attempts,
        tries=known.tries.get(task.task),
        since=task.since,
    )


def _items(view: ExecutionView, task: TaskView, items: ItemsView, known: Known) -> Reason:
    works = _works(task, known)
    asks = [one.name for one in works if one.asks]
    begun = [known.children[one.name] for one in works if one.name in known.children]
    return r.Items(
        total=items.total,
        running=items.running,
        left=items.total - items.succeeded - items.failed - items.canceled - items.running,
        pending=items.pending,
        ending=task.status is Status.CANCELING,
        since=task.since,
        questions=tuple(f"{view.id}/{name}" for name in asks[:MOST_NAMED]),
        workflows=tuple(begun[:MOST_NAMED]),
    )
