"""Going back: an execution as if some of its task executions had not been scheduled.

The log is folded again without what they did and without all that followed from them: so what they
came from stands there waiting, and what came from elsewhere stays as it was. A visit follows from
another if a transition of that led to it, or if it is of a join at which that arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace
from rpds import HashTrieMap

from segue.core import context as contexts
from segue.core import events as e
from segue.core.errors import IllegalEventError
from segue.core.evolve import evolve
from segue.core.evolve_branches import COMMANDS
from segue.core.items import Items
from segue.core.rerun_plan import Visited
from segue.core.state import NEW, Arrival, Branch, State
from segue.core.status import Status
from segue.language.model import Rerun
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
    """A task execution that is run again: where its branch waits, and what it keeps.

    `branch` is set where what it did before stays: then nothing waits, and it begins with this.
    """

    visited: Visited
    origin: Origin
    items: Items | None = None
    branch: Branch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event that counts. For a rerun: what it ran again, and what it wrote before that."""

    seq: int
    event: e.AnyEvent
    again: tuple[Again, ...] = ()
    variables: Mapping[str, JsonValue] = field(default_factory=dict)


class Followers(NamedTuple):
    """What followed from task executions that are run again.

    `all` are they and what followed; `first` those of them that follow from no other one. `joins`
    are the joins among what followed, and what came after those.
    """

    all: frozenset[Visited]
    first: set[Visited]
    joins: frozenset[Visited]


def rewound(
    steps: Sequence[Step], targets: Iterable[Visited], rerun: Rerun
) -> tuple[list[Step], set[Visited], frozenset[Visited]]:
    """Return the steps as if the targets had not been begun, which are run again, what is gone."""
    found = followers(steps, targets)
    if rerun is Rerun.SUPERSEDES:
        return without(steps, found.first, found.all), found.first, found.all
    again = _not_collapsed(steps, frozenset(targets)) - found.joins
    kept = [_forgiven(step, frozenset(targets), found.all) for step in steps]
    remaining = [step for step in kept if step is not None]
    return without(remaining, (), found.joins), again, found.joins | again


def _not_collapsed(steps: Sequence[Step], targets: frozenset[Visited]) -> set[Visited]:
    """Return the targets that are run again where what another one did stays.

    One is not if it, and what its transitions led to at once, is among what those of each other one
    led to: it comes again by itself then.
    """
    led_to: dict[Visited, set[tuple[str, int | str]]] = {target: {target} for target in targets}
    arrived: dict[tuple[str, int], list[Visited]] = {}
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled) and event.source in led_to:
            led_to[event.source].add((event.task, event.visit))
        elif isinstance(event, e.TransitionTaken) and (event.task, event.visit) in led_to:
            commands = COMMANDS.intersection(event.do)
            own = f"{event.task}#{event.visit}.{event.transition}"
            led_to[event.task, event.visit] |= {(command, own) for command in commands}
        elif isinstance(event, e.JoinArrived) and (event.task, event.visit) in led_to:
            arrived.setdefault((event.join, event.key), []).append((event.task, event.visit))
        elif isinstance(event, e.JoinFired):
            for source in arrived.get((event.join, event.key), ()):
                led_to[source].add((event.join, event.visit))
    if len(targets) == 1:
        return set(targets)
    return {one for one in targets if any(led_to[one] - led_to[other] for other in targets)}


def _forgiven(
    step: Step, targets: frozenset[Visited], followers: frozenset[Visited]
) -> Step | None:
    """Return a step as it counts where the targets are to come again, and what they did stays.

    They have not arrived at joins, nor ended a branch, and no failure counts that may be repaired.
    """
    event = step.event
    match event:
        case e.TaskFailed(task=task, visit=visit) if (task, visit) in followers:
            return Step(seq=step.seq, event=replace(event, handled=True))
        case e.JoinArrived(join=join, key=key, task=task, visit=visit) if (
            task,
            visit,
        ) in targets:
            absorbed = e.ArrivalAbsorbed(join=join, key=key, task=task, visit=visit)
            return Step(seq=step.seq, event=absorbed)
        case e.BranchEnded(task=task, visit=visit) if (task, visit) in targets:
            return None
        case e.TransitionTaken(task=task, visit=visit) if (task, visit) in targets:
            if COMMANDS.issuperset(event.do):
                return None
            return Step(seq=step.seq, event=replace(event, ends=False))
        case _:
            return step


def steps_of(recorded: Iterable[e.Recorded]) -> list[Step]:
    """Return what counts of a log: without what its reruns have superseded."""
    steps: list[Step] = []
    for one in recorded:
        event = one.event
        if isinstance(event, e.ExecutionRerun):
            mode = Rerun(event.rerun)
            again = again_of(
                steps, event.targets, reset_items=frozenset(event.reset_items), rerun=mode
            )
            if event.from_start:
                begun = event.restarted or steps[0].event
                steps = [Step(seq=steps[0].seq, event=begun)]
            else:
                steps, _, _ = rewound(steps, event.asked, mode)
            steps.append(Step(seq=one.seq, event=event, again=again, variables=event.variables))
        else:
            steps.append(Step(seq=one.seq, event=event))
    return steps


def followers(steps: Sequence[Step], targets: Iterable[Visited]) -> Followers:
    """Return what followed from the targets, and which of them follow from no other one."""
    wanted = set(targets)
    gone: set[Visited] = set()
    first = set(wanted)
    joins: set[Visited] = set()
    tainted: set[tuple[str, int]] = set()
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled):
            visited = (event.task, event.visit)
            if event.source in joins or _fired_again(event, tainted):
                joins.add(visited)
            if event.source in gone or visited in gone:
                first.discard(visited)
                gone.add(visited)
            elif visited in wanted:
                gone.add(visited)
        elif isinstance(event, e.JoinArrived) and (event.task, event.visit) in gone:
            tainted.add((event.join, event.key))
            if event.joined is not None:
                joins.add((event.join, event.joined))
        elif isinstance(event, e.JoinFired) and (event.join, event.key) in tainted:
            joins.add((event.join, event.visit))
        gone |= joins
    return Followers(frozenset(gone), first - joins, frozenset(joins))


def _fired_again(event: e.TaskScheduled, tainted: set[tuple[str, int]]) -> bool:
    """Whether this is of a joined task that a rerun began again, in a round that counts no more."""
    return event.round is not None and (event.task, event.round) in tainted


def again_of(
    steps: Sequence[Step],
    targets: Iterable[Visited],
    *,
    reset_items: frozenset[Visited],
    rerun: Rerun,
) -> tuple[Again, ...]:
    """Return how the targets are run again: with the items that had succeeded, unless reset."""
    origins: dict[Visited, Origin] = {}
    items: dict[Visited, Items] = {}
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled):
            visited = (event.task, event.visit)
            origins[visited] = (event.task, event.source, event.round)
            if event.again is not None and (event.task, event.again) in items:
                items[visited] = items[event.task, event.again]
        elif isinstance(event, e.ItemsStarted):
            visited = (event.task, event.visit)
            values = event.items
            items[visited] = items[visited].unfinished() if values is None else Items(values=values)
        elif isinstance(event, e.ItemSucceeded):
            visited = (event.task, event.visit)
            items[visited] = items[visited].end(event.item, Status.SUCCEEDED, event.result, None)
    return tuple(
        Again(
            visited=target,
            origin=origins[target],
            items=None if target in reset_items else items.get(target),
            branch=_branch_of(steps, target) if rerun is Rerun.RESTARTS else None,
        )
        for target in targets
    )


def _branch_of(steps: Sequence[Step], target: Visited) -> Branch:
    """Return the branch with which a task execution was begun."""
    begun = next(
        at
        for at, step in enumerate(steps)
        if isinstance(step.event, e.AttemptStarted | e.ItemsStarted | e.TaskFailed)
        and (step.event.task, step.event.visit) == target
    )
    execution = fold_steps(steps[:begun]).find(*target)
    assert execution is not None  # it was scheduled before
    return execution.branch


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
    return [step for step in steps if _stays(step.event, gone, kept_firings, led_on)]


def _stays(
    event: e.AnyEvent,
    gone: frozenset[Visited],
    kept_firings: set[Visited],
    led_on: set[Visited],
) -> bool:
    match event:
        case e.JoinFired(join=join, visit=visit):
            return (join, visit) not in gone or (join, visit) in kept_firings
        case e.JoinArrived(join=join, joined=int(joined)) if (join, joined) in gone:
            return False  # it waits beside the others, and arrives anew
        case e.JoinRoundEnded(outcome=outcome):
            return outcome == "superseded"
        case e.BranchEnded(task=task, visit=visit, unmet=0) if (task, visit) in led_on:
            return False  # it only ended because the execution had
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
    state: State, again: Sequence[Again], variables: Mapping[str, JsonValue], seq: int
) -> State:
    """Return the state with what waits to be run again marked so, and the variables written."""
    by_origin = {one.origin: one for one in again if one.branch is None}
    arrivals = tuple(
        _marked(arrival, by_origin, variables, seq, deep=state.deep)
        for arrival in (*state.arrivals, *_anew(again))
    )
    return replace(state, arrivals=arrivals)


def _anew(again: Iterable[Again]) -> list[Arrival]:
    """Return the arrivals of what begins once more beside what it did before."""
    return [
        Arrival(
            task=one.visited[0],
            branch=one.branch,
            source=None,
            direct=True,
            round=one.origin[2],
            again=one.visited[1],
            items=one.items,
        )
        for one in again
        if one.branch is not None
    ]


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
