"""Where branches part and meet: outputs, routes, and joins that some branch never comes to."""

import re
from typing import Final

from segue.checking.comparison.forks import forks
from segue.checking.comparison.output import read_by_output
from segue.conversion.changes import Change
from segue.conversion.noting import Notes
from segue.graph.joins import Join
from segue.graph.task_graph import TaskGraph
from segue.language.model import Task, Transition, Workflow

_CERTAIN: Final = re.compile(r"\s*(?:\{\{|<%)\s*(succeeded|completed)\(\)\s*(?:\}\}|%>)\s*")
_SUCCEEDED: Final = re.compile(r"\s*(?:\{\{|<%)\s*succeeded\(\)")


def tell_of_branches(workflow: Workflow, graph: TaskGraph, notes: Notes) -> None:
    """Take a note of each join, and of the output, that may be another."""
    _output(workflow, graph, notes)
    for name, join in graph.joins.items():
        task = workflow.tasks[name]
        if name not in graph.reachable or join.needed < 2:
            continue
        span, path = task.join_span or task.span, f"tasks.{name}.join"
        if _may_be_lost(workflow, join):
            notes.add(
                Change.LOST_JOIN,
                span,
                f"if not enough branches come to `{name}`, the execution fails as soon as that is "
                "certain; in Orquesta when all else is over",
                path=path,
            )


def _may_be_lost(workflow: Workflow, join: Join) -> bool:
    """Say whether a branch may go elsewhere without the execution failing for it."""
    inside = join.reaches | {join.task}
    return any(_may_leave(workflow.tasks[name], inside) for name in join.reaches)


def _may_leave(task: Task, inside: frozenset[str]) -> bool:
    towards = [one for one in task.next if any(t.name in inside for t in one.do)]
    if any(one.when is not None and not _CERTAIN.fullmatch(str(one.when.value)) for one in towards):
        return True
    return any(
        (one.when is None or not _SUCCEEDED.match(str(one.when.value)))
        and not any(target.name in inside for target in one.do)
        for one in task.next
    ) and not any(_always(one) for one in towards)


def _always(transition: Transition) -> bool:
    return transition.when is None or "completed()" in str(transition.when.value)


def _output(workflow: Workflow, graph: TaskGraph, notes: Notes) -> None:
    if not workflow.output:
        return
    beside = _beside(graph)
    names: dict[str, bool] = {}
    for name, task in workflow.tasks.items():
        if name not in beside:
            continue
        for transition in task.next:
            goes_on = any(target.name in workflow.tasks for target in transition.do)
            for one in transition.publish:
                known = one.name in names
                names[one.name] = names.get(one.name, False) or known or goes_on
    read = read_by_output(workflow, frozenset(names))
    told = sorted(name for name in read if names[name])
    if not told:
        return
    notes.add(
        Change.ENDS_OF_BRANCHES,
        workflow.output[0].span,
        f"the output may have another {_listed(told)}: the last branch that ended counts, and of "
        "an execution that failed also branches that had not ended",
        hint="join the branches that write it",
        path="output",
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return f"{shown}, ..." if len(names) > 3 else shown


def _beside(graph: TaskGraph) -> frozenset[str]:
    """Return the tasks beside which others may run."""
    found: set[str] = set()
    waiting = [target for fork in forks(graph) for target in (fork.one.target, fork.other.target)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.successors(name))
    return frozenset(found)
