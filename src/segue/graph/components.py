"""Strongly connected components, by Tarjan's algorithm without recursion."""

from collections.abc import Callable, Iterable, Iterator


def strongly_connected(
    tasks: Iterable[str], successors: Callable[[str], Iterable[str]]
) -> list[tuple[str, ...]]:
    """Return the components, each after all those that can be reached from it.

    `successors` must lead to nothing that is not among `tasks`. Deterministic: the same tasks
    and successors in the same order give the same list.
    """
    search = _Search(successors)
    for task in tasks:
        if task not in search.index:
            search.run(task)
    return search.components


class _Search:
    """The state of Tarjan's search; `low` is the oldest open task that a task can reach."""

    def __init__(self, successors: Callable[[str], Iterable[str]]) -> None:
        self.successors = successors
        self.index: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.open: list[str] = []
        self.is_open: set[str] = set()
        self.components: list[tuple[str, ...]] = []

    def run(self, root: str) -> None:
        path: list[tuple[str, Iterator[str]]] = [self.enter(root)]
        while path:
            task, following = path[-1]
            for target in following:
                if target not in self.index:
                    path.append(self.enter(target))
                    break
                if target in self.is_open:
                    self.low[task] = min(self.low[task], self.index[target])
            else:
                path.pop()
                self.leave(task)
                if path:
                    above = path[-1][0]
                    self.low[above] = min(self.low[above], self.low[task])

    def enter(self, task: str) -> tuple[str, Iterator[str]]:
        self.index[task] = self.low[task] = len(self.index)
        self.open.append(task)
        self.is_open.add(task)
        return task, iter(self.successors(task))

    def leave(self, task: str) -> None:
        if self.low[task] != self.index[task]:
            return
        start = len(self.open) - 1
        while self.open[start] != task:
            start -= 1
        component = self.open[start:]
        del self.open[start:]
        self.is_open.difference_update(component)
        self.components.append(tuple(component))
