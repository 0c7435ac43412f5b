"""The end of an execution: when nothing runs and nothing is scheduled, it is over."""

from segue.core import context as contexts
from segue.core.decision import Decision
from segue.core.evaluation import FaultError, evaluate_to_hand_on
from segue.core.events import (
    BranchEnded,
    ExecutionCanceled,
    ExecutionFailed,
    ExecutionPaused,
    ExecutionSettled,
    ExecutionSucceeded,
    Failure,
)
from segue.core.evolve_branches import merged_ends, merged_with
from segue.core.scoping import context_scope
from segue.core.state import Branch, State
from segue.core.status import Status
from segue.language.model import OutputBranches, OutputEntries, OutputFailure, OutputUndefined
from segue.values import JsonValue


def settle(decision: Decision) -> None:
    """Settle the execution if it is over, and render its output, however it has ended."""
    state = decision.state
    if state.status in {Status.PAUSING, Status.CANCELING} and not _is_active(state):
        pauses = state.status is Status.PAUSING
        decision.emit(ExecutionPaused() if pauses else ExecutionCanceled())
    if decision.state.status.is_final:
        end_with(decision)
    if not _is_over(decision):
        return
    end_with(decision)
    output, failures = _output(decision)
    semantics = decision.program.workflow.semantics
    if decision.is_running:
        if state.unhandled is not None:
            decision.emit(ExecutionFailed(failure=state.unhandled))
        elif failures and semantics.output_failure is OutputFailure.FAIL:
            decision.emit(ExecutionFailed(failure=failures[0]))
        else:
            decision.emit(ExecutionSucceeded())
    decision.emit(ExecutionSettled(output=output, failures=failures))


def end_with(decision: Decision) -> None:
    """End the branch of the task execution that completed now, for the execution has, too."""
    ending, decision.ending = decision.ending, None
    if ending is not None:
        decision.emit(BranchEnded(task=ending[0], visit=ending[1]))


def _is_over(decision: Decision) -> bool:
    state = decision.state
    if state.settled or not (state.status.is_final or decision.is_running):
        return False
    if decision.is_running:
        return not state.tasks and not state.arrivals
    if not state.stepwise:
        return not state.tasks
    return not any(one.open or decision.may_start(one) for one in state.unfinished())


def _is_active(state: State) -> bool:
    return any(execution.is_active for execution in state.unfinished())


def _output(decision: Decision) -> tuple[dict[str, JsonValue] | None, tuple[Failure, ...]]:
    """Return the output, and what kept entries out of it."""
    if not decision.program.output:
        return None, ()
    state = decision.state
    end = merged_ends(state, state.end, state.ends)
    semantics = decision.program.workflow.semantics
    if semantics.output_branches is OutputBranches.ALL:
        for branch in _left_behind(state):
            end = merged_with(state, end, branch)
    context = end.context
    output: dict[str, JsonValue] = {}
    failures: list[Failure] = []
    leaves = state.stepwise and semantics.output_undefined is OutputUndefined.LEFT_TO_HOST
    for name, compiled in decision.program.output:
        scope = context_scope(decision, context, end.records, leaves_undefined=leaves)
        try:
            value = evaluate_to_hand_on(compiled, scope, f"the output `{name}`", None)
        except FaultError as fault:
            failures.append(fault.failure)
            continue
        output[name] = value
        if semantics.output_entries is OutputEntries.EARLIER:
            context = contexts.write(context, name, value, 0, deep=False)
    return output or None, tuple(failures)


def _left_behind(state: State) -> list[Branch]:
    """Return the branches that had not ended: before a task, or at a join that did not fire."""
    waiting = [state.rounds[key].branch for key in sorted(state.rounds)]
    return [arrival.branch for arrival in state.arrivals] + waiting
