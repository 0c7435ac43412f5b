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
    led_to = _Descent(steps, targets, begun).led_to
    if len(targets) == 1:
        return set(targets)
    return {one for one in targets if any(led_to[one] - led_to[other] for other in targets)}


class _Descent:
    """What the targets led to at once, and was begun: tasks, and commands.

    What was run again counts for what that was at first: what led to this one led to that.
    """

    def __init__(
        self, steps: Sequence[Step], targets: frozenset[Visited], begun: frozenset[Visited]
    ) -> None:
        self.led_to: dict[Visited, set[tuple[str, int | str]]] = {one: {one} for one in targets}
        self._begun = begun
        self._first = _firsts(steps)
        self._named: dict[Visited, list[Visited]] = {}
        for target in targets:
            self._named.setdefault(self._first.get(target, target), []).append(target)
        self._arrived: dict[tuple[str, int], list[Visited]] = {}
        for step in steps:
            self._take(step.event)

    def _of(self, visited: Visited | None) -> Sequence[Visited]:
        """Return the targets that are this task execution, run again or not."""
        return () if visited is None else self._named.get(self._first.get(visited, visited), ())

    def _take(self, event: e.AnyEvent) -> None:
        match event:
            case e.TaskScheduled(task=task, visit=visit):
                self._add(self._of(event.source), (task, visit))
                if event.again is not None:
                    again = (task, event.again)
                    following = [one for one, led in self.led_to.items() if again in led]
                    self._add(following, (task, visit))
            case e.TransitionTaken(task=task, visit=visit):
                own = f"{task}#{visit}.{event.transition}"
                for target in self._of((task, visit)):
                    self.led_to[target] |= {(one, own) for one in COMMANDS.intersection(event.do)}
            case e.JoinArrived(task=task, visit=visit):
                here = self._arrived.setdefault((event.join, event.key), [])
                here.extend(self._of((task, visit)))
            case e.JoinFired(join=join, visit=visit):
                self._add(self._arrived.get((join, event.key), ()), (join, visit))
            case _:
                pass

    def _add(self, targets: Iterable[Visited], led: Visited) -> None:
        if led in self._begun:
            for target in targets:
                self.led_to[target].add(led)


def _firsts(steps: Iterable[Step]) -> dict[Visited, Visited]:
    """Return, of what was run again, what that was at first."""
    first: dict[Visited, Visited] = {}
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled) and event.again is not None:
            before = (event.task, event.again)
            first[event.task, event.visit] = first.get(before, before)
    return first


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
    """Return what was begun and to which a target led at once; what that was run again as, too."""
    arrived: set[RoundKey] = set()
    found: set[Visited] = set()
    for step in steps:
        event = step.event
        if isinstance(event, e.TaskScheduled) and (
            event.source in targets or (event.task, event.again) in found
        ):
            found.add((event.task, event.visit))
        elif isinstance(event, e.JoinArrived) and (event.task, event.visit) in targets:
            arrived.add((event.join, event.key))
        elif isinstance(event, e.JoinFired) and (event.join, event.key) in arrived:
            found.add((event.join, event.visit))
    return frozenset(found & begun)
