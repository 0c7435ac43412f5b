"""Tasks with items: offered item by item, reported item by item."""

import pytest
from tests.conducting.hosting import Host, RefusedByConductorError, running


def items_of(count: int, concurrency: str = "null", more: str = "") -> Host:
    """Return the host of a task `a` with items, all of what may be begun running."""
    return running(
        f"""
version: 1.0
vars: [{{l: {list(range(count))}}}]
tasks:
  a:
    with: {{items: i in <% ctx(l) %>, concurrency: {concurrency}}}
    action: core.echo m=<% item(i) %>
    {more}
    next: [{{when: <% succeeded() %>, publish: r=<% result() %>}}]
output: [{{r: <% ctx(r) %>}}]
""".replace(", concurrency: null", "")
    )


def begun(count: int, concurrency: str = "null", more: str = "") -> Host:
    host = items_of(count, concurrency, more)
    for action in host.next()[0]["actions"]:
        host.report("a#1", "running", item=action["item"])
    return host


def item(host: Host, number: int, status: str, result: object = None) -> tuple[str, str]:
    """Report of an item; return the statuses of the task and of the whole."""
    whole = host.report("a#1", status, result, item=number)
    return host.tasks["a#1"], whole


def offered_items(host: Host) -> list[int]:
    return [action["item"] for offer in host.next() for action in offer["actions"]]


def test_items_are_offered_as_far_as_they_may_run_at_once() -> None:
    host = items_of(3, "2")
    [offer] = host.next()

    assert (offer["items_count"], offer["concurrency"]) == (3, 2)
    assert [one["input"] for one in offer["actions"]] == [{"m": 0}, {"m": 1}]
    assert item(host, 0, "running") == ("running", "running")
    assert offered_items(host) == [1]
    item(host, 1, "running")
    assert host.next() == []
    item(host, 0, "succeeded", "r0")
    assert offered_items(host) == [2]
    item(host, 2, "running")
    item(host, 2, "succeeded", "r2")
    assert item(host, 1, "succeeded") == ("succeeded", "succeeded")
    assert host.state["output"] == {"r": ["r0", None, "r2"]}


def test_task_without_items_is_reported_as_a_whole() -> None:
    host = items_of(0)
    [offer] = host.next()

    assert (offer["actions"], offer["items_count"], offer["concurrency"]) == ([], 0, None)
    host.report("a#1", "running")
    assert host.report("a#1", "succeeded") == "succeeded"
    assert host.state["output"] == {"r": []}


def test_item_may_be_only_about_to_run() -> None:
    host = items_of(2)
    host.next()

    assert item(host, 0, "requested") == ("requested", "running")
    assert item(host, 1, "scheduled") == ("scheduled", "running")
    assert item(host, 0, "requested") == ("scheduled", "running")
    assert host.next() == []
    assert item(host, 1, "running") == ("running", "running")
    assert item(host, 0, "delayed") == ("running", "running")


@pytest.mark.parametrize("number", [-1, 2, 99])
def test_item_that_there_is_not_is_refused(number: int) -> None:
    host = items_of(2)
    host.next()

    with pytest.raises(RefusedByConductorError, match="bad-request: visit 1 of `a` has no item"):
        item(host, number, "running")
    assert offered_items(host) == [0, 1]


def test_task_without_a_list_has_no_items() -> None:
    host = running("version: 1.0\ntasks:\n  a: {action: core.noop}\n")
    host.next()

    with pytest.raises(RefusedByConductorError, match="has no item 0: it has 0"):
        host.report("a#1", "running", item=0)


def test_late_report_of_an_item_changes_nothing() -> None:
    host = begun(2)
    item(host, 0, "succeeded", 1)
    before = host.state

    host.report("a#1", "failed", item=0)
    assert host.state == before


def test_failed_item_fails_the_task_once_no_other_runs() -> None:
    host = begun(3, "2")

    assert item(host, 0, "failed") == ("running", "running")
    assert offered_items(host) == [2]
    assert item(host, 1, "succeeded") == ("failed", "failed")
    assert host.errors[0] == ("a", "action")


def test_failed_items_are_tried_again_all_of_them() -> None:
    host = begun(2, more="retry: {count: 1}")
    item(host, 0, "failed")

    assert item(host, 1, "succeeded") == ("retrying", "running")
    assert offered_items(host) == [0, 1]
    assert item(host, 0, "running") == ("running", "running")


def test_canceled_item_cancels_task_and_whole() -> None:
    host = begun(3)

    assert item(host, 0, "canceled") == ("canceling", "canceling")
    assert item(host, 1, "failed") == ("canceling", "canceling")
    assert item(host, 2, "succeeded") == ("canceled", "canceled")


def test_last_item_that_is_canceled_cancels_at_once() -> None:
    host = begun(2)
    item(host, 0, "succeeded")

    assert item(host, 1, "canceled") == ("canceled", "canceled")


def test_items_that_are_being_canceled_may_all_end_well() -> None:
    host = begun(2)

    assert item(host, 0, "canceling") == ("canceling", "canceling")
    item(host, 0, "succeeded")
    assert item(host, 1, "succeeded") == ("succeeded", "canceled")


def test_paused_item_pauses_the_task_when_no_other_runs() -> None:
    host = begun(2)

    assert item(host, 0, "pausing") == ("pausing", "running")
    assert item(host, 0, "paused") == ("pausing", "running")
    assert item(host, 1, "succeeded") == ("paused", "paused")
    assert item(host, 0, "resuming") == ("paused", "paused")
    assert item(host, 0, "running") == ("running", "running")
    assert item(host, 0, "succeeded") == ("succeeded", "succeeded")


def test_item_that_waits_for_somebody_counts_when_it_ends() -> None:
    host = begun(2)

    assert item(host, 0, "pending") == ("pausing", "running")
    assert item(host, 1, "succeeded") == ("paused", "paused")
    assert item(host, 0, "succeeded") == ("succeeded", "paused")
    assert host.request("resuming") == "succeeded"


def test_item_that_fails_beside_paused_ones_fails_the_task() -> None:
    host = begun(2)
    item(host, 0, "paused")

    assert item(host, 1, "failed") == ("failed", "failed")


def test_item_that_pauses_after_another_failed_fails_the_task() -> None:
    host = begun(2)
    item(host, 0, "failed")

    assert item(host, 1, "paused") == ("failed", "failed")


def test_last_item_that_is_paused_pauses_the_task() -> None:
    host = begun(2)
    item(host, 0, "succeeded")

    assert item(host, 1, "pending") == ("paused", "paused")


def test_item_that_pauses_after_another_was_canceled_ends_the_task() -> None:
    host = begun(2)
    host.request("pausing")
    item(host, 0, "canceled")

    assert item(host, 1, "paused") == ("canceled", "canceled")


def test_pause_on_request_is_shown_of_the_task() -> None:
    host = begun(3, "2")

    assert host.request("pausing") == "pausing"
    assert host.tasks == {"a#1": "pausing"}
    item(host, 0, "succeeded")
    assert item(host, 1, "succeeded") == ("paused", "paused")
    assert host.request("resuming") == "resuming"
    assert offered_items(host) == [2]
    assert item(host, 2, "running") == ("running", "running")


def test_pause_between_items_shows_the_task_paused() -> None:
    host = begun(2, "1")
    item(host, 0, "succeeded")

    assert host.request("paused") == "paused"
    assert host.tasks == {"a#1": "paused"}


def test_cancel_on_request_is_shown_of_the_task() -> None:
    host = begun(3, "2")

    assert host.request("canceled") == "canceling"
    assert host.tasks == {"a#1": "canceling"}
    item(host, 0, "succeeded")
    assert item(host, 1, "succeeded") == ("canceled", "canceled")


def test_cancel_between_items_shows_the_task_canceled() -> None:
    host = begun(2, "1")
    item(host, 0, "succeeded")

    assert host.request("canceled") == "canceled"
    assert host.tasks == {"a#1": "canceled"}


def test_cancel_leaves_a_task_that_pauses_as_it_is() -> None:
    host = begun(2)
    item(host, 0, "pausing")
    host.request("canceling")

    assert host.tasks == {"a#1": "pausing"}
    assert item(host, 1, "canceling") == ("canceling", "canceling")


def test_pause_leaves_a_task_that_pauses_as_it_is() -> None:
    host = begun(2)
    item(host, 0, "canceled")
    host.request("canceling")

    assert host.tasks == {"a#1": "canceling"}
    host = begun(2)
    item(host, 0, "paused")
    host.request("paused")
    assert host.tasks == {"a#1": "pausing"}


def test_items_end_as_they_would_if_another_task_was_canceled() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop}
  w: {with: "<% [1, 2] %>", action: core.noop}
""")
    a = host.begin("a")
    host.next()
    host.report("w#1", "running", item=0)
    host.report("w#1", "running", item=1)
    host.report(a, "canceling")
    assert host.report(a, "canceled") == "canceling"
    host.report("w#1", "failed", item=0)
    assert host.report("w#1", "succeeded", item=1) == "canceled"
    assert host.tasks["w#1"] == "failed", "only a request tells tasks with items to stop"


def test_items_that_were_told_to_stop_are_canceled() -> None:
    host = running("""
version: 1.0
tasks:
  w: {with: "<% [1, 2] %>", action: core.noop}
""")
    host.next()
    host.report("w#1", "running", item=0)
    host.report("w#1", "running", item=1)
    host.report("w#1", "canceling", item=0)
    host.report("w#1", "failed", item=1)
    assert host.report("w#1", "succeeded", item=0) == "canceled"
    assert host.tasks["w#1"] == "canceled"


def test_items_are_told_to_pause_though_it_pauses_already() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop}
  w: {with: "<% [1, 2] %>", action: core.noop}
""")
    a = host.begin("a")
    host.next()
    host.report("w#1", "running", item=0)
    assert host.report(a, "pending") == "pausing"
    assert host.tasks["w#1"] == "running"
    assert host.request("paused") == "pausing"
    assert host.tasks["w#1"] == "pausing"


def test_items_are_told_to_stop_though_it_is_being_canceled_already() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop}
  w: {with: "<% [1, 2] %>", action: core.noop}
""")
    a = host.begin("a")
    host.next()
    host.report("w#1", "running", item=0)
    assert host.report(a, "canceling") == "canceling"
    assert host.tasks["w#1"] == "running"
    assert host.request("canceled") == "canceling"
    assert host.tasks["w#1"] == "canceling"


def test_all_items_of_a_new_attempt_have_its_delay() -> None:
    host = running("""
version: 1.0
tasks:
  w:
    with: {items: "<% [1, 2] %>", concurrency: 1}
    action: core.noop
    delay: 9
    retry: {count: 1, delay: 4}
""")
    delays = []
    for status in ("succeeded", "failed", "succeeded", "succeeded"):
        [offer] = host.next()
        delays.append(offer["delay"])
        item = offer["actions"][0]["item"]
        host.report(offer["handle"], "running", item=item)
        host.report(offer["handle"], status, item=item)
    assert delays == [9, 9, 4, 4]
    assert host.status == "succeeded"


def test_items_between_two_of_them_run_on_when_another_task_is_paused() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop}
  w: {with: {items: "<% [1, 2] %>", concurrency: 1}, action: core.noop}
""")
    a = host.begin("a")
    host.next()
    host.report("w#1", "running", item=0)
    host.report("w#1", "succeeded", item=0)
    assert host.report(a, "paused") == "running"
    assert host.offered() == ["w"]


def test_items_of_which_one_is_paused_wait_for_it_though_another_was_canceled() -> None:
    host = running("""
version: 1.0
tasks:
  w: {with: "<% [1, 2, 3] %>", action: core.noop}
""")
    host.next()
    for item in range(3):
        host.report("w#1", "running", item=item)
    host.report("w#1", "pausing", item=0)
    host.report("w#1", "paused", item=0)
    host.report("w#1", "canceled", item=1)
    assert host.report("w#1", "succeeded", item=2) == "paused"
    assert host.tasks["w#1"] == "paused"


def test_items_between_two_of_them_are_canceled_when_they_are_told() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop}
  w: {with: {items: "<% [1, 2] %>", concurrency: 1}, action: core.noop}
""")
    a = host.begin("a")
    host.next()
    host.report("w#1", "running", item=0)
    host.report(a, "canceling")
    assert host.report("w#1", "succeeded", item=0) == "canceling"
    host.request("canceling")
    assert host.tasks["w#1"] == "canceled"


def test_failed_item_waits_for_those_that_were_paused_before_the_last_one_was() -> None:
    host = begun(3)
    item(host, 2, "paused")
    item(host, 1, "pausing")
    assert item(host, 0, "failed") == ("pausing", "running")
    assert item(host, 1, "paused") == ("paused", "paused")
    item(host, 1, "running")
    assert item(host, 1, "succeeded") == ("paused", "paused")
    item(host, 2, "running")
    assert item(host, 2, "succeeded") == ("failed", "failed")


def test_failed_item_does_not_wait_for_the_only_one_that_is_paused_after_it() -> None:
    host = begun(2)
    item(host, 0, "failed")
    assert item(host, 1, "paused") == ("failed", "failed")
