"""One row per task of an execution, however many visits it has had.

A pure function of the view, of what is known beside it, and of the time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segue.cli.styled import Line
from segue.cli.times import due_text, remaining_text
from segue.core.status import Status
from segue.core.view import ErrorView, ExecutionView, JoinView, TaskView


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What is worth showing and does not stand in the view.

    `actions`: what a task calls; `tries`: how many attempts a task may have, where that is a
    number in the file; `logs`: the last lines that a task execution printed; `children`: the
    sub-workflows of a task execution in a few words; `below`: those of a task, drawn.
    """

    actions: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)
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
    joins: dict[str, list[JoinView]] = {}
    for join in view.joins if not view.settled else ():
        joins.setdefault(join.join, []).append(join)
    errors = {(error.task, error.visit): error for error in view.errors}
    rows = [
        _row(name, seen, joins.get(name, ()), errors, _Moment(now, aside))
        for name, seen in visits.items()
    ]
    rows += [
        Row(task=name, status=None, visits=0, seconds=None, notes=_join_notes(waiting))
        for name, waiting in joins.items()
        if name not in visits
    ]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Moment:
    now: float
    aside: Aside


_Errors = Mapping[tuple[str | None, int | None], ErrorView]


def _row(
    name: str,
    seen: Sequence[TaskView],
    joins: Sequence[JoinView],
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
            *_child_notes(shown, moment.aside),
            *_join_notes(joins),
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
    aside, now = moment.aside, moment.now
    if task.status is Status.DELAYED and task.due is not None:
        yield f"delay until {due_text(task.due, now)} ({remaining_text(task.due - now)})"
    elif task.status is Status.RETRYING and task.due is not None:
        upcoming = _of_tries(task.attempts + 1, aside.tries.get(task.task))
        yield f"retry {upcoming} in {remaining_text(task.due - now)}"
    elif task.status is Status.RUNNING:
        if action := aside.actions.get(task.task):
            yield action
        tries = aside.tries.get(task.task)
        if task.attempts > 1 or (tries or 0) > 1:
            yield f"attempt {_of_tries(task.attempts, tries)}"
    elif task.status.is_final:
        if task.attempts > 1:
            yield f"{task.attempts} attempts"
    elif task.waiting_for:
        yield f"waits for {task.waiting_for}"


def _child_notes(task: TaskView, aside: Aside) -> Iterable[str]:
    if task.task not in aside.below and (told := aside.children.get((task.task, task.visit))):
        yield told


def _of_tries(number: int, tries: int | None) -> str:
    return f"{number}/{tries}" if tries else str(number)


def _join_notes(joins: Sequence[JoinView]) -> tuple[str, ...]:
    return tuple(_join_note(join) for join in joins)


def _join_note(join: JoinView) -> str:
    if not join.needed:  # the definition is not at hand
        return f"join: {', '.join(join.arrived)} arrived"
    waits = f", waits for {', '.join(join.missing)}" if join.missing else ""
    return f"join {len(join.arrived)}/{join.needed}{waits}"


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
