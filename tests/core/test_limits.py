"""Limits, timeouts and retries."""

import pytest
from tests.support.conducted import T0, Conducted

from segue.core import events as e
from segue.core.status import Status
from segue.core.stimuli import DeadlinePassed, DelayPassed, RetryDue

FOREVER = """
segue: 1
start: [a]
limits: LIMITS
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop, next: [{do: a}]}
"""


def test_the_limit_on_visits_names_the_task() -> None:
    run = Conducted(FOREVER.replace("LIMITS", "{visits: 3}"))
    run.run_all()
    assert run.status() is Status.FAILED
    assert run.errors == [("visit_limit", "a", False)]
    assert run.message == "task `a` came to visit 4, and the limit on visits is 3"
    assert run.visits("a") == 3


def test_the_engine_has_a_limit_where_the_workflow_has_none_and_unlimited_lifts_it() -> None:
    run = Conducted(FOREVER.replace("LIMITS", "{}"), max_visits=2)
    run.run_all()
    assert run.status() is Status.FAILED
    free = Conducted(FOREVER.replace("LIMITS", "{visits: unlimited}"), max_visits=2, check=False)
    with pytest.raises(AssertionError, match="on and on"):
        free.run_all(most=50)


def test_the_limit_on_duration_ends_what_runs_and_withdraws_what_waits() -> None:
    run = Conducted(
        """
        segue: 1
        limits: {duration: 1m}
        tasks: {a: {action: core.noop}, b: {action: core.noop, delay: 90}}
        output: {x: 1}
        """
    )
    run.now = T0 + 59
    assert run.give(DeadlinePassed()) == []
    run.now = T0 + 60
    run.give(DeadlinePassed())
    assert run.status() is Status.TIMEOUT
    assert not run.settled()
    assert run.of_type(e.AttemptCancelRequested) == [
        e.AttemptCancelRequested(task="a", visit=1, attempt=1)
    ]
    assert run.give(DeadlinePassed()) == [], "it is being ended already"
    run.end_canceled("a")
    assert run.settled()
    assert run.output == {"x": 1}
    assert run.errors == [("duration_limit", None, False)]
    assert [task.status for task in run.view.tasks] == ["canceled", "canceled"]


def test_a_duration_that_is_unlimited_sets_no_deadline() -> None:
    run = Conducted(FOREVER.replace("LIMITS", "{duration: unlimited}"), max_duration=5)
    assert run.state.deadline is None
    assert run.give(DeadlinePassed()) == []


def test_a_timeout_is_a_failure_that_a_transition_can_tell_from_others() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a:
            action: core.noop
            timeout: 5s
            next: [{when: timed_out() and failed(), do: late}]
          late: {action: core.noop}
        """
    )
    (started,) = run.of_type(e.AttemptStarted)
    assert isinstance(started, e.AttemptStarted)
    assert started.timeout == 5.0
    run.time_out("a")
    assert run.running == ["late"]
    assert run.view.tasks[0].status is Status.TIMEOUT
    run.succeed("late")
    assert run.status() is Status.SUCCEEDED


def test_a_delay_waits_before_the_first_attempt_only() -> None:
    run = Conducted(
        "segue: 1\nvars: {n: 3}\ntasks:\n"
        '  a: {action: core.noop, delay: "{{ ctx.n }}", retry: {count: 1}}\n'
    )
    assert run.running == []
    assert run.view.tasks[0].due == T0 + 3
    run.now += 3
    run.give(DelayPassed(task="a", visit=1))
    assert run.running == ["a"]
    assert run.give(DelayPassed(task="a", visit=1)) == []
    run.fail("a")
    assert run.running == ["a"]


def test_a_delay_that_can_not_be_used_is_an_error_of_the_task() -> None:
    run = Conducted(
        'segue: 1\nvars: {n: -3}\ntasks: {a: {action: core.noop, delay: "{{ ctx.n }}"}}\n'
    )
    assert run.status() is Status.FAILED
    assert run.message == "the delay must be a duration, not -3"


RETRY = """
segue: 1
vars: {n: 2}
tasks:
  a:
    action: core.noop
    retry: {RETRY}
    next: [{when: failed(), do: b}]
  b: {action: core.noop}
"""


def retrying(retry: str) -> Conducted:
    return Conducted(RETRY.replace("RETRY", retry))


def due(run: Conducted) -> float:
    (task,) = [task for task in run.view.tasks if task.status is Status.RETRYING]
    assert task.due is not None
    return task.due - run.now


def again(run: Conducted) -> None:
    execution = run.state.find("a", 1)
    assert execution is not None
    run.give(RetryDue(task="a", visit=1, attempt=execution.attempt + 1))


def test_a_retry_makes_new_attempts_of_the_same_task_execution() -> None:
    run = retrying('count: "{{ ctx.n }}", delay: 4s')
    run.fail("a")
    assert due(run) == 4
    assert run.running == []
    again(run)
    assert run.running == ["a"]
    again(run)  # a second time: it runs already
    run.time_out("a")
    assert run.give(RetryDue(task="a", visit=1, attempt=2)) == []  # that one has been made
    again(run)
    run.fail("a", "the last")
    assert run.running == ["b"]
    assert run.view.tasks[0].attempts == 3
    assert run.errors == [("action_failed", "a", True)]
    assert run.message == "the last"


def test_a_retry_without_delay_is_made_at_once() -> None:
    run = retrying("count: 1")
    run.fail("a")
    assert run.running == ["a"]
    run.succeed("a")
    assert run.status() is Status.SUCCEEDED
    assert run.errors == []


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [("constant", [2, 2, 2]), ("linear", [2, 4, 5]), ("exponential", [2, 4, 5])],
)
def test_the_delay_grows_as_the_backoff_says_up_to_its_maximum(
    backoff: str, delays: list[float]
) -> None:
    run = retrying(f"count: 3, delay: 2, backoff: {backoff}, max_delay: 5")
    for delay in delays:
        run.fail("a")
        assert due(run) == delay
        again(run)


def test_jitter_takes_away_up_to_half() -> None:
    run = retrying("count: 1, delay: 10, jitter: true")
    run.random = 0.5
    run.fail("a")
    assert due(run) == 7.5


def test_with_a_condition_any_outcome_may_be_retried_and_only_if_it_holds() -> None:
    run = retrying('count: 5, when: "{{ result() == 1 }}"')
    run.succeed("a", 1)
    assert run.running == ["a"]
    run.succeed("a", 2)
    assert run.status() is Status.SUCCEEDED
    unmet = retrying("count: 5, when: succeeded()")
    unmet.fail("a")
    assert unmet.running == ["b"]


@pytest.mark.parametrize(
    ("retry", "message"),
    [
        ('count: "{{ ctx.nope }}"', "the count of `retry` can't be evaluated"),
        ("count: \"{{ 'x' }}\"", "the count of `retry` must be a whole number, not 'x'"),
        ('count: 1, when: "{{ 5 }}"', "the condition of `retry` must be true or false, not 5"),
        ("count: 1, delay: \"{{ 'soon' }}\"", "the delay of `retry` must be a duration"),
    ],
)
def test_an_error_in_a_retry_is_an_error_of_the_task(retry: str, message: str) -> None:
    run = retrying(retry)
    run.fail("a", "boom")
    assert run.running == ["b"]
    assert run.message.startswith(message)
    assert run.errors == [("action_failed", "a", True), ("expression_failed", "a", True)]


def test_in_orquesta_files_the_condition_of_a_retry_is_taken_for_its_truth() -> None:
    run = Conducted(
        "version: 1.0\ntasks:\n  a: {action: core.noop, retry: {count: 3, when: <% result() %>}}\n"
    )
    run.succeed("a", "again")
    assert run.running == ["a"]
    run.succeed("a", "")
    assert run.status() is Status.SUCCEEDED


def test_the_retry_command_of_orquesta_retries() -> None:
    run = Conducted(
        "version: 1.0\ntasks:\n"
        "  a: {action: core.noop, next: [{when: <% failed() %>, do: retry},"
        " {when: <% succeeded() %>, do: b}]}\n"
        "  b: {action: core.noop}\n"
    )
    for _ in range(3):
        run.fail("a")
        assert run.running == ["a"]
    run.succeed("a")
    assert run.running == ["b"]


def test_after_the_execution_has_failed_nothing_is_retried() -> None:
    run = Conducted(
        "segue: 1\ntasks:\n  a: {action: core.noop, retry: {count: 3}}\n"
        "  b: {action: core.noop}\n  c: {action: core.noop, retry: {count: 3, delay: 9}}\n"
    )
    run.fail("c")
    run.fail("b")
    assert run.running == ["a"]
    run.fail("a")
    assert run.settled()
    assert run.give(RetryDue(task="c", visit=1, attempt=2)) == []
