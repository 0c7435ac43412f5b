"""Attempts, reports, errors and outputs that are otherwise than in Orquesta."""

import pytest
from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.core.errors import RequestError
from segue.core.status import Status
from segue.core.stimuli import AttemptEnded, DelayPassed, Failed


@pytest.mark.parametrize(
    "retry",
    ["{count: <% ctx().tries %>}", "{count: 2, when: <% result().nothing %>}"],
    ids=["count", "when"],
)
def test_an_error_in_retry_is_an_error_of_the_task(retry: str) -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{tries: many}]
        tasks:
          a: {action: core.noop, retry: {count: <% ctx().tries %>}}
        """.replace("{count: <% ctx().tries %>}", retry)
    )
    run.fail("a")
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert [code for code, task, _ in run.errors if task == "a"] == [
        "action_failed",
        "expression_failed",
    ]


def test_a_canceled_task_is_not_retried_for_ever() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, retry: {count: 3, when: <% completed() %>}}
        """
    )
    run.cancel()
    run.end_canceled("a")
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


def test_a_delay_may_have_fractions() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{pause: 0.5}]
        tasks:
          a: {action: core.noop, delay: <% ctx().pause %>}
        """
    )
    assert [task.due for task in run.view.tasks] == [run.now + 0.5]
    run.now += 0.5
    run.give(DelayPassed(task="a", visit=1))
    assert run.running == ["a"]


def test_a_report_that_comes_too_late_changes_nothing() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: b}]}
          b: {action: core.noop}
        """
    )
    run.succeed("a")
    late = AttemptEnded(task="a", visit=1, attempt=1, outcome=Failed(message="again"))
    assert run.give(late) == []
    assert (run.running, run.errors) == (["b"], [])
    run.change("b", Status.PENDING)
    run.time_out("b")
    assert run.status() is Status.FAILED
    assert run.give(late) == []


def test_every_failure_is_told_once() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          s: {action: core.noop, next: [{do: a}]}
          a: {action: core.noop, next: [{when: <% failed() %>, do: b}]}
          b: {action: core.noop, next: [{do: a}]}
        """
    )
    run.succeed("s")
    for _ in range(2):
        run.fail("a", "the same")
        run.succeed("b")
    run.succeed("a")
    assert run.status() is Status.SUCCEEDED
    assert [(error.visit, error.message, error.handled) for error in run.view.errors] == [
        (1, "the same", True),
        (2, "the same", True),
    ]


def test_the_output_is_rendered_when_the_execution_settles() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop}
          b: {action: core.noop, next: [{publish: [{x: 1}]}]}
        output: [{x: <% ctx().x %>}]
        """
    )
    run.fail("a")
    assert (run.status(), run.settled(), run.output) == (Status.FAILED, False, None)
    run.succeed("b")
    assert (run.settled(), run.output) == (True, {"x": 1})


def test_an_execution_has_limits() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          s: {action: core.noop, next: [{do: poll}]}
          poll: {action: core.noop, next: [{do: poll}]}
        """,
        max_visits=3,
    )
    run.run_all()
    assert run.status() is Status.FAILED
    assert run.errors == [("visit_limit", "poll", False)]
    assert run.visits("poll") == 3
    with pytest.raises(RequestError):
        run.cancel()
