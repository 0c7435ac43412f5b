"""Going back to before task executions: what followed from them counts no more.

A visit follows from another if a transition of that led to it, or if it is of a join at which that
arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from segue.core import events as e
from segue.core.rerun_plan import Visited
from segue.core.rerun_step import Step

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


class Followers(NamedTuple):
    """What followed from task executions that are run again.

    `all` are they and what followed; `first` those of them that follow from no other one. `joins`
    are the joins among what followed, and what came after those.
    """

    all: frozenset[Visited]
    first: set[Visited]
    joins: frozenset[Visited]


def followers(
    steps: Sequence[Step], targets: Iterable[Visited], staying: frozenset[Visited] = frozenset()
) -> Followers:
    """Return what followed from the targets, and which of them follow from no other one.

    Those that are `staying` are not among the joins.
    """
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
        joins -= staying
        gone |= joins
    return Followers(frozenset(gone), first - joins, frozenset(joins))


def _fired_again(event: e.TaskScheduled, tainted: set[tuple[str, int]]) -> bool:
    """Whether this is of a joined task that a rerun began again, in a round that counts no more."""
    return event.round is not None and (event.task, event.round) in tainted


def without(
    steps: Sequence[Step], targets: Iterable[Visited], gone: frozenset[Visited]
) -> list[Step]:
    """Return the steps without those of the superseded task executions."""
    kept_firings = set(targets)
    led_on = {
        (step.event.task, step.event.visit)
        for step in steps
        if isinstance(step.event, e.TransitionTaken | e.TransitionLost)
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
