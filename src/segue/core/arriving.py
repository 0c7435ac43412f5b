"""From a branch that has come to a task to its visit, and on until nothing is left to decide."""

from segue.core.decision import Decision
from segue.core.evaluation import FaultError, evaluate, evaluate_seconds
from segue.core.events import BranchEnded, Failure, TaskScheduled, TaskSkipped
from segue.core.handing_off import hand_off_ready, not_rendered
from segue.core.joining import arrive, end_lost_rounds, end_rounds, fail_without_hope
from segue.core.scoping import scope_of
from segue.core.settling import settle
from segue.core.state import NO_BRANCH, Arrival, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Scope


def carry_on(decision: Decision) -> None:
    """Decide everything that follows by itself: arrivals, joins, hand offs, and the end."""
    while True:
        _schedule_arrivals(decision)
        fail_without_hope(decision)
        if hand_off_ready(decision):
            continue
        if not (decision.is_running and end_rounds(decision)):
            break
    if decision.failed_by_task and decision.looks_for_lost_joins_at_end:
        end_lost_rounds(decision)
    settle(decision)


def _schedule_arrivals(decision: Decision) -> None:
    while (arrival := _next_arrival(decision)) is not None:
        join = decision.graph.joins.get(arrival.task)
        if join is None or arrival.direct:
            _schedule(decision, arrival)
        else:
            arrive(decision, arrival, join)


def _next_arrival(decision: Decision) -> Arrival | None:
    """Return the next branch that may go on: any, or one named beside `fail` if that was met."""
    for arrival in decision.state.arrivals:
        if decision.is_running or (arrival.exempt and decision.state.status is Status.FAILED):
            return arrival
    return None


def _schedule(decision: Decision, arrival: Arrival) -> None:
    state = decision.state
    visit = arrival.visit or state.visits.get(arrival.task, 0) + 1
    limit = state.visit_limit if arrival.visit is None else None
    counted = visit - state.superseded.get(arrival.task, 0)
    if limit is not None and counted > limit and decision.is_running:
        message = f"task `{arrival.task}` came to visit {visit}, and the limit on visits is {limit}"
        if counted < visit:
            gone = visit - counted
            message += f" ({gone} of them {'counts' if gone == 1 else 'count'} no more)"
        decision.fail(Failure(code="visit_limit", message=message, task=arrival.task, visit=visit))
        return
    delay = 0.0
    holds, failure = _holds(decision, arrival, visit)
    if holds and failure is None and not state.stepwise and not arrival.attempt:
        delay, failure = _delay(decision, arrival, visit)
    decision.emit(
        TaskScheduled(
            task=arrival.task,
            visit=visit,
            again=arrival.again,
            watched=decision.watches(arrival.task),
            source=arrival.source,
            due=decision.facts.now + delay if delay > 0 else None,
            opens=decision.program.opens(state.start, arrival.task),
            round=arrival.round,
            exempt=arrival.exempt,
        )
    )
    if not holds:
        decision.emit(TaskSkipped(task=arrival.task, visit=visit))
        decision.emit(BranchEnded(task=arrival.task, visit=visit))
    elif failure is not None:
        execution = decision.state.find(arrival.task, visit)
        assert execution is not None
        not_rendered(decision, execution, failure)


def _holds(decision: Decision, arrival: Arrival, visit: int) -> tuple[bool, Failure | None]:
    """Say whether the `when` of the task holds; what was begun before is not asked again."""
    compiled = decision.program.tasks[arrival.task].when
    if compiled is None or arrival.visit is not None or arrival.again is not None:
        return True, None
    try:
        scope = _scope_before(decision, arrival, visit)
        return bool(evaluate(compiled, scope, "its `when`", (arrival.task, visit))), None
    except FaultError as fault:
        return True, fault.failure


def _delay(decision: Decision, arrival: Arrival, visit: int) -> tuple[float, Failure | None]:
    compiled = decision.program.tasks[arrival.task].delay
    if compiled is None:
        return 0.0, None
    try:
        scope = _scope_before(decision, arrival, visit)
        return evaluate_seconds(compiled, scope, "the delay", (arrival.task, visit)), None
    except FaultError as fault:
        return 0.0, fault.failure


def _scope_before(decision: Decision, arrival: Arrival, visit: int) -> Scope:
    """Return what a task sees before it is scheduled."""
    execution = TaskExecution(
        task=arrival.task, visit=visit, status=Status.SCHEDULED, order=0, branch=NO_BRANCH
    )
    return scope_of(decision, execution, branch=arrival.branch, attempt=1)
