"""Where branches part in an Orquesta file: what is certain, or likely, to be led to together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from segue.graph.task_graph import Edge, TaskGraph
from segue.language.model import Task, Transition

#: A file with more than that is not read by people, who would have to look at the places.
_MOST: Final = 500
_BRACES: Final = re.compile(r"^(<%|\{\{)|(%>|\}\})$")
_STATUS: Final = frozenset({"succeeded()", "failed()"})


@dataclass(frozen=True, slots=True)
class Fork:
    """Two edges that are taken together. `task` is where; None: two starts, led to by nothing."""

    task: str | None
    one: Edge
    other: Edge


def forks(graph: TaskGraph) -> tuple[Fork, ...]:
    """Return the forks that can be reached, in the order of the file; the first so many of them.

    Two transitions are taken together if both hold whatever the task came to, or on the same
    condition. Whether two different conditions can hold at once is not known, and mostly they
    can't.
    """
    return tuple(islice(_forks(graph), _MOST))


def _forks(graph: TaskGraph) -> Iterator[Fork]:
    for one, other in combinations(graph.starts, 2):
        yield Fork(None, Edge("", 0, 0, one), Edge("", 0, 1, other))
    for name in graph.tasks:
        if name in graph.reachable:
            task = graph.workflow.tasks[name]
            for first, second in combinations(graph.outbound(name), 2):
                if _together(task, first, second):
                    yield Fork(name, first, second)


def _together(task: Task, first: Edge, second: Edge) -> bool:
    if first.transition == second.transition:
        return True
    one, other = (_condition(_transition(task, edge)) for edge in (first, second))
    if one is None or other is None or one == other:
        return True
    return _implies(one, other) or _implies(other, one)


def _implies(narrow: str, wide: str) -> bool:
    """Tell whether the one condition is the other, with more to it: `succeeded() and ...`."""
    return wide in _STATUS and narrow.startswith(f"{wide}and")


def _transition(task: Task, edge: Edge) -> Transition:
    return next(one for one in task.next if one.index == edge.transition)


def _condition(transition: Transition) -> str | None:
    """Return the condition without braces and blanks; None for one that always holds."""
    if transition.when is None:
        return None
    text = "".join(str(transition.when.value).split())
    inside = _BRACES.sub("", text)
    return None if inside == "completed()" else inside
