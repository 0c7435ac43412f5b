"""Handing off what may start: the action and its input are rendered now, not when scheduled."""

from segue.core.completing import complete
from segue.core.decision import Decision
from segue.core.evaluation import FaultError
from segue.core.events import ExpressionFailed, Failure, TaskWithdrawn
from segue.core.rendering import list_items, render_attempt
from segue.core.spreading import start_items
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.core.stimuli import HandOff
from segue.language.model import ExpressionFailure

#: A cycle of tasks whose input can't be rendered, and whose failure is handled, would turn within
#: one decision for as long as the limit on visits lets it. So many of one task are let be.
MAX_FAILED_RENDERINGS = 1000


def hand_off_ready(decision: Decision) -> bool:
    """Hand off everything that may start; say whether some of it failed to, and completed so."""
    if decision.state.stepwise:
        return False
    completed = False
    for order in decision.state.ready:
        execution = decision.state.tasks.get(order)
        if execution is not None and decision.may_start(execution):
            completed |= _start_attempt(decision, execution)
    return completed


def hand_off_one(decision: Decision, stimulus: HandOff) -> None:
    """Take it that the host of a stepwise execution has begun a task or an item of it."""
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is None:
        return
    if not execution.open:
        if execution.order not in decision.state.ready:
            return
        if _start_attempt(decision, execution, begin_items=False):
            return
        found = decision.state.find(stimulus.task, stimulus.visit)
        if found is None:
            return
        execution = found
    items = execution.items
    if stimulus.item is None or items is None:
        return
    if stimulus.item not in items.open and stimulus.item not in items.ended:
        start_items(decision, execution, (stimulus.item,))


def _start_attempt(
    decision: Decision, execution: TaskExecution, *, begin_items: bool = True
) -> bool:
    """Hand off the next attempt of a task execution.

    If it can't be rendered, that is an error of the task, which completes so (True), or of the
    execution, as the definition has it.
    """
    try:
        if decision.program.tasks[execution.task].with_items is not None:
            decision.emit(list_items(decision, execution))
            started = decision.state.find(execution.task, execution.visit)
            assert started is not None
            return begin_items and start_items(decision, started)
        decision.emit(render_attempt(decision, execution))
    except FaultError as fault:
        return not_rendered(decision, execution, fault.failure)
    return False


def not_rendered(decision: Decision, execution: TaskExecution, failure: Failure) -> bool:
    """Take it that a task execution can't be started; say whether it completed so."""
    semantics = decision.program.workflow.semantics
    if semantics.expression_failure is ExpressionFailure.EXECUTION:
        decision.emit(ExpressionFailed(failure=failure))
        _give_up(decision, execution, failure)
        return False
    failed = decision.failed_renderings[execution.task] = (
        decision.failed_renderings.get(execution.task, 0) + 1
    )
    if failed > MAX_FAILED_RENDERINGS:
        message = f"`{execution.task}` turns in a cycle without ever being run: {failure.message}"
        failure = Failure(
            code="cycle_of_failures", message=message, task=failure.task, visit=failure.visit
        )
        _give_up(decision, execution, failure)
        return False
    complete(decision, execution, Status.FAILED, failure)
    return True


def _give_up(decision: Decision, execution: TaskExecution, failure: Failure) -> None:
    decision.fail(failure)
    if decision.state.find(execution.task, execution.visit) is not None:
        # It runs although the execution has failed before, so that did not withdraw it.
        decision.emit(TaskWithdrawn(task=execution.task, visit=execution.visit))
