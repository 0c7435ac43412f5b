"""One execution that a host steps through: its program, its state and its log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from rpds import List

from segue.conducting.facts import with_facts
from segue.conducting.refusal import Code, RefusedError
from segue.core import events as e
from segue.core import stimuli as s
from segue.core.decide import Decided, decide
from segue.core.errors import RequestError
from segue.core.offering import Offer, offer
from segue.core.program import Program
from segue.core.rerun_plan import RerunPlan, RerunRequest, Visited
from segue.core.rerunning import plan_rerun
from segue.core.state import NEW, State
from segue.expressions.scope import Facts
from segue.values import JsonValue

T = TypeVar("T")
Log: TypeAlias = "List[e.Recorded]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What has become of an execution, and the events that led there."""

    stepper: Stepper
    events: tuple[e.AnyEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepper:
    """A value: each step gives another one. `log` has the latest event first."""

    program: Program
    state: State = NEW
    log: Log = field(default_factory=List)

    def begin(
        self,
        inputs: Mapping[str, JsonValue],
        context: Mapping[str, JsonValue],
        start: Sequence[str],
        facts: Facts,
    ) -> Step:
        """Begin. Raises `RefusedError` (bad-request) for inputs and starts that can't be."""
        stimulus = s.Start(inputs=inputs, context=context, start=tuple(start), stepwise=True)
        return self.give(stimulus, facts, refused_as=Code.BAD_REQUEST)

    def give(self, stimulus: s.Stimulus, facts: Facts, refused_as: Code = Code.INTERNAL) -> Step:
        """Let the core decide. Raises `RefusedError` with this code for what it does not grant."""

        def run(known: Facts) -> Step:
            return self._after(decide(self.program, self.state, stimulus, known), known)

        return _granted(lambda: with_facts(facts, run), refused_as)

    def offers(self, facts: Facts) -> tuple[tuple[Offer, ...], Step]:
        """Return what may be begun now; where something can't be rendered, the execution fails."""

        def run(known: Facts) -> tuple[tuple[Offer, ...], Step]:
            offered = offer(self.program, self.state, known)
            return offered.offers, self._after(offered.decided, known)

        return with_facts(facts, run)

    def rerun(self, request: RerunRequest, facts: Facts) -> tuple[RerunPlan, Step]:
        """Run again. Raises `RefusedError` (bad-rerun)."""
        recorded = list(self.log)[::-1]
        plan = _granted(lambda: plan_rerun(self.program, recorded, request), Code.BAD_RERUN)
        return plan, self.give(s.Rerun(plan=plan), facts, refused_as=Code.BAD_RERUN)

    def is_active(self) -> bool:
        """Whether anything runs: not what only waits for somebody, or is paused."""
        return any(execution.is_active for execution in self.state.unfinished())

    def _after(self, decided: Decided, facts: Facts) -> Step:
        log = self.log
        for seq, event in enumerate(decided.events, self.state.seq + 1):
            log = log.push_front(e.Recorded(seq=seq, at=facts.now, event=event))
        stepper = Stepper(program=self.program, state=decided.state, log=log)
        return Step(stepper=stepper, events=decided.events)


def visits_with_items(state: State) -> list[Visited]:
    """Return the task executions of which items run or are to come."""
    return [
        (execution.task, execution.visit)
        for execution in state.unfinished()
        if execution.open and execution.items is not None and execution.items.values
    ]


def _granted(ask: Callable[[], T], refused_as: Code) -> T:
    try:
        return ask()
    except RequestError as error:
        hint = f" ({error.hint})" if error.hint else ""
        raise RefusedError(refused_as, f"{error.message}{hint}") from error
