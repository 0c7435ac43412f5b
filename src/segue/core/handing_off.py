"""Handing off what may start: the action and its input are rendered now, not when scheduled."""

from collections.abc import Mapping

from segue.core.completing import complete
from segue.core.decision import Decision
from segue.core.evaluation import (
    FaultError,
    branch_scope,
    evaluate,
    evaluate_seconds,
    unusable,
)
from segue.core.events import AttemptStarted, ExpressionFailed, Failure, TaskWithdrawn
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Scope
from segue.language.model import ExpressionFailure
from segue.values import JsonValue

#: A cycle of tasks whose input can't be rendered, and whose failure is handled, would turn within
#: one decision for as long as the limit on visits lets it. So many of one task are let be.
MAX_FAILED_RENDERINGS = 1000


def hand_off_ready(decision: Decision) -> bool:
    """Hand off everything that may start; say whether some of it failed to, and completed so."""
    completed = False
    for order in decision.state.ready:
        execution = decision.state.tasks.get(order)
        if execution is not None and decision.may_start(execution):
            completed |= start_attempt(decision, execution)
    return completed


def start_attempt(decision: Decision, execution: TaskExecution) -> bool:
    """Hand off the next attempt of a task execution.

    If it can't be rendered, that is an error of the task, which completes so (True), or of the
    execution, as the definition has it.
    """
    try:
        started = _rendered(decision, execution)
    except FaultError as fault:
        return not_rendered(decision, execution, fault.failure)
    decision.emit(started)
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


def _rendered(decision: Decision, execution: TaskExecution) -> AttemptStarted:
    program = decision.program.tasks[execution.task]
    attempt = execution.attempt + 1
    visited = (execution.task, execution.visit)
    scope = branch_scope(execution, decision.facts, attempt=attempt)
    action = None
    if program.action is not None:
        name = evaluate(program.action, scope, "the action", visited)
        if not isinstance(name, str):
            raise unusable(program.action, f"an action must be a name, not {name!r}", visited)
        action = name
    timeout = None
    if program.timeout is not None:
        timeout = evaluate_seconds(program.timeout, scope, "the timeout", visited)
    return AttemptStarted(
        task=execution.task,
        visit=execution.visit,
        attempt=attempt,
        action=action,
        input=_input(decision, execution, scope),
        timeout=timeout,
    )


def _input(decision: Decision, execution: TaskExecution, scope: Scope) -> Mapping[str, JsonValue]:
    compiled = decision.program.tasks[execution.task].input
    if compiled is None:
        return {}
    visited = (execution.task, execution.visit)
    value = evaluate(compiled, scope, "the input", visited)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise unusable(compiled, f"the input must be a mapping, not {value!r}", visited)
    return value
