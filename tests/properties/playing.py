"""Random workflows, and how an execution of one is played: what happens to it, step by step."""

import json
from dataclasses import dataclass

from hypothesis import strategies as st
from tests.support.conducted import Conducted

from segue.core import stimuli as s
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.values import JsonValue

WAITING = frozenset({Status.DELAYED, Status.RETRYING})
CONDITIONS = ("succeeded()", "failed()", "completed()", "result() == 1", "result() != 1", None)


@st.composite
def workflows(draw: st.DrawFn) -> str:
    """A workflow of a few tasks with any transitions between them, cycles and joins included."""
    names = [f"t{number}" for number in range(draw(st.integers(2, 6)))]
    targets = st.lists(
        st.sampled_from([*names, *names, "noop", "continue", "fail"]),
        min_size=1,
        max_size=3,
        unique=True,
    )
    tasks: dict[str, JsonValue] = {}
    for name in names:
        transitions: list[JsonValue] = []
        for _ in range(draw(st.integers(0, 3))):
            transition: dict[str, JsonValue] = {"do": draw(targets)}
            condition = draw(st.sampled_from(CONDITIONS))
            if condition is not None:
                transition["when"] = condition
            if draw(st.booleans()):
                transition["publish"] = {draw(st.sampled_from(["x", "y"])): "{{ visit() }}"}
            transitions.append(transition)
        task: dict[str, JsonValue] = {"action": "core.noop", "next": transitions}
        if draw(st.integers(0, 2)) == 0:
            task["join"] = draw(st.sampled_from(["all", "any", 2]))
        if draw(st.integers(0, 4)) == 0:
            task["retry"] = {"count": 1, "delay": draw(st.integers(0, 1))}
        if draw(st.integers(0, 6)) == 0:
            task["delay"] = 1
        task["match"] = draw(st.sampled_from(["first", "all"]))
        tasks[name] = task
    definition: dict[str, JsonValue] = {
        "segue": 1,
        "vars": {"x": 0, "y": 0},
        "start": draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)),
        "limits": {"visits": 4},
        "unhandled_failure": draw(st.sampled_from(["fail_fast", "finish_branches"])),
        "tasks": tasks,
        "output": {"x": "{{ ctx.x }}", "y": "{{ ctx.y }}"},
    }
    return json.dumps(definition)


@st.composite
def workflows_with_items(draw: st.DrawFn) -> str:
    """One of these in which some tasks have items."""
    definition = json.loads(draw(workflows()))
    for task in definition["tasks"].values():
        if draw(st.integers(0, 2)) == 0:
            task["with"] = {
                "items": [1, 2, 3],
                "concurrency": draw(st.integers(1, 3)),
                "on_item_failure": draw(st.sampled_from(["stop", "continue"])),
                "max_failures": draw(st.integers(0, 1)),
            }
    return json.dumps(definition)


@st.composite
def orquesta_workflows(draw: st.DrawFn) -> str:
    """A workflow of Orquesta's, in which what is published may not be what can be evaluated."""
    names = [f"t{number}" for number in range(draw(st.integers(2, 6)))]
    targets = st.lists(
        st.sampled_from([*names, *names, *names, "noop", "continue", "fail"]),
        min_size=1,
        max_size=2,
        unique=True,
    )
    conditions = ["succeeded()", "failed()", "completed()", "result() = 1"]
    tasks: dict[str, JsonValue] = {}
    for name in names:
        transitions: list[JsonValue] = []
        for _ in range(draw(st.integers(0, 3))):
            transition: dict[str, JsonValue] = {"do": draw(targets)}
            if draw(st.booleans()):
                transition["when"] = f"<% {draw(st.sampled_from(conditions))} %>"
            if draw(st.booleans()):
                value = draw(st.sampled_from(["<% result() %>", name, "<% 1 / (result() - 1) %>"]))
                transition["publish"] = [{draw(st.sampled_from(["x", "y"])): value}]
            transitions.append(transition)
        task: dict[str, JsonValue] = {"action": "core.noop", "next": transitions}
        if draw(st.integers(0, 2)) == 0:
            task["join"] = draw(st.sampled_from(["all", 1, 2]))
        if draw(st.integers(0, 4)) == 0:
            task["retry"] = {"count": 1}
        if draw(st.integers(0, 4)) == 0:
            task["with"] = {"items": "<% [1, 2] %>"}
        tasks[name] = task
    definition: dict[str, JsonValue] = {
        "version": "1.0",
        "vars": [{"x": 0}, {"y": 0}],
        "tasks": tasks,
        "output": [{"x": "<% ctx().x %>"}, {"y": "<% ctx().y %>"}],
    }
    return json.dumps(definition)


def happenings(least: int = 0, most: int = 60) -> st.SearchStrategy[list[tuple[int, str]]]:
    """What happens, step by step: to which of the living ones, and what."""
    what = st.sampled_from(["ok", "one", "bad", "late", "cancel"])
    return st.lists(st.tuples(st.integers(0, 7), what), min_size=least, max_size=most)


STEPS = happenings(least=5)


@dataclass
class Ended:
    """An attempt that has ended, to be reported once more."""

    task: str
    visit: int


def step(run: Conducted, at: int, what: str, ended: list[Ended]) -> None:
    """Let one thing happen: to what runs, to what waits, or once more to what is over."""
    living = run.state.living()
    if what == "cancel" and at == 0 and run.status() is Status.RUNNING:
        run.cancel()
        return
    if what == "late" and ended:
        before = ended[at % len(ended)]
        if run.state.find(before.task, before.visit) is None:
            assert run.fail(before.task, visit=before.visit) == []
        return
    if not living:
        return
    one = living[at % len(living)]
    if one.status is Status.DELAYED:
        run.give(s.DelayPassed(task=one.task, visit=one.visit))
    elif one.status is Status.RETRYING:
        run.give(s.RetryDue(task=one.task, visit=one.visit, attempt=one.attempt + 1))
    elif one.items is not None and one.items.open:
        run.give(_end_of_item(one, at, what))
    elif one.status is Status.CANCELING:
        run.end_canceled(one.task, one.visit)
    elif what == "bad":
        run.fail(one.task, visit=one.visit)
    else:
        run.succeed(one.task, 1 if what == "one" else 0, one.visit)
    ended.append(Ended(one.task, one.visit))


def _end_of_item(one: TaskExecution, at: int, what: str) -> s.AttemptEnded:
    """Return how one of the open items ends."""
    assert one.items is not None
    outcome: s.Outcome = s.Succeeded(result=1 if what == "one" else 0)
    if one.status is Status.CANCELING:
        outcome = s.Canceled()
    elif what == "bad":
        outcome = s.Failed(message="boom")
    item = sorted(one.items.open)[at % len(one.items.open)]
    return s.AttemptEnded(
        task=one.task, visit=one.visit, attempt=one.attempt, item=item, outcome=outcome
    )
