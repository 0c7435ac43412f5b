"""What can still arrive at the joins, as far as that can be told from where the branches are.

It is made anew for a decision, in one pass over the living branches for each join that is asked
about: rounds that wait may be as many as the branches, so they are not to be multiplied.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from segue.core.decision import Decision
from segue.core.state import Branch
from segue.graph.joins import Join

RoundKey = tuple[str, int]


class Outlook:
    """Who can still arrive at each join in each round, and which rounds can so be satisfied.

    `possible` are the rounds that may still fire, by what has arrived and what living branches
    can still bring; among these are rounds of other joins that may fire themselves. It is the
    least set that satisfies this, so that two joins which only wait for one another are not each
    other's hope.
    """

    def __init__(self, decision: Decision) -> None:
        self.possible: set[RoundKey] = set()
        self._decision = decision
        self._sources: dict[str, dict[int, int]] = {}
        self._find_possible()

    def coming(self, join: Join, key: int) -> int:
        """Return who can still arrive at the join in this round, as bits (see `Join`)."""
        return self._by_key(join).get(key, 0)

    def may_fire_later(self, join: Join) -> bool:
        """Return whether a round of the join may still fire.

        That is one that waits and is possible; one in which nothing has arrived yet, but enough
        can; or one that is yet to begin, because a living branch can come to the dominator again.
        """
        if any(name == join.task for name, _ in self.possible):
            return True
        for task, branch in self._living():
            key = branch.keys.get(join.task, 0)
            if task in join.renewed_from or (key < 0 and task in join.reaches):
                return True
        state = self._decision.state
        return any(
            sources.bit_count() >= join.needed
            for key, sources in self._by_key(join).items()
            if (join.task, key) not in state.rounds and (join.task, key) not in state.fired
        )

    def _find_possible(self) -> None:
        graph, rounds = self._decision.graph, self._decision.state.rounds
        counted = self._decision.state.counted
        waiting = {
            name: graph.joins[name[0]].bits((*rounds[name].sources, *counted.get(name, ())))
            for name in rounds
        }
        grew = True
        while grew:
            found = [
                name
                for name, arrived in waiting.items()
                if self._is_enough(graph.joins[name[0]], name[1], arrived)
            ]
            for name in found:
                del waiting[name]
                self._hope_for(name)
            grew = bool(found)

    def _is_enough(self, join: Join, key: int, arrived: int) -> bool:
        coming = self.coming(join, key)
        if not coming and self._decision.state.rounds[(join.task, key)].dormant:
            return False
        return (arrived | coming).bit_count() >= join.needed

    def _hope_for(self, name: RoundKey) -> None:
        self.possible.add(name)
        branch = self._round(name)
        for join, by_key in self._sources.items():
            _count(self._decision.graph.joins[join], by_key, name[0], branch)

    def _by_key(self, join: Join) -> dict[int, int]:
        by_key = self._sources.get(join.task)
        if by_key is None:
            by_key = self._sources[join.task] = {}
            feeder_bits, name = join.feeder_bits, join.task
            for task, branch in self._living():
                if sources := feeder_bits.get(task):
                    key = branch.keys.get(name, 0)
                    by_key[key] = by_key.get(key, 0) | sources
        return by_key

    def _living(self) -> Iterator[tuple[str, Branch]]:
        """Give where the living branches are, and what they carry there."""
        state = self._decision.state
        for execution in state.unfinished():
            yield execution.task, execution.branch
        for arrival in state.arrivals:
            yield arrival.task, self._opened(arrival.task, arrival.branch)
        for name in self.possible:
            yield name[0], self._round(name)

    def _round(self, name: RoundKey) -> Branch:
        return self._opened(name[0], self._decision.state.rounds[name].branch)

    def _opened(self, task: str, branch: Branch) -> Branch:
        """Return a branch with the keys that it will have at the task.

        One that waits to be scheduled, or at another join, has not opened a round yet.
        """
        keys = branch.keys
        for join in self._decision.program.opens(self._decision.state.start, task):
            keys = keys.insert(join, -1)  # a key to come, which no round has yet
        return branch if keys is branch.keys else replace(branch, keys=keys)


def _count(join: Join, by_key: dict[int, int], task: str, branch: Branch) -> None:
    sources = join.feeder_bits.get(task)
    if sources:
        key = branch.keys.get(join.task, 0)
        by_key[key] = by_key.get(key, 0) | sources
