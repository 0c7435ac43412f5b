"""What Orquesta refuses about tasks and how they follow one another, beyond `flow`."""

from collections import deque
from dataclasses import dataclass, field

from segue.checking.collector import Collector
from segue.graph.task_graph import TaskGraph
from segue.language.codes import Code
from segue.language.model import Workflow


def check_orquesta_flow(workflow: Workflow, graph: TaskGraph, found: Collector) -> None:
    """Find items without an action, and joins whose rounds Orquesta can't tell apart."""
    for name, task in workflow.tasks.items():
        if task.with_items is not None and task.action is None:
            found.add(
                Code.ITEMS_WITHOUT_ACTION,
                task.span,
                f"`{name}` has items and no action to run for each",
                path=f"tasks.{name}",
            )
    for name in _ambiguous_joins(workflow, graph):
        found.add(
            Code.AMBIGUOUS_JOIN,
            workflow.tasks[name].span,
            f"the branches that `{name}` joins come from different splits",
            hint="join them before the task that several transitions lead to, or split it",
            path=f"tasks.{name}",
        )


@dataclass(slots=True)
class _Reached:
    """What is known of a task: the splits on the ways to it, and the tasks before it."""

    splits: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)


def _ambiguous_joins(workflow: Workflow, graph: TaskGraph) -> list[str]:
    """Return the joins to which not all sources bring the same splits.

    A split is a task without `join`, outside of cycles, that several transitions lead to:
    Orquesta runs everything after it once for each. What counts for a cycle is the way by which
    it is entered first, so the tasks are walked breadth first and by name, as Orquesta does.
    """
    splits = {name for name in graph.splits if not graph.in_cycle(name)}
    reached: dict[str, _Reached] = {}
    visits: deque[tuple[str | None, str, frozenset[str]]] = deque(
        (None, name, frozenset()) for name in sorted(graph.entry_points)
    )
    while visits:
        source, name, before = visits.popleft()
        carried = before | {name} if name in splits else before
        known = reached.get(name)
        if known and carried <= known.splits and (source is None or source in known.sources):
            continue  # nothing that was not carried on already
        known = reached.setdefault(name, _Reached())
        known.splits |= carried
        if source is not None:
            known.sources.add(source)
        for target in sorted(graph.successors(name)):
            if target not in reached or not graph.in_cycle(target):
                visits.append((name, target, carried))
    return [
        name
        for name, known in reached.items()
        if workflow.tasks[name].join is not None
        and any(known.splits != reached[source].splits for source in known.sources)
    ]
