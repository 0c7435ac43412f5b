"""A workflow conducted by hand: outcomes in, what runs and what came of it out."""

from collections.abc import Mapping

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.codec import decode_state, encode_state
from segue.core.decide import decide
from segue.core.evolve import evolve, fold
from segue.core.program import Program
from segue.core.state import NEW, State
from segue.core.status import Status
from segue.core.view import ExecutionView
from segue.core.viewing import view_of
from segue.expressions.scope import Facts
from segue.language import load_workflow
from segue.values import JsonValue

T0 = 1_000_000.0


class Conducted:
    """One execution through the pure core.

    After each step it is checked that the events fold to the state, and that the state survives
    being written down and read back.
    """

    def __init__(
        self,
        text: str,
        inputs: Mapping[str, JsonValue] | None = None,
        start: tuple[str, ...] = (),
        *,
        max_visits: int | None = 10_000,
        max_duration: float | None = None,
        stepwise: bool = False,
        check: bool = True,
    ) -> None:
        loaded = load_workflow(text)
        assert loaded.workflow is not None, loaded.findings
        self.program = Program.of(loaded.workflow)
        self.state: State = NEW
        self.now = T0
        self.random = 0.0
        self.events: list[e.Recorded] = []
        self._check = check
        self.give(
            s.Start(
                inputs=inputs or {},
                start=start,
                max_visits=max_visits,
                max_duration=max_duration,
                stepwise=stepwise,
            )
        )

    # -- doing ---------------------------------------------------------------------------------

    def give(self, stimulus: s.Stimulus) -> list[str]:
        """Hand in a stimulus; return the types of the events that followed."""
        facts = Facts(now=self.now, random=self.random)
        decided = decide(self.program, self.state, stimulus, facts)
        for event in decided.events:
            self.state = evolve(self.state, event)
            recorded = e.Recorded(seq=self.state.seq, at=self.now, event=event)
            assert e.decode(e.encode(event)) == event
            self.events.append(recorded)
        assert encode_state(decided.state) == encode_state(self.state)
        if self._check:
            again = fold(NEW, [recorded.event for recorded in self.events])
            assert encode_state(again) == encode_state(self.state)
            assert encode_state(decode_state(encode_state(again))) == encode_state(again)
        return [e.type_of(event) for event in decided.events]

    def succeed(self, task: str, result: JsonValue = None, visit: int | None = None) -> list[str]:
        return self._end(task, visit, s.Succeeded(result=result))

    def fail(self, task: str, message: str = "boom", visit: int | None = None) -> list[str]:
        return self._end(task, visit, s.Failed(message=message))

    def time_out(self, task: str, visit: int | None = None) -> list[str]:
        return self._end(task, visit, s.TimedOut(seconds=5))

    def end_canceled(self, task: str, visit: int | None = None) -> list[str]:
        return self._end(task, visit, s.Canceled())

    def cancel(self) -> list[str]:
        return self.give(s.Cancel())

    def _end(self, task: str, visit: int | None, outcome: s.Outcome) -> list[str]:
        visit = visit or next(one.visit for one in self.state.living() if one.task == task)
        execution = self.state.find(task, visit)
        attempt = execution.attempt if execution else 1
        return self.give(s.AttemptEnded(task=task, visit=visit, attempt=attempt, outcome=outcome))

    def run_all(self, result: JsonValue = None, most: int = 1000) -> None:
        """Let everything that runs succeed, first come first, until nothing does."""
        for _ in range(most):
            running = [one for one in self.state.living() if one.open]
            if not running:
                return
            self.succeed(running[0].task, result, running[0].visit)
        raise AssertionError("it goes on and on")

    # -- looking -------------------------------------------------------------------------------

    @property
    def running(self) -> list[str]:
        """The tasks that run, in the order in which they were scheduled."""
        return [one.task for one in self.state.living() if one.open]

    def status(self) -> Status:
        # A method, for a type checker takes it that a property stays what it was found to be.
        return self.state.status

    def settled(self) -> bool:
        return self.state.settled

    @property
    def view(self) -> ExecutionView:
        graph = self.program.graph(self.state.start)
        joins = {name: (join.needed, join.sources) for name, join in graph.joins.items()}
        return view_of("x", self.events, joins)

    @property
    def output(self) -> JsonValue:
        return self.view.output

    @property
    def errors(self) -> list[tuple[str, str | None, bool]]:
        return [(error.code, error.task, error.handled) for error in self.view.errors]

    @property
    def message(self) -> str:
        """The message of the last error."""
        return self.view.errors[-1].message

    def visits(self, task: str) -> int:
        return (
            self.state.visits.get(task, 0)
            if not self.state.settled
            else sum(
                isinstance(one.event, e.TaskScheduled) and one.event.task == task
                for one in self.events
            )
        )

    def input_of(self, task: str, visit: int = 1) -> Mapping[str, JsonValue]:
        return next(
            one.event.input
            for one in reversed(self.events)
            if isinstance(one.event, e.AttemptStarted)
            and (one.event.task, one.event.visit) == (task, visit)
        )

    def of_type(self, kind: type[e.Event]) -> list[e.AnyEvent]:
        return [one.event for one in self.events if isinstance(one.event, kind)]
