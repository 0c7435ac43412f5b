"""What transitions, joins and the ends of branches do to the state."""

from bisect import bisect_left
from collections.abc import Iterable

from msgspec.structs import replace

from segue.core import context as contexts
from segue.core import events as e
from segue.core.context import Context
from segue.core.errors import IllegalEventError
from segue.core.evolve_tasks import put
from segue.core.maps import entries
from segue.core.state import NO_BRANCH, Arrival, Branch, Ended, Records, Round, State, TaskExecution
from segue.core.status import Status
from segue.language.model import EngineCommand

#: The id of the writes with which an execution begins: its inputs and vars.
FIRST = 1

#: The names that a transition leads to and that are no tasks.
COMMANDS = frozenset(EngineCommand)

#: Ended branches are merged for good each time so many more wait: in the order of their tasks'
#: starting a branch that still lives may come before one that has ended.
_ENDS_EACH = 16


def transition_taken(state: State, event: e.TransitionTaken) -> State:
    """The branch goes on to the targets, or ends where there are none."""
    execution = _leaving(state, event)
    branch = execution.branch
    if event.published:
        context = branch.context
        for name, value in event.published.items():
            context = contexts.write(context, name, value, state.seq, deep=state.deep)
        context = contexts.prune(context, event.published, _count(state), lambda: _living(state))
        branch = replace(branch, context=context)
    targets = [name for name in event.do if name not in COMMANDS]
    if not targets:
        return _end_branch(state, branch, state.seq)
    source = (event.task, event.visit)
    on_route = replace(branch, route=(*branch.route, f"{event.task}/{event.transition}"))
    arrivals = tuple(
        Arrival(
            task=task,
            branch=on_route if task in event.splits else branch,
            source=source,
            exempt=event.exempt,
        )
        for task in targets
    )
    if event.ends:
        state = _end_branch(state, branch, state.seq)
    return replace(state, arrivals=state.arrivals + arrivals)


def branch_ended(state: State, event: e.BranchEnded) -> State:
    """The branch ends with what the task itself saw; it may be one that is to be tried again."""
    found = state.find(event.task, event.visit)
    execution = found if found and found.status is Status.RETRYING else _leaving(state, event)
    order = execution.started_as if state.by_start else state.seq
    return _end_branch(state, execution.branch, order)


def _end_branch(state: State, branch: Branch, order: int) -> State:
    ends = tuple(sorted((*state.ends, Ended(order, branch)), key=lambda ended: ended.order))
    if state.by_start:
        if len(ends) % _ENDS_EACH:
            return replace(state, ends=ends)
        living = state.unfinished()
        first = min((task.started_as for task in living), default=state.seq)
        final = bisect_left(ends, first, key=lambda ended: ended.order)
    else:
        final = len(ends)
    end = merged_ends(state, state.end, ends[:final])
    ends = ends[final:]
    state = replace(state, end=NO_BRANCH, ends=ends)
    context = contexts.prune(end.context, None, _count(state), lambda: _living(state))
    return replace(state, end=replace(end, context=context))


def merged_ends(state: State, end: Branch, ends: Iterable[Ended]) -> Branch:
    """Return what the output sees: the ended branches merged, the later over the earlier."""
    for ended in ends:
        end = merged_with(state, end, ended.branch)
    return end


def merged_with(state: State, end: Branch, branch: Branch) -> Branch:
    """Return `end` with one more branch; it arrives nowhere any more, so it has no keys."""
    if state.by_start:
        context = contexts.replay(end.context, branch.context, FIRST)
    else:
        context = contexts.merge(end.context, branch.context)
    return Branch(context, end.keys, _latest(end.records, branch.records), end.route)


def join_arrived(state: State, event: e.JoinArrived) -> State:
    """The branch waits in its round, or merges into a visit that has not started."""
    arrival, rest = _take_join_arrival(state, event)
    state = replace(state, arrivals=rest)
    if event.joined is not None:
        execution = state.find(event.join, event.joined)
        if execution is None or execution.handed_off_at:
            raise IllegalEventError(f"visit {event.joined} of {event.join!r} is handed off")
        others = replace(state, tasks=state.tasks.remove(execution.order))
        met = _met(execution.branch, arrival.branch, others)
        exempt = execution.exempt or arrival.exempt
        return put(state, replace(execution, branch=met, exempt=exempt))
    key = (event.join, event.key)
    before = state.rounds.get(key)
    source = (event.task,) if event.counts else ()
    if before is None:
        now = Round(source, arrival.branch)
    else:
        sources = before.sources if event.task in before.sources else (*before.sources, *source)
        others = replace(state, rounds=state.rounds.remove(key))
        now = Round(sources, _met(before.branch, arrival.branch, others))
    return replace(state, rounds=state.rounds.insert(key, now))


def transition_lost(state: State, event: e.TransitionLost) -> State:
    """The source counts at the joins that it would have arrived at."""
    keys = _leaving(state, event).branch.keys
    counted = state.counted
    for task in event.do:
        key = (task, keys.get(task, 0))
        counted = counted.insert(key, (*counted.get(key, ()), event.task))
    return replace(state, counted=counted)


def join_fired(state: State, event: e.JoinFired) -> State:
    """The round becomes one branch that has arrived at the joined task."""
    key = (event.join, event.key)
    fired = state.rounds.get(key)
    if fired is None:
        raise IllegalEventError(f"nothing has arrived at {event.join!r} in round {event.key}")
    arrival = Arrival(
        task=event.join,
        branch=fired.branch,
        source=None,
        direct=True,
        round=event.key,
        exempt=event.exempt,
    )
    return replace(
        state,
        rounds=state.rounds.remove(key),
        fired=state.fired.insert(key, event.visit) if event.remembered else state.fired,
        last_fired=state.last_fired.insert(
            event.join, max(event.key, state.last_fired.get(event.join, event.key))
        ),
        arrivals=(arrival, *state.arrivals),
    )


def arrival_absorbed(state: State, event: e.ArrivalAbsorbed) -> State:
    """The branch is gone, and what it published with it."""
    return replace(state, arrivals=_take_join_arrival(state, event)[1])


def join_round_ended(state: State, event: e.JoinRoundEnded) -> State:
    """The round is forgotten."""
    key = (event.join, event.key)
    if key not in (state.fired if event.outcome == "complete" else state.rounds):
        raise IllegalEventError(f"{event.join!r} has no round {event.key} to end")
    if event.outcome == "complete":
        return replace(state, fired=state.fired.remove(key))
    if event.stays:
        given_up = replace(state.rounds[key], dormant=True)
        return replace(state, rounds=state.rounds.insert(key, given_up))
    # Where the other branches are finished first, this is what the execution fails with then.
    unhandled = state.unhandled or event.failure
    return replace(state, rounds=state.rounds.remove(key), unhandled=unhandled)


def _take_join_arrival(
    state: State, event: e.JoinArrived | e.ArrivalAbsorbed
) -> tuple[Arrival, tuple[Arrival, ...]]:
    source = (event.task, event.visit)
    for position, arrival in enumerate(state.arrivals):
        if arrival.task == event.join and arrival.source == source and not arrival.direct:
            return arrival, state.arrivals[:position] + state.arrivals[position + 1 :]
    raise IllegalEventError(f"no branch from {event.task!r} has arrived at {event.join!r}")


def _latest(earlier: Records, later: Records) -> Records:
    """Return, for each task, the record of the later of its executions."""
    for task, record in entries(later):
        known = earlier.get(task)
        if known is None or known.order < record.order:
            earlier = earlier.insert(task, record)
    return earlier


def _met(earlier: Branch, later: Branch, others: State) -> Branch:
    """Return two branches that meet as one; `later` arrives now, `others` has neither any more."""
    if earlier is later:
        return earlier
    keys = earlier.keys
    for join, key in entries(later.keys):
        keys = keys.insert(join, max(key, keys.get(join, key)))
    records = _latest(earlier.records, later.records)
    context = contexts.merge(earlier.context, later.context)
    context = contexts.prune(context, None, _count(others), lambda: _living(others))
    return Branch(context, keys, records, earlier.route)


def _leaving(
    state: State, event: e.TransitionTaken | e.TransitionLost | e.BranchEnded
) -> TaskExecution:
    execution = state.leaving
    if execution is None or (execution.task, execution.visit) != (event.task, event.visit):
        raise IllegalEventError(f"{event.task!r}#{event.visit} is not the task that completed last")
    return execution


def _count(state: State) -> int:
    return len(state.tasks) + len(state.arrivals) + len(state.rounds) + len(state.ends) + 2


def _living(state: State) -> list[Context]:
    """Return the contexts of all branches that live: what a merge to come can meet."""
    leaving = [state.leaving.branch.context] if state.leaving else []
    return [
        state.end.context,
        *leaving,
        *(task.branch.context for task in state.unfinished()),
        *(arrival.branch.context for arrival in state.arrivals),
        *(waiting.branch.context for waiting in state.rounds.values()),
        *(ended.branch.context for ended in state.ends),
    ]
