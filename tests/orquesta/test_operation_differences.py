"""Failures, pauses, cancels and reruns that end otherwise than in Orquesta."""

import pytest
from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.core.errors import RequestError
from segue.core.status import Status


def test_a_canceled_execution_stays_canceled() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{when: <% succeeded() %>, do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.succeed("a")
    run.cancel()
    assert run.status() is Status.CANCELING
    run.end_canceled("b")
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


def test_the_success_of_a_task_that_is_being_paused_or_canceled_counts() -> None:
    text = """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: b}]}
          b: {action: core.noop}
        """
    paused = Operated(text)
    paused.change("a", Status.PAUSING)
    paused.succeed("a", 1)
    assert paused.running == ["b"]
    canceled = Operated(text)
    canceled.cancel()
    canceled.change("a", Status.CANCELING)
    canceled.succeed("a", 1)
    assert canceled.status() is Status.CANCELED
    assert [(one.task, one.status, one.result) for one in canceled.view.tasks] == [
        ("a", Status.SUCCEEDED, 1)
    ]


def test_a_failure_counts_while_only_a_person_can_go_on() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          ask: {action: core.ask}
        output: [{x: 1}]
        """
    )
    run.change("ask", Status.PENDING)
    assert run.view.status is Status.PENDING
    run.time_out("ask")
    assert run.status() is Status.FAILED


def test_a_failure_in_a_paused_execution_fails_it() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop}
          ask: {action: core.ask}
        """
    )
    run.change("ask", Status.PENDING)
    run.pause()
    run.succeed("a")
    run.fail("ask")
    if run.status() is Status.PAUSED:
        run.resume()
    assert run.status() is Status.FAILED


def test_a_rerun_of_one_failed_task_does_not_hide_another() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop}
          b: {action: core.noop}
        """
    )
    run.fail("a")
    run.fail("b")
    run.rerun("a")
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.errors == [("action_failed", "b", False)]


def test_a_join_fires_again_after_a_rerun_before_it() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{publish: [{y: <% result() %>}], do: j}]}
          j: {join: all, action: core.noop, next: [{do: k}]}
          k: {action: core.echo message=<% ctx().y %>}
        """
    )
    run.succeed("a")
    run.succeed("b", "of b")
    run.succeed("j")
    run.fail("k")
    run.rerun("a")
    assert run.running == ["a"]
    run.succeed("a")
    assert run.running == ["j"]
    run.succeed("j")
    assert run.input_of("k", 2) == {"message": "of b"}
    run.succeed("k")
    assert run.status() is Status.SUCCEEDED
    assert [run.started(task) for task in ("a", "b", "j", "k")] == [2, 1, 2, 2]


def test_a_rerun_of_nothing_is_refused() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop}
        """
    )
    run.succeed("a")
    with pytest.raises(RequestError) as refused:
        run.rerun()
    assert str(refused.value) == "nothing failed, was canceled or is left to run"
    assert run.status() is Status.SUCCEEDED


def test_an_engine_command_is_never_run_as_a_task() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: fail}]}
        """
    )
    run.succeed("a")
    assert run.status() is Status.FAILED
    with pytest.raises(RequestError):
        run.rerun("fail")
    run.rerun("a")
    assert run.running == ["a"]
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.errors[-1][0] == "fail_command"
