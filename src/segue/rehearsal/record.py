"""What happened in a rehearsed execution, as its expectations look at it."""

from dataclasses import dataclass, field

from segue.core import events as e
from segue.core.context import Variables
from segue.core.state import State
from segue.rehearsal.ordering import Visited
from segue.values import JsonObject, JsonValue


@dataclass(slots=True, kw_only=True)
class VisitRecord:
    """One visit that has begun. `at` is when; `context` what it saw then.

    `calls` are the actions and inputs of its latest attempt: one, or one for each item.
    """

    task: str
    visit: int
    at: float
    context: JsonObject
    attempt: int = 0
    calls: list[tuple[str | None, JsonObject]] = field(default_factory=list)
    has_items: bool = False

    @property
    def action(self) -> str | None:
        """The action of its latest attempt."""
        return self.calls[-1][0] if self.calls else None

    @property
    def input(self) -> JsonValue:
        """The input of its latest attempt; of a task with items the list of theirs."""
        inputs = [given for _, given in self.calls]
        if self.has_items:
            return inputs
        return inputs[-1] if inputs else None


@dataclass(slots=True, kw_only=True)
class Record:
    """The log, the visits in the order in which they began, and the transitions taken."""

    events: list[e.Recorded] = field(default_factory=list)
    visits: dict[Visited, VisitRecord] = field(default_factory=dict)
    taken: set[tuple[str, int]] = field(default_factory=set)

    def add(self, event: e.AnyEvent, before: State, after: State, now: float) -> None:
        """Take note of an event and of the states around it."""
        self.events.append(e.Recorded(seq=after.seq, at=now, event=event))
        match event:
            case e.AttemptStarted() | e.ItemsStarted():
                visit = self._began(event.task, event.visit, after, now)
                visit.attempt, visit.calls = event.attempt, []
                visit.has_items = isinstance(event, e.ItemsStarted)
                if isinstance(event, e.AttemptStarted):
                    visit.calls.append((event.action, event.input))
            case e.ItemStarted():
                self.visits[event.task, event.visit].calls.append((event.action, event.input))
            case e.TaskFailed():  # it may not have begun: its input could not be rendered
                self._began(event.task, event.visit, before, now)
            case e.TransitionTaken():
                self.taken.add((event.task, event.transition))
            case _:
                pass

    def _began(self, task: str, visit: int, state: State, now: float) -> VisitRecord:
        known = self.visits.get((task, visit))
        if known is None:
            execution = state.find(task, visit)
            assert execution is not None, "it is not finished yet"
            context = dict(Variables(execution.branch.context))
            known = VisitRecord(task=task, visit=visit, at=now, context=context)
            self.visits[task, visit] = known
        return known
