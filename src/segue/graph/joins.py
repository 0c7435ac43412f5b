"""Joins: what each waits for, where its rounds begin, and who can still arrive."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from segue.graph.components import strongly_connected


@dataclass(frozen=True, eq=False)
class Edges:
    """The neighbours of each task, without repetition, in the order of the file."""

    successors: Mapping[str, tuple[str, ...]]
    predecessors: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Join:
    """A task that waits for several others.

    - `needed`: how many distinct source tasks it waits for in a round: the number in the file
      (0 counts as 1, for nothing runs unreached), or all of them for `join: all`.
    - `sources`: the distinct tasks that have a transition to it, in the order of the file.
    - `splits`: tasks of which each visit is on a route of its own, where routes tell rounds apart.
    - `dominator`: its immediate dominator in the graph with a virtual root before the starts:
      the last task through which every path from a start to it must pass. None for the virtual
      root, and for a join that can't be reached from the starts.
    """

    task: str
    needed: int
    sources: tuple[str, ...]
    dominator: str | None
    edges: Edges = field(repr=False)
    splits: frozenset[str] = frozenset()

    @property
    def openers(self) -> frozenset[str]:
        """The tasks of which a visit begins another round of the join."""
        own = {self.task} if self.dominator is None else {self.task, self.dominator}
        return self.splits | own

    @cached_property
    def feeder_bits(self) -> Mapping[str, int]:
        """Who can still arrive in the same round: sources by the task at which a branch is.

        As integers, which are fast to unite and stay small when there are thousands of sources: the
        bit i stands for `sources[i]`.

        `feeder_bits[t]` has the source s if there is a path t -> ... -> s of any length, 0
        included, on which no task after t (s included, unless s is t) is one of the `openers`,
        such as the dominator or the join. For a visit of one of these begins another round: a
        branch that is *at* the dominator carries the key of that visit, and one at the joined task
        that of the firing, so t itself may be either. Tasks from which no source can arrive are not
        in the mapping.
        """
        return _source_bits(self)

    def bits(self, sources: Iterable[str]) -> int:
        """Return these of its sources, each named once, as in `feeder_bits`."""
        return sum(map(self._bit.__getitem__, sources))

    @cached_property
    def _bit(self) -> Mapping[str, int]:
        return {source: 1 << at for at, source in enumerate(self.sources)}

    @cached_property
    def reaches(self) -> frozenset[str]:
        """The tasks from which a branch can arrive in some round, later ones included.

        That is: from which a path of one transition or more leads to the join. The join itself
        is one of them if it is in a cycle.
        """
        return frozenset(_backward(self.sources, self.edges.predecessors.__getitem__))

    @cached_property
    def renewed_from(self) -> frozenset[str]:
        """The tasks from which a branch can come to a task that begins another round.

        That is: from which a path of one transition or more leads to the dominator, or to a split.
        """
        before = self.edges.predecessors
        ends = [task for opener in self.openers if opener != self.task for task in before[opener]]
        return frozenset(_backward(ends, before.__getitem__))


def _source_bits(join: Join) -> dict[str, int]:
    """Return, for each task with a feeding path, the sources at its ends (bit: place in sources).

    The tasks of a strongly connected component of the graph, without the edges that lead to the
    dominator or to the join, have the same paths to everything outside of it and to each other:
    so one pass over the components, successors first, is enough.
    """
    key = join.openers

    def before(task: str) -> Iterable[str]:
        return () if task in key else join.edges.predecessors[task]

    concerned = dict.fromkeys(_backward(join.sources, before))

    def after(task: str) -> list[str]:
        return [u for u in join.edges.successors[task] if u in concerned and u not in key]

    own = {source: join.bits([source]) for source in join.sources}
    bits: dict[str, int] = {}
    for component in strongly_connected(concerned, after):
        together = 0
        for task in component:
            together |= own.get(task, 0)
            for target in after(task):
                together |= bits.get(target, 0)
        bits.update(dict.fromkeys(component, together))
    return bits


def _backward(ends: Iterable[str], before: Callable[[str], Iterable[str]]) -> list[str]:
    """Return the ends, and all from which they can be reached, each once."""
    found = dict.fromkeys(ends)
    waiting = list(found)
    while waiting:
        for task in before(waiting.pop()):
            if task not in found:
                found[task] = None
                waiting.append(task)
    return list(found)
