"""Going back: an execution as if some of its task executions had not been scheduled.

The log is folded again without what they did and without all that followed from them: so what they
came from stands there waiting, and what came from elsewhere stays as it was.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace
from rpds import HashTrieMap

from segue.core import context as contexts
from segue.core import events as e
from segue.core.errors import IllegalEventError
from segue.core.evolve import evolve
from segue.core.items import Items
from segue.core.rerun_plan import Visited
from segue.core.rerun_step import Again, Origin, Rewound, RoundKey, Step
from segue.core.restarting import restarted
from segue.core.state import NEW, Arrival, Round, State
from segue.core.status import Status
from segue.core.superseding import followers, without
from segue.expressions.scope import TaskRecord
from segue.language.model import Rerun
from segue.values import JsonValue

#: What is known of a task execution that is to begin and has not.
_NOT_BEGUN = TaskRecord(status="null")


def rewound(steps: Sequence[Step], targets: Iterable[Visited], rerun: Rerun) -> Rewound:
    """Return the steps as if the targets had not been begun."""
    if rerun is Rerun.RESTARTS:
        return restarted(steps, frozenset(targets))
    found = followers(steps, targets)
    # A join may have fired without that its task came to be scheduled.
    superseded = found.all.intersection(filter(None, map(scheduled, steps)))
    kept = _set_apart(without(steps, found.first, found.all), _begun(steps, found.first))
    return Rewound(steps=kept, again=found.first, superseded=superseded)


def _begun(steps: Iterable[Step], visits: set[Visited]) -> list[tuple[int, Origin]]:
    """Return when these were scheduled, and from where."""
    return [
        (step.seq, (step.event.task, step.event.source, step.event.round))
        for step in steps
        if isinstance(step.event, e.TaskScheduled) and (step.event.task, step.event.visit) in visits
    ]


def _set_apart(steps: Iterable[Step], begun: Sequence[tuple[int, Origin]]) -> list[Step]:
    """Return the steps with former reruns knowing what had begun before them."""
    return [
        dataclasses.replace(
            step, apart=step.apart.union(origin for seq, origin in begun if seq < step.seq)
        )
        if step.variables
        else step
        for step in steps
    ]


def steps_of(recorded: Iterable[e.Recorded]) -> list[Step]:
    """Return what counts of a log: without what its reruns have superseded."""
    steps: list[Step] = []
    for one in recorded:
        event = one.event
        if isinstance(event, e.ExecutionRerun):
            mode = Rerun(event.rerun)
            reopened: tuple[tuple[RoundKey, Round], ...] = ()
            again = again_of(
                steps, event.targets, reset_items=frozenset(event.reset_items), rerun=mode
            )
            if event.from_start:
                begun = event.restarted or steps[0].event
                steps = [Step(seq=steps[0].seq, event=begun)]
            else:
                asked = event.asked or event.targets
                found = rewound(steps, asked, mode)
                reopened = rounds_of(steps, found.reopened, asked)
                steps = found.steps
            steps.append(
                Step(
                    seq=one.seq,
                    event=event,
                    again=again,
                    variables=event.variables,
                    reopened=reopened,
                )
            )
        else:
            steps.append(Step(seq=one.seq, event=event))
    return steps


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
        # What a rerun has superseded is not among the steps, but what was kept of it is with them.
        items |= {one.visited: one.items for one in step.again if one.items is not None}
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
    found = tuple(
        Again(
            visited=target,
            origin=origins[target],
            items=None if target in reset_items else items.get(target),
        )
        for target in targets
    )
    return found if rerun is Rerun.SUPERSEDES else tuple(_beside(steps, one) for one in found)


def _beside(steps: Sequence[Step], again: Again) -> Again:
    """Return it with the branch with which it was begun; with items it keeps its place."""
    begun = next(
        at
        for at, step in enumerate(steps)
        if isinstance(step.event, e.AttemptStarted | e.ItemsStarted | e.TaskFailed)
        and (step.event.task, step.event.visit) == again.visited
    )
    execution = fold_steps(steps[:begun]).find(*again.visited)
    assert execution is not None  # it was scheduled before
    place = (execution.place or steps[begun].seq) if again.items is not None else 0
    return dataclasses.replace(again, branch=execution.branch, place=place)


def rounds_of(
    steps: Sequence[Step], keys: frozenset[RoundKey], targets: Iterable[Visited]
) -> tuple[tuple[RoundKey, Round], ...]:
    """Return these rounds as they were before they fired, without the targets among the sources."""
    coming = {task for task, _ in targets}
    found: dict[RoundKey, Round] = {}
    state = NEW
    for step in steps if keys else ():
        event = step.event
        if isinstance(event, e.JoinFired) and (event.join, event.key) in keys:
            waiting = state.rounds[event.join, event.key]
            sources = tuple(source for source in waiting.sources if source not in coming)
            found[event.join, event.key] = Round(sources, waiting.branch, dormant=True)
        state = _folded(state, step)
    return tuple(found.items())


def fold_steps(steps: Sequence[Step]) -> State:
    """Return the state after these steps, each under its own number."""
    state = NEW
    for step in steps:
        state = _folded(state, step)
    return replace(state, leaving=None)


def _folded(state: State, step: Step) -> State:
    state = replace(state, seq=step.seq - 1)
    event = step.event
    if isinstance(event, e.ExecutionRerun):
        inputs = event.inputs or {}
        state = prepared(
            state, step.again, step.variables, step.seq, apart=step.apart, inputs=frozenset(inputs)
        )
        return reopened(state, step.reopened)
    if isinstance(event, e.JoinFired):
        # Who may still arrive in the round is different now.
        return evolve(state, replace(event, remembered=True))
    if isinstance(event, e.JoinRoundEnded):
        return _round_ended(state, event)
    return evolve(state, event)


def reopened(state: State, rounds: Iterable[tuple[RoundKey, Round]]) -> State:
    """Return the state with these rounds, which fire when somebody arrives."""
    for key, waiting in rounds:
        state = replace(
            state, rounds=state.rounds.insert(key, waiting), fired=state.fired.discard(key)
        )
    return state


def _round_ended(state: State, event: e.JoinRoundEnded) -> State:
    try:
        return evolve(state, event)
    except IllegalEventError:
        return state  # nobody has arrived in it who still counts


def prepared(
    state: State,
    again: Sequence[Again],
    variables: Mapping[str, JsonValue],
    seq: int,
    *,
    apart: frozenset[Origin] = frozenset(),
    inputs: frozenset[str] = frozenset(),
) -> State:
    """Return the state with what waits to be run again marked so, and the variables written.

    For what came from the origins set `apart` only `inputs` are written.
    """
    by_origin = {one.origin: one for one in again if one.branch is None}
    fewer = {name: value for name, value in variables.items() if name in inputs}
    arrivals = tuple(
        _marked(
            arrival,
            by_origin,
            fewer if _origin(arrival) in apart else variables,
            seq,
            deep=state.deep,
        )
        for arrival in (*state.arrivals, *_anew(again))
    )
    return replace(_unseen(state, again), arrivals=arrivals)


def _unseen(state: State, again: Iterable[Again]) -> State:
    """Return the state in which who asks learns nothing of what begins once more beside itself.

    Tasks with items stay as they are known: they go on with those that are left.
    """
    seen = state.seen
    for one in again:
        task = one.visited[0]
        if one.branch is None or one.items is not None:
            continue
        route = one.branch.route
        seen = seen.insert(
            task,
            tuple(
                (at, seq, _NOT_BEGUN) if at == route else (at, seq, record)
                for at, seq, record in seen.get(task, ())
            ),
        )
    return replace(state, seen=seen)


def _origin(arrival: Arrival) -> Origin:
    return arrival.task, arrival.source, arrival.round


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
            place=one.place,
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
    one = by_origin.get(_origin(arrival))
    if one is None or arrival.visit is not None:
        return replace(arrival, branch=branch)
    return replace(arrival, branch=branch, again=one.visited[1], items=one.items)


def with_counts(state: State, recorded: Iterable[e.Recorded], steps: Iterable[Step]) -> State:
    """Return the state with the visits numbered over the whole log, superseded ones included.

    How many of them are not among the steps, which are all that counts, is kept, too.
    """
    numbered: dict[str, int] = {}
    for one in recorded:
        event = one.event
        if isinstance(event, e.TaskScheduled):
            numbered[event.task] = max(event.visit, numbered.get(event.task, 0))
    counted = Counter(task for task, _ in filter(None, set(map(scheduled, steps))))
    superseded = {task: visit - counted[task] for task, visit in numbered.items()}
    return replace(
        state,
        visits=HashTrieMap(numbered),
        superseded=HashTrieMap({task: gone for task, gone in superseded.items() if gone}),
    )


def scheduled(step: Step) -> Visited | None:
    """Return the task execution that came to be with this step."""
    event = step.event
    return (event.task, event.visit) if isinstance(event, e.TaskScheduled) else None
