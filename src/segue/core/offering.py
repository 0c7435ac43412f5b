"""What a host that steps through an execution may begin now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from segue.core.arriving import carry_on
from segue.core.decide import Decided
from segue.core.decision import Decision
from segue.core.evaluation import FaultError, evaluate, evaluate_seconds, shown, unusable
from segue.core.events import ExpressionFailed, Failure
from segue.core.handing_off import not_rendered
from segue.core.items import Items
from segue.core.program import Program
from segue.core.rendering import list_items, render_attempt, render_item
from segue.core.scoping import scope_of
from segue.core.spreading import may_go_on
from segue.core.state import State, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language.model import ExpressionFailure
from segue.values import JsonValue

#: A task execution that can't be begun, and why.
_Fault: TypeAlias = tuple[TaskExecution, Failure]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedAction:
    """An action to run, for the task as a whole or for one item (from 0)."""

    action: str | None
    input: Mapping[str, JsonValue]
    item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A task execution that may be begun, or of which more items may. `delay` is in seconds."""

    task: str
    visit: int
    attempt: int
    delay: JsonValue
    actions: tuple[OfferedAction, ...]
    items_count: int | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The offers. Where something can't be rendered there are none, and `decided` says why."""

    offers: tuple[Offer, ...]
    decided: Decided


def offer(program: Program, state: State, facts: Facts) -> Offered:
    """Return everything that may be begun now, rendered, in the order of its scheduling.

    Nothing is changed by it, unless something can't be rendered: the task fails then, or the
    execution, as the definition has it.
    """
    decision = Decision(program, state, facts)
    offers, faults = _rendered(decision)
    while _fail_tasks(decision, faults):
        offers, faults = _rendered(decision)
    for _, failure in faults:
        decision.emit(ExpressionFailed(failure=failure))
    if faults:
        offers = []
        decision.fail(faults[0][1])
        carry_on(decision)
    found = tuple(one for one in offers if one.actions or not one.items_count)
    return Offered(offers=found, decided=Decided(tuple(decision.events), decision.state))


def _rendered(decision: Decision) -> tuple[list[Offer], list[_Fault]]:
    offers: list[Offer] = []
    faults: list[_Fault] = []
    for execution in decision.state.living():
        if not _is_offered(decision, execution):
            continue
        try:
            offers.append(_offer(decision, execution))
        except FaultError as fault:
            faults.append((execution, fault.failure))
    return offers, faults


def _fail_tasks(decision: Decision, faults: Sequence[_Fault]) -> bool:
    """Fail the tasks that can't be begun, where that is an error of theirs; say whether any did.

    Items of a task that was begun are none of those: there the execution fails.
    """
    semantics = decision.program.workflow.semantics
    if semantics.expression_failure is ExpressionFailure.EXECUTION:
        return False
    waiting = [(execution, failure) for execution, failure in faults if not execution.open]
    for execution, failure in waiting:
        not_rendered(decision, execution, failure)
    if waiting:
        carry_on(decision)
    return bool(waiting)


def _is_offered(decision: Decision, execution: TaskExecution) -> bool:
    if execution.open:
        return may_go_on(decision, execution)
    return execution.order in decision.state.ready and decision.may_start(execution)


def _offer(decision: Decision, execution: TaskExecution) -> Offer:
    program = decision.program.tasks[execution.task]
    if program.with_items is None:
        started = render_attempt(decision, execution)
        return Offer(
            task=execution.task,
            visit=execution.visit,
            attempt=started.attempt,
            delay=_delay(decision, execution),
            actions=(OfferedAction(action=started.action, input=started.input),),
        )
    begun, items = _begun(decision, execution)
    actions = []
    for item in items.startable():
        one = render_item(decision, begun, item)
        actions.append(OfferedAction(action=one.action, input=one.input, item=item))
    return Offer(
        task=begun.task,
        visit=begun.visit,
        attempt=begun.attempt,
        delay=_delay(decision, execution),
        actions=tuple(actions),
        items_count=len(items.values),
        concurrency=items.concurrency,
    )


def _begun(decision: Decision, execution: TaskExecution) -> tuple[TaskExecution, Items]:
    """Return the task execution as it is, or would be, with its attempt open."""
    if not execution.open:
        trial = Decision(decision.program, decision.state, decision.facts)
        trial.emit(list_items(trial, execution))
        begun = trial.state.find(execution.task, execution.visit)
        assert begun is not None
        execution = begun
    assert execution.items is not None
    return execution, execution.items


def _delay(decision: Decision, execution: TaskExecution) -> JsonValue:
    """Return the seconds to wait: the task's delay before its first attempt, else the retry's."""
    if execution.status is Status.RETRYING or (execution.open and execution.attempt > 1):
        return int(execution.delay) if execution.delay.is_integer() else execution.delay
    compiled = decision.program.tasks[execution.task].delay
    if compiled is None:
        return None
    visited = (execution.task, execution.visit)
    scope = scope_of(decision, execution, attempt=execution.attempt + 1)
    if decision.program.workflow.semantics.expression_failure is ExpressionFailure.TASK:
        seconds = evaluate_seconds(compiled, scope, "the delay", visited)
        return int(seconds) if seconds.is_integer() else seconds
    # Hosts of Orquesta's workflows know whole numbers only, and true and false as such.
    value = evaluate(compiled, scope, "the delay", visited)
    if not isinstance(value, int):
        raise unusable(compiled, f"the delay must be a whole number, not {shown(value)}", visited)
    return value
