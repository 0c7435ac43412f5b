"""Attempts that may run once at most are not retried where nobody knows how far they came."""

import pytest
from tests.support.operated import Operated

from segue.core import stimuli as s
from segue.core.failure import OUTCOME_UNKNOWN
from segue.core.status import Status


def run_of(keys: str) -> Operated:
    return Operated(f"segue: 1\ntasks:\n  pay: {{action: x.pay, {keys}}}\n")


def lose(run: Operated, item: int | None = None) -> None:
    unknown = s.Failed(code=OUTCOME_UNKNOWN, message="its engine was lost")
    run.give(s.AttemptEnded(task="pay", visit=1, attempt=1, outcome=unknown, item=item))


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ("retry: {count: 1}", Status.RUNNING),
        ("delivery: at_least_once, retry: {count: 1}", Status.RUNNING),
        ("delivery: at_most_once, retry: {count: 1}", Status.FAILED),
        ("delivery: at_most_once, retry: {count: 1, when: failed()}", Status.RUNNING),
    ],
)
def test_an_unknown_outcome_is_retried_only_where_that_is_said(keys: str, status: Status) -> None:
    run = run_of(keys)
    lose(run)
    assert run.status() is status


def test_a_failure_that_is_known_is_retried() -> None:
    run = run_of("delivery: at_most_once, retry: {count: 1}")
    run.fail("pay")
    assert run.status() is Status.RUNNING


def test_items_that_may_run_once_are_not_retried_unless_it_is_said() -> None:
    run = run_of("delivery: at_most_once, retry: {count: 1}, with: [1, 2]")
    lose(run, item=0)
    run.fail_item("pay", 1)
    assert run.status() is Status.FAILED


def test_an_unknown_outcome_is_a_failure_that_a_transition_may_handle() -> None:
    run = run_of("delivery: at_most_once, next: [{when: failed(), do: noop}]")
    lose(run)
    assert run.status() is Status.SUCCEEDED
    assert run.errors == [(OUTCOME_UNKNOWN, "pay", True)]
