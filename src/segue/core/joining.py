"""Joins: which round an arrival belongs to, when a round fires, and when it never will.

The *round key* of an arrival is the latest event in its past among the visits of the join's
immediate dominator and the firings of the join itself (0: the beginning of the execution). The
dominator is the last task through which every way to the join leads, so one visit of it is
what the branches that are to meet have in common; and after a firing everything that comes from
it is new. Each key is a round of its own, so rounds may overlap, and a late arrival of one is
never mistaken for the first of the next.

A round is over when no living branch can arrive in it any more. One that has fired is forgotten
then. One that has not is an error, unless a later round of the join fires: then it is superseded.
So the error is found as soon as it is certain that none can: not at the end, and not before.
"""

from collections.abc import Iterable

from segue.core.decision import Decision
from segue.core.events import (
    ArrivalAbsorbed,
    Failure,
    JoinArrived,
    JoinFired,
    JoinRoundEnded,
)
from segue.core.state import Arrival, Branch
from segue.graph.joins import Join

_RoundKey = tuple[str, int]


def arrive(decision: Decision, arrival: Arrival, join: Join) -> None:
    """Take an arrival at a join: merge it, fire the round, or absorb it."""
    key = arrival.branch.keys.get(join.task, 0)
    assert arrival.source is not None  # only a direct arrival has none
    task, visit = arrival.source
    fired = decision.state.fired.get((join.task, key))
    if fired is not None:
        joined = decision.state.find(join.task, fired)
        if joined is None or joined.handed_off_at:
            decision.emit(ArrivalAbsorbed(join=join.task, key=key, task=task, visit=visit))
        else:
            decision.emit(
                JoinArrived(join=join.task, key=key, task=task, visit=visit, joined=fired)
            )
        return
    decision.emit(JoinArrived(join=join.task, key=key, task=task, visit=visit))
    if len(decision.state.rounds[(join.task, key)].sources) >= join.needed:
        _fire(decision, join, key)


def _fire(decision: Decision, join: Join, key: int) -> None:
    others = _possible_rounds(decision) - {(join.task, key)}
    remembered = bool(_sources_to_come(decision, join, key, others)) or any(
        arrival.task == join.task and arrival.branch.keys.get(join.task, 0) == key
        for arrival in decision.state.arrivals
    )
    visit = decision.state.visits.get(join.task, 0) + 1
    decision.emit(JoinFired(join=join.task, key=key, visit=visit, remembered=remembered))


def end_rounds(decision: Decision) -> None:
    """End the rounds in which nothing can arrive any more; fail if one can never be satisfied."""
    state = decision.state
    if not state.rounds and not state.fired:
        return
    possible = _possible_rounds(decision)
    for join_name, key in sorted(state.fired):
        join = decision.graph.joins[join_name]
        if not _sources_to_come(decision, join, key, possible):
            decision.emit(JoinRoundEnded(join=join_name, key=key, outcome="complete"))
    for join_name, key in sorted(set(state.rounds) - possible):
        join = decision.graph.joins[join_name]
        missing = _missing(decision, join, key)
        if state.last_fired.get(join_name, key) > key:
            _end(decision, join, key, "superseded", missing)
        elif not _may_fire_later(decision, join, possible):
            _end(decision, join, key, "unsatisfied", missing)


def _end(decision: Decision, join: Join, key: int, outcome: str, missing: tuple[str, ...]) -> None:
    failure = None
    if outcome == "unsatisfied":
        arrived = decision.state.rounds[(join.task, key)].sources
        needed = "all" if join.needed == len(join.sources) else str(join.needed)
        message = (
            f"the join `{join.task}` can't be satisfied: it needs {needed} of "
            f"{', '.join(join.sources)}; {', '.join(arrived)} arrived, and {', '.join(missing)} "
            "can't any more"
        )
        failure = Failure(code="join_unsatisfied", message=message, task=join.task)
    decision.emit(
        JoinRoundEnded(join=join.task, key=key, outcome=outcome, missing=missing, failure=failure)
    )
    if failure is not None:
        decision.fail(failure)


def _missing(decision: Decision, join: Join, key: int) -> tuple[str, ...]:
    arrived = decision.state.rounds[(join.task, key)].sources
    return tuple(source for source in join.sources if source not in arrived)


def _possible_rounds(decision: Decision) -> frozenset[_RoundKey]:
    """Return the rounds that may still fire.

    A round may fire by what has arrived and what living branches can still bring; among them are
    rounds of other joins that may fire themselves. The least set that satisfies this, so that two
    joins which only wait for one another are not each other's hope.
    """
    possible: frozenset[_RoundKey] = frozenset()
    waiting = set(decision.state.rounds)
    grew = True
    while grew:
        grew = False
        for join_name, key in sorted(waiting):
            join = decision.graph.joins[join_name]
            sources = set(decision.state.rounds[(join_name, key)].sources)
            sources |= _sources_to_come(decision, join, key, possible - {(join_name, key)})
            if len(sources) >= join.needed:
                possible |= {(join_name, key)}
                waiting.discard((join_name, key))
                grew = True
    return possible


def _sources_to_come(
    decision: Decision, join: Join, key: int, possible: frozenset[_RoundKey]
) -> set[str]:
    """Return the sources from which something can still arrive at the join in this round."""
    sources: set[str] = set()
    for task, branch in _living(decision, possible):
        if branch.keys.get(join.task, 0) == key:
            sources |= join.feeders.get(task, frozenset())
    return sources


def _living(decision: Decision, possible: frozenset[_RoundKey]) -> Iterable[tuple[str, Branch]]:
    """Give where the living branches are, and what they carry, with the keys they will have there.

    A branch that waits to be scheduled, or at another join, has not opened a round yet.
    """
    state = decision.state
    for execution in state.tasks.values():
        yield execution.task, execution.branch
    for arrival in state.arrivals:
        yield arrival.task, _opened(decision, arrival.task, arrival.branch)
    for join_name, key in possible:
        yield join_name, _opened(decision, join_name, state.rounds[(join_name, key)].branch)


def _opened(decision: Decision, task: str, branch: Branch) -> Branch:
    keys = branch.keys
    for join in decision.program.opens(decision.state.start, task):
        keys = keys.insert(join, -1)  # a key to come, which no round has yet
    return branch if keys is branch.keys else Branch(branch.context, keys, branch.records)


def _may_fire_later(decision: Decision, join: Join, possible: frozenset[_RoundKey]) -> bool:
    """Return whether another round of the join may still fire.

    That is one that waits and is possible; one in which nothing has arrived yet, but enough can;
    or one that is yet to begin, because a living branch can come to the dominator again.
    """
    if any(name == join.task for name, _ in possible):
        return True
    keys: set[int] = set()
    for task, branch in _living(decision, possible):
        key = branch.keys.get(join.task, 0)
        if task in join.renewed_from or (key < 0 and task in join.reaches):
            return True
        keys.add(key)
    return any(
        len(_sources_to_come(decision, join, key, possible)) >= join.needed
        for key in keys
        if (join.task, key) not in decision.state.rounds
    )
