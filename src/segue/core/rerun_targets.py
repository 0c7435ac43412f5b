"""What a rerun is asked to run again: what was named, or else what has not come to a good end."""

from collections.abc import Iterable, Sequence

from segue.core import events as e
from segue.core.errors import RequestError
from segue.core.program import Program
from segue.core.rerun_plan import RerunRequest, Target, Visited
from segue.core.rerun_step import Step
from segue.core.rewinding import scheduled
from segue.language.model import CanceledTasks, EngineCommand
from segue.language.model import Rerun as Mode


def targets_of(
    program: Program, steps: Sequence[Step], request: RerunRequest
) -> tuple[Visited, ...]:
    """Return the task executions that a request wants to have run again.

    Raises `RequestError` for one that there is not, that counts no more, or that is not over.
    """
    if request.from_start:
        return ()
    over = _completed(steps)
    if not request.targets:
        return tuple(dict.fromkeys(_unfinished_business(program, steps)))
    return tuple(_target(target, steps, over) for target in request.targets)


def _target(target: Target, steps: Sequence[Step], over: set[Visited]) -> Visited:
    visits = [
        visited[1]
        for step in steps
        if (visited := scheduled(step)) is not None and visited[0] == target.task
    ]
    if not visits:
        ran = sorted({visited[0] for step in steps if (visited := scheduled(step)) is not None})
        raise RequestError(
            "unknown_task_execution",
            f"`{target.task}` was never run in this execution",
            hint=f"these tasks were: {', '.join(ran)}",
            field="targets",
        )
    visit = max(visits) if target.visit is None else target.visit
    if visit not in visits:
        counted = ", ".join(str(number) for number in sorted(visits))
        raise RequestError(
            "unknown_task_execution",
            f"`{target.task}` has no visit {visit} that counts",
            hint=f"its visits are {counted}; what a rerun has superseded counts no more",
            field="targets",
        )
    if (target.task, visit) not in over:
        raise RequestError(
            "not_finished",
            f"visit {visit} of `{target.task}` is not over",
            hint="only what has ended can be run again",
            field="targets",
        )
    return target.task, visit


def _unfinished_business(program: Program, steps: Sequence[Step]) -> Iterable[Visited]:
    """Give the task executions that kept the execution from a good end.

    They failed without remedy, led to `fail`, or were canceled and led nowhere. Where ends are all
    that counts it is those that failed as, or after, the execution ended, with or without remedy.
    """
    semantics = program.workflow.semantics
    restarts = semantics.rerun is Mode.RESTARTS
    ended = _ended(steps) if restarts else frozenset()
    for step in steps:
        match step.event:
            case e.TaskFailed(task=task, visit=visit, handled=handled):
                if (task, visit) in ended if restarts else not handled:
                    yield task, visit
            case e.TaskCanceled(task=task, visit=visit):
                if semantics.canceled_tasks is CanceledTasks.NOTHING:
                    yield task, visit
            case e.TransitionTaken(task=task, visit=visit, do=do):
                if EngineCommand.FAIL in do and not restarts:
                    yield task, visit


def other_ends(steps: Sequence[Step]) -> tuple[Target, ...]:
    """Return what failed without remedy; else what was canceled, and with which branches ended."""
    failed = tuple(
        Target(task=step.event.task, visit=step.event.visit)
        for step in steps
        if isinstance(step.event, e.TaskFailed) and not step.event.handled
    )
    ended = _ended(steps)
    return failed or tuple(
        Target(task=step.event.task, visit=step.event.visit)
        for step in steps
        if isinstance(step.event, e.TaskCanceled) and (step.event.task, step.event.visit) in ended
    )


def met_fail(steps: Iterable[Step]) -> Visited | None:
    """Return the first task execution that led to the command `fail`, if any did."""
    found = (step.event for step in steps if isinstance(step.event, e.TransitionTaken))
    return next(((one.task, one.visit) for one in found if EngineCommand.FAIL in one.do), None)


def _ended(steps: Sequence[Step]) -> frozenset[Visited]:
    return frozenset(
        (step.event.task, step.event.visit)
        for step in steps
        if isinstance(step.event, e.BranchEnded)
    )


def _completed(steps: Sequence[Step]) -> set[Visited]:
    ends = (e.TaskSucceeded, e.TaskFailed, e.TaskCanceled, e.TaskWithdrawn, e.TaskSkipped)
    return {(step.event.task, step.event.visit) for step in steps if isinstance(step.event, ends)}
