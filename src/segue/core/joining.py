"""Joins: which round an arrival belongs to, when a round fires, and when it never will.

The *round key* of an arrival is the latest event in its past among the visits of the join's
immediate dominator and the firings of the join itself (0: the beginning of the execution). The
dominator is the last task through which every way to the join leads, so one visit of it is
what the branches that are to meet have in common; and after a firing everything that comes from
it is new. Each key is a round of its own, so rounds may overlap, and a late arrival of one is
never mistaken for the first of the next.

A round is over when no living branch can arrive in it any more. One that has fired is forgotten
then. One that has not is an error, unless a later round of the join fires: then it is superseded.
Of several that can't be satisfied the latest stands for all, the others are superseded by it. So
the error is found as soon as it is certain that none can: not at the end, and not before.
"""

from segue.core.decision import Decision
from segue.core.events import (
    ArrivalAbsorbed,
    Failure,
    JoinArrived,
    JoinFired,
    JoinRoundEnded,
    TaskReoffered,
)
from segue.core.outlook import Outlook
from segue.core.state import Arrival, TaskExecution
from segue.core.status import FINAL, Status
from segue.graph.joins import Join


def arrive(decision: Decision, arrival: Arrival, join: Join) -> None:
    """Take an arrival at a join: merge it, fire the round, or absorb it."""
    key = _key(arrival)
    assert arrival.source is not None  # only a direct arrival has none
    task, visit = arrival.source
    fired = decision.state.fired.get((join.task, key))
    if fired is not None:
        joined = _reoffered(decision, decision.state.find(join.task, fired))
        if joined is None or joined.handed_off_at:
            decision.emit(ArrivalAbsorbed(join=join.task, key=key, task=task, visit=visit))
        else:
            decision.emit(
                JoinArrived(join=join.task, key=key, task=task, visit=visit, joined=fired)
            )
        return
    decision.emit(JoinArrived(join=join.task, key=key, task=task, visit=visit))
    if _has_enough(decision, join, key):
        _fire(decision, join, key, exempt=arrival.exempt)


def _reoffered(decision: Decision, joined: TaskExecution | None) -> TaskExecution | None:
    """Return the joined task, offered anew if who is late brings that about."""
    if joined is None or not decision.offers_again(joined):
        return joined
    decision.emit(TaskReoffered(task=joined.task, visit=joined.visit))
    return decision.state.find(joined.task, joined.visit)


def _has_enough(decision: Decision, join: Join, key: int, *, counting: bool = True) -> bool:
    arrived = decision.state.rounds[(join.task, key)].sources
    counted = decision.state.counted.get((join.task, key), ()) if counting else ()
    return len({*arrived, *counted}) >= join.needed


def _fire(decision: Decision, join: Join, key: int, *, exempt: bool = False) -> None:
    remembered = bool(Outlook(decision).coming(join, key)) or any(
        arrival.task == join.task and arrival.branch.keys.get(join.task, 0) == key
        for arrival in decision.state.arrivals
    )
    visit = decision.state.visits.get(join.task, 0) + 1
    decision.emit(
        JoinFired(join=join.task, key=key, visit=visit, remembered=remembered, exempt=exempt)
    )


def end_rounds(decision: Decision) -> bool:
    """End the rounds in which nothing can arrive any more; fail if one can never be satisfied.

    Say whether one fired: a rerun may have left it with all that it needs.
    """
    state = decision.state
    if not state.rounds and not state.fired:
        return False
    outlook = Outlook(decision)
    for name, key in sorted(state.fired):
        if not outlook.coming(decision.graph.joins[name], key):
            decision.emit(JoinRoundEnded(join=name, key=key, outcome="complete"))
    fired = False
    for (name, key), waiting in sorted(state.rounds.items(), key=lambda item: item[0]):
        join = decision.graph.joins[name]
        if waiting.dormant or outlook.coming(join, key):
            continue
        if _has_enough(decision, join, key, counting=_is_over(decision)):
            _fire(decision, join, key)
            fired = True
    if not fired and (_is_over(decision) or not decision.looks_for_lost_joins_at_end):
        _end_lost(decision, outlook)
    return fired


def fail_without_hope(decision: Decision) -> None:
    """Fail for a failure with which only joins were to deal, if nobody else can arrive at them.

    It is what Orquesta does then at once, whatever else runs: if all that lead to them are over,
    or nothing goes on.
    """
    hoping, decision.hoping = decision.hoping, None
    if hoping is None or decision.state.status not in {Status.RUNNING, Status.PAUSING}:
        return
    execution, failure, joins = hoping
    route, visited = execution.branch.route, (execution.task, execution.visit)
    graph, state = decision.graph, decision.state
    rounds = [
        (one.task, _key(one))
        for one in state.arrivals
        if one.source == visited and one.task in graph.joins
    ]
    rounds += [
        key
        for key, found in state.rounds.items()
        if found.branch.route == route and execution.task in found.sources
    ]
    stands_still = not _goes_on(decision)
    lost = {
        name
        for name, key in rounds
        if not _may_have_enough(decision, graph.joins[name], key)
        and (
            stands_still
            or all(_has_ended(decision, source, route) for source in graph.joins[name].sources)
        )
    }
    if joins <= lost:
        decision.fail(failure, by_task=True)


def _goes_on(decision: Decision) -> bool:
    """Whether anything runs, or may be begun: of tasks with items also what is left of these."""
    state, joins = decision.state, decision.graph.joins
    return (
        bool(state.ready)
        or any(one.is_active or (one.open and one.items is not None) for one in state.unfinished())
        or any(
            one.task not in joins or _may_have_enough(decision, joins[one.task], _key(one))
            for one in state.arrivals
        )
    )


def _may_have_enough(decision: Decision, join: Join, key: int) -> bool:
    """Whether a round has all it needs with what waits to arrive, as the execution is paused."""
    state = decision.state
    found = state.rounds.get((join.task, key))
    arrived = {*(found.sources if found else ()), *state.counted.get((join.task, key), ())}
    for arrival in state.arrivals:
        if arrival.task == join.task and _key(arrival) == key and arrival.source is not None:
            arrived.add(arrival.source[0])
    return len(arrived) >= join.needed


def _key(arrival: Arrival) -> int:
    return arrival.branch.keys.get(arrival.task, 0)


def _has_ended(decision: Decision, task: str, route: tuple[str, ...]) -> bool:
    return any(
        record.status in FINAL for at, _, record in decision.state.seen.get(task, ()) if at == route
    )


def end_lost_rounds(decision: Decision) -> None:
    """Report the rounds that seem lost as a task has just made the execution fail.

    It is what Orquesta says then: a round is lost if all of its sources have been begun, or nothing
    goes on. Whether those that run could still arrive it does not ask; so they may.
    """
    goes_on = _goes_on(decision) or decision.ended_by_command
    joins = decision.graph.joins
    for arrival in decision.state.arrivals:  # it was paused, so they have not been looked at
        at_join = arrival.task in joins and not arrival.direct
        if at_join and not _may_have_enough(decision, joins[arrival.task], _key(arrival)):
            arrive(decision, arrival, joins[arrival.task])
    state = decision.state
    for (name, key), waiting in sorted(state.rounds.items(), key=lambda item: item[0]):
        join, route = decision.graph.joins[name], waiting.branch.route
        if waiting.dormant or _may_have_enough(decision, join, key):
            continue
        begun = all(_was_begun(decision, source, route) for source in join.sources)
        if begun or not goes_on:
            _end(decision, join, key, "unsatisfied", stays=True)


def _was_begun(decision: Decision, task: str, route: tuple[str, ...]) -> bool:
    return any(seen[0] == route for seen in decision.state.seen.get(task, ()))


def _is_over(decision: Decision) -> bool:
    return not decision.state.tasks and not decision.state.arrivals


def _end_lost(decision: Decision, outlook: Outlook) -> None:
    missed = {name for name, waiting in decision.state.rounds.items() if not waiting.dormant}
    lost = sorted(missed - outlook.possible)
    latest = dict(lost)
    for name, key in lost:
        # A round that fires later than the latest lost one is later than all of them, so that
        # one decides for the others: else a loop that loses a round each turn would pile them up.
        if key < max(latest[name], decision.state.last_fired.get(name, key)):
            _end(decision, decision.graph.joins[name], key, "superseded")
        elif not outlook.may_fire_later(decision.graph.joins[name]):
            _end(decision, decision.graph.joins[name], key, "unsatisfied")


def _end(decision: Decision, join: Join, key: int, outcome: str, *, stays: bool = False) -> None:
    failure = None
    missing = _missing(decision, join, key)
    if outcome == "unsatisfied":
        arrived = decision.state.rounds[(join.task, key)].sources
        needed = "all" if join.needed == len(join.sources) else str(join.needed)
        message = (
            f"the join `{join.task}` can't be satisfied: it needs {needed} of "
            f"{', '.join(join.sources)}; {', '.join(arrived) or 'none'} arrived, and "
            f"{', '.join(missing)} "
            "can't any more"
        )
        failure = Failure(code="join_unsatisfied", message=message, task=join.task)
    decision.emit(
        JoinRoundEnded(
            join=join.task,
            key=key,
            outcome=outcome,
            missing=missing,
            failure=failure,
            stays=stays,
        )
    )
    if failure is not None and decision.fails_fast:
        decision.fail(failure)


def _missing(decision: Decision, join: Join, key: int) -> tuple[str, ...]:
    arrived = decision.state.rounds[(join.task, key)].sources
    return tuple(source for source in join.sources if source not in arrived)
