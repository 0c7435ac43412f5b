"""The append-only telling of an execution."""

from segue.cli.watch.journal import Journal
from segue.core import events as e
from segue.core.events import Failure, Recorded
from segue.core.status import Status

BEGAN = 1_800_000_000.0


def told(*happened: tuple[float, e.AnyEvent]) -> list[str]:
    journal = Journal("01kq")
    lines = (
        journal.line_of(Recorded(seq=seq, at=BEGAN + at, event=event))
        for seq, (at, event) in enumerate(happened, 1)
    )
    return [line.plain for line in lines if line is not None]


def began() -> tuple[float, e.AnyEvent]:
    return 0, e.ExecutionStarted(
        workflow="watch", definition="d", inputs={}, context={}, start=("probe",)
    )


def attempt(number: int = 1, action: str | None = "core.http") -> e.AttemptStarted:
    return e.AttemptStarted(task="probe", visit=3, attempt=number, action=action)


REFUSED = Failure(code="action_failed", message="connection refused")


def test_a_task_is_told_when_it_runs_and_when_it_ends() -> None:
    assert told(
        began(),
        (0, e.TaskScheduled(task="probe", visit=3)),
        (1, attempt()),
        (3.1, e.AttemptSucceeded(task="probe", visit=3, attempt=1)),
        (3.1, e.TaskSucceeded(task="probe", visit=3)),
        (3.1, e.TransitionTaken(task="probe", visit=3, transition=0, do=("report",))),
        (4, e.ExecutionSucceeded()),
        (4, e.ExecutionSettled()),
    ) == [
        "08:00:00 watch 01kq started",
        "08:00:01 probe#3 running core.http",
        "08:00:03 probe#3 succeeded 2.1s",
        "08:00:04 watch succeeded 4.0s",
    ]


def test_failed_attempt_is_told_with_what_follows_it() -> None:
    failed = e.AttemptFailed(task="probe", visit=3, attempt=1, failure=REFUSED)
    assert told(
        began(),
        (1, attempt()),
        (2, failed),
        (2, e.RetryScheduled(task="probe", visit=3, attempt=2, due=BEGAN + 10)),
        (10, attempt(2)),
        (11, e.AttemptFailed(task="probe", visit=3, attempt=2, failure=REFUSED)),
        (11, e.TaskFailed(task="probe", visit=3, failure=REFUSED)),
        (11, e.ExecutionFailed(failure=REFUSED)),
    )[2:] == [
        "08:00:02 probe#3 attempt 1 failed, retry 2 in 8s: connection refused",
        "08:00:10 probe#3 running core.http attempt 2",
        "08:00:11 probe#3 failed 10.0s: connection refused",
        "08:00:11 watch failed 11.0s: connection refused",
    ]


def test_retry_without_delay_is_at_once() -> None:
    lines = told((2, e.RetryScheduled(task="probe", visit=3, attempt=2)))
    assert lines == ["08:00:02 probe#3 attempt 1 failed, retry 2 at once"]


def test_handled_failure_and_timeout_are_told_as_such() -> None:
    timed_out = e.TaskFailed(
        task="probe", visit=1, failure=REFUSED, handled=True, status=Status.TIMEOUT
    )
    assert told((0, timed_out)) == ["08:00:00 probe#1 timed out (handled): connection refused"]


def test_delay_names_its_end() -> None:
    lines = told((0, e.TaskScheduled(task="later", visit=1, due=BEGAN + 5)))
    assert lines == ["08:00:00 later#1 delayed until 08:00:05 (5s)"]


def test_branch_that_ended_because_no_when_held_is_noted() -> None:
    assert told(
        (0, e.BranchEnded(task="probe", visit=1)),
        (0, e.BranchEnded(task="probe", visit=2, unmet=1)),
        (0, e.BranchEnded(task="probe", visit=3, unmet=3)),
    ) == [
        "08:00:00 probe#2 branch ended: its `when` did not hold",
        "08:00:00 probe#3 branch ended: none of its 3 transitions held",
    ]


def test_joins_say_who_has_arrived_and_who_is_missing() -> None:
    assert told(
        (0, e.JoinArrived(join="both", key=1, task="a", visit=1)),
        (1, e.ArrivalAbsorbed(join="both", key=1, task="b", visit=2)),
        (2, e.JoinRoundEnded(join="both", key=1, outcome="complete")),
        (2, e.JoinRoundEnded(join="both", key=2, outcome="unsatisfied", missing=("a", "c"))),
    ) == [
        "08:00:00 a#1 arrived at both",
        "08:00:01 b#2 arrived at both too late: without effect",
        "08:00:02 both can't run any more: it still needed a, c",
    ]


def test_cancellation_is_told_with_its_reason() -> None:
    assert told(
        began(),
        (1, e.CancelRequested(reason="wrong\nhost")),
        (1, e.TaskWithdrawn(task="later", visit=1)),
        (2, e.TaskCanceled(task="probe", visit=1)),
        (2, e.ExecutionCanceled()),
    )[1:] == [
        "08:00:01 watch cancel requested: wrong host",
        "08:00:01 later#1 withdrawn",
        "08:00:02 probe#1 canceled",
        "08:00:02 watch canceled 2.0s",
    ]


def test_time_limit_and_expression_errors_are_told() -> None:
    assert told(
        began(),
        (1, e.ExpressionFailed(failure=REFUSED)),
        (2, e.ExecutionTimedOut(failure=Failure(code="limit", message="longer than 1h"))),
    )[1:] == [
        "08:00:01 watch error: connection refused",
        "08:00:02 watch timed out 2.0s: longer than 1h",
    ]


def test_long_loops_leave_nothing_behind() -> None:
    journal = Journal("01kq")
    for visit in range(1, 1001):
        begun = e.AttemptStarted(task="probe", visit=visit, attempt=1, action=None)
        for event in (begun, e.TaskSucceeded(task="probe", visit=visit)):
            journal.line_of(Recorded(seq=1, at=BEGAN, event=event))
    assert not journal._begun, "the journal remembers visits that are over"


def test_end_and_settling_are_told_apart_where_something_still_ran() -> None:
    lines = told(
        began(),
        (1, e.ExecutionFailed(failure=REFUSED)),
        (5, e.TaskSucceeded(task="other", visit=1)),
        (5, e.ExecutionSettled()),
    )
    assert lines[1:] == [
        "08:00:01 watch failed 1.0s: connection refused",
        "08:00:05 other#1 succeeded",
        "08:00:05 watch settled 5.0s",
    ]
