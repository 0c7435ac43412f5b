"""What hosts report of tasks, and what it means for the whole."""

import pytest
from tests.conducting.hosting import Host, running

ONE = "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{do: c}]}\n  c: {action: core.noop}\n"
TWO = "version: 1.0\ntasks:\n  a: {action: core.noop}\n  b: {action: core.noop}\n"


def after(*reports: str) -> tuple[str, str]:
    """Return the statuses of the task and of the whole after these reports."""
    host = running(ONE)
    handle = host.handle("a")
    for status in reports:
        host.report(handle, status)
    return host.tasks[handle], host.status


@pytest.mark.parametrize(
    ("reports", "task"),
    [
        (["requested", "scheduled", "delayed", "scheduled", "running"], "running"),
        (["scheduled", "requested"], "scheduled"),
        (["running", "requested"], "running"),
        (["running", "resuming"], "running"),
        (["pending", "running"], "pending"),
        (["running", "pausing", "running"], "pausing"),
        (["running", "pausing", "resuming", "running"], "running"),
        (["running", "canceling", "paused"], "canceled"),
        (["resuming"], "resuming"),
        (["scheduled", "succeeded"], "succeeded"),
        (["pausing", "succeeded"], "succeeded"),
        (["running", "timeout"], "failed"),
        (["running", "abandoned"], "failed"),
        (["running", "succeeded", "failed"], "succeeded"),
    ],
)
def test_report_that_cannot_follow_is_without_effect(reports: list[str], task: str) -> None:
    assert after(*reports)[0] == task


def test_only_failed_is_an_error_of_an_action() -> None:
    host = running(TWO)
    a, b = host.begin("a"), host.begin("b")
    host.report(a, "timeout")
    host.report(b, "failed")

    assert host.errors == [("b", "action")]
    [error] = host.state["errors"]
    assert error["handle"] == "b#1"


def test_late_report_changes_nothing() -> None:
    host = running(TWO)
    handle = host.begin("a")
    host.report(handle, "succeeded")
    before = host.state

    host.report(handle, "failed")
    host.report(handle, "running")
    assert host.state == before


def test_task_that_waits_for_somebody_pauses_the_whole() -> None:
    host = running(TWO)
    a, b = host.begin("a"), host.begin("b")

    assert host.report(a, "pending") == "pausing"
    assert host.report(b, "succeeded") == "paused"
    assert host.report(a, "succeeded") == "paused"
    assert host.request("resuming") == "succeeded"


def test_task_that_was_paused_pauses_the_whole_once_nothing_runs() -> None:
    host = running(TWO)
    a, b = host.begin("a"), host.begin("b")

    assert host.report(a, "pausing") == "running"
    assert host.report(a, "paused") == "running"
    assert host.report(b, "succeeded") == "paused"
    assert host.report(a, "resuming") == "running"
    assert host.report(a, "running") == "running"
    assert host.report(a, "succeeded") == "succeeded"


def test_last_task_that_is_paused_pauses_the_whole_at_once() -> None:
    host = running(ONE)
    handle = host.begin("a")

    assert host.report(handle, "paused") == "paused"
    assert host.report(handle, "running") == "running"


def test_task_that_is_pausing_keeps_others_from_going_on() -> None:
    host = running(TWO)
    a, b = host.begin("a"), host.begin("b")
    host.report(a, "pausing")

    assert host.report(b, "succeeded") == "pausing"


def test_paused_task_does_not_pause_what_resumes() -> None:
    host = running(TWO)
    a, b = host.begin("a"), host.begin("b")
    host.request("pausing")
    host.request("resuming")

    assert host.report(a, "pausing") == "resuming"
    assert host.report(b, "succeeded") == "resuming"
    assert host.report(a, "paused") == "resuming"


def test_end_of_a_task_ends_the_resuming() -> None:
    host = running(TWO)
    a = host.begin("a")
    host.request("pausing")
    host.request("resuming")

    assert host.report(a, "succeeded") == "running"


@pytest.mark.parametrize("word", ["canceling", "canceled"])
def test_task_that_is_canceled_cancels_the_whole(word: str) -> None:
    host = running(TWO)
    a, b = host.begin("a"), host.begin("b")

    assert host.report(a, word) == "canceling"
    host.report(a, "canceled")
    assert host.report(b, "failed") == "canceled"
    assert host.tasks == {"a#1": "canceled", "b#1": "failed"}


def test_last_task_that_is_canceled_leads_on_to_nothing() -> None:
    host = running(ONE)

    assert host.do("a", "canceled") == "canceled"
    assert host.next() == []


RETRY = """
version: 1.0
tasks:
  a: {action: core.noop, retry: {count: 1, delay: 4}}
"""


def test_retry_is_offered_under_the_same_handle_with_its_delay() -> None:
    host = running(RETRY)
    handle = host.begin("a")

    assert host.report(handle, "failed") == "running"
    assert host.tasks == {handle: "retrying"}
    [offer] = host.next()
    assert (offer["handle"], offer["delay"]) == (handle, 4)
    host.report(handle, "succeeded")  # once more, of the first attempt
    assert host.tasks == {handle: "retrying"}
    host.report(handle, "running")
    assert host.report(handle, "failed") == "failed"
    assert host.errors == [("a", "action")]


def test_retry_that_waits_can_be_canceled() -> None:
    host = running(RETRY)
    handle = host.begin("a")
    host.report(handle, "failed")

    assert host.report(handle, "canceled") == "canceled"


def test_two_ways_to_a_task_are_two_task_executions() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: s}]}
  b: {action: core.noop, next: [{do: s}]}
  s: {action: core.noop}
""")
    host.do("a")
    host.do("b")

    assert [offer["handle"] for offer in host.next()] == ["s#1", "s#2"]


def test_timeout_is_one_in_a_native_file() -> None:
    host = running("""
segue: 1
tasks:
  a:
    action: core.noop
    next:
      - {when: timed_out(), do: late}
  late: {action: core.noop}
""")
    host.do("a", "timeout")

    assert host.offered() == ["late"]
    assert host.tasks == {"a#1": "timeout"}


def test_delays_that_are_expressions_are_rendered() -> None:
    host = Host(
        "version: 1.0\nvars: [{n: 0}]\ntasks:\n  a: {action: core.noop, delay: <% ctx(n) %>}\n"
    )
    host.request("running")

    assert "delay" not in host.next()[0]


def test_what_can_no_longer_be_rendered_is_not_begun() -> None:
    host = Host("version: 1.0\ntasks:\n  a: {action: core.echo m=<% st2kv(k) %>}\n")
    host.request("running")
    [offer] = host.ask("next", facts={"keys": {"k": "v"}})["tasks"]

    assert offer["actions"][0]["input"] == {"m": "v"}
    assert host.report("a#1", "running") == "failed"
    assert (host.errors, host.tasks) == ([("a", "expression")], {})


@pytest.mark.parametrize("delay", ["<% soon %>", "<% 1.5 %>", "<% null %>"])
def test_delay_that_is_no_whole_number_fails_the_execution(delay: str) -> None:
    host = running(f"version: 1.0\ntasks:\n  a: {{action: core.noop, delay: {delay}}}\n")
    assert host.next() == []
    assert (host.status, host.errors) == ("failed", [("a", "expression")])
    assert host.state["errors"][0]["message"].startswith("the delay must be a whole number, not ")


def test_delay_that_is_true_is_one_to_hosts_of_orquesta() -> None:
    host = running("version: 1.0\ntasks:\n  a: {action: core.noop, delay: <% true %>}\n")
    assert host.next()[0]["delay"] == 1


@pytest.mark.parametrize("end", ["timeout", "abandoned"])
def test_task_that_never_ran_is_shown_as_it_ended(end: str) -> None:
    host = running(
        "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{do: b}]}\n  b: {action: x}\n"
    )
    host.next()
    host.report("a#1", "scheduled")
    assert host.report("a#1", end) == "running"
    assert host.tasks == {"a#1": end}
