"""Whatever a host does, in whatever order: no bug comes to light, and what must hold holds."""

import json
import random
from typing import Any

import pytest
from tests.conducting.hosting import Host

from segue.conducting.requests import AskedStatus, ReportedStatus

DEFINITIONS = [
    """
version: 1.0
vars: [{l: [1, 2, 3]}, {n: 0}]
tasks:
  begin: {action: core.noop, next: [{do: a}]}
  a:
    action: core.noop
    retry: {count: 1, delay: 2}
    next: [{when: <% failed() %>, do: [c, fail]}, {publish: [{n: <% ctx(n) + 1 %>}], do: [b, j]}]
  b:
    with: {items: <% ctx(l) %>, concurrency: 2}
    action: core.echo m=<% item() %>
    next: [{do: j}]
  c: {action: core.noop, next: [{when: <% result() = null %>, publish: x=<% 1 / 0 %>, do: j}]}
  j: {join: all, action: core.noop, next: [{when: <% ctx(n) < 3 %>, do: a}, {do: noop}]}
output: [{n: <% ctx(n) %>}]
""",
    """
version: 1.0
vars: [{l: []}, {two: [1, 2]}]
tasks:
  a: {action: core.noop, next: [{do: s}]}
  b: {with: <% ctx(l) %>, action: core.noop, next: [{do: s}]}
  s:
    with: i in <% ctx(two) %>
    action: core.echo m=<% item(i) %>
    retry: {count: 1}
    next: [{do: t}]
  t: {action: core.echo s=<% task_status(s) %>, next: [{when: <% failed() %>, do: retry}]}
output: [{s: <% task_status(s) %>}]
""",
    """
segue: 1
start: [a]
tasks:
  a:
    action: core.noop
    with: {items: [1, 2, 3, 4], batch: 2, on_item_failure: continue}
    next: [{when: failed(), do: b}, {do: [b, c]}]
  b: {action: core.noop, next: [{when: timed_out(), do: a}, {do: j}]}
  c: {action: core.noop, next: [{do: j}]}
  j: {join: 1, action: core.noop}
""",
]
FINAL = {"succeeded", "failed", "canceled"}


class AnyHost:
    """Does anything, more often what makes sense; the seed says what."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.host = Host()
        self.items: dict[str, list[int | None]] = {}
        self.ask("start", definition=DEFINITIONS[seed % len(DEFINITIONS)])

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        response = self.host.send(json.dumps({"op": op, **members}).encode())
        assert response["ok"] or response["error"]["code"] != "internal", response
        state = response["state"]
        assert state["status"] in FINAL or state["output"] is None, response
        handles = [task["handle"] for task in state["tasks"]]
        assert len(handles) == len(set(handles)), response
        return response

    def step(self) -> None:
        chance = self.random.random()
        if chance < 0.35:
            self.look()
        elif chance < 0.9:
            self.report()
        elif chance < 0.94:
            self.ask("request", status=self.random.choice([*AskedStatus, *["running"] * 10]))
        elif chance < 0.97:
            before = self.ask("next")
            assert self.ask("restore")["state"] == before["state"]
            assert self.ask("next")["tasks"] == before["tasks"]
        else:
            handles = self.random.choice([None, [self.random.choice([*self.items, "a#1"])]])
            reset = self.random.random() < 0.5
            tasks = [{"handle": one, "reset_items": reset} for one in handles or ()]
            self.ask("rerun", tasks=tasks)

    def look(self) -> None:
        for offer in self.ask("next")["tasks"]:
            actions = offer["actions"]
            self.items[offer["handle"]] = [one.get("item") for one in actions] or [None]

    def report(self) -> None:
        handle = self.random.choice([*self.items, "a#1"])
        items = [*self.items.get(handle, [None]), *([9] if self.random.random() < 0.05 else [])]
        usual = ["running"] * 12 + ["succeeded"] * 14 + ["failed"] * 5
        status = self.random.choice([*ReportedStatus, *usual])
        result = self.random.choice([None, 1, {"x": [1.5]}])
        item = self.random.choice(items)
        self.ask("report", handle=handle, status=status, result=result, item=item)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_no_host_brings_the_conductor_out_of_its_step(seed: int) -> None:
    host = AnyHost(seed)
    host.ask("request", status="running")
    for _ in range(80):
        host.step()
