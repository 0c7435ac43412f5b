"""The graph of a workflow, for given starts: everything that is static, computed once.

Nothing here orders the tasks or refuses a cycle: the engine follows transitions one by one, and
asks the graph only what does not change while it does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from segue.graph.components import strongly_connected
from segue.graph.dominators import immediate_dominators
from segue.graph.joins import Edges, Join
from segue.language.model import (
    JOIN_ALL,
    EngineCommand,
    JoinScope,
    JoinSources,
    Match,
    Task,
    Transition,
    Workflow,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One name of a task under the `do` of a transition.

    `transition` is the `index` of the transition of the source, which counts from 0 as written
    (where an Orquesta file has `do: retry`, the model has no transition with that index);
    `ordinal` is the place of the name under its `do`, from 0. Between two tasks there may be
    several edges.
    """

    source: str
    transition: int
    ordinal: int
    target: str


@dataclass(frozen=True, eq=False)
class TaskGraph:
    """The graph of `workflow`, executed from `starts` (never declared twice, all of them tasks).

    Made by `TaskGraph.of`. All answers are in the order of the file unless they say otherwise;
    what is asked for the first time is computed, in time nearly linear in the size of the graph
    (for `Join.feeder_bits` and `Join.reaches`: for each join), and kept.
    """

    workflow: Workflow
    starts: tuple[str, ...]

    @classmethod
    def of(cls, workflow: Workflow, starts: Sequence[str] = ()) -> "TaskGraph":
        """Return the graph for the given starts, else for the declared ones, else entry points.

        With none of these `starts` is empty, and nothing is reachable. Raises ValueError for a
        given start that is no task; a declared one is left out (the checker finds it).
        """
        unknown = [name for name in starts if name not in workflow.tasks]
        if unknown:
            raise ValueError(f"no such task: {', '.join(unknown)}")
        declared = [name for name in workflow.start if name in workflow.tasks]
        graph = cls(workflow, tuple(dict.fromkeys(starts or declared)))
        return graph if graph.starts else cls(workflow, graph.entry_points)

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """The names of all tasks."""
        return tuple(self.workflow.tasks)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, by source, transition and ordinal. What is not a task has none."""
        return tuple(
            Edge(name, transition.index, ordinal, target.name)
            for name, task in self.workflow.tasks.items()
            for transition in task.next
            for ordinal, target in enumerate(transition.do)
            if target.command is None and target.name in self.workflow.tasks
        )

    def outbound(self, task: str) -> tuple[Edge, ...]:
        """Return the edges from a task."""
        return self._outbound[task]

    def inbound(self, task: str) -> tuple[Edge, ...]:
        """Return the edges to a task."""
        return self._inbound[task]

    def successors(self, task: str) -> tuple[str, ...]:
        """Return the distinct tasks to which there is an edge, as the transitions name them."""
        return self._neighbours.successors[task]

    def predecessors(self, task: str) -> tuple[str, ...]:
        """Return the distinct tasks that have an edge to this one."""
        return self._neighbours.predecessors[task]

    @cached_property
    def entry_points(self) -> tuple[str, ...]:
        """The tasks without an inbound edge."""
        return tuple(name for name in self.tasks if not self._inbound[name])

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The tasks to which a path leads from a start, the starts included."""
        return frozenset(self._dominators)

    @cached_property
    def joins(self) -> Mapping[str, Join]:
        """The tasks with `join`, by name."""
        return {
            name: Join(
                task=name,
                needed=len(self._sources(name)) if task.join == JOIN_ALL else max(task.join, 1),
                sources=self._sources(name),
                dominator=self._dominators.get(name),
                edges=self._neighbours,
                splits=self._splits_before(name),
            )
            for name, task in self.workflow.tasks.items()
            if task.join is not None
        }

    def _sources(self, join: str) -> tuple[str, ...]:
        """Return the tasks that the join waits for: those that lead to it, as far as they count."""
        sources = self.predecessors(join)
        if self.workflow.semantics.join_sources is JoinSources.ALL:
            return sources
        return tuple(name for name in sources if name in self._reachable_at_all)

    @cached_property
    def _reachable_at_all(self) -> frozenset[str]:
        return self.reachable | TaskGraph.of(self.workflow).reachable

    def _splits_before(self, join: str) -> frozenset[str]:
        """Return the splits that make routes of which each has a round of its own of the join."""
        if self.workflow.semantics.join_scope is JoinScope.ROUND:
            return frozenset()
        before = self._neighbours.predecessors
        found = set(before[join])
        waiting = list(found)
        while waiting:
            for task in before[waiting.pop()]:
                if task not in found:
                    found.add(task)
                    waiting.append(task)
        return frozenset(name for name in self.splits if name in found and not self.in_cycle(name))

    @cached_property
    def unsatisfiable_joins(self) -> tuple[str, ...]:
        """The joins at which a branch from the starts can arrive, but never enough of them.

        Counted are the sources that can themselves be run: what follows only after a join that
        can't fire is not. A start runs, join or not; if it is a join and some of its sources
        come back to it, they must be enough for another round.
        """
        arrived: dict[str, int] = {}
        running = set(self.starts)
        waiting = list(self.starts)
        while waiting:
            for target in self.successors(waiting.pop()):
                join = self.joins.get(target)
                if join is not None:
                    arrived[target] = arrived.get(target, 0) + 1
                if target not in running and (join is None or arrived[target] >= join.needed):
                    running.add(target)
                    waiting.append(target)
        return tuple(
            name for name in self.joins if 0 < arrived.get(name, 0) < self.joins[name].needed
        )

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """The tasks without `join` that transitions name more than once, also one transition."""
        return tuple(
            name
            for name, task in self.workflow.tasks.items()
            if task.join is None and len(self._inbound[name]) > 1
        )

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The strongly connected components that have a cycle, a self-loop included."""
        place = {name: at for at, name in enumerate(self.tasks)}
        cyclic = (
            tuple(sorted(component, key=place.__getitem__))
            for component in strongly_connected(self.tasks, self.successors)
            if len(component) > 1 or component[0] in self.successors(component[0])
        )
        return tuple(sorted(cyclic, key=lambda component: place[component[0]]))

    def in_cycle(self, task: str) -> bool:
        """Return whether a path leads from the task back to itself."""
        return task in self._cyclic

    @cached_property
    def loop_edges(self) -> tuple[Edge, ...]:
        """The edges that close a loop; without them the graph has no cycle.

        They are those to a task that is still open in a depth-first search from the starts, in
        the order of the starts and of the transitions, and then from what it left out, in the
        order of the file.
        """
        found: set[Edge] = set()
        opened: set[str] = set()
        closed: set[str] = set()
        for root in (*self.starts, *self.tasks):
            if root in opened or root in closed:
                continue
            opened.add(root)
            path = [(root, iter(self.outbound(root)))]
            while path:
                task, following = path[-1]
                edge = next(following, None)
                if edge is None:
                    path.pop()
                    opened.discard(task)
                    closed.add(task)
                elif edge.target in opened:
                    found.add(edge)
                elif edge.target not in closed:
                    opened.add(edge.target)
                    path.append((edge.target, iter(self.outbound(edge.target))))
        return tuple(edge for edge in self.edges if edge in found)

    @cached_property
    def cycles_without_exit(self) -> tuple[tuple[str, ...], ...]:
        """The reachable cycles that no branch can leave, or end in.

        They are those of `cycles` every task of which goes on inside whatever it ends with. With
        `match: first`, each transition that can be taken names a task inside, none names `fail`,
        and one has no `when`; with `match: all`, one without `when` names a task inside, and
        none names `fail`. An exit beside a task inside (`do: [again, report]`) is none: a branch
        stays. What joins inside wait for is not looked at.
        """
        return tuple(
            cycle
            for cycle in self.cycles
            if cycle[0] in self.reachable and self._goes_on(frozenset(cycle))
        )

    def _goes_on(self, cycle: frozenset[str]) -> bool:
        return all(_goes_on(self.workflow.tasks[name], cycle) for name in cycle)

    @cached_property
    def _dominators(self) -> Mapping[str, str | None]:
        return immediate_dominators(self.starts, self.successors, self.predecessors)

    @cached_property
    def _outbound(self) -> Mapping[str, tuple[Edge, ...]]:
        return self._grouped((edge.source, edge) for edge in self.edges)

    @cached_property
    def _inbound(self) -> Mapping[str, tuple[Edge, ...]]:
        return self._grouped((edge.target, edge) for edge in self.edges)

    def _grouped(self, pairs: Iterable[tuple[str, Edge]]) -> dict[str, tuple[Edge, ...]]:
        groups: dict[str, list[Edge]] = {name: [] for name in self.tasks}
        for name, edge in pairs:
            groups[name].append(edge)
        return {name: tuple(group) for name, group in groups.items()}

    @cached_property
    def _neighbours(self) -> Edges:
        return Edges(
            {
                name: tuple(dict.fromkeys(edge.target for edge in group))
                for name, group in self._outbound.items()
            },
            {
                name: tuple(dict.fromkeys(edge.source for edge in group))
                for name, group in self._inbound.items()
            },
        )

    @cached_property
    def _cyclic(self) -> frozenset[str]:
        return frozenset(name for cycle in self.cycles for name in cycle)


def _goes_on(task: Task, inside: frozenset[str]) -> bool:
    """Return whether a branch at the task stays among `inside`, whatever the task ends with."""
    taken = _taken(task)
    if any(target.command is EngineCommand.FAIL for t in taken for target in t.do):
        return False
    staying = [t for t in taken if any(target.name in inside for target in t.do)]
    if task.match is Match.FIRST and len(staying) < len(taken):
        return False
    return any(transition.when is None for transition in staying)


def _taken(task: Task) -> list[Transition]:
    """Return the transitions that can be taken: after one without `when`, `first` takes none."""
    taken: list[Transition] = []
    for transition in task.next:
        taken.append(transition)
        if task.match is Match.FIRST and transition.when is None:
            break
    return taken
