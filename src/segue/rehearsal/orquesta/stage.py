"""A rehearsal of Orquesta's, from its start to its end, in the rounds in which Orquesta does it.

It runs a workflow round by round: all that may be begun is begun, and then ended one after the
other, of a task with items one item; then it is asked again what may be begun. The sequence of
tasks that such a file expects is the one that follows from this.
"""

from collections.abc import Iterable

from segue.conducting.conductor import Conductor
from segue.conducting.requests import Report, ReportedStatus, RerunTarget
from segue.conducting.responses import OfferMessage
from segue.conducting.troubles import handle_of
from segue.core import events as e
from segue.core.program import Program
from segue.core.rerun_plan import Visited
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language.model import EngineCommand, Workflow
from segue.rehearsal.orquesta.spec import OrquestaMock, OrquestaTarget, on_route
from segue.rehearsal.spec import BEGINNING
from segue.values import JsonValue

FACTS = Facts(now=BEGINNING)

Route = tuple[str, ...]

_COMMANDS = frozenset(EngineCommand)


class Mocks:
    """Which mock is next for a task, as Orquesta looks for it."""

    def __init__(self, mocks: tuple[OrquestaMock, ...]) -> None:
        self._mocks = mocks
        self._left = [mock.times for mock in mocks]

    def take(self, task: str, place: int) -> OrquestaMock | None:
        """Return the mock for the task at this place of the sequence, or else the next of it."""
        left = [
            index
            for index, mock in enumerate(self._mocks)
            if mock.task == task and self._left[index] > 0
        ]
        here = [index for index in left if self._mocks[index].seq == place]
        found = next(iter(here or left), None)
        if found is None or self._mocks[found].seq not in {None, place}:
            return None
        self._left[found] -= 1
        return self._mocks[found]


class OrquestaStage:
    """One execution: the sequence of tasks and commands, their routes, and which of them end it.

    An entry of the sequence is a task, or a command, and the number of its route. A new attempt of
    a task is an entry of its own.
    """

    def __init__(self, conductor: Conductor, workflow: Workflow) -> None:
        self.conductor = conductor
        self.sequence: list[tuple[str, int]] = []
        self.routes: list[Route] = [()]
        self.taken: set[tuple[str, int]] = set()
        self.failed: dict[str, JsonValue] = {}  # by the handle of a task, what it gave
        self._ends: dict[int, bool] = {}
        self._places: dict[Visited, tuple[int, int]] = {}  # its attempt, and its place
        self._leads_on: set[int] = set()
        self._superseded: set[Visited] = set()
        self._route_of: dict[Visited, int] = {}
        self._led: dict[tuple[Visited, str], list[int]] = {}
        self._waiting: dict[str, int] = {}
        self._seen = 0
        self._items: dict[str, int] = {}
        self._workflow = workflow
        self._split_commands = _split_commands(workflow)
        self._follow()

    # -- doing ---------------------------------------------------------------------------------

    def perform(self, mocks: Mocks, most: int) -> bool:
        """Go on round by round; say whether it came to an end."""
        steps = 0
        while offers := self.offers():
            steps += len(offers)
            if steps > most:
                return False
            places = [self.begin(offer) for offer in offers]
            for offer, place in zip(offers, places, strict=True):
                self._complete(offer, place, mocks)
        return True

    def offers(self) -> list[OfferMessage]:
        """Return what may be begun, in Orquesta's order: by name, then by route."""
        found = self.conductor.next(FACTS)
        self._follow()
        return sorted(found, key=self._rank)

    def begin(self, offer: OfferMessage) -> int:
        """Begin a task, or go on with its items; return its place in the sequence."""
        visited = self.conductor.offered[offer.handle]
        route = self.route_of(visited)
        self._report(offer.handle, Status.RUNNING)
        execution = self.conductor.stepper.state.find(*visited)
        attempt = execution.attempt if execution else 1
        known = self._places.get(visited)
        if known is None or known[0] != attempt:
            known = self._places[visited] = (attempt, len(self.sequence))
            self.sequence.append((visited[0], route))
        return known[1]

    def end(self, offer: OfferMessage, status: Status, result: JsonValue, item: int | None) -> None:
        """End a task, or an item of it."""
        if item is None and status is not Status.SUCCEEDED:
            self.failed[offer.handle] = result
        self._report(offer.handle, status, result, item)

    def rerun(self, targets: Iterable[OrquestaTarget]) -> None:
        """Run again. Raises `RefusedError`."""
        wanted = [
            RerunTarget(handle=self._latest(target), reset_items=target.reset_items)
            for target in targets
        ]
        self.conductor.rerun(wanted, FACTS)
        for place in self._leads_on:
            self._ends[place] = False
        self._follow()

    def route_of(self, visited: Visited) -> int:
        """Return the number of the route that a task execution is on."""
        return self._route_of.get(visited, 0)

    def waiting_route(self, task: str) -> int:
        """Return the number of the route on which branches have come to a join in vain."""
        return self._waiting.get(task, 0)

    def ends(self) -> list[tuple[str, int]]:
        """Return the entries of the sequence after which a branch, or all of it, ended."""
        gone = {place for one, (_, place) in self._places.items() if one in self._superseded}
        return [
            self.sequence[place]
            for place, is_end in self._ends.items()
            if is_end and place not in gone
        ]

    def _complete(self, offer: OfferMessage, place: int, mocks: Mocks) -> None:
        mock = mocks.take(offer.task, place)
        status = mock.status if mock else Status.SUCCEEDED
        result = mock.result if mock else None
        if not isinstance(offer.items_count, int):
            self.end(offer, status, result, None)
            return
        done = self._items.get(offer.task, 0)
        item = mock.item if mock is not None and mock.item is not None else done
        self._items[offer.task] = max(done, item + 1)
        self.end(offer, status, result, item)

    def _report(
        self, handle: str, status: Status, result: JsonValue = None, item: int | None = None
    ) -> None:
        reported = ReportedStatus(status.value)
        self.conductor.report(
            Report(handle=handle, status=reported, result=result, item=item), FACTS
        )
        self._follow()

    def _latest(self, target: OrquestaTarget) -> str:
        entry = (target.task, target.route)
        found = [one for one, (_, place) in self._places.items() if self.sequence[place] == entry]
        if not found:
            return on_route(*entry)  # there is none: that is what the refusal will say
        return handle_of(max(found, key=lambda visited: visited[1]))

    # -- following what happens ----------------------------------------------------------------

    def _follow(self) -> None:
        """Take note of all events that are new."""
        state = self.conductor.stepper.state
        new: list[e.AnyEvent] = []
        for recorded in self.conductor.stepper.log:
            if recorded.seq <= self._seen:
                break
            new.append(recorded.event)
        self._seen = state.seq
        taken: dict[Visited, list[e.TransitionTaken]] = {}
        for event in new:
            if isinstance(event, e.TransitionTaken):
                self.taken.add((event.task, event.transition))
                taken.setdefault((event.task, event.visit), []).insert(0, event)
        for event in reversed(new):
            self._note(event, taken)

    def _note(self, event: e.AnyEvent, taken: dict[Visited, list[e.TransitionTaken]]) -> None:
        match event:
            case e.TransitionTaken(task=task, visit=visit):
                if (task, visit) in taken:
                    self._leave((task, visit), taken.pop((task, visit)))
            case e.BranchEnded(task=task, visit=visit):
                self._leave((task, visit), [])
            case e.TaskScheduled(task=task, visit=visit, again=int(again)):
                self._route_of[task, visit] = self.route_of((task, again))
                self._superseded.add((task, again))
            case e.TaskScheduled(task=task, visit=visit, source=(str(), int()) as source):
                self._route_of[task, visit] = self._led_to(source, task)
            case e.JoinArrived(join=join, task=task, visit=visit):
                self._waiting[join] = self._led_to((task, visit), join)
            case e.JoinFired(join=join, visit=visit):
                self._route_of[join, visit] = self._waiting.get(join, 0)
            case _:
                pass

    def _leave(self, visited: Visited, transitions: list[e.TransitionTaken]) -> None:
        """A task was left by these transitions, which Orquesta takes by the names they lead to."""
        place = self._places[visited][1]
        number = self.sequence[place][1]
        targets = sorted(
            ((name, event) for event in transitions for name in event.do),
            key=lambda pair: (pair[0], pair[1].transition),
        )
        commands = []
        for name, event in targets:
            route = number
            if name in event.splits or name in self._split_commands:
                edge = self._edge(event.task, event.transition, name)
                route = self._number((*self.routes[number], f"{event.task}__t{edge}"))
            self._led.setdefault((visited, name), []).append(route)
            if name in _COMMANDS:
                commands.append((name, route))
            else:
                self._leads_on.add(place)
        status = self.conductor.status
        self._ends[place] = not targets or (status is not None and status.is_final)
        for command in commands:
            self._ends[len(self.sequence)] = True
            self.sequence.append(command)

    def _led_to(self, source: Visited, target: str) -> int:
        """Return the number of the route on which one task led to another, each time the next."""
        routes = self._led.get((source, target), [0])
        return routes.pop(0) if len(routes) > 1 else routes[0]

    def _number(self, route: Route) -> int:
        if route not in self.routes:
            self.routes.append(route)
        return self.routes.index(route)

    def _edge(self, task: str, transition: int, target: str) -> int:
        """Return the number of a transition among those from one task to another."""
        before = self._workflow.tasks[task].next[:transition]
        return sum(target in {one.name for one in each.do} for each in before)

    def _rank(self, offer: OfferMessage) -> tuple[str, int, int]:
        visited = self.conductor.offered[offer.handle]
        return visited[0], self.route_of(visited), visited[1]


def _split_commands(workflow: Workflow) -> frozenset[str]:
    """Return the commands that several transitions lead to: to Orquesta, they split branches."""
    counts: dict[str, int] = {}
    for program in Program.of(workflow).tasks.values():
        for transition in program.transitions:
            for command in transition.commands:
                counts[str(command)] = counts.get(str(command), 0) + 1
    return frozenset(name for name, count in counts.items() if count > 1)
