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


BRANCHES = """
version: 1.0
tasks:
  a: {action: core.noop}
  b: {action: core.noop, next: [{when: <% failed() and result() = "fix" %>, do: c}]}
  c: {action: core.echo, input: {b: <% task_status(b) %>}, retry: {count: 1}}
"""


def canceled_and_run_again() -> Host:
    """Return a host that runs `b` again, beside `a` which was canceled."""
    host = running(BRANCHES)
    a, b = host.begin("a"), host.begin("b")
    host.report(a, "canceled")
    assert host.report(b, "failed") == "canceled"
    rerun(host)
    return host


def test_a_failure_after_a_rerun_counts_though_something_was_canceled_before() -> None:
    host = canceled_and_run_again()
    assert host.do("b", "failed") == "failed"


def test_what_ends_well_after_a_rerun_is_canceled_if_something_was_before() -> None:
    host = canceled_and_run_again()
    assert host.do("b") == "canceled"


def test_a_failure_that_is_dealt_with_after_a_rerun_is_canceled_likewise() -> None:
    host = canceled_and_run_again()
    assert host.do("b", "failed", "fix") == "canceled"
    assert host.offered() == []


def test_a_new_attempt_after_a_rerun_is_made_though_something_was_canceled() -> None:
    host = running(BRANCHES)
    a = host.begin("a")
    host.do("b", "failed", "fix")
    c = host.begin("c")
    host.report(a, "canceled")
    assert host.report(c, "succeeded") == "canceled"
    rerun(host, c)
    assert host.do("c", "failed") == "running"
    assert host.offered() == ["c"]


def test_fail_after_a_rerun_comes_too_late_if_something_was_canceled() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop}
  b: {action: core.noop, next: [{when: <% result() = "stop" %>, do: fail}]}
""")
    a, b = host.begin("a"), host.begin("b")
    host.report(a, "canceled")
    host.report(b, "failed")
    rerun(host)
    assert host.do("b", result="stop") == "canceled"


def test_task_that_is_to_run_again_has_no_status_until_it_does() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.echo, input: {own: <% task_status(a) %>}, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.noop}
output: [{a: <% task_status(a) %>}]
""")
    host.do("a")
    host.do("b")
    host.do("j")
    assert host.state["output"] == {"a": "succeeded"}
    rerun(host, "a#1")
    [offer] = host.next()
    assert offer["actions"][0]["input"] == {"own": "null"}
    host.do("a")
    host.do("j")
    assert host.state["output"] == {"a": "succeeded"}


def test_items_are_reset_of_the_visits_for_which_that_was_asked() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: w}]}
  b: {action: core.noop, next: [{do: w}]}
  w: {with: "<% [1, 2] %>", action: core.noop}
""")
    host.do("a")
    host.do("b")
    for handle in ("w#1", "w#2"):
        host.next()
        host.report(handle, "running", item=0)
        host.report(handle, "running", item=1)
    for handle in ("w#1", "w#2"):
        host.report(handle, "succeeded", item=0)
        host.report(handle, "failed", item=1)
    targets = [{"handle": "w#1", "reset_items": True}, {"handle": "w#2"}]
    host.ask("rerun", tasks=targets)
    items = [[action["item"] for action in offer["actions"]] for offer in host.next()]
    assert items == [[0, 1], [1]]


def test_items_that_were_canceled_before_they_began_go_on_after_a_rerun() -> None:
    host = running("""
version: 1.0
tasks:
  w: {with: {items: "<% [1, 2] %>", concurrency: 1}, action: core.noop}
""")
    host.next()
    host.report("w#1", "running", item=0)
    host.report("w#1", "succeeded", item=0)
    assert host.request("canceling") == "canceled"
    rerun(host)
    host.next()
    assert host.report("w#1", "running", item=1) == "running"
    assert host.report("w#1", "succeeded", item=1) == "succeeded"


def test_a_failure_while_it_is_canceled_is_tried_again_after_a_rerun() -> None:
    host = running("""
version: 1.0
vars: [{n: 1}]
tasks:
  a: {action: core.noop, retry: {count: 1}}
  b: {action: core.noop}
output: [{n: <% ctx(n) %>}]
""")
    host.do("b")
    a = host.begin("a")
    host.report(a, "canceling")
    assert host.report(a, "failed") == "canceled"
    assert (host.tasks[a], host.state["output"]) == ("retrying", {"n": 1})
    rerun(host, "b#1")
    assert host.offered() == ["a", "b"]
    assert host.errors == [("a", "action")]


def test_what_failed_before_it_was_canceled_is_not_what_is_run_again() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{when: <% succeeded() %>, do: c}]}
  b: {action: core.noop}
  c: {action: core.noop}
""")
    a, b = host.begin("a"), host.begin("b")
    host.report(b, "canceling")
    host.report(a, "failed")
    assert host.report(b, "failed") == "canceled"
    rerun(host)
    assert host.offered() == ["b"]
    assert host.errors == [("a", "action")]


def test_what_followed_from_another_one_comes_again_by_itself_however_often() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop}
""")
    host.do("a")
    host.do("b")
    rerun(host, "b#1")
    host.do("b")
    rerun(host, "a#1", "b#2")
    assert host.offered() == ["a"], "b comes again after it"


def test_joins_and_commands_that_followed_come_again_by_themselves() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: [j, noop]}]}
  j: {join: all, action: core.noop}
""")
    for task in "abj":
        host.do(task)
    rerun(host, "a#1")
    host.do("a")
    host.do("j")
    rerun(host, "a#2", "j#2")
    assert host.offered() == ["a"]


def test_what_is_named_beside_fail_again_runs_as_well() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: [b, fail]}]}
  b: {action: core.noop, next: [{do: [c, fail]}]}
  c: {action: core.noop, next: [{do: d}]}
  d: {action: core.noop}
""")
    assert host.do("a") == "failed"
    assert host.do("b") == "failed"
    assert host.do("c") == "failed"
    assert host.offered() == []


def test_what_failed_before_it_was_canceled_is_run_again_if_there_is_nothing_else() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{when: <% succeeded() %>, do: c}]}
  b: {action: core.noop}
  c: {action: core.noop}
""")
    a, b = host.begin("a"), host.begin("b")
    host.report(b, "canceling")
    host.report(a, "failed")
    assert host.report(b, "canceled") == "canceled"
    rerun(host)
    assert host.offered() == ["a"]


def test_what_a_task_led_to_counts_no_more_when_it_is_run_again_though_that_was_run_again() -> None:
    host = running("""
version: 1.0
vars: [{x: none}]
tasks:
  a: {action: core.noop, next: [{when: <% result() = 1 %>, publish: [{x: one}], do: b}]}
  b: {action: core.noop}
output: [{x: <% ctx(x) %>}]
""")
    host.do("a", result=1)
    host.do("b", "failed")
    host.ask("rerun")
    assert host.do("b") == "succeeded"
    assert host.state["output"] == {"x": "one"}
    host.ask("rerun", tasks=[{"handle": "a#1", "reset_items": False}])
    assert host.do("a", result=2) == "succeeded"
    assert host.state["output"] == {"x": "none"}
