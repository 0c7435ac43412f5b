"""One execution that a host steps through: the core, and what the host has said of its tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from segue.checking import check
from segue.conducting.requests import RefusedError
from segue.conducting.troubles import Trouble, Troubles
from segue.core import events as e
from segue.core import stimuli as s
from segue.core.codec import decode_state, encode_state
from segue.core.decide import Decided, decide
from segue.core.errors import RequestError
from segue.core.offering import Offer, offer
from segue.core.program import Program
from segue.core.rerun_plan import RerunRequest
from segue.core.rerunning import plan_rerun
from segue.core.state import NEW, State, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language.findings import Severity
from segue.language.workflows import load_workflow
from segue.values import JsonValue

#: There is no clock, and no chance, in a pure conductor.
FACTS = Facts(now=0.0)

Visited = tuple[str, int]


class _Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A stepper as text."""

    definition: str
    state: str
    events: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    offered: tuple[Visited, ...]
    ended: tuple[tuple[str, int, Status], ...]
    output: JsonValue
    failed_to_render: bool


@dataclass(slots=True)
class Stepper:
    """See the module. `ended` has the final status of what is over, by task and visit.

    `offered` are the task executions whose handles the host has been given. `output` is what was
    rendered when the execution settled. `failed_to_render`: something could not be evaluated.
    """

    definition: str
    program: Program
    state: State = NEW
    recorded: list[e.Recorded] = field(default_factory=list)
    troubles: Troubles = field(default_factory=Troubles)
    offered: dict[Visited, None] = field(default_factory=dict)
    ended: dict[Visited, Status] = field(default_factory=dict)
    output: JsonValue = None
    failed_to_render: bool = False

    @classmethod
    def begin(
        cls,
        definition: str,
        inputs: Mapping[str, JsonValue],
        context: Mapping[str, JsonValue],
        start: Sequence[str],
    ) -> "Stepper":
        """Begin an execution. Raises `RefusedError` for a definition or inputs that can't be."""
        checked = check(definition, context=tuple(context))
        if checked.workflow is None:
            found = next(one for one in checked.findings if one.severity is Severity.ERROR)
            message = f"line {found.span.line}: {found.message}"
            raise RefusedError("invalid-definition", message)
        stepper = cls(definition=definition, program=Program.of(checked.workflow))
        stepper.give(
            s.Start(inputs=inputs, context=context, start=tuple(start), stepwise=True),
            "bad-request",
        )
        return stepper

    def give(self, stimulus: s.Stimulus, refused_as: str = "internal") -> None:
        """Let the core decide on something. Raises `RefusedError` with the given code."""
        try:
            self._take(decide(self.program, self.state, stimulus, FACTS))
        except RequestError as error:
            raise RefusedError(refused_as, error.message) from error

    def offers(self) -> tuple[Offer, ...]:
        """Return what may be begun now; where something can't be rendered, the execution fails."""
        found = offer(self.program, self.state, FACTS)
        self._take(found.decided)
        for one in found.offers:
            self.offered[(one.task, one.visit)] = None
        return found.offers

    def rerun(self, request: RerunRequest) -> None:
        """Run again. Raises `RefusedError` (`bad-rerun`)."""
        try:
            plan = plan_rerun(self.program, self.recorded, request)
        except RequestError as error:
            raise RefusedError("bad-rerun", error.message) from error
        self.give(s.Rerun(plan=plan), "bad-rerun")
        self.troubles.forget({task for task, _ in plan.targets})
        self.output, self.failed_to_render = None, False

    def find(self, visited: Visited) -> TaskExecution | None:
        """Return a task execution that is not over."""
        return self.state.find(*visited)

    def save(self) -> str:
        """Return all of it as text."""
        saved = _Saved(
            definition=self.definition,
            state=encode_state(self.state).decode(),
            events=tuple(e.encode(one.event).decode() for one in self.recorded),
            troubles=tuple(self.troubles),
            offered=tuple(self.offered),
            ended=tuple((*visited, status) for visited, status in self.ended.items()),
            output=self.output,
            failed_to_render=self.failed_to_render,
        )
        return msgspec.json.encode(saved).decode()

    @classmethod
    def load(cls, text: str) -> "Stepper":
        """Return what `save` has given the text of."""
        saved = msgspec.json.decode(text.encode(), type=_Saved)
        workflow = load_workflow(saved.definition).workflow
        assert workflow is not None  # it could be begun
        stepper = cls(definition=saved.definition, program=Program.of(workflow))
        stepper.state = decode_state(saved.state.encode())
        stepper.recorded = [
            e.Recorded(seq=seq, at=FACTS.now, event=e.decode(event.encode()))
            for seq, event in enumerate(saved.events, 1)
        ]
        stepper.troubles = Troubles(saved.troubles)
        stepper.offered = dict.fromkeys(saved.offered)
        stepper.ended = {(task, visit): status for task, visit, status in saved.ended}
        stepper.output = saved.output
        stepper.failed_to_render = saved.failed_to_render
        return stepper

    def _take(self, decided: Decided) -> None:
        seq = self.state.seq
        for number, event in enumerate(decided.events, seq + 1):
            self.recorded.append(e.Recorded(seq=number, at=FACTS.now, event=event))
            self.troubles.take(event)
            self._note(event)
        self.state = decided.state

    def _note(self, event: e.AnyEvent) -> None:
        match event:
            case e.TaskSucceeded(task=task, visit=visit):
                self.ended[(task, visit)] = Status.SUCCEEDED
            case e.TaskFailed(task=task, visit=visit):
                self.ended[(task, visit)] = Status.FAILED
            case e.TaskCanceled(task=task, visit=visit):
                self.ended[(task, visit)] = Status.CANCELED
            case e.ExecutionSettled(output=output):
                self.output = output
            case e.ExpressionFailed():
                self.failed_to_render = True
