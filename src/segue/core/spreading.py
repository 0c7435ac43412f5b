"""Tasks with items: which items start when, and when the attempt is over."""

from collections.abc import Sequence

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.completing import attempt_over, failure_of
from segue.core.decision import Decision
from segue.core.evaluation import FaultError
from segue.core.items import DORMANT, Items
from segue.core.rendering import render_item
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.language.model import ExpressionFailure, OnItemFailure


def start_items(
    decision: Decision, execution: TaskExecution, chosen: Sequence[int] | None = None
) -> bool:
    """Start the items that may (or those chosen); say whether the task execution is over.

    An item that can't be rendered has failed, or fails the execution, as the definition has it.
    """
    if chosen is None:
        while _start_some(decision, execution, _next_items(decision, execution)):
            pass  # those that could not be rendered left their place to others
    else:
        _start_some(decision, execution, chosen)
    return _over(decision, execution)


def _next_items(decision: Decision, execution: TaskExecution) -> Sequence[int]:
    now = decision.state.find(execution.task, execution.visit)
    if now is None or now.items is None or not _goes_on(decision, now, now.items):
        return ()
    items = now.items
    while_active = items.on_failure is OnItemFailure.WHILE_ACTIVE
    return () if while_active and items.failed and not items.active else items.startable()


def _start_some(decision: Decision, execution: TaskExecution, chosen: Sequence[int]) -> bool:
    """Start these; say whether there were any, and all of them were tried."""
    return bool(chosen) and all(_start_item(decision, execution, item) for item in chosen)


def item_ended(decision: Decision, stimulus: s.AttemptEnded) -> None:
    """Take the outcome of an item, unless it is closed already."""
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is None or not execution.open or execution.attempt != stimulus.attempt:
        return
    item = stimulus.item
    if item is None or execution.items is None or item not in execution.items.open:
        return
    _close(decision, execution, item, stimulus.outcome)
    ended = decision.state.find(stimulus.task, stimulus.visit)
    assert ended is not None
    start_items(decision, ended, () if decision.state.stepwise else None)


def item_changed(decision: Decision, stimulus: s.AttemptChanged) -> None:
    """Take it that an open item goes on in another way."""
    execution = decision.state.find(stimulus.task, stimulus.visit)
    item = stimulus.item
    if execution is None or execution.items is None or item is None:
        return
    if execution.items.open.get(item) in {None, stimulus.status}:
        return
    decision.emit(
        e.ItemChanged(
            task=execution.task,
            visit=execution.visit,
            attempt=execution.attempt,
            item=item,
            status=stimulus.status,
        )
    )
    decision.withdraw_late(execution)
    _over(decision, execution)


def go_on_with_items(decision: Decision) -> None:
    """Start what may start of all task executions with items: the execution was resumed."""
    if decision.state.stepwise:
        return
    for execution in decision.state.living():
        if execution.open and execution.items is not None:
            start_items(decision, execution)


def may_go_on(decision: Decision, execution: TaskExecution) -> bool:
    """Return whether further items of this task execution may start at all."""
    items = execution.items
    return items is not None and _goes_on(decision, execution, items)


def _goes_on(decision: Decision, execution: TaskExecution, items: Items) -> bool:
    if not decision.may_start(execution) or execution.status is not Status.RUNNING:
        return False
    if items.canceled:
        return False
    return not items.have_stopped


def _start_item(decision: Decision, execution: TaskExecution, item: int) -> bool:
    """Start an item; say whether the next may follow."""
    try:
        decision.emit(render_item(decision, execution, item))
    except FaultError as fault:
        failure = fault.failure
        if _fails_execution(decision):
            decision.emit(e.ExpressionFailed(failure=failure))
            decision.fail(failure)
            return False
        decision.emit(
            e.ItemFailed(
                task=execution.task,
                visit=execution.visit,
                attempt=execution.attempt,
                item=item,
                failure=failure,
            )
        )
    now = decision.state.find(execution.task, execution.visit)
    return now is not None and may_go_on(decision, now)


def _fails_execution(decision: Decision) -> bool:
    semantics = decision.program.workflow.semantics
    return semantics.expression_failure is ExpressionFailure.EXECUTION


def _close(decision: Decision, execution: TaskExecution, item: int, outcome: s.Outcome) -> None:
    task, visit, attempt = execution.task, execution.visit, execution.attempt
    result = outcome.result
    if isinstance(outcome, s.Succeeded):
        decision.emit(
            e.ItemSucceeded(task=task, visit=visit, attempt=attempt, item=item, result=result)
        )
        return
    if isinstance(outcome, s.Canceled) and decision.takes_as_canceled(execution):
        decision.emit(
            e.ItemCanceled(task=task, visit=visit, attempt=attempt, item=item, result=result)
        )
        return
    status, failure = failure_of(outcome, task, visit)
    kind = e.ItemTimedOut if status is Status.TIMEOUT else e.ItemFailed
    decision.emit(
        kind(task=task, visit=visit, attempt=attempt, item=item, failure=failure, result=result)
    )


def _over(decision: Decision, execution: TaskExecution) -> bool:
    """End the attempt if no item runs and none will; say whether the task execution is over."""
    found = decision.state.find(execution.task, execution.visit)
    if found is None or not found.open:
        return found is None
    items = found.items
    assert items is not None
    if items.active:
        return False
    if items.open and not _leaves_open(decision, found, items):
        if items.have_stopped:
            decision.end_attempt(found)  # what still waits could not change how it ends
        return False
    if _is_left_lying(decision, found, items):
        decision.emit(e.TaskWithdrawn(task=found.task, visit=found.visit))
        return False
    status = _ending(decision, found, items)
    if status is None:
        return False
    _leave(decision, found, items)
    decision.emit(e.ItemsEnded(task=found.task, visit=found.visit, attempt=found.attempt))
    ended = decision.state.find(found.task, found.visit)
    assert ended is not None
    failure = None
    if status not in {Status.SUCCEEDED, Status.CANCELED}:
        failure = _failure(found, items)
    attempt_over(decision, ended, status, failure)
    return True


def _leave(decision: Decision, execution: TaskExecution, items: Items) -> None:
    """End the items that are paused or wait for somebody: nobody would hear their outcome."""
    if decision.state.stepwise:
        return  # its host deals with them
    task, visit, attempt = execution.task, execution.visit, execution.attempt
    for item in sorted(items.open):
        decision.emit(e.ItemCanceled(task=task, visit=visit, attempt=attempt, item=item))


def _leaves_open(decision: Decision, execution: TaskExecution, items: Items) -> bool:
    """Whether the attempt ends though items of it are paused, or wait for somebody."""
    if items.on_failure is not OnItemFailure.WHILE_ACTIVE:
        return False
    if _is_ending(decision, execution):
        return True
    others = len(items.open) - (items.last in DORMANT)
    if items.canceled:
        return not others or items.last is Status.CANCELED
    if items.last in DORMANT:
        return bool(items.failed) and not others
    return bool(items.failed) and items.last is not Status.SUCCEEDED


def _is_ending(decision: Decision, execution: TaskExecution) -> bool:
    """Whether its end was asked for: in steps it ends as it would else unless its host told it."""
    if decision.state.stepwise:
        return execution.status is Status.CANCELING
    return Status.CANCELING in {execution.status, decision.state.status}


def _ending(decision: Decision, execution: TaskExecution, items: Items) -> Status | None:
    """Return how the attempt ends, now that nothing of it is open; None: it goes on."""
    all_well = not (items.open or items.are_left or items.failed)
    while_active = items.on_failure is OnItemFailure.WHILE_ACTIVE
    stopped = items.have_stopped and decision.is_live  # what was canceled are its questions
    if items.canceled and not stopped:
        return Status.CANCELED
    if (
        _is_ending(decision, execution)
        and not stopped
        and (items.are_left or (while_active and not all_well))
    ):
        return Status.CANCELED
    failed = items.too_many_failed
    if items.are_left and not (failed and items.on_failure is not OnItemFailure.CONTINUE):
        return None
    if not failed:
        return Status.SUCCEEDED
    return Status.TIMEOUT if not while_active and items.timed_out == items.failed else Status.FAILED


def _is_left_lying(decision: Decision, execution: TaskExecution, items: Items) -> bool:
    """Whether items are left that will never start, for the execution has ended meanwhile."""
    if not items.are_left or items.canceled or decision.state.stepwise:
        return False
    if items.too_many_failed and items.on_failure is not OnItemFailure.CONTINUE:
        return False  # none of them would have started anyway
    if execution.status is Status.CANCELING:
        return False  # it is canceled, for that was asked for, though its items ended by themselves
    return decision.state.status.is_final and not decision.may_start(execution)


def _failure(execution: TaskExecution, items: Items) -> e.Failure:
    assert items.failure is not None
    message = f"{items.failed} of {len(items.values)} items failed; the first: "
    return e.Failure(
        code="items_failed",
        message=message + items.failure.message,
        task=execution.task,
        visit=execution.visit,
        place=items.failure.place,
    )
