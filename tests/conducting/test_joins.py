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


LATE = """
version: 1.0
vars: [{word: early}]
tasks:
  a: {action: core.noop, next: [{do: [b, j]}]}
  b: {action: core.noop, next: [{when: <% succeeded() %>, publish: [{word: late}], do: j}]}
  j:
    join: 1
    with: {items: "<% list(1, 2) %>", concurrency: 1}
    action: core.echo m=<% ctx(word) %>
    next: [{publish: r=<% result() %>}]
output: [{r: <% ctx(r) %>}, {word: <% ctx(word) %>}]
"""


def items_offered(host: Host) -> list[tuple[str, int, dict[str, object]]]:
    return [
        (offer["handle"], action["item"], action["input"])
        for offer in host.next()
        for action in offer["actions"]
        if "item" in action
    ]


def late() -> Host:
    """Return the host of a joined task whose first item has succeeded, and its second runs."""
    host = running(LATE)
    host.do("a")
    for item in (0, 1):
        assert items_offered(host) == [("j#1", item, {"m": "early"})]
        host.report("j#1", "running", item=item)
        if item == 0:
            host.report("j#1", "succeeded", "first", item=0)
    return host


def test_late_arrival_at_a_join_whose_items_run_has_all_of_them_offered_again() -> None:
    host = late()
    assert items_offered(host) == []
    host.do("b")

    assert host.tasks["j#1"] == "running"
    assert items_offered(host) == [("j#1", 0, {"m": "late"})]
    host.report("j#1", "succeeded", "again", item=0)
    assert items_offered(host) == [("j#1", 1, {"m": "late"})]
    assert host.report("j#1", "succeeded", "second", item=1) == "succeeded"
    assert host.state["output"] == {"r": ["again", "second"], "word": "late"}


def test_what_is_offered_again_may_be_reported_as_it_was_known() -> None:
    host = late()
    host.do("b")
    host.report("j#1", "succeeded", "first", item=0)

    assert host.report("j#1", "succeeded", "second", item=1) == "succeeded"
    assert host.state["output"] == {"r": ["first", "second"], "word": "late"}


def test_items_offered_again_outlive_a_restart_of_the_host() -> None:
    host = late()
    host.do("b")
    before = host.state
    host.ask("restore")

    assert host.state == before
    assert items_offered(host) == [("j#1", 0, {"m": "late"})]


def test_late_arrival_at_a_join_whose_items_are_being_paused_waits_as_any_other() -> None:
    host = late()
    host.begin("b")
    host.request("pausing")
    host.report("b#1", "succeeded")
    assert host.next() == []
    host.request("resuming")
    assert items_offered(host) == [("j#1", 0, {"m": "late"})]


def test_late_arrival_at_a_join_whose_task_waits_for_a_retry_is_merged_into_that() -> None:
    host = running("""
version: 1.0
vars: [{word: early}]
tasks:
  a: {action: core.noop, next: [{do: [b, j]}]}
  b: {action: core.noop, next: [{publish: [{word: late}], do: j}]}
  j: {join: 1, action: core.echo m=<% ctx(word) %>, retry: {count: 1, delay: 3}}
""")
    host.do("a")
    host.do("j", "failed")
    host.do("b")

    [offer] = host.next()
    assert (offer["handle"], offer["delay"]) == ("j#1", 3)
    assert offer["actions"][0]["input"] == {"m": "late"}
    assert host.do("j", "failed") == "failed", "it was the last attempt"


def test_late_arrival_has_the_items_offered_again_that_a_rerun_kept() -> None:
    host = late()
    host.do("b", "failed")
    host.report("j#1", "failed", item=1)
    host.ask("rerun")
    assert items_offered(host) == [("j#2", 1, {"m": "early"})]
    host.do("b")
    assert items_offered(host) == [("j#2", 0, {"m": "late"})]


def test_late_arrival_at_a_joined_task_without_items_has_no_effect() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  j: {join: 1, action: core.noop}
""")
    host.do("a")
    host.begin("j")
    host.do("b")
    assert host.next() == []
    assert host.report("j#1", "succeeded") == "succeeded"


def test_late_arrival_in_a_file_of_ours_never_runs_items_again() -> None:
    host = running("""
segue: 1
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  j:
    join: 1
    with: {items: [1, 2]}
    action: core.echo
    input: {m: 1}
""")
    host.do("a")
    assert [item for _, item, _ in items_offered(host)] == [0, 1]
    host.report("j#1", "running", item=0)
    host.do("b")
    assert [item for _, item, _ in items_offered(host)] == [1]


NAMED = """
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: [j, fail]}]}
  j: {join: 1, JOINED}
"""


def test_joined_task_that_has_not_begun_runs_though_it_is_named_beside_fail_later() -> None:
    host = running(NAMED.replace("JOINED", "action: core.noop"))
    host.do("a")
    assert host.offered() == ["b", "j"]
    assert host.do("b") == "failed"
    assert host.do("j") == "failed"
    assert host.tasks["j#1"] == "succeeded"


def test_joined_task_with_items_is_offered_again_though_the_execution_fails_beside_it() -> None:
    host = running(NAMED.replace("JOINED", 'with: "<% list(1, 2) %>", action: core.noop'))
    host.do("a")
    assert [item for _, item, _ in items_offered(host)] == [0, 1]
    host.report("j#1", "succeeded", item=0)
    assert host.do("b") == "failed"
    assert [item for _, item, _ in items_offered(host)] == [0, 1]
    host.report("j#1", "succeeded", item=0)
    host.report("j#1", "succeeded", item=1)
    assert host.tasks["j#1"] == "succeeded"


def test_join_for_which_a_lost_transition_counts_fires_only_once_nothing_else_goes_on() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: [b, c, j]}]}
  b: {action: core.noop, next: [{publish: [{x: <% result().missing %>}], do: j}]}
  c: {action: core.noop}
  j: {join: 2, action: core.noop}
""")
    host.do("a")
    host.begin("b")
    host.begin("c")
    host.report("c#1", "failed")
    host.report("b#1", "succeeded", {})
    host.ask("rerun", tasks=[{"handle": "c#1", "reset_items": False}])
    assert host.offered() == ["c"]
    host.do("c")
    assert host.offered() == ["j"]


def test_join_is_lost_also_if_all_that_came_to_it_came_while_it_was_being_paused() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{when: <% succeeded() %>, do: j}]}
  j: {join: all, action: core.noop}
""")
    host.begin("a")
    host.begin("b")
    host.request("pausing")
    host.report("a#1", "succeeded")
    assert host.report("b#1", "failed") == "failed"
    assert set(host.errors) == {("b", "action"), ("j", "join")}
