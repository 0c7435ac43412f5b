"""What users of other engines complained about pausing, canceling, statuses and reports. The table
is in `test_user_complaints`."""

from collections.abc import Callable

import pytest
from tests.support.operated import Operated

from segue.core import events as e
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.core.stimuli import (
    AttemptChanged,
    AttemptEnded,
    Cancel,
    DelayPassed,
    Failed,
    Pause,
    Resume,
    RetryDue,
    Succeeded,
)

TWO = """
segue: 1
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop}
"""
WAITING = {
    "delay": "segue: 1\ntasks:\n  a: {action: core.noop, delay: 60, next: [{do: b}]}\n"
    "  b: {action: core.noop}\n",
    "retry": "segue: 1\ntasks:\n  a: {action: core.noop, retry: {count: 1, delay: 60},"
    " next: [{do: b}]}\n  b: {action: core.noop}\n",
}


def waiting(what: str) -> Operated:
    """Return an execution in which nothing runs, and a task waits."""
    run = Operated(WAITING[what])
    if what == "retry":
        run.fail("a")
    assert run.running == []
    return run


def time_comes(run: Operated, what: str) -> list[str]:
    run.now += 60
    if what == "retry":
        return run.give(RetryDue(task="a", visit=1, attempt=2))
    return run.give(DelayPassed(task="a", visit=1))


def test_cancel_right_after_the_start_ends_the_execution() -> None:
    """Canceled right after it was launched, an execution was canceling for ever."""
    run = Operated(TWO)
    assert "attempt_cancel_requested" in run.cancel()
    run.end_canceled("a")
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


@pytest.mark.parametrize("what", WAITING)
def test_cancel_before_anything_runs_ends_the_execution_at_once(what: str) -> None:
    """As long as nothing had begun, a request was refused or lost."""
    run = waiting(what)
    run.cancel()
    assert (run.status(), run.settled()) == (Status.CANCELED, True)
    assert time_comes(run, what) == []


@pytest.mark.parametrize("what", WAITING)
def test_pause_while_a_task_waits_keeps_it_waiting_until_the_resume(what: str) -> None:
    """A delay or a retry that came due in a paused execution ran, or was lost."""
    run = waiting(what)
    run.pause()
    assert run.status() is Status.PAUSED
    time_comes(run, what)
    assert (run.status(), run.running) == (Status.PAUSED, [])
    run.resume()
    assert (run.status(), run.running) == (Status.RUNNING, ["a"])
    run.run_all()
    assert run.status() is Status.SUCCEEDED


@pytest.mark.parametrize("what", WAITING)
def test_resume_before_the_time_has_come_goes_on_waiting(what: str) -> None:
    """Pausing and resuming forgot what waited for its time."""
    run = waiting(what)
    run.pause()
    run.resume()
    assert (run.status(), run.running) == (Status.RUNNING, [])
    time_comes(run, what)
    assert run.running == ["a"]


def pausing() -> Operated:
    run = Operated(TWO)
    run.pause()
    return run


def paused() -> Operated:
    run = pausing()
    run.succeed("a")
    return run


def canceling() -> Operated:
    run = Operated(TWO)
    run.cancel()
    return run


def canceled() -> Operated:
    run = canceling()
    run.end_canceled("a")
    return run


def succeeded() -> Operated:
    run = Operated(TWO)
    run.run_all()
    return run


REPEATED = [
    (pausing, Pause()),
    (paused, Pause()),
    (canceling, Cancel()),
    (canceled, Cancel()),
    (lambda: Operated(TWO), Resume()),
]


@pytest.mark.parametrize(("before", "request_"), REPEATED)
def test_a_request_that_was_granted_already_does_nothing(
    before: Callable[[], Operated], request_: Pause | Cancel | Resume
) -> None:
    """To pause what was pausing, or to resume twice at once, was an error or ran things twice."""
    run = before()
    status = run.status()
    assert run.give(request_) == []
    assert run.status() is status


REFUSED = [
    (succeeded, Pause(), "the execution can't be paused: it is succeeded"),
    (succeeded, Resume(), "the execution can't be resumed: it is succeeded"),
    (succeeded, Cancel(), "the execution can't be canceled: it is succeeded"),
    (canceled, Resume(), "the execution can't be resumed: it is canceled"),
    (canceling, Pause(), "the execution can't be paused: it is canceling"),
]


@pytest.mark.parametrize(("before", "request_", "message"), REFUSED)
def test_a_request_that_can_not_be_granted_is_refused_with_the_reason(
    before: Callable[[], Operated], request_: Pause | Cancel | Resume, message: str
) -> None:
    """Requests that made no sense any more were accepted, and the status was a lie from then on."""
    run = before()
    with pytest.raises(RequestError, match=message):
        run.give(request_)


def test_a_second_resume_at_once_does_not_run_anything_twice() -> None:
    """Two people who resumed at the same time set two machines going."""
    run = paused()
    assert run.resume() == ["execution_resumed", "task_scheduled", "attempt_started"]
    assert run.resume() == []
    assert run.running == ["b"]


def test_pausing_is_taken_back_by_a_resume() -> None:
    """An execution that was resumed before it had come to a pause was resuming for ever."""
    run = pausing()
    run.resume()
    run.succeed("a")
    assert (run.status(), run.running) == (Status.RUNNING, ["b"])


def test_a_canceled_execution_that_was_paused_ends() -> None:
    """What was paused could not be canceled any more."""
    run = paused()
    run.cancel()
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


ASKING = """
segue: 1
tasks:
  ask: {action: core.ask, next: [{do: after}]}
  work: {action: core.noop, next: [{do: more}]}
  after: {action: core.noop}
  more: {action: core.noop}
"""


@pytest.mark.parametrize("first", ["ask", "work"])
def test_a_question_beside_a_running_task_hinders_nothing(first: str) -> None:
    """A question beside a running task was an internal error, or paused what had to go on."""
    run = Operated(ASKING)
    run.change("ask", Status.PENDING)
    assert run.shown == "running", "the other task runs"
    run.succeed(first)
    if first == "work":
        assert run.running == ["ask", "more"]
        run.succeed("more")
        assert run.shown == "pending"
        run.succeed("ask", {"ok": True})
    else:
        assert run.running == ["work", "after"]
    run.run_all()
    assert run.status() is Status.SUCCEEDED


def test_a_late_running_does_not_overwrite_a_success() -> None:
    """A report that it runs, which came after the one of its success, set a task back."""
    run = Operated(TWO)
    run.succeed("a")
    late = AttemptChanged(task="a", visit=1, attempt=1, status=Status.RUNNING)
    assert run.give(late) == []
    assert run.view.tasks[0].status is Status.SUCCEEDED


def test_a_success_may_be_reported_before_anybody_said_that_it_runs() -> None:
    """A success that came before the report of the start was an internal error or ignored."""
    run = Operated(TWO)
    run.succeed("a")
    run.succeed("b")
    assert run.status() is Status.SUCCEEDED
    changes = [one for one in run.events if isinstance(one.event, e.AttemptChanged)]
    assert changes == [], "nobody has to say that an attempt runs"


@pytest.mark.parametrize("outcome", [Succeeded(result=2), Failed(message="too late")])
def test_an_outcome_that_comes_again_or_late_changes_nothing(outcome: Succeeded | Failed) -> None:
    """A second report of an end ran what followed once more, or turned a success into a failure."""
    run = Operated(TWO)
    run.succeed("a", 1)
    assert run.give(AttemptEnded(task="a", visit=1, attempt=1, outcome=outcome)) == []
    run.succeed("b")
    assert run.give(AttemptEnded(task="b", visit=1, attempt=1, outcome=outcome)) == []
    assert (run.status(), run.view.tasks[0].result) == (Status.SUCCEEDED, 1)
    assert run.errors == []


def test_an_outcome_of_a_former_attempt_is_not_taken_for_the_present_one() -> None:
    """What a former attempt came to, at last, was taken for the result of the retry."""
    run = Operated("segue: 1\ntasks:\n  a: {action: core.noop, retry: {count: 2}}\n")
    run.fail("a")
    assert (
        run.give(AttemptEnded(task="a", visit=1, attempt=1, outcome=Succeeded(result="old"))) == []
    )
    assert run.running == ["a"]
    run.succeed("a", "new")
    assert run.view.tasks[0].result == "new"
