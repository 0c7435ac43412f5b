"""What the runtime is to do about an event, once it is durable."""

from segue.core import events as e
from segue.core.commands import (
    CancelAttempt,
    ClearTimer,
    Command,
    EndAttempt,
    SetTimer,
    StartAttempt,
)
from segue.core.stimuli import DeadlinePassed, DelayPassed, RetryDue

DEADLINE = "deadline"


def delay_timer(task: str, visit: int) -> str:
    """Return the name of the timer for the delay of a task execution."""
    return f"delay:{task}#{visit}"


def retry_timer(task: str, visit: int) -> str:
    """Return the name of the timer for the next attempt of a task execution."""
    return f"retry:{task}#{visit}"


def commands_of(event: e.AnyEvent) -> tuple[Command, ...]:
    """Return the commands that an event asks for, in order.

    They are read off the event alone, so that they can be found again from the log.
    """
    match event:
        case e.AttemptStarted(task=task, visit=visit, attempt=attempt):
            start = StartAttempt(
                task=task,
                visit=visit,
                attempt=attempt,
                action=event.action,
                input=event.input,
                timeout=event.timeout,
            )
            return (start,) if attempt == 1 else (ClearTimer(name=retry_timer(task, visit)), start)
        case (
            e.AttemptSucceeded(task=task, visit=visit, attempt=attempt)
            | e.AttemptFailed(task=task, visit=visit, attempt=attempt)
            | e.AttemptTimedOut(task=task, visit=visit, attempt=attempt)
            | e.AttemptCanceled(task=task, visit=visit, attempt=attempt)
        ):
            return (EndAttempt(task=task, visit=visit, attempt=attempt),)
        case e.AttemptCancelRequested(task=task, visit=visit, attempt=attempt):
            return (CancelAttempt(task=task, visit=visit, attempt=attempt),)
        case _:
            return _timers(event)


def _timers(event: e.AnyEvent) -> tuple[Command, ...]:
    match event:
        case e.TaskScheduled(task=task, visit=visit, due=float(due)):
            stimulus = DelayPassed(task=task, visit=visit)
            return (SetTimer(name=delay_timer(task, visit), due=due, stimulus=stimulus),)
        case e.DelayElapsed(task=task, visit=visit):
            return (ClearTimer(name=delay_timer(task, visit)),)
        case e.RetryScheduled(task=task, visit=visit, attempt=attempt, due=float(due)):
            retry = RetryDue(task=task, visit=visit, attempt=attempt)
            return (SetTimer(name=retry_timer(task, visit), due=due, stimulus=retry),)
        case e.TaskWithdrawn(task=task, visit=visit):
            return (
                ClearTimer(name=delay_timer(task, visit)),
                ClearTimer(name=retry_timer(task, visit)),
            )
        case e.ExecutionStarted(deadline=float(deadline)):
            return (SetTimer(name=DEADLINE, due=deadline, stimulus=DeadlinePassed()),)
        case e.ExecutionTimedOut() | e.ExecutionSettled():
            return (ClearTimer(name=DEADLINE),)
        case _:
            return ()
