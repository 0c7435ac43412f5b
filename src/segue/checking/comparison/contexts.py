"""Variables of which Orquesta brings back an old value where branches meet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final

from segue.checking.comparison.forks import Fork, forks
from segue.checking.comparison.output import read_by_output
from segue.checking.comparison.places import Places
from segue.checking.differences import Difference
from segue.graph.task_graph import Edge, TaskGraph
from segue.language.model import Publish, Transition, Workflow

_MOST_FORKS: Final = 200
_MOST_LOOKS: Final = 500
_MOST_WRITES: Final = 50


def compare_contexts(workflow: Workflow, graph: TaskGraph, places: Places) -> None:
    """Find variables that one branch has from before a fork, and the other writes anew.

    In a file that is larger than people write, the first so many of them.
    """
    written = _written(workflow)
    read = read_by_output(workflow, frozenset(written))
    parted = forks(graph)[:_MOST_FORKS]
    ways = _Ways(workflow, graph)
    joins = [one.task for one in graph.joins.values() if one.needed > 1]
    looks = (
        (variable, join)
        for name, writes in written.items()
        if len(writes) > 1
        for variable in [_Variable(name, writes, ways)]
        for join in [*joins, *([None] if name in read else [])]
    )
    for variable, join in islice(looks, _MOST_LOOKS):
        variable.look(parted, join, places)


@dataclass(frozen=True, slots=True)
class _Write:
    """A transition that publishes a variable."""

    task: str
    transition: Transition
    publish: Publish

    def is_of(self, edge: Edge) -> bool:
        """Tell whether an edge is one of this transition."""
        return (self.task, self.transition.index) == (edge.source, edge.transition)


def _written(workflow: Workflow) -> dict[str, list[_Write]]:
    found: dict[str, list[_Write]] = {}
    for name, task in workflow.tasks.items():
        for transition in task.next:
            for variable in {publish.name: publish for publish in transition.publish}.values():
                found.setdefault(variable.name, []).append(_Write(name, transition, variable))
    return found


@dataclass(slots=True)
class _Ways:
    """Which tasks ways lead to and from; `join` None stands for the ends of the branches."""

    workflow: Workflow
    graph: TaskGraph
    _after: dict[tuple[str, str | None], frozenset[str]] = field(default_factory=dict)
    _before: dict[str | None, frozenset[str]] = field(default_factory=dict)

    def after(self, start: str, join: str | None) -> frozenset[str]:
        """Return the tasks to which ways lead from one, it included, but for the join."""
        if (start, join) not in self._after:
            self._after[start, join] = frozenset(self.walk([start], join))
        return self._after[start, join]

    def walk(self, starts: Iterable[str], join: str | None) -> set[str]:
        """Return the tasks to which ways lead from some, these included, but for the join."""
        found: set[str] = set()
        waiting = list(starts)
        while waiting:
            name = waiting.pop()
            if name not in found and name != join:
                found.add(name)
                waiting.extend(self.graph.successors(name))
        return found

    def before(self, join: str | None) -> frozenset[str]:
        """Return the tasks from which a way leads to the join."""
        if join not in self._before:
            self._before[join] = self.before_by(join, lambda _: True)
        return self._before[join]

    def before_by(self, join: str | None, passable: Callable[[Edge], bool]) -> frozenset[str]:
        """Return the tasks from which a way of such edges leads to the join."""
        found = {
            name
            for name in self.graph.tasks
            if (join is None and self._ends_at(name, passable))
            or any(edge.target == join and passable(edge) for edge in self.graph.outbound(name))
        }
        waiting = list(found)
        while waiting:
            for edge in self.graph.inbound(waiting.pop()):
                if edge.source not in found and edge.source != join and passable(edge):
                    found.add(edge.source)
                    waiting.append(edge.source)
        return frozenset(found)

    def _ends_at(self, name: str, passable: Callable[[Edge], bool]) -> bool:
        task = self.workflow.tasks[name]
        if not task.next:
            return True
        return any(
            self.is_end(transition) and passable(Edge(name, transition.index, 0, ""))
            for transition in task.next
        )

    def is_end(self, transition: Transition) -> bool:
        """Tell whether a branch that takes it ends there."""
        return all(target.name not in self.workflow.tasks for target in transition.do)


@dataclass(eq=False)
class _Variable:
    """One variable, and the transitions that write it."""

    name: str
    writes: list[_Write]
    ways: _Ways

    @cached_property
    def after(self) -> frozenset[str]:
        """The tasks that are reached with the variable published before."""
        targets = {
            target.name
            for write in self.writes
            for target in write.transition.do
            if target.name in self.ways.graph.tasks
        }
        return frozenset(self.ways.walk(targets, None))

    @cached_property
    def places(self) -> frozenset[tuple[str, int]]:
        """The transitions that write it."""
        return frozenset((write.task, write.transition.index) for write in self.writes)

    def look(self, parted: Iterable[Fork], join: str | None, places: Places) -> None:
        """Tell of each write that another branch overwrites with what it had from before.

        `join` is where the branches meet; None: in the output.
        """
        clean = self.ways.before_by(join, self._is_clean)
        told: set[int] = set()
        for fork in parted:
            if fork.task is None or not self._is_written_before(fork):
                continue
            shared = fork.one.transition == fork.other.transition
            for kept, other in ((fork.one, fork.other), (fork.other, fork.one)):
                if not shared and not self._is_clean(kept):
                    continue
                if kept.target != join and kept.target not in clean:
                    continue
                for write in self._writes_on(other, join, shared=shared):
                    if id(write) not in told:
                        told.add(id(write))
                        self._tell(write, fork.task, join, places)

    def _tell(self, write: _Write, fork: str, join: str | None, places: Places) -> None:
        where = "in the output" if join is None else f"at the join `{join}`"
        places.add(
            Difference.STALE_CONTEXT,
            write.publish.span,
            f"this `{self.name}` stays {where}; in Orquesta the one from before `{fork}` comes "
            "back if the branch that does not write it is the last",
            hint="where the older value was wanted, publish it in the other branch",
            path=f"tasks.{write.task}.next[{write.transition.index}]",
            variable=self.name,
        )

    def _is_clean(self, edge: Edge) -> bool:
        return (edge.source, edge.transition) not in self.places

    def _is_written_before(self, fork: Fork) -> bool:
        """Tell whether both branches can have the variable from something published before."""
        if fork.one.transition == fork.other.transition and not self._is_clean(fork.one):
            return True
        return fork.task in self.after

    def _writes_on(self, edge: Edge, join: str | None, *, shared: bool) -> list[_Write]:
        """Return the writes on the ways from an edge to where the branches meet.

        What the edge itself publishes is one of them, unless both branches have it (`shared`).
        """
        before, after = self.ways.before(join), self.ways.after(edge.target, join)
        return [
            write
            for write in self.writes[:_MOST_WRITES]
            if (write.task in after or (write.is_of(edge) and not shared))
            and (
                (join is None and self.ways.is_end(write.transition))
                or any(one.name == join or one.name in before for one in write.transition.do)
            )
        ]
