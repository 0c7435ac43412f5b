"""Joins that Orquesta fires more often, or leaves behind."""

import re
from typing import Final

from segue.checking.comparison.places import Places
from segue.checking.differences import Difference
from segue.graph.joins import Join
from segue.graph.task_graph import TaskGraph
from segue.language.findings import Span
from segue.language.model import EngineCommand, Task, Transition, Workflow

_STATUS_ONLY: Final = re.compile(r"(<%|\{\{)\s*(succeeded|completed)\(\)\s*(%>|\}\})")


def compare_joins(workflow: Workflow, graph: TaskGraph, places: Places) -> None:
    """Look at every join that branches can reach."""
    for name, join in graph.joins.items():
        if name not in graph.reachable or len(join.sources) < 2:
            continue
        task = workflow.tasks[name]
        span, path = task.join_span or task.span, f"tasks.{name}.join"
        if join.needed < len(join.sources):
            places.add(
                Difference.JOIN_AGAIN,
                span,
                f"`{name}` waits for {join.needed} of {len(join.sources)} tasks and runs once; in "
                "Orquesta it runs again for each that comes later",
                hint="if it is meant to run for each, leave out `join`",
                path=path,
            )
        if join.needed < 2:
            continue
        if graph.in_cycle(name):
            places.add(
                Difference.JOIN_IN_CYCLE,
                span,
                f"in each turn of the cycle `{name}` waits for all that it joins; in Orquesta "
                "those of the turn before still count",
                path=path,
            )
        places.add(
            Difference.CANCELED_BECOMES_FAILED,
            span,
            f"if the execution is canceled while `{name}` waits it ends canceled; in Orquesta "
            "failed",
            path=path,
        )
        _left_behind(workflow, join, places, span, path)


def _left_behind(workflow: Workflow, join: Join, places: Places, span: Span, path: str) -> None:
    """Tell of a join that a source can pass by: by chance that is what is not looked for."""
    passing = [one for one in join.sources if _may_pass_by(workflow.tasks[one], join.task)]
    if not passing:
        return
    name = join.task
    places.add(
        Difference.JOIN_LEFT_BEHIND,
        span,
        f"`{passing[0]}` may end without going to `{name}`, which then fails the execution; in "
        "Orquesta it succeeds if it was paused in between",
        hint=f"where that is no failure, lead to `{name}` on every way",
        path=path,
    )


def _may_pass_by(task: Task, join: str) -> bool:
    """Tell whether a task can end well, or with a failure that is handled, and not lead there."""
    leading = [one for one in task.next if any(target.name == join for target in one.do)]
    if any(one.when is None for one in leading):
        return False
    whens = {str(one.when.value) for one in leading if one.when is not None}
    if any("completed()" in when and _STATUS_ONLY.fullmatch(when.strip()) for when in whens):
        return False
    if not any(_STATUS_ONLY.fullmatch(when.strip()) for when in whens):
        return True
    return any(_handles(one) for one in task.next if one not in leading and "failed()" in _of(one))


def _handles(transition: Transition) -> bool:
    commands = {target.command for target in transition.do}
    return EngineCommand.FAIL not in commands and commands != {EngineCommand.CONTINUE}


def _of(transition: Transition) -> str:
    return "failed()" if transition.when is None else str(transition.when.value)
