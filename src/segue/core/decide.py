"""decide(program, state, stimulus, facts): what follows from what has happened.

Pure: time, randomness and whatever else comes from outside are in the facts. Total: it
either returns everything that follows, down to the hand off of what may start and the end of the
execution, or raises and nothing has happened.
"""

from typing import NamedTuple, assert_never

from segue.core import stimuli as s
from segue.core.arriving import carry_on
from segue.core.completing import attempt_ended
from segue.core.decision import Decision
from segue.core.errors import RequestError
from segue.core.events import (
    AnyEvent,
    CancelRequested,
    DelayElapsed,
    ExecutionTimedOut,
    Failure,
)
from segue.core.handing_off import start_attempt
from segue.core.program import Program
from segue.core.starting import start
from segue.core.state import State
from segue.core.status import Status
from segue.expressions.scope import Facts


class Decided(NamedTuple):
    """What follows from a stimulus, and the state that it leads to: the fold of the events."""

    events: tuple[AnyEvent, ...]
    state: State


def decide(program: Program, state: State, stimulus: s.Stimulus, facts: Facts) -> Decided:
    """Return the events that follow from a stimulus; none if it comes too late to matter.

    Raises `RequestError` for a request that can't be granted, `FactMissingError` (of
    `segue.expressions`) when something from outside is needed that the facts do not have.
    """
    decision = Decision(program, state, facts)
    match stimulus:
        case s.Start():
            start(decision, stimulus)
        case s.AttemptEnded():
            attempt_ended(decision, stimulus)
        case s.DelayPassed():
            _delay_passed(decision, stimulus)
        case s.RetryDue():
            _retry_due(decision, stimulus)
        case s.DeadlinePassed():
            _deadline_passed(decision)
        case s.Cancel():
            _cancel(decision, stimulus)
        case _:
            assert_never(stimulus)
    if decision.events:
        carry_on(decision)
    return Decided(tuple(decision.events), decision.state)


def _delay_passed(decision: Decision, stimulus: s.DelayPassed) -> None:
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is None or execution.status is not Status.DELAYED:
        return
    decision.emit(DelayElapsed(task=execution.task, visit=execution.visit))


def _retry_due(decision: Decision, stimulus: s.RetryDue) -> None:
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is None or execution.status is not Status.RETRYING:
        return
    if stimulus.attempt == execution.attempt + 1:
        start_attempt(decision, execution)


def _deadline_passed(decision: Decision) -> None:
    deadline = decision.state.deadline
    if deadline is None or decision.facts.now < deadline:
        return
    if decision.is_running:
        message = "the execution took longer than its limit on the whole duration"
        decision.emit(ExecutionTimedOut(failure=Failure(code="duration_limit", message=message)))
    elif decision.state.status is not Status.FAILED:
        return  # what runs is being ended already
    decision.withdraw(all_of_it=True)
    decision.end_running()


def _cancel(decision: Decision, stimulus: s.Cancel) -> None:
    status = decision.state.status
    if status in {Status.CANCELING, Status.CANCELED}:
        return
    if status is Status.REQUESTED:
        raise RequestError("not_started", "the execution has not been started")
    if decision.state.settled:
        raise RequestError(
            "already_finished",
            f"the execution can't be canceled: it is {status}",
            hint="only an execution that has not ended can be canceled",
        )
    if not status.is_final:  # else only what still runs is ended, and the status stays
        decision.emit(CancelRequested(reason=stimulus.reason))
    decision.withdraw(all_of_it=True)
    decision.end_running()
