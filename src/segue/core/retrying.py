"""Whether an attempt that ended is followed by another one, and when."""

from dataclasses import dataclass

from segue.core.decision import Decision
from segue.core.evaluation import (
    evaluate,
    evaluate_count,
    evaluate_seconds,
    shown,
    unusable,
)
from segue.core.failure import OUTCOME_UNKNOWN, Failure
from segue.core.program import RetryProgram
from segue.core.scoping import scope_of
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Scope
from segue.language.durations import LONGEST
from segue.language.model import Backoff, Conditions, Delivery

#: More would overflow; `LONGEST` is reached before.
_MOST_DOUBLINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAttempt:
    """The attempt to come; `due` None: at once."""

    attempt: int
    due: float | None
    delay: float = 0.0  # for a host that waits itself


def next_attempt(
    decision: Decision, execution: TaskExecution, status: Status, failure: Failure | None
) -> NextAttempt | None:
    """Return the attempt that follows the one that just ended with this status, if one does.

    Count, delay and `when` are evaluated now, after the attempt. Raises `FaultError`.
    """
    retry = decision.program.tasks[execution.task].retry
    if retry is None or not decision.may_retry(execution):
        return None
    if retry.when is None and _may_have_been_done(decision, execution, failure):
        return None
    scope = scope_of(decision, execution, status=status, attempt=execution.attempt)
    visited = (execution.task, execution.visit)
    count = evaluate_count(retry.count, scope, "the count of `retry`", visited)
    if execution.attempt > count or not _wanted(decision, retry, scope, status, visited):
        return None
    delay = _delay(retry, scope, execution.attempt, visited, decision.facts.random)
    if decision.state.stepwise:
        return NextAttempt(attempt=execution.attempt + 1, due=None, delay=delay)
    due = decision.facts.now + delay if delay > 0 else None
    return NextAttempt(attempt=execution.attempt + 1, due=due)


def _may_have_been_done(
    decision: Decision, execution: TaskExecution, failure: Failure | None
) -> bool:
    """Whether another attempt could do a second time what may be done once at most.

    Whoever wants that nevertheless says when, with `when`. Of items nobody says which are unknown.
    """
    if decision.program.tasks[execution.task].task.delivery is Delivery.AT_LEAST_ONCE:
        return False
    unknown = failure is not None and failure.code == OUTCOME_UNKNOWN
    return unknown or execution.items is not None


def _wanted(
    decision: Decision,
    retry: RetryProgram,
    scope: Scope,
    status: Status,
    visited: tuple[str, int],
) -> bool:
    if retry.when is None:
        return status is not Status.SUCCEEDED
    value = evaluate(retry.when, scope, "the condition of `retry`", visited)
    if decision.program.workflow.semantics.conditions is Conditions.TRUTHY:
        return bool(value)
    if not isinstance(value, bool):
        message = f"the condition of `retry` must be true or false, not {shown(value)}"
        raise unusable(retry.when, message, visited)
    return value


def _delay(
    retry: RetryProgram, scope: Scope, ended: int, visited: tuple[str, int], random: float
) -> float:
    """Return the seconds to wait after the attempt number `ended`."""
    if retry.delay is None:
        return 0.0
    delay = evaluate_seconds(retry.delay, scope, "the delay of `retry`", visited)
    if retry.retry.backoff is Backoff.LINEAR:
        delay *= ended
    elif retry.retry.backoff is Backoff.EXPONENTIAL:
        delay *= 2.0 ** min(ended - 1, _MOST_DOUBLINGS)
    if retry.max_delay is not None:
        most = evaluate_seconds(retry.max_delay, scope, "the max_delay of `retry`", visited)
        delay = min(delay, most)
    delay = min(delay, LONGEST)
    # Half of it is certain, so that jitter spreads the attempts but never makes a storm of them.
    return delay * (0.5 + random / 2) if retry.retry.jitter else delay
