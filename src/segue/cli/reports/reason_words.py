"""Reasons in words: the same ones in `segue why`, in `segue show` and in the live tree."""

from collections.abc import Sequence

from segue.cli.terminal.times import due_text, duration_text, remaining_text
from segue.core import reasons as r
from segue.core.status import Status

#: What is said of work that nobody has.
UNHELD = "no living engine has it"


def notes_of(reason: r.Reason, now: float, *, since: bool = False) -> tuple[str, ...]:
    """Return why something is not finished, in a few words each.

    `since`: also since when it is so, for which a tree has a column of its own.
    """
    match reason:
        case r.Late(was=was, lease=lease):
            return (*notes_of(was, now, since=since), late_words(lease, now))
        case r.Unheld(was=was):
            return (*notes_of(was, now, since=since), UNHELD)
        case _:
            return (*_notes(reason, now), *(_since(reason, now) if since else ()))


def _notes(reason: r.Reason, now: float) -> tuple[str, ...]:
    match reason:
        case r.Running():
            return _running(reason)
        case r.Items():
            return _items(reason)
        case r.Arrivals():
            return _arrivals(reason)
        case r.SubWorkflow(workflow=workflow, status=Status() as status, waits=()) if (
            status.is_final
        ):
            return workflow, "it has ended, and this task learns of it next"
        case r.SubWorkflow(workflow=workflow, status=None):
            return workflow, "it begins just now"
        case r.SubWorkflow(workflow=workflow):
            return (workflow,)
        case r.Parked():
            return _parked(reason)
        case _:
            return (_words(reason, now),)


def _since(reason: r.Reason, now: float) -> tuple[str, ...]:
    match reason:
        case (
            r.Running(since=float(since))
            | r.Items(since=float(since))
            | r.SubWorkflow(since=float(since))
            | r.Reported(since=float(since))
            | r.Ending(since=float(since))
            | r.Pausing(since=float(since))
            | r.Paused(since=float(since))
            | r.Canceling(since=float(since))
            | r.Parked(since=float(since))
        ):
            return (f"since {due_text(since, now)} ({duration_text(now - since)})",)
        case _:
            return ()


def lease_words(lease: r.Lease, now: float) -> str:
    """Return which engine that is, when it was heard, and how long others wait for it."""
    ago, until = duration_text(now - lease.heard_at), due_text(lease.until, now)
    who = f"process {lease.process} on {lease.host}"
    return f"{who} (last heard {ago} ago, its lease ends {until})"


def late_words(lease: r.Lease, now: float) -> str:
    """Return that an engine is late."""
    ago, until = duration_text(now - lease.heard_at), due_text(lease.until, now)
    return f"its engine was last heard {ago} ago, and is lost after {until}"


def _words(reason: r.Reason, now: float) -> str:
    match reason:
        case r.Turn(held_back=held_back):
            return f"waits for {'the execution to go on' if held_back else 'its turn'}"
        case r.Delay(until=until):
            return f"delay until {_until(until, now)}"
        case r.Retry(attempt=attempt, tries=tries, until=until):
            return f"retry {_of(attempt, tries)} at {_until(until, now)}"
        case r.Reported(action=action, status=status):
            return f"{action or 'it'} is {status}"
        case r.Ending(action=action):
            return f"{action or 'its action'} was asked to end"
        case r.Answer(users=users, until=until):
            who = f" of {_listed(users, 'or')}" if users else ""
            return f"waits for an answer{who}" + (f" until {_until(until, now)}" if until else "")
        case _:
            return _of_execution(reason)


def _of_execution(reason: r.Reason) -> str:
    match reason:
        case r.Begin():
            return "it was requested and has not begun"
        case r.Pausing(reason=why, running=running):
            return f"it was asked to pause{_because(why)}: {_finish(running)} first"
        case r.Paused(reason=why):
            return f"it is paused{_because(why)}"
        case r.Canceling(reason=why, running=running):
            return f"it was asked to cancel{_because(why)}: {_end(running)} first"
        case r.Finishing(status=status, running=running):
            return f"it ends {status}: {_finish(running)} first"
        case _:
            return (
                "it waits for nothing that is kept, which must not be: a defect of Segue, or damage"
            )


def _running(reason: r.Running) -> tuple[str, ...]:
    again = reason.attempt > 1 or (reason.tries or 0) > 1
    attempt = (f"attempt {_of(reason.attempt, reason.tries)}",) if again else ()
    return (*((reason.action,) if reason.action else ()), *attempt)


def _parked(reason: r.Parked) -> tuple[str, ...]:
    if reason.since is None:
        return (f"it can't go on: {reason.problem}",)
    if reason.lease is None:
        return f"it could not go on: {reason.problem}", "the next engine that takes it tries again"
    engine = f"process {reason.lease.process} on {reason.lease.host}"
    return f"it can't go on: {reason.problem}", f"{engine} leaves it alone until it is restarted"


def _items(reason: r.Items) -> tuple[str, ...]:
    verb = "are being ended" if reason.ending else "run"
    running = f"{reason.running} of {reason.total} items {verb}"
    wait = "waits" if reason.pending == 1 else "wait"
    pending = (f"{reason.pending} of them {wait} for people",) if reason.pending else ()
    return (
        running,
        *pending,
        *((f"{reason.left} {'is' if reason.left == 1 else 'are'} left",) if reason.left else ()),
    )


def _arrivals(reason: r.Arrivals) -> tuple[str, ...]:
    arrived = f"{_listed(reason.arrived, 'and')} arrived"
    if reason.more is None:  # the definition is not at hand
        return (f"join: {arrived}",)
    words = f"join {len(reason.arrived)}/{reason.needed}"
    if reason.more and reason.missing:
        every = reason.more >= len(reason.missing)
        count = "" if every else f"{reason.more} of "
        words += f", waits for {count}{_listed(reason.missing, 'and' if every else 'or')}"
    return words, arrived


def _until(instant: float, now: float) -> str:
    left = remaining_text(instant - now) if instant > now else "due"
    return f"{due_text(instant, now)} ({left})"


def _of(number: int, tries: int | None) -> str:
    return f"{number}/{tries}" if tries else str(number)


def _listed(names: Sequence[str], word: str) -> str:
    if not names:
        return "nothing"
    return f" {word} ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def _because(why: str | None) -> str:
    return f" ({why})" if why else ""


def _finish(running: int) -> str:
    return "what runs finishes" if running == 0 else f"{_tasks(running)} finish"


def _end(running: int) -> str:
    return "what runs ends" if running == 0 else f"{_tasks(running)} end"


def _tasks(number: int) -> str:
    return "one task must" if number == 1 else f"{number} tasks must"
