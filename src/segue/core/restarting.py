"""Beginning task executions once more beside what they did before, as Orquesta does.

What they led to stays, begun or not; only joins that were begun fire again when they are arrived
at anew.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from segue.core import events as e
from segue.core.evolve_branches import COMMANDS
from segue.core.rerun_plan import Visited
from segue.core.rerun_step import Rewound, RoundKey, Step
from segue.core.superseding import followers, without


def restarted(steps: Sequence[Step], targets: frozenset[Visited]) -> Rewound:
    """Return the steps as they count where the targets begin again."""
    begun = _begun(steps)
    waiting = frozenset(
        (step.event.task, step.event.visit)
        for step in steps
        if isinstance(step.event, e.TaskScheduled)
    )
    found = followers(steps, targets, staying=waiting - begun)
    again = _not_collapsed(steps, targets, begun) - _withdrawn(steps)
    forgive = _Forgiveness(steps, targets, found.all, begun)
    kept = [forgive.step(step) for step in steps]
    return Rewound(
        steps=without([step for step in kept if step is not None], (), frozenset()),
        again=again,
        superseded=frozenset(again),
        reopened=frozenset(
            (step.event.join, step.event.key)
            for step in steps
            if isinstance(step.event, e.JoinFired)
            and (step.event.join, step.event.visit) in found.joins
        ),
    )


def _begun(steps: Iterable[Step]) -> frozenset[Visited]:
    return frozenset(
        (step.event.task, step.event.visit)
        for step in steps
        if isinstance(step.event, e.AttemptStarted | e.ItemsStarted)
    )


def _withdrawn(steps: Iterable[Step]) -> frozenset[Visited]:
    """Return what waits where it was, and so goes on without being begun once more."""
    waiting: set[Visited] = set()
    for step in steps:
        match step.event:
            case e.TaskWithdrawn(task=task, visit=visit):
                waiting.add((task, visit))
            case e.TaskScheduled(task=task, visit=visit):
                waiting.discard((task, visit))
            case _:
                pass
    return frozenset(waiting)


def _not_collapsed(
    steps: Sequence[Step], targets: frozenset[Visited], begun: frozenset[Visited]
) -> set[Visited]:
    """Return the targets that are run again where what another one did stays.

    One is not if it, and what its transitions led to at once and was begun, is among what those of
    each other one led to: it comes again by itself then.
    """
    led_to: dict[Visited, set[tuple[str, int | str]]] = {target: {target} for target in targets}
    arrived: dict[tuple[str, int], list[Visited]] = {}
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled) and event.source in led_to:
            led_to[event.source] |= {(event.task, event.visit)} & begun
        elif isinstance(event, e.TransitionTaken) and (event.task, event.visit) in led_to:
            commands = COMMANDS.intersection(event.do)
            own = f"{event.task}#{event.visit}.{event.transition}"
            led_to[event.task, event.visit] |= {(command, own) for command in commands}
        elif isinstance(event, e.JoinArrived) and (event.task, event.visit) in led_to:
            arrived.setdefault((event.join, event.key), []).append((event.task, event.visit))
        elif isinstance(event, e.JoinFired):
            for source in arrived.get((event.join, event.key), ()):
                led_to[source] |= {(event.join, event.visit)} & begun
    if len(targets) == 1:
        return set(targets)
    return {one for one in targets if any(led_to[one] - led_to[other] for other in targets)}


class _Forgiveness:
    """What of a log counts where the targets are to come again, and what they did stays."""

    def __init__(
        self,
        steps: Sequence[Step],
        targets: frozenset[Visited],
        followers: frozenset[Visited],
        begun: frozenset[Visited],
    ) -> None:
        self._targets = targets
        self._followers = followers
        self._fired = {
            (step.event.join, step.event.key)
            for step in steps
            if isinstance(step.event, e.JoinFired)
        }
        self._open_ended = targets | _led_to(steps, targets, begun)

    def step(self, step: Step) -> Step | None:
        """Return a step as it counts; None if it does not.

        The targets, and what they led to at once, have not ended a branch; no failure counts that
        may be repaired; and a round that has not fired goes on without the targets, though with
        what they brought.
        """
        event = step.event
        match event:
            case e.TaskFailed(task=task, visit=visit) if (task, visit) in self._followers:
                return _as(step, replace(event, handled=True))
            case e.JoinArrived(join=join, key=key, task=task, visit=visit) if (
                task,
                visit,
            ) in self._targets:
                return _as(step, replace(event, counts=(join, key) in self._fired))
            case e.BranchEnded(task=task, visit=visit) if (task, visit) in self._open_ended:
                return None
            case e.TransitionLost(task=task, visit=visit) if (task, visit) in self._targets:
                return None
            case e.TransitionTaken(task=task, visit=visit) if (task, visit) in self._targets:
                tasks = tuple(name for name in event.do if name not in COMMANDS)
                return _as(step, replace(event, do=tasks, ends=False)) if tasks else None
            case _:
                return step


def _as(step: Step, event: e.AnyEvent) -> Step:
    return dataclasses.replace(step, event=event)


def _led_to(
    steps: Sequence[Step], targets: frozenset[Visited], begun: frozenset[Visited]
) -> frozenset[Visited]:
    """Return what was begun and to what a transition of a target leads at once."""
    arrived: set[RoundKey] = set()
    found: set[Visited] = set()
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled) and event.source in targets:
            found.add((event.task, event.visit))
        elif isinstance(event, e.JoinArrived) and (event.task, event.visit) in targets:
            arrived.add((event.join, event.key))
        elif isinstance(event, e.JoinFired) and (event.join, event.key) in arrived:
            found.add((event.join, event.visit))
    return frozenset(found & begun)
