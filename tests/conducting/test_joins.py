"""Joins, as hosts see them: who is waited for, and when it is known that nobody comes."""

from tests.conducting.hosting import Host, running


def test_join_waits_only_for_tasks_that_can_be_reached() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: [c, j]}]}
  c: {action: core.noop, next: [{do: b}]}
  j: {join: all, action: core.noop}
""")
    assert host.offered() == ["a"], "nothing leads to b and c but themselves"
    assert host.do("a") == "running"
    assert host.do("j") == "succeeded"


def test_join_waits_for_what_is_begun_on_request() -> None:
    host = Host(
        """
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: [c, j]}]}
  c: {action: core.noop, next: [{when: <% failed() %>, do: b}]}
  j: {join: all, action: core.noop}
""",
        start_at=["a", "b"],
    )
    host.request("running")
    host.do("a")
    assert host.offered() == ["b"]
    host.do("b")
    host.do("c")
    assert host.do("j") == "succeeded"


LOST = """
version: 1.0
tasks:
  a: {action: core.noop, next: [{when: <% failed() %>, do: FAILED}]}
  b: {action: core.noop, next: [{when: <% failed() %>, do: j}, {when: <% succeeded() %>, do: c}]}
  c: {action: core.noop}
  d: {action: core.noop}
  j: {join: all, action: core.noop}
"""


def test_failure_that_only_leads_to_a_join_that_cannot_fire_fails_it_at_once() -> None:
    host = running(LOST.replace("FAILED", "j"))
    host.begin("d")
    host.do("b")
    assert host.do("a", "failed") == "failed", "b has led elsewhere"
    assert set(host.errors) == {("a", "action"), ("j", "join")}


def test_failure_that_leads_to_a_join_waits_for_what_can_still_arrive() -> None:
    host = running(LOST.replace("FAILED", "j"))
    assert host.do("a", "failed") == "running"
    host.do("d")
    host.do("b")
    assert host.do("c") == "failed"


def test_failure_that_also_leads_elsewhere_is_dealt_with() -> None:
    host = running(LOST.replace("FAILED", "[j, noop]"))
    host.begin("d")
    host.do("b")
    assert host.do("a", "failed") == "running"


def test_failure_that_leads_to_a_join_that_fires_is_dealt_with() -> None:
    host = running(LOST.replace("FAILED", "j"))
    host.begin("d")
    host.do("b", "failed")
    assert host.do("a", "failed") == "running"
    assert host.offered() == ["j"]


def test_failure_that_leads_to_a_join_fails_it_at_once_while_it_pauses_too() -> None:
    host = running(LOST.replace("FAILED", "j"))
    host.begin("d")
    a = host.begin("a")
    host.do("b")
    host.request("pausing")
    assert host.report(a, "failed") == "failed"


def test_failure_that_leads_to_a_join_while_it_is_canceled_changes_nothing() -> None:
    host = running(LOST.replace("FAILED", "j"))
    host.begin("d")
    a = host.begin("a")
    host.do("b")
    host.request("canceling")
    assert host.report(a, "failed") == "canceling"


def test_items_that_are_yet_to_come_may_still_lead_to_a_join() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop}
  w: {with: {items: "<% [1, 2] %>", concurrency: 1}, action: core.noop, next: [{do: c}]}
  c: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.noop}
""")
    host.do("a")
    host.next()
    host.report("w#1", "running", item=0)
    host.report("w#1", "succeeded", item=0)
    assert host.do("b", "failed") == "failed"
    assert host.errors == [("b", "action")]


def test_failure_while_it_pauses_fails_it_if_nobody_can_arrive_at_the_join() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  c: {action: core.noop, next: [{do: j}]}
  j: {join: 3, action: core.noop}
""")
    a, b = host.begin("a"), host.begin("b")
    host.do("c")
    assert host.report(b, "pending") == "pausing"
    assert host.report(a, "failed") == "failed", "who waits for somebody does not count"
    assert set(host.errors) == {("a", "action"), ("j", "join")}


def test_join_that_all_have_reached_while_it_paused_is_not_given_up() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: [d, j]}]}
  c: {action: core.noop}
  d: {action: core.noop}
  j: {join: all, action: core.noop}
""")
    b, c = host.begin("b"), host.begin("c")
    host.do("a")
    host.request("pausing")
    host.report(b, "succeeded")
    assert host.report(c, "failed") == "failed"
    assert host.errors == [("c", "action")]


def test_join_is_not_given_up_by_a_failure_that_only_publishes() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{publish: [{x: 1}]}]}
  c: {action: core.noop, next: [{when: <% failed() %>, do: d}]}
  d: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.noop}
""")
    host.do("a")
    host.do("c")
    assert host.do("b", "failed") == "failed"
    assert host.errors == [("b", "action")]
