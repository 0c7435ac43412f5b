"""One row per task of an execution, however many visits it has had.

A pure function of the view, of what is known beside it, and of the time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segue.cli.reports.reason_words import notes_of
from segue.cli.terminal.styled import Line
from segue.core.reasoning import NOTHING_KNOWN, Known, waits_of
from segue.core.reasons import Wait
from segue.core.status import Status
from segue.core.view import ErrorView, ExecutionView, TaskView


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What is worth showing and does not stand in the view.

    `known`: what tells why something is not finished; `logs`: the last lines that a task
    execution printed; `children`: the sub-workflows of a task execution in a few words; `below`:
    those of a task, drawn.
    """

    known: Known = NOTHING_KNOWN
    logs: Mapping[tuple[str, int], Sequence[str]] = field(default_factory=dict)
    children: Mapping[tuple[str, int], str] = field(default_factory=dict)
    below: Mapping[str, Sequence[Line]] = field(default_factory=dict)


NOTHING_ASIDE = Aside()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is shown of one task.

    `status` is that of the visit that matters most now: one that is active, else the latest.
    None: the task has not been reached, but a join in front of it waits. `seconds` is how long
    that visit has taken or has been going on.
    """

    task: str
    status: Status | None
    visits: int
    seconds: float | None
    notes: tuple[str, ...]
    error: str | None = None
    handled: bool = False
    log: tuple[str, ...] = ()
    below: tuple[Line, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing of this task is outstanding."""
        return self.status is not None and self.status.is_final


#: The visit that matters most is the first of these that there is.
_IMPORTANCE = (
    Status.RUNNING,
    Status.CANCELING,
    Status.RETRYING,
    Status.DELAYED,
    Status.PENDING,
    Status.SCHEDULED,
)


def rows_of(view: ExecutionView, now: float, aside: Aside = NOTHING_ASIDE) -> tuple[Row, ...]:
    """Return the rows of an execution, in the order in which its tasks were first reached."""
    visits: dict[str, list[TaskView]] = {}
    for task in view.tasks:
        visits.setdefault(task.task, []).append(task)
    waits, joins = _waits(view, aside.known)
    errors = {(error.task, error.visit): error for error in view.errors}
    rows = [
        _row(name, seen, joins.get(name, ()), errors, _Moment(now, aside, waits))
        for name, seen in visits.items()
    ]
    rows += [
        Row(task=name, status=None, visits=0, seconds=None, notes=_join_notes(waiting, now))
        for name, waiting in joins.items()
        if name not in visits
    ]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Moment:
    now: float
    aside: Aside
    waits: Mapping[tuple[str, int], Wait]


def _waits(
    view: ExecutionView, known: Known
) -> tuple[dict[tuple[str, int], Wait], dict[str, list[Wait]]]:
    """Return what is waited for: by the task executions, and in front of joins."""
    waits: dict[tuple[str, int], Wait] = {}
    joins: dict[str, list[Wait]] = {}
    for wait in waits_of(view, known):
        if wait.task is not None and wait.visit is not None:
            waits[wait.task, wait.visit] = wait
        elif wait.task is not None:
            joins.setdefault(wait.task, []).append(wait)
    return waits, joins


_Errors = Mapping[tuple[str | None, int | None], ErrorView]


def _row(
    name: str,
    seen: Sequence[TaskView],
    joins: Sequence[Wait],
    errors: _Errors,
    moment: _Moment,
) -> Row:
    shown = _most_important(seen)
    error = errors.get((name, shown.visit)) if shown.status in _WITH_ERROR else None
    told = error is not None and not error.handled
    log = moment.aside.logs.get((name, shown.visit), ()) if told else ()
    return Row(
        task=name,
        status=shown.status,
        visits=len(seen),
        seconds=_seconds(shown, moment.now),
        notes=(
            *_progress_notes(shown, moment),
            *_item_notes(shown),
            *_child_notes(shown, moment.aside),
            *_join_notes(joins, moment.now),
            *_count_notes(seen, shown),
            *((shown.note,) if shown.note and shown.status.is_final else ()),
        ),
        error=error.message if error else None,
        handled=error.handled if error else False,
        log=tuple(log),
        below=tuple(moment.aside.below.get(name, ())),
    )


_WITH_ERROR = {Status.FAILED, Status.TIMEOUT, Status.ABANDONED, Status.RETRYING}


def _most_important(seen: Sequence[TaskView]) -> TaskView:
    active = [task for task in seen if not task.status.is_final]
    if not active:
        return seen[-1]
    return min(reversed(active), key=lambda task: _importance(task.status))


def _importance(status: Status) -> int:
    return _IMPORTANCE.index(status) if status in _IMPORTANCE else len(_IMPORTANCE)


def _seconds(task: TaskView, now: float) -> float | None:
    if task.started_at is None or task.status in {Status.RETRYING, Status.DELAYED}:
        return None
    return max(0.0, (task.finished_at or now) - task.started_at)


def _progress_notes(task: TaskView, moment: _Moment) -> Iterable[str]:
    wait = moment.waits.get((task.task, task.visit))
    if wait is not None:
        yield from notes_of(wait.reason, moment.now)
    elif task.attempts > 1:
        yield f"{task.attempts} attempts"


def _item_notes(task: TaskView) -> Iterable[str]:
    """Tell of items that failed where nothing else does: the task has succeeded all the same."""
    items = task.items
    if items is not None and items.failed and task.status is Status.SUCCEEDED:
        _, first = items.failures[0]
        yield f"{items.failed} of {items.total} items failed; the first: {first}"


def _child_notes(task: TaskView, aside: Aside) -> Iterable[str]:
    if task.task not in aside.below and (told := aside.children.get((task.task, task.visit))):
        yield told


def _join_notes(joins: Sequence[Wait], now: float) -> tuple[str, ...]:
    return tuple(note for join in joins for note in notes_of(join.reason, now))


def _count_notes(seen: Sequence[TaskView], shown: TaskView) -> Iterable[str]:
    if len(seen) == 1:
        return
    others = [task.status for task in seen if not task.status.is_final]
    for status in _IMPORTANCE:
        if (number := others.count(status)) > (1 if status is shown.status else 0):
            yield f"{number} {status}"
    bad = sum(task.status in {Status.FAILED, Status.TIMEOUT} for task in seen)
    if bad and (shown.status not in _WITH_ERROR or bad > 1):
        yield f"{bad} of {len(seen)} failed"
