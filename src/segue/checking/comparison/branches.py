"""Branches that meet without a join, at a task in a cycle."""

from dataclasses import dataclass, field

from segue.checking.comparison.forks import forks
from segue.checking.comparison.places import Places
from segue.checking.differences import Difference
from segue.graph.task_graph import TaskGraph
from segue.language.model import Workflow


def compare_branches(workflow: Workflow, graph: TaskGraph, places: Places) -> None:
    """Find, in each cycle, the first task at which two branches can arrive at the same time."""
    reached = _Reached(graph)
    waiting = [
        [name for name in cycle if graph.joins.get(name) is None and len(graph.inbound(name)) > 1]
        for cycle in graph.cycles
    ]
    for fork in forks(graph):
        both = reached[fork.one.target] & reached[fork.other.target]
        for names in waiting:
            name = next((name for name in names if name in both), None)
            if name is None:
                continue
            names.clear()  # one of a cycle is enough
            where = "where the workflow begins" if fork.task is None else f"at `{fork.task}`"
            places.add(
                Difference.ARRIVALS_MERGED,
                workflow.tasks[name].span,
                f"branches that part {where} can both come to `{name}`, and each runs it; "
                "Orquesta makes one of them",
                hint="to run it once, join the branches before it",
                path=f"tasks.{name}",
            )


@dataclass(slots=True)
class _Reached:
    """The tasks that a branch can come to on its own: not those behind a join."""

    graph: TaskGraph
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    def __getitem__(self, start: str) -> frozenset[str]:
        if start not in self._known:
            self._known[start] = frozenset(self._walk(start))
        return self._known[start]

    def _walk(self, start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            join = self.graph.joins.get(name)
            if name in found or (join is not None and join.needed > 1):
                continue
            found.add(name)
            waiting.extend(self.graph.successors(name))
        return found
