"""Immediate dominators, by the semi-NCA algorithm.

A task d dominates a task t when every path from the starts to t passes through d; the immediate
dominator is the one nearest to t. It is computed from semidominators with path compression,
which stays fast on graphs with thousands of loop edges, where simpler iterations do not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: The number of the virtual root, from which there is an edge to each start.
_ROOT = 0


def immediate_dominators(
    starts: Sequence[str],
    successors: Callable[[str], Iterable[str]],
    predecessors: Callable[[str], Iterable[str]],
) -> Mapping[str, str | None]:
    """Return the immediate dominator of each task that can be reached from the starts.

    None stands for the virtual root before the starts: no single task has to be passed.
    """
    number, parent = _preorder(starts, successors)
    names = list(number)
    semi = _semidominators(names, number, parent, starts, predecessors)
    dominator = list(parent)
    for at in range(1, len(parent)):
        while dominator[at] > semi[at]:
            dominator[at] = dominator[dominator[at]]
    return {
        name: None if dominator[at] == _ROOT else names[dominator[at] - 1]
        for at, name in enumerate(names, 1)
    }


def _preorder(
    starts: Sequence[str], successors: Callable[[str], Iterable[str]]
) -> tuple[dict[str, int], list[int]]:
    """Return the tasks numbered from 1, as depth-first search meets them, and their parents."""
    number: dict[str, int] = {}
    parent = [_ROOT]
    path: list[tuple[int, Iterator[str]]] = [(_ROOT, iter(starts))]
    while path:
        above, following = path[-1]
        for target in following:
            if target not in number:
                number[target] = len(parent)
                parent.append(above)
                path.append((number[target], iter(successors(target))))
                break
        else:
            path.pop()
    return number, parent


def _semidominators(
    names: Sequence[str],
    number: Mapping[str, int],
    parent: Sequence[int],
    starts: Sequence[str],
    predecessors: Callable[[str], Iterable[str]],
) -> list[int]:
    """Return, by number, the smallest number from which a path of larger ones leads to a task."""
    forest = _Forest(len(parent))
    first = frozenset(starts)
    for at in range(len(parent) - 1, 0, -1):
        name = names[at - 1]
        smallest = _ROOT if name in first else parent[at]
        for source in predecessors(name):
            if source in number:
                smallest = min(smallest, forest.smallest(number[source]))
        forest.semi[at] = smallest
        forest.ancestor[at] = parent[at]
    return forest.semi


class _Forest:
    """Paths of finished tasks, compressed as they are walked."""

    def __init__(self, size: int) -> None:
        self.semi = list(range(size))
        self.label = list(range(size))
        self.ancestor = [-1] * size

    def smallest(self, at: int) -> int:
        """Return the smallest semidominator on the finished path that ends at `at`."""
        path = []
        while self.ancestor[at] != -1:
            path.append(at)
            at = self.ancestor[at]
        best = self.label[at]
        top = at
        for below in reversed(path):
            if self.semi[self.label[below]] > self.semi[best]:
                self.label[below] = best
            best = self.label[below]
            self.ancestor[below] = top
        return self.semi[best]
