"""What the runtime is to do about an event, once it is durable."""

from segue.core import events as e
from segue.core.commands import (
    CancelAttempt,
    ClearTimer,
    Command,
    EndAttempt,
    OpenQuestion,
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
        case e.AttemptStarted() | e.ItemStarted():
            return _start(event)
        case (
            e.AttemptSucceeded(task=task, visit=visit, attempt=attempt)
            | e.AttemptFailed(task=task, visit=visit, attempt=attempt)
            | e.AttemptTimedOut(task=task, visit=visit, attempt=attempt)
            | e.AttemptCanceled(task=task, visit=visit, attempt=attempt)
        ):
            return (EndAttempt(task=task, visit=visit, attempt=attempt),)
        case (
            e.ItemSucceeded(task=task, visit=visit, attempt=attempt, item=item)
            | e.ItemFailed(task=task, visit=visit, attempt=attempt, item=item)
            | e.ItemTimedOut(task=task, visit=visit, attempt=attempt, item=item)
            | e.ItemCanceled(task=task, visit=visit, attempt=attempt, item=item)
        ):
            return (EndAttempt(task=task, visit=visit, attempt=attempt, item=item),)
        case e.AttemptCancelRequested(task=task, visit=visit, attempt=attempt):
            return (CancelAttempt(task=task, visit=visit, attempt=attempt),)
        case e.ItemCancelRequested(task=task, visit=visit, attempt=attempt, item=item):
            return (CancelAttempt(task=task, visit=visit, attempt=attempt, item=item),)
        case _:
            return _timers(event)


def _start(event: e.AttemptStarted | e.ItemStarted) -> tuple[Command, ...]:
    item = event.item if isinstance(event, e.ItemStarted) else None
    start: Command
    if event.asks:
        start = OpenQuestion(
            task=event.task,
            visit=event.visit,
            attempt=event.attempt,
            input=event.input,
            due=event.due,
            timeout=event.timeout,
            item=item,
        )
    else:
        start = StartAttempt(
            task=event.task,
            visit=event.visit,
            attempt=event.attempt,
            action=event.action,
            input=event.input,
            timeout=event.timeout,
            item=item,
            refers=event.refers,
        )
    if event.attempt == 1 or item is not None:
        return (start,)
    return (ClearTimer(name=retry_timer(event.task, event.visit)), start)


def _timers(event: e.AnyEvent) -> tuple[Command, ...]:
    match event:
        case e.TaskScheduled(task=task, visit=visit, due=float(due)):
            stimulus = DelayPassed(task=task, visit=visit)
            return (SetTimer(name=delay_timer(task, visit), due=due, stimulus=stimulus),)
        case e.RetryScheduled(task=task, visit=visit, attempt=attempt, due=float(due)):
            retry = RetryDue(task=task, visit=visit, attempt=attempt)
            return (SetTimer(name=retry_timer(task, visit), due=due, stimulus=retry),)
        case e.ItemsStarted(task=task, visit=visit, attempt=attempt) if attempt > 1:
            return (ClearTimer(name=retry_timer(task, visit)),)
        case e.DelayElapsed(task=task, visit=visit) | e.TaskWithdrawn(task=task, visit=visit):
            return (
                ClearTimer(name=delay_timer(task, visit)),
                ClearTimer(name=retry_timer(task, visit)),
            )
        case (
            e.ExecutionStarted(deadline=float(deadline))
            | e.ExecutionRerun(deadline=float(deadline))
        ):
            return (SetTimer(name=DEADLINE, due=deadline, stimulus=DeadlinePassed()),)
        case e.ExecutionTimedOut() | e.ExecutionSettled():
            return (ClearTimer(name=DEADLINE),)
        case _:
            return ()
