"""Going back: an execution as if some of its task executions had not been scheduled.

The log is folded again without what they did and without all that followed from them: so what they
came from stands there waiting, and what came from elsewhere stays as it was. A visit follows from
another if a transition of that led to it, or if it is of a join at which that arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace
from rpds import HashTrieMap

from segue.core import context as contexts
from segue.core import events as e
from segue.core.errors import IllegalEventError
from segue.core.evolve import evolve
from segue.core.items import Items
from segue.core.rerun_plan import Visited
from segue.core.state import NEW, Arrival, State
from segue.core.status import Status
from segue.values import JsonValue

#: How the branch of a task execution waited for it: task, source, round.
Origin = tuple[str, Visited | None, int | None]

#: What happened to the execution as a whole is decided anew, and so is the end of rounds.
_DECIDED_ANEW = (
    e.PauseRequested,
    e.ExecutionPaused,
    e.ExecutionResumed,
    e.CancelRequested,
    e.ExecutionSucceeded,
    e.ExecutionFailed,
    e.ExecutionCanceled,
    e.ExecutionTimedOut,
    e.ExecutionSettled,
    e.ExpressionFailed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A task execution that is run again: where its branch waits, and what it keeps."""

    visited: Visited
    origin: Origin
    items: Items | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event that counts. For a rerun: what it ran again, and what it wrote before that."""

    seq: int
    event: e.AnyEvent
    again: tuple[Again, ...] = ()
    variables: Mapping[str, JsonValue] = field(default_factory=dict)


def steps_of(recorded: Iterable[e.Recorded]) -> list[Step]:
    """Return what counts of a log: without what its reruns have superseded."""
    steps: list[Step] = []
    for one in recorded:
        event = one.event
        if isinstance(event, e.ExecutionRerun):
            again = again_of(steps, event.targets, reset_items=frozenset(event.reset_items))
            steps = without(steps, event.targets, frozenset(event.superseded))
            if event.restarted is not None:
                steps = [Step(seq=steps[0].seq, event=event.restarted)]
            steps.append(Step(seq=one.seq, event=event, again=again, variables=event.variables))
        else:
            steps.append(Step(seq=one.seq, event=event))
    return steps


def followers(
    steps: Sequence[Step], targets: Iterable[Visited]
) -> tuple[set[Visited], set[Visited]]:
    """Return what is superseded if the targets are run again: they, and all that followed.

    The second set are the targets that follow from no other one: these are to be run again.
    """
    wanted = set(targets)
    gone: set[Visited] = set()
    first = set(wanted)
    tainted: set[tuple[str, int]] = set()
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled):
            visited = (event.task, event.visit)
            follows = event.source in gone or visited in gone
            if follows:
                first.discard(visited)
            if follows or visited in wanted:
                gone.add(visited)
        elif isinstance(event, e.JoinArrived) and (event.task, event.visit) in gone:
            tainted.add((event.join, event.key))
            if event.joined is not None:
                gone.add((event.join, event.joined))
                first.discard((event.join, event.joined))
        elif isinstance(event, e.JoinFired) and (event.join, event.key) in tainted:
            gone.add((event.join, event.visit))
    return gone, first


def again_of(
    steps: Sequence[Step], targets: Iterable[Visited], *, reset_items: frozenset[Visited]
) -> tuple[Again, ...]:
    """Return how the targets are run again: with the items that had succeeded, unless reset."""
    origins: dict[Visited, Origin] = {}
    items: dict[Visited, Items] = {}
    wanted = set(targets)
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled):
            origins[event.task, event.visit] = (event.task, event.source, event.round)
        elif isinstance(event, e.ItemsStarted):
            visited = (event.task, event.visit)
            if visited in wanted and visited not in reset_items:
                values = event.items if event.items is not None else items[visited].values
                before = items[visited].unfinished() if event.items is None else None
                items[visited] = before or Items(values=values)
        elif isinstance(event, e.ItemSucceeded):
            visited = (event.task, event.visit)
            if visited in items:
                items[visited] = items[visited].end(
                    event.item, Status.SUCCEEDED, event.result, None
                )
    return tuple(
        Again(visited=target, origin=origins[target], items=items.get(target)) for target in targets
    )


def without(
    steps: Sequence[Step], targets: Iterable[Visited], gone: frozenset[Visited]
) -> list[Step]:
    """Return the steps without those of the superseded task executions."""
    kept_firings = set(targets)
    led_on = {
        (step.event.task, step.event.visit)
        for step in steps
        if isinstance(step.event, e.TransitionTaken)
    }
    begun = steps[0].event
    ends_only = isinstance(begun, e.ExecutionStarted) and begun.ends_only
    return [
        step
        for step in steps
        if _stays(step.event, gone, kept_firings, led_on, ends_only=ends_only)
    ]


def _stays(
    event: e.AnyEvent,
    gone: frozenset[Visited],
    kept_firings: set[Visited],
    led_on: set[Visited],
    *,
    ends_only: bool,
) -> bool:
    match event:
        case e.JoinFired(join=join, visit=visit):
            return (join, visit) not in gone or (join, visit) in kept_firings
        case e.JoinArrived(join=join, joined=int(joined)) if (join, joined) in gone:
            return False  # it waits beside the others, and arrives anew
        case e.JoinRoundEnded(outcome=outcome):
            return outcome == "superseded"
        case e.BranchEnded(task=task, visit=visit, unmet=0) if (task, visit) in led_on:
            # It only ended because the execution had; where ends are all that counts, it stays one.
            return ends_only and (task, visit) not in gone
        case e.ExecutionStarted() | e.ExecutionRerun():
            return True
        case _ if isinstance(event, _DECIDED_ANEW):
            return False
        case _:
            return (event.task, event.visit) not in gone


def fold_steps(steps: Sequence[Step]) -> State:
    """Return the state after these steps, each under its own number."""
    state = NEW
    for step in steps:
        state = replace(state, seq=step.seq - 1)
        event = step.event
        if isinstance(event, e.ExecutionRerun):
            state = prepared(state, step.again, step.variables, step.seq)
        elif isinstance(event, e.JoinFired):
            # Who may still arrive in the round is different now.
            state = evolve(state, replace(event, remembered=True))
        elif isinstance(event, e.JoinRoundEnded):
            state = _round_ended(state, event)
        else:
            state = evolve(state, event)
    return replace(state, leaving=None)


def _round_ended(state: State, event: e.JoinRoundEnded) -> State:
    try:
        return evolve(state, event)
    except IllegalEventError:
        return state  # nobody has arrived in it who still counts


def prepared(
    state: State, again: Iterable[Again], variables: Mapping[str, JsonValue], seq: int
) -> State:
    """Return the state with what waits to be run again marked so, and the variables written."""
    by_origin = {one.origin: one for one in again}
    arrivals = tuple(
        _marked(arrival, by_origin, variables, seq, deep=state.deep) for arrival in state.arrivals
    )
    return replace(state, arrivals=arrivals)


def _marked(
    arrival: Arrival,
    by_origin: Mapping[Origin, Again],
    variables: Mapping[str, JsonValue],
    seq: int,
    *,
    deep: bool,
) -> Arrival:
    branch = arrival.branch
    for name, value in variables.items():
        branch = replace(
            branch, context=contexts.write(branch.context, name, value, seq, deep=deep)
        )
    one = by_origin.get((arrival.task, arrival.source, arrival.round))
    if one is None or arrival.visit is not None:
        return replace(arrival, branch=branch)
    return replace(arrival, branch=branch, again=one.visited[1], items=one.items)


def with_counts(state: State, recorded: Iterable[e.Recorded]) -> State:
    """Return the state with the visits counted over the whole log, superseded ones included."""
    visits: HashTrieMap[str, int] = HashTrieMap()
    for one in recorded:
        event = one.event
        if isinstance(event, e.TaskScheduled):
            visits = visits.insert(event.task, max(event.visit, visits.get(event.task, 0)))
    return replace(state, visits=visits)
