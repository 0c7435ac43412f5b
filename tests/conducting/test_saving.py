"""A conductor as text: nothing that could be seen changes by it, and another process may go on."""

import json
from typing import Any

import pytest
from tests.conducting.hosting import Host, RefusedByConductorError, running

TEXT = """
version: 1.0
input: [n]
vars: [{l: [1, 2, 3]}]
tasks:
  a:
    with: {items: <% ctx(l) %>, concurrency: 2}
    action: core.echo m=<% item() %>
    next: [{do: j}]
  b: {action: core.noop, retry: {count: 1}, next: [{publish: x=<% result() %>, do: j}]}
  j: {join: all, action: core.echo x=<% ctx(x) %>}
output: [{x: <% ctx(x) %>}]
"""

SCRIPT: list[tuple[str, dict[str, Any]]] = [
    ("request", {"status": "scheduled"}),
    ("next", {}),
    ("report", {"handle": "b#1", "status": "running"}),
    ("request", {"status": "running"}),
    ("report", {"handle": "b#1", "status": "failed"}),
    ("next", {}),
    ("report", {"handle": "a#1", "status": "running", "item": 0}),
    ("report", {"handle": "a#1", "status": "failed", "item": 0}),
    ("rerun", {}),
    ("next", {}),
    ("report", {"handle": "b#1", "status": "running"}),
    ("request", {"status": "paused"}),
    ("report", {"handle": "b#1", "status": "succeeded", "result": {"v": 1.0}}),
    ("request", {"status": "resuming"}),
    ("next", {}),
    *(("report", {"handle": "a#2", "status": "running", "item": item}) for item in (0, 1, 2)),
    *(("report", {"handle": "a#2", "status": "succeeded", "item": item}) for item in (0, 1, 2)),
    ("next", {}),
    ("report", {"handle": "j#1", "status": "running"}),
    ("report", {"handle": "j#1", "status": "succeeded"}),
]


def played(step: Any) -> list[Any]:
    """Return what is seen at each step of the script; `step` may do something before it."""
    host = Host(TEXT, inputs={"n": 1})
    seen = []
    for op, members in SCRIPT:
        host = step(host)
        response = host.send(json.dumps({"id": 1, "op": op, **members}).encode())
        seen.append(response)
    assert seen[-1]["state"]["output"] == {"x": {"v": 1.0}}
    return seen


def restored(host: Host) -> Host:
    before = host.ask("restore")["state"]
    assert before == host.ask("restore")["state"]
    return host


def moved(host: Host) -> Host:
    saved = host.ask("save")
    other = Host()
    assert other.ask("load", saved=saved["saved"])["state"] == saved["state"]
    return other


@pytest.mark.parametrize("step", [restored, moved])
def test_nothing_changes_by_being_written_down(step: Any) -> None:
    assert played(step) == played(lambda host: host)


def test_what_was_not_saved_here_is_refused_and_the_conductor_stays() -> None:
    host = running(TEXT)
    text = host.ask("save")["saved"]
    document = json.loads(text)
    document["state"]["version"] = 0

    other = json.dumps(document)
    for wrong, why in [("", "saved here"), ("{}", "saved here"), (other, "another release")]:
        with pytest.raises(RefusedByConductorError, match=f"bad-request: .*{why}"):
            host.ask("load", saved=wrong)
    assert host.offered() == ["a", "b"]


def test_context_that_was_known_at_the_start_is_not_asked_for_again() -> None:
    host = running(
        "version: 1.0\ntasks:\n  a: {action: core.echo v=<% ctx(up) %>}\n", context={"up": 3}
    )

    assert restored(host).next()[0]["actions"][0]["input"] == {"v": 3}
