"""The status of the whole: what can be asked of it, and what it becomes."""

import json

import pytest
from tests.conducting.hosting import Host, running

ONE = "version: 1.0\ntasks:\n  a: {action: core.noop}\noutput: [{x: 1}]\n"
CHAIN = (
    "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{do: b}]}\n  b: {action: core.noop}\n"
)
TWO = "version: 1.0\ntasks:\n  a: {action: core.noop}\n  b: {action: core.noop}\n"


def refuses(host: Host, status: str) -> bool:
    before = host.state
    response = host.send(json.dumps({"op": "request", "status": status}).encode())
    if response["ok"]:
        host.state = response["state"]
        return False
    assert response["error"]["code"] == "bad-status", response
    assert response["state"] == before
    return True


def test_nothing_is_offered_before_anything_was_asked() -> None:
    host = Host(ONE)

    assert host.state == {"status": None, "errors": [], "output": None, "tasks": []}
    assert host.next() == []


def test_offers_are_whole_and_stay_until_something_is_reported() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.echo, input: {m: 1}, delay: 5}
  b: {next: [{do: c}]}
  c: {action: core.noop}
""")
    first = host.next()

    assert first == host.next() == [
        {"task": "a", "handle": "a#1", "delay": 5,
         "actions": [{"action": "core.echo", "input": {"m": 1}}]},
        {"task": "b", "handle": "b#1", "actions": [{"action": None, "input": {}}]},
    ]  # fmt: skip
    host.report("a#1", "requested")
    assert host.offered() == ["b"]
    assert host.tasks == {"a#1": "requested"}


@pytest.mark.parametrize("word", ["requested", "scheduled", "delayed"])
def test_what_is_about_to_run_offers_and_keeps_its_name(word: str) -> None:
    host = Host(ONE)
    host.request(word)

    assert host.do("a") == word
    assert host.request("running") == "succeeded"
    assert host.state["output"] == {"x": 1}


def test_what_may_be_asked_before_it_runs() -> None:
    host = Host(ONE)

    for status in ("paused", "canceled", "resuming", "succeeded"):
        assert refuses(host, status), status
    assert host.request("requested") == "requested"
    assert host.request("scheduled") == "scheduled"
    assert refuses(host, "requested")
    assert host.request("paused") == "paused"
    assert host.request("running") == "running"


def test_what_is_about_to_run_can_be_stopped_only_while_nothing_of_it_runs() -> None:
    host = Host(TWO)
    host.request("requested")
    handle = host.begin("a")

    assert refuses(host, "canceled")
    host.report(handle, "succeeded")
    assert host.do("b") == "requested"
    assert [refuses(host, one) for one in ("paused", "canceled", "failed")] == [True, True, False]


def test_what_is_about_to_run_can_be_canceled_between_its_tasks() -> None:
    host = Host(TWO)
    host.request("requested")
    host.do("a")

    assert host.request("canceled") == "canceled"


def test_asking_for_what_it_is_changes_nothing() -> None:
    host = running(ONE)
    host.begin("a")

    assert host.request("running") == "running"
    assert host.request("pausing") == host.request("paused") == host.request("pausing") == "pausing"
    assert host.request("canceling") == host.request("canceled") == "canceling"


def test_pause_lets_what_runs_end_and_resuming_goes_on() -> None:
    host = running(CHAIN)
    handle = host.begin("a")

    assert host.request("paused") == "pausing"
    assert host.report(handle, "succeeded") == "paused"
    assert host.next() == []
    assert refuses(host, "pausing")
    assert host.request("resuming") == "resuming"
    handle = host.handle("b")
    assert host.report(handle, "requested") == "resuming"
    assert host.report(handle, "running") == "running"
    assert host.report(handle, "succeeded") == "succeeded"


def test_resuming_what_has_nothing_left_succeeds() -> None:
    host = running(ONE)
    handle = host.begin("a")
    host.request("pausing")
    host.report(handle, "succeeded")

    assert host.state["output"] is None
    assert host.request("running") == "succeeded"
    assert host.state["output"] == {"x": 1}


def test_resuming_may_be_called_running() -> None:
    host = running(CHAIN)
    host.request("paused")

    assert host.request("resuming") == "resuming"
    assert refuses(host, "scheduled")
    assert host.request("running") == "running"
    assert refuses(host, "resuming")


def test_what_resumes_can_be_paused_again() -> None:
    host = running(CHAIN)
    host.request("paused")
    host.request("resuming")

    assert host.request("pausing") == "paused"


def test_cancel_waits_for_what_runs_and_nothing_follows() -> None:
    host = running(CHAIN)
    handle = host.begin("a")

    assert host.request("canceling") == "canceling"
    assert host.report(handle, "succeeded") == "canceled"
    assert host.next() == []
    assert refuses(host, "running")
    assert refuses(host, "canceling")


def test_host_may_say_how_it_ends() -> None:
    host = running(ONE)

    assert host.request("succeeded") == "succeeded"
    assert host.request("failed") == "failed"
    assert refuses(host, "canceling")
    assert running(ONE).request("failed") == "failed"


def test_input_that_cannot_be_evaluated_fails_it_at_once() -> None:
    host = Host("version: 1.0\nvars: [{v: <% 1 / 0 %>}]\ntasks:\n  a: {action: core.noop}\n")

    assert host.status == "failed"
    assert host.errors == [(None, "expression")]
    assert refuses(host, "running")


def test_task_that_cannot_be_rendered_fails_it_and_hides_the_others() -> None:
    host = Host(
        "version: 1.0\ntasks:\n  a: {action: core.echo m=<% 1 / 0 %>}\n  b: {action: core.noop}\n"
    )
    host.request("requested")

    assert host.next() == []
    assert host.status == "failed"
    assert host.errors == [("a", "expression")]
    assert host.state["errors"][0]["handle"] == "a#1"


def test_output_that_cannot_be_rendered_fails_it() -> None:
    host = running(
        "version: 1.0\ntasks:\n  a: {action: core.noop}\noutput: [{x: 1}, {y: <% 1 / 0 %>}]\n"
    )

    assert host.do("a") == "failed"
    assert host.state["output"] == {"x": 1}
    assert host.errors == [(None, "expression")]


def test_failure_fails_it_and_the_others_are_heard_out() -> None:
    host = running(TWO)
    b = host.begin("b")

    assert host.do("a", "failed", "boom") == "failed"
    assert host.report(b, "succeeded") == "failed"
    assert host.errors == [("a", "action")]
    assert host.tasks == {"a#1": "failed", "b#1": "succeeded"}


def test_fail_command_is_an_error_of_its_own_and_its_neighbours_run() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: [c, fail]}]}
  c: {action: core.noop}
""")

    assert host.do("a") == "failed"
    assert host.errors == [("fail", "action")]
    assert host.offered() == ["c"]
    assert host.do("c") == "failed"


def test_join_that_cannot_be_reached_is_an_error() -> None:
    host = running("""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{when: <% failed() %>, do: j}]}
  j: {join: all, action: core.noop}
""")
    host.do("a")

    assert host.do("b") == "failed"
    assert host.errors == [("j", "join")]


def test_limit_on_visits_is_an_error() -> None:
    host = running("""
segue: 1
limits: {visits: 1}
start: [a]
tasks:
  a: {action: core.noop, next: [{do: a}]}
""")

    assert host.do("a") == "failed"
    assert host.errors == [("a", "limit")]


UNDEFINED = {"$nonjson": "StrictUndefined", "repr": "Undefined"}


def output_of(*entries: str, version: str = "version: 1.0") -> tuple[str, dict[str, object]]:
    """Return how a workflow with these entries of its output ends, and its output."""
    made = "".join(f'\n  - o{number}: "{entry}"' for number, entry in enumerate(entries))
    host = running(
        f"{version}\nvars: [{{d: {{a: 1}}}}]\ntasks:\n  t: {{action: core.noop}}\noutput:{made}\n"
    )
    return host.do("t"), host.state["output"]


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("{{ {'k': ctx().d.missing, 'a': ctx().d.a} }}", {"k": UNDEFINED, "a": 1}),
        ("{{ [1, ctx().d.missing] }}", [1, UNDEFINED]),
        ("{{ {'k': [ctx('d').missing]} }}", {"k": [UNDEFINED]}),
        ("{{ (ctx().d['missing'], 2) }}", [UNDEFINED, 2]),
        ("it is {{ [ctx().d.missing] }}", "it is [Undefined]"),
        ("{% if true %}{{ {'k': ctx().d.missing} }}{% endif %}", "{'k': Undefined}"),
    ],
)
def test_what_is_not_there_inside_of_what_the_output_makes_is_left_to_the_host(
    entry: str, value: object
) -> None:
    assert output_of(entry) == ("succeeded", {"o0": value})
    assert output_of(entry, version="segue: 1")[0] == "failed"


@pytest.mark.parametrize(
    "entry",
    [
        "{{ ctx().d.missing }}",
        "{{ {'k': ctx().d.missing.more} }}",
        "{{ {'k': ctx().d.missing ~ 'x'} }}",
        "it is {{ ctx().d.missing }}",
        "{% for x in [ctx().d.missing] %}{{ x }}{% endfor %}",
        "{{ [ctx().d.missing] | first }}",
        "<% [ctx().d.missing] %>",
    ],
)
def test_what_is_not_there_and_is_all_of_an_entry_or_used_is_an_error(entry: str) -> None:
    assert output_of("here", entry) == ("failed", {"o0": "here"})


def test_what_was_left_undefined_is_so_to_the_entries_that_follow() -> None:
    left = "{{ {'k': ctx().d.missing} }}"

    assert output_of(left, "{{ ctx().o0 }}", "{{ {'all': ctx().o0} }}") == (
        "succeeded",
        {"o0": {"k": UNDEFINED}, "o1": {"k": UNDEFINED}, "o2": {"all": {"k": UNDEFINED}}},
    )
    for follows in ("{{ ctx().o0.k }}", "{{ ctx().o0.k.more }}", "<% ctx().o0.k %>"):
        status, output = output_of(left, follows)
        assert (status, set(output)) == ("failed", {"o0"}), follows


def test_output_of_what_could_not_begin_tells_which_variables_there_are() -> None:
    host = Host("""
version: 1.0
vars: [{bad: <% 1 / 0 %>}, {x: 1}]
tasks: {t: {action: core.noop}}
output:
  - all: "{{ {'bad': ctx().bad, 'x': ctx().x} }}"
  - by_name: "{{ {'x': ctx('x')} }}"
  - or_else: "{{ {'x': ctx('x') | default(7)} }}"
""")

    assert host.status == "failed"
    assert host.state["output"] == {
        "all": {"bad": UNDEFINED, "x": UNDEFINED},
        "or_else": {"x": 7},
    }


def test_output_with_what_was_left_undefined_outlives_a_restart_of_the_host() -> None:
    host = running("""
version: 1.0
vars: [{d: {a: 1}}]
tasks: {t: {action: core.noop}}
output: [{x: "{{ {'k': ctx().d.missing} }}"}]
""")
    host.do("t")
    before = host.state
    host.ask("restore")

    assert host.state == before
    assert before["output"] == {"x": {"k": UNDEFINED}}
