"""decide(program, state, stimulus, facts): what follows from what has happened.

Pure: time, randomness and whatever else comes from outside are in the facts. Total: it
either returns everything that follows, down to the hand off of what may start and the end of the
execution, or raises and nothing has happened.
"""

from typing import NamedTuple, assert_never

from segue.core import requesting
from segue.core import stimuli as s
from segue.core.arriving import carry_on
from segue.core.completing import attempt_ended
from segue.core.decision import Decision
from segue.core.events import AnyEvent, AttemptChanged, DelayElapsed
from segue.core.handing_off import hand_off_one
from segue.core.program import Program
from segue.core.spreading import item_changed, item_ended
from segue.core.starting import start
from segue.core.state import State
from segue.core.status import Status
from segue.expressions.scope import Facts


class Decided(NamedTuple):
    """What follows from a stimulus, and the state that it leads to: the fold of the events.

    `refers`: there may be references in the events, to values that are kept beside the log.
    """

    events: tuple[AnyEvent, ...]
    state: State
    refers: bool = False


def decide(program: Program, state: State, stimulus: s.Stimulus, facts: Facts) -> Decided:
    """Return the events that follow from a stimulus; none if it comes too late to matter.

    Raises `RequestError` for a request that can't be granted, `FactMissingError` (of
    `segue.expressions`) when something from outside is needed that the facts do not have.
    """
    decision = Decision(program, state, facts)
    if isinstance(stimulus, s.AttemptEnded):
        decision.refers = state.refers or stimulus.refers
    match stimulus:
        case s.Start():
            start(decision, stimulus)
        case s.HandOff():
            hand_off_one(decision, stimulus)
        case s.AttemptEnded():
            _attempt_ended(decision, stimulus)
        case s.AttemptChanged():
            _attempt_changed(decision, stimulus)
        case s.Pause() | s.Resume() | s.Cancel() | s.Conclude() | s.Rerun():
            requesting.request(decision, stimulus)
        case _:
            _timer_fired(decision, stimulus)
    if decision.events:
        carry_on(decision)
    return Decided(tuple(decision.events), decision.state, decision.refers)


def _timer_fired(decision: Decision, stimulus: s.TimerStimulus) -> None:
    match stimulus:
        case s.DelayPassed():
            _delay_passed(decision, stimulus)
        case s.RetryDue():
            _retry_due(decision, stimulus)
        case s.QuestionExpired():
            _question_expired(decision, stimulus)
        case s.DeadlinePassed():
            requesting.deadline_passed(decision)
        case _:
            assert_never(stimulus)


def _attempt_ended(decision: Decision, stimulus: s.AttemptEnded) -> None:
    if stimulus.item is None:
        attempt_ended(decision, stimulus)
    else:
        item_ended(decision, stimulus)


def _attempt_changed(decision: Decision, stimulus: s.AttemptChanged) -> None:
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is None or not execution.open or execution.attempt != stimulus.attempt:
        return
    task, visit, attempt = execution.task, execution.visit, execution.attempt
    status = stimulus.status
    if stimulus.item is None:
        # Of a task with items only that its end was asked for is said as of a whole.
        told = execution.items is None or status is Status.CANCELING
        if told and execution.status is not status:
            decision.emit(AttemptChanged(task=task, visit=visit, attempt=attempt, status=status))
            decision.withdraw_late(execution)
    else:
        item_changed(decision, stimulus)


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
        # Paused, it waits for its turn like any other.
        decision.emit(DelayElapsed(task=execution.task, visit=execution.visit))


def _question_expired(decision: Decision, stimulus: s.QuestionExpired) -> None:
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is not None and execution.status is Status.CANCELING:
        return  # it is being withdrawn, and ends by that
    ended = s.AttemptEnded(
        task=stimulus.task,
        visit=stimulus.visit,
        attempt=stimulus.attempt,
        item=stimulus.item,
        outcome=s.TimedOut(seconds=stimulus.seconds),
    )
    _attempt_ended(decision, ended)
