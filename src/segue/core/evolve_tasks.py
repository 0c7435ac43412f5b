"""What the events of a task execution do to the state."""

from msgspec.structs import replace

from segue.core import events as e
from segue.core.errors import IllegalEventError
from segue.core.state import Arrival, Record, State, TaskExecution
from segue.core.status import Status
from segue.core.table import task_status
from segue.expressions.scope import TaskRecord


def task_scheduled(state: State, event: e.TaskScheduled) -> State:
    """A branch that had arrived at a task becomes a visit of it."""
    arrival, rest = _take_arrival(state, event)
    status = task_status(None, event) if event.due is None else Status.DELAYED
    branch = arrival.branch
    if event.opens:
        keys = branch.keys
        for join in event.opens:
            keys = keys.insert(join, state.seq)
        branch = replace(branch, keys=keys)
    execution = TaskExecution(
        task=event.task,
        visit=event.visit,
        status=status,
        order=state.seq,
        branch=branch,
        attempt=arrival.attempt,
        round=event.round,
        exempt=event.exempt,
        items=arrival.items,
        watched=event.watched,
        place=arrival.place or (0 if event.again is None else state.seq),
    )
    key = (event.task, -1 if event.round is None else event.round)
    return replace(
        state,
        fired=state.fired.insert(key, event.visit) if key in state.fired else state.fired,
        arrivals=rest,
        tasks=state.tasks.insert(state.seq, execution),
        index=state.index.insert((event.task, event.visit), state.seq),
        visits=state.visits.insert(event.task, max(event.visit, state.visits.get(event.task, 0))),
        ready=state.ready if event.due is not None else (*state.ready, state.seq),
    )


def _take_arrival(state: State, event: e.TaskScheduled) -> tuple[Arrival, tuple[Arrival, ...]]:
    # What was withdrawn keeps its visit; another one from the same origin may wait before it.
    for visit in (event.visit, None):
        for position, arrival in enumerate(state.arrivals):
            if (
                arrival.task == event.task
                and arrival.visit == visit
                and (arrival.source, arrival.round) == (event.source, event.round)
            ):
                return arrival, state.arrivals[:position] + state.arrivals[position + 1 :]
    raise IllegalEventError(f"no branch has arrived at {event.task!r}")


def delay_elapsed(state: State, event: e.DelayElapsed) -> State:
    """The task execution may start."""
    execution = changed(state, event)
    state = put(state, execution)
    return replace(state, ready=(*state.ready, execution.order))


def attempt_started(state: State, event: e.AttemptStarted) -> State:
    """The task execution leaves the queue of those that may start."""
    execution = begun(state, event)
    if event.asks:
        execution = replace(execution, status=Status.PENDING)
    return put(state, execution)


def begun(state: State, event: e.AttemptStarted | e.ItemsStarted) -> TaskExecution:
    """Return the task execution with its next attempt open."""
    execution = changed(state, event)
    going_on = state.stepwise or state.status in {Status.RUNNING, Status.FAILED}
    expect(going_on, event, "the execution goes on")
    expect(event.attempt == execution.attempt + 1, event, "the attempts are counted")
    return replace(
        execution,
        attempt=event.attempt,
        open=True,
        delay=execution.delay if isinstance(event, e.ItemsStarted) else 0.0,
        handed_off_at=execution.handed_off_at or state.seq,
    )


def task_reoffered(state: State, event: e.TaskReoffered) -> State:
    """The task execution may start as if it had not, in the place that it has among the others."""
    execution = changed(state, event)
    expect(state.stepwise, event, "a host steps through the execution")
    reoffered = replace(
        execution,
        attempt=execution.attempt - 1 if execution.open else execution.attempt,
        open=False,
        items=None,
        place=execution.started_as,
        handed_off_at=0,
    )
    state = put(state, reoffered)
    return replace(state, ready=(*state.ready, execution.order)) if execution.open else state


def attempt_changed(state: State, event: e.AttemptChanged) -> State:
    """The attempt stays open, in another status."""
    execution = changed(state, event)
    expect(execution.open and event.attempt == execution.attempt, event, "the attempt is open")
    return put(state, replace(execution, status=event.status))


_AttemptEnd = e.AttemptSucceeded | e.AttemptFailed | e.AttemptTimedOut | e.AttemptCanceled


def attempt_ended(state: State, event: _AttemptEnd) -> State:
    """The attempt is closed; what follows from it is said by the next event."""
    execution = changed(state, event)
    expect(execution.open and event.attempt == execution.attempt, event, "the attempt is open")
    # The result of items is made of theirs, also where a host tells of them as a whole.
    result = event.result if execution.items is None else execution.items.results
    return put(state, replace(execution, open=False, result=result))


def attempt_cancel_requested(state: State, event: e.AttemptCancelRequested) -> State:
    """The attempt stays open until its outcome comes in."""
    execution = changed(state, event)
    expect(execution.open and event.attempt == execution.attempt, event, "the attempt is open")
    return put(state, execution)


def retry_scheduled(state: State, event: e.RetryScheduled) -> State:
    """The task execution waits for its next attempt."""
    execution = changed(state, event)
    expect(not execution.open, event, "the attempt before has ended")
    items = execution.items if event.keeps_items else None
    state = put(state, replace(execution, delay=event.delay, items=items))
    if event.due is None:
        state = replace(state, ready=(*state.ready, execution.order))
    return state


def task_completed(state: State, event: e.TaskSucceeded | e.TaskFailed | e.TaskCanceled) -> State:
    """The task execution leaves the state; its transitions start from `leaving`."""
    execution = changed(state, event)
    expect(not execution.open, event, "no attempt of it runs")
    if isinstance(event, e.TaskFailed):
        execution = replace(execution, status=event.status)
        if not event.handled and state.unhandled is None:
            state = replace(state, unhandled=event.failure)
    if event.kept:
        record = TaskRecord(status=execution.status, result=execution.result)
        branch = execution.branch
        records = branch.records.insert(execution.task, Record(state.seq, record))
        execution = replace(execution, branch=replace(branch, records=records))
    return replace(_drop(_seen(state, execution, kept=event.kept), execution), leaving=execution)


def task_withdrawn(state: State, event: e.TaskWithdrawn) -> State:
    """The task execution leaves the state; its branch stands where it was, and goes nowhere."""
    execution = changed(state, event)
    items = execution.items
    expect(not execution.open or (items is not None and not items.open), event, "nothing runs")
    arrival = Arrival(
        task=event.task,
        branch=execution.branch,
        source=None,
        direct=True,
        round=execution.round,
        visit=execution.visit,
        attempt=execution.attempt,
        items=items,
    )
    return replace(_drop(state, execution), arrivals=(*state.arrivals, arrival))


def task_skipped(state: State, event: e.TaskSkipped) -> State:
    """The task execution leaves the state without having been run; its branch ends."""
    execution = changed(state, event)
    return replace(_drop(state, execution), leaving=execution)


_OfTask = (
    e.DelayElapsed
    | e.TaskWithdrawn
    | e.TaskSkipped
    | e.AttemptStarted
    | _AttemptEnd
    | e.AttemptCancelRequested
    | e.TaskReoffered
    | e.AttemptChanged
    | e.RetryScheduled
    | e.ItemsStarted
    | e.ItemStarted
    | e.ItemChanged
    | e.ItemSucceeded
    | e.ItemFailed
    | e.ItemTimedOut
    | e.ItemCanceled
    | e.ItemCancelRequested
    | e.ItemsEnded
    | e.TaskSucceeded
    | e.TaskFailed
    | e.TaskCanceled
)


def changed(state: State, event: _OfTask) -> TaskExecution:
    """Return the task execution in the status that the table gives it after the event."""
    execution = state.find(event.task, event.visit)
    status = task_status(execution.status if execution else None, event)
    assert execution is not None  # nothing but TaskScheduled has a row for None
    return replace(execution, status=status)


def put(state: State, execution: TaskExecution) -> State:
    """Return the state with this task execution in the place of what it was."""
    ready = state.ready
    if execution.open and execution.order in ready:
        ready = _without(ready, execution.order)
    state = replace(state, tasks=state.tasks.insert(execution.order, execution), ready=ready)
    return _seen(state, execution)


def _seen(state: State, execution: TaskExecution, *, kept: bool = False) -> State:
    """Return the state in which those who watch the task execution see it as it is now."""
    if not execution.watched or not execution.attempt:
        return state
    route = execution.branch.route
    record = TaskRecord(status=execution.status, result=execution.result if kept else None)
    others = [one for one in state.seen.get(execution.task, ()) if one[0] != route]
    entries = (*others, (route, state.seq, record))
    return replace(state, seen=state.seen.insert(execution.task, entries))


def _without(ready: tuple[int, ...], order: int) -> tuple[int, ...]:
    if order not in ready:
        return ready
    at = ready.index(order)  # it is nearly always the first
    return ready[:at] + ready[at + 1 :]


def _drop(state: State, execution: TaskExecution) -> State:
    return replace(
        state,
        tasks=state.tasks.remove(execution.order),
        index=state.index.remove((execution.task, execution.visit)),
        ready=_without(state.ready, execution.order),
    )


def expect(holds: bool, event: e.AnyEvent, what: str) -> None:  # noqa: FBT001 - reads as one
    """Raise `IllegalEventError` unless that holds."""
    if not holds:
        raise IllegalEventError(f"{e.type_of(event)} can't happen unless {what}")
