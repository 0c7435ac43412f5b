"""Running again what has ended."""

import pytest
from tests.conducting.hosting import Host, RefusedByConductorError, running

CHAIN = """
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop, next: [{when: <% succeeded() %>, do: c}]}
  c: {action: core.noop}
output: [{x: 1}]
"""


def rerun(host: Host, *handles: str, **more: object) -> None:
    host.ask("rerun", tasks=[{"handle": one, **more} for one in handles] or None)


def failed() -> Host:
    host = running(CHAIN)
    host.do("a")
    assert host.do("b", "failed") == "failed"
    return host


def test_failed_task_is_run_again_and_its_error_is_gone() -> None:
    host = failed()
    assert host.state["output"] == {"x": 1}
    rerun(host)

    assert host.state["status"] == "resuming"
    assert (host.errors, host.state["output"]) == ([], None)
    assert host.tasks == {"a#1": "succeeded"}
    [offer] = host.next()
    assert (offer["task"], offer["handle"]) == ("b", "b#2")
    host.report("b#1", "succeeded")  # late, of what was replaced
    assert host.tasks == {"a#1": "succeeded"}
    assert host.report("b#2", "running") == "running"
    host.report("b#2", "succeeded")
    assert host.do("c") == "succeeded"


def test_task_that_succeeded_is_run_again_if_named() -> None:
    host = failed()
    rerun(host, "a#1")

    assert host.offered() == ["a"]
    assert host.errors == [("b", "action")]
    assert host.do("a") == "running"
    assert host.offered() == ["b"]


def test_only_what_has_ended_can_be_run_again() -> None:
    host = Host(CHAIN)
    with pytest.raises(RefusedByConductorError, match=r"bad-rerun: .*the status is null"):
        rerun(host)
    host.request("running")
    with pytest.raises(RefusedByConductorError, match=r"bad-rerun: .*the status is running"):
        rerun(host)


def test_handle_that_was_never_given_cannot_be_run_again() -> None:
    host = failed()
    before = host.state

    with pytest.raises(RefusedByConductorError, match=r"bad-rerun: .*z#1"):
        rerun(host, "b#1", "z#1")
    assert host.state == before


ITEMS = """
version: 1.0
vars: [{l: [x, y]}]
tasks:
  a: {with: <% ctx(l) %>, action: core.echo m=<% item() %>, next: [{publish: r=<% result() %>}]}
output: [{r: <% ctx(r) %>}]
"""


@pytest.mark.parametrize(("reset", "items"), [(False, [1]), (True, [0, 1])])
def test_items_that_succeeded_keep_their_result_unless_reset(
    *, reset: bool, items: list[int]
) -> None:
    host = running(ITEMS)
    handle = host.handle("a")
    for item, status in enumerate(("succeeded", "failed")):
        host.report(handle, "running", item=item)
        host.report(handle, status, f"first {item}", item=item)
    assert host.status == "failed"
    rerun(host, handle, reset_items=reset)

    [offer] = host.next()
    assert [one["item"] for one in offer["actions"]] == items
    for item in items:
        host.report(offer["handle"], "running", item=item)
        host.report(offer["handle"], "succeeded", f"second {item}", item=item)
    kept = "second 0" if reset else "first 0"
    assert host.state["output"] == {"r": [kept, "second 1"]}


def test_what_was_canceled_goes_on_with_what_was_left() -> None:
    host = running(CHAIN)
    handle = host.begin("a")
    host.request("canceling")
    host.report(handle, "succeeded")
    rerun(host)

    assert host.status == "resuming"
    assert host.offered() == ["b"]


def test_error_of_the_fail_command_goes_with_what_led_to_it() -> None:
    text = """
version: 1.0
tasks:
  a: {action: core.noop, next: [{when: <% failed() %>, do: fail}]}
"""
    host = running(text)
    host.do("a", "failed")
    assert host.errors == [("a", "action"), ("fail", "action")]
    rerun(host, "a#1")
    assert host.errors == [("fail", "action")]

    host = running(text)
    host.do("a", "failed")
    rerun(host)
    assert host.errors == []
