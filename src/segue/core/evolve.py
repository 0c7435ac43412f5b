"""evolve(state, event) -> state: what each event does to the state.

Nothing is evaluated, looked up or guessed here: an event is complete. Whether it may happen, and
what status follows, is said by `segue.core.table` alone.
"""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from segue.core import context as contexts
from segue.core import events as e
from segue.core import evolve_branches as branches
from segue.core import evolve_items as items
from segue.core import evolve_tasks as tasks
from segue.core.codec import read_state
from segue.core.errors import IllegalEventError
from segue.core.state import NO_BRANCH, Arrival, State
from segue.core.table import execution_status


def evolve(state: State, event: e.AnyEvent) -> State:
    """Return the state after one more event.

    Raises `IllegalEventError` for an event that may not happen now; the state is unchanged then,
    as it always is.
    """
    if state.settled and not (state.stepwise or isinstance(event, e.ExecutionRerun)):
        raise IllegalEventError(f"{e.type_of(event)} can't follow the end of an execution")
    status = execution_status(state.status, event)
    refers = state.refers or bool(event.refers)
    state = replace(state, seq=state.seq + 1, status=status, settled=False, refers=refers)
    handler = _HANDLERS.get(type(event))
    return handler(state, event) if handler else state


def fold(state: State, events: Iterable[e.AnyEvent]) -> State:
    """Return the state after all of these events, in order."""
    for event in events:
        state = evolve(state, event)
    return state


def _execution_started(state: State, event: e.ExecutionStarted) -> State:
    context = contexts.empty()
    for name, value in event.context.items():
        context = contexts.write(context, name, value, state.seq, deep=event.deep)
    branch = replace(NO_BRANCH, context=context)
    arrivals = tuple(
        Arrival(task=task, branch=branch, source=None, direct=True) for task in event.start
    )
    return replace(
        state,
        workflow=event.workflow,
        definition=event.definition,
        start=event.start,
        deadline=event.deadline,
        visit_limit=event.visits,
        deep=event.deep,
        by_start=event.by_start,
        stepwise=event.stepwise,
        # The output sees inputs and vars even if no branch ends, or only what did end.
        end=NO_BRANCH if event.ends_only else branch,
        arrivals=arrivals,
    )


def _execution_settled(state: State, _event: e.ExecutionSettled) -> State:
    if state.stepwise:
        return replace(state, settled=True)  # its host may still begin what it was offered
    # A rerun goes on from the log, so nothing of the hot state is needed any more.
    return State(
        seq=state.seq,
        status=state.status,
        settled=True,
        workflow=state.workflow,
        definition=state.definition,
        start=state.start,
        stepwise=state.stepwise,
        refers=state.refers,
    )


def _execution_rerun(state: State, event: e.ExecutionRerun) -> State:
    return replace(
        read_state(event.state),
        seq=state.seq,
        status=state.status,
        settled=False,
        refers=state.refers,
    )


# Each handler takes the very event it stands beside, which no type of a dict can say.
_HANDLERS: dict[type[e.Event], Callable[..., State]] = {  # type: ignore[explicit-any]
    e.ExecutionStarted: _execution_started,
    e.ExecutionSettled: _execution_settled,
    e.ExecutionRerun: _execution_rerun,
    e.TaskScheduled: tasks.task_scheduled,
    e.DelayElapsed: tasks.delay_elapsed,
    e.TaskWithdrawn: tasks.task_withdrawn,
    e.TaskSkipped: tasks.task_skipped,
    e.AttemptStarted: tasks.attempt_started,
    e.AttemptSucceeded: tasks.attempt_ended,
    e.AttemptFailed: tasks.attempt_ended,
    e.AttemptTimedOut: tasks.attempt_ended,
    e.AttemptCanceled: tasks.attempt_ended,
    e.AttemptCancelRequested: tasks.attempt_cancel_requested,
    e.TaskReoffered: tasks.task_reoffered,
    e.AttemptChanged: tasks.attempt_changed,
    e.RetryScheduled: tasks.retry_scheduled,
    e.ItemsStarted: items.items_started,
    e.ItemStarted: items.item_started,
    e.ItemChanged: items.item_changed,
    e.ItemSucceeded: items.item_succeeded,
    e.ItemFailed: items.item_failed,
    e.ItemTimedOut: items.item_failed,
    e.ItemCanceled: items.item_canceled,
    e.ItemCancelRequested: items.item_cancel_requested,
    e.ItemsEnded: items.items_ended,
    e.TaskSucceeded: tasks.task_completed,
    e.TaskFailed: tasks.task_completed,
    e.TaskCanceled: tasks.task_completed,
    e.TransitionTaken: branches.transition_taken,
    e.TransitionLost: branches.transition_lost,
    e.BranchEnded: branches.branch_ended,
    e.JoinArrived: branches.join_arrived,
    e.JoinFired: branches.join_fired,
    e.ArrivalAbsorbed: branches.arrival_absorbed,
    e.JoinRoundEnded: branches.join_round_ended,
}
