"""Whether transitions are evaluated once, and what they lead to comes once; and joins."""

from collections import Counter
from collections.abc import Iterator, Mapping

from segue.core import events as e
from segue.core.evolve_branches import COMMANDS
from segue.verification.attempts import Visited
from segue.verification.check import Check

RoundKey = tuple[str, int]


class Transitions(Check):
    """The transitions of a task execution are evaluated once, as it completes, in their order."""

    def __init__(self) -> None:
        self._leaving: Visited | None = None
        self._last = -1
        self._lost: set[int] = set()
        self._ended = False

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Compare transitions with what has completed last."""
        event = one.event
        match event:
            case e.TaskSucceeded() | e.TaskFailed() | e.TaskCanceled() | e.TaskSkipped():
                self._leaving, self._last = (event.task, event.visit), -1
                self._lost.clear()
                self._ended = False
            case e.TransitionTaken() | e.TransitionLost():
                yield from self._take(event)
            case e.BranchEnded(task=task, visit=visit):
                if (task, visit) != self._leaving:
                    yield f"the branch of {task}#{visit} ends, which did not complete last"
                elif self._ended:
                    yield f"the branch of {task}#{visit} ends twice"
                self._ended = True
            case _:
                pass

    def _take(self, event: e.TransitionTaken | e.TransitionLost) -> Iterator[str]:
        number = event.transition
        named = f"transition {number} of {event.task}#{event.visit}"
        if (event.task, event.visit) != self._leaving:
            yield f"{named}, which did not complete last"
        elif number in self._lost or number == self._last:
            yield f"{named} is evaluated again"
        elif isinstance(event, e.TransitionTaken) and number < self._last:
            yield f"{named} follows transition {self._last}"
        if isinstance(event, e.TransitionTaken):
            self._last = number
        else:
            self._lost.add(number)


class Arrivals(Check):
    """What is scheduled, or arrives at a join, was led to: once for each time that it was."""

    def __init__(self) -> None:
        self._coming: Counter[tuple[str, Visited | None]] = Counter()
        self._succeeded = False

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Count what was led to against what has come."""
        event = one.event
        match event:
            case e.ExecutionStarted(start=start):
                self._coming.update((task, None) for task in start)
            case e.TransitionTaken(task=task, visit=visit, do=do):
                led_to = [name for name in do if name not in COMMANDS]
                self._coming.update((name, (task, visit)) for name in led_to)
            case e.JoinFired(join=task) | e.TaskWithdrawn(task=task):
                self._coming[task, None] += 1
            case e.TaskScheduled(task=task, source=source):
                yield from self._come(task, source)
            case e.JoinArrived(join=join) | e.ArrivalAbsorbed(join=join):
                yield from self._come(join, (event.task, event.visit))
            case _:
                yield from self._see_ends(event)

    def _see_ends(self, event: e.AnyEvent) -> Iterator[str]:
        match event:
            case e.ExecutionSucceeded():
                self._succeeded = True
            case e.ExecutionRerun(state=state):
                self._succeeded = False
                self._coming = Counter((one.task, one.source) for one in state.arrivals)
            case e.ExecutionSettled() if self._succeeded:
                left = sorted(task for (task, _), count in self._coming.items() if count > 0)
                if left:
                    yield f"it succeeded, and {', '.join(left)} was led to and never came"
            case _:
                pass

    def _come(self, task: str, source: Visited | None) -> Iterator[str]:
        if self._coming[task, source] <= 0:
            who = "nothing" if source is None else f"{source[0]}#{source[1]}"
            yield f"{task} comes from {who}, which does not lead there (any more)"
        self._coming[task, source] -= 1
        if not self._coming[task, source]:
            del self._coming[task, source]


class Joins(Check):
    """A round of a join fires once, with as many arrivals as it needs, and is one visit.

    `needed` says how many that is, by join; of others it is not known.
    """

    def __init__(self, needed: Mapping[str, int]) -> None:
        self._needed = needed
        self._arrived: dict[RoundKey, set[str]] = {}
        self._fired: set[RoundKey] = set()
        self._to_come: set[RoundKey] = set()

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Follow the rounds."""
        event = one.event
        match event:
            case e.JoinArrived(join=join, key=key, task=task, joined=joined):
                if joined is None:
                    self._arrived.setdefault((join, key), set()).add(task)
                yield from self._late((join, key), fired=joined is not None)
            case e.ArrivalAbsorbed(join=join, key=key):
                yield from self._late((join, key), fired=True)
            case e.JoinFired(join=join, key=key):
                yield from self._fire((join, key))
            case e.TaskScheduled(task=task, round=int(key)):
                yield from self._schedule((task, key))
            case e.JoinRoundEnded(join=join, key=key, stays=False):
                self._arrived.pop((join, key), None)
            case e.ExecutionRerun(state=state):
                self._arrived = {
                    (join, key): set(sources) for join, key, sources, _ in state.rounds
                }
                for join, key, sources in state.counted:
                    self._arrived.setdefault((join, key), set()).update(sources)
                self._fired = {(join, key) for join, key, _ in state.fired}
                self._to_come = {
                    (one.task, one.round) for one in state.arrivals if one.round is not None
                }
            case _:
                pass

    def _late(self, round_: RoundKey, *, fired: bool) -> Iterator[str]:
        if (round_ in self._fired) is not fired:
            has = "has fired" if round_ in self._fired else "has not fired"
            yield f"an arrival at {round_[0]}, as if round {round_[1]} were another: it {has}"

    def _fire(self, round_: RoundKey) -> Iterator[str]:
        join, key = round_
        if round_ in self._fired:
            yield f"round {key} of {join} fires again"
        arrived = self._arrived.pop(round_, set())
        needed = self._needed.get(join, 1)
        if len(arrived) < needed:
            yield f"round {key} of {join} fires with {len(arrived)} of {needed} arrivals"
        self._fired.add(round_)
        self._to_come.add(round_)

    def _schedule(self, round_: RoundKey) -> Iterator[str]:
        if round_ not in self._to_come:
            yield f"{round_[0]} is scheduled for round {round_[1]}, which it was before"
        self._to_come.discard(round_)
