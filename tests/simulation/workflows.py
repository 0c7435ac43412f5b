"""Random workflows with everything that the languages have."""

import json
import random
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from segue.core.errors import RequestError
from segue.runtime.errors import DefinitionError
from segue.runtime.workflows.catalog import Catalog
from segue.runtime.workflows.definitions import Prepared, Source, prepare

#: How many workflows a library has, the first few of which others call.
SIZE = 8
CALLED = 3
FOLDER = "/library"

_NATIVE = ("succeeded()", "failed()", "completed()", "result() == 1", "result() != 1", None, None)
_ORQUESTA = (
    "<% succeeded() %>",
    "<% failed() %>",
    "<% completed() %>",
    "<% result() = 1 %>",
    None,
    None,
)
Json = dict[str, Any]


class Library(Catalog):
    """The workflows of a set of worlds. `names` and `read` are those of a catalog."""

    def __init__(self, prepared: Mapping[str, Prepared]) -> None:
        super().__init__()
        self.all = dict(prepared)
        self.by_hash = {one.definition.hash: one for one in prepared.values()}

    def names(self, action: str | None) -> bool:
        """Return whether an action is one of the workflows."""
        return action in self.all or action == "no.such.yaml"

    def read(self, action: str, folder: str | None) -> Prepared:
        """Return the workflow. Raises `RequestError`."""
        if action not in self.all:
            raise RequestError("action_not_found", f"there is no file {action}")
        return self.all[action]

    def pick(self, number: int) -> Prepared:
        """Return one of the workflows."""
        names = list(self.all)
        return self.all[names[number % len(names)]]

    def cut(self, cuts: Iterable[tuple[int, int]]) -> "Library":
        """Return a library in which tasks are missing. Raises `DefinitionError`."""
        smaller = dict(self.all)
        for number, at in sorted(cuts):
            name = self.pick(number).workflow.name
            smaller[name] = _without(smaller[name], f"t{at}")
        return Library(smaller)


@lru_cache(maxsize=4)
def library(number: int) -> Library:
    """Return the workflows of this number. Those that call others come after them."""
    prepared: dict[str, Prepared] = {}
    for at in range(SIZE):
        rng = random.Random(f"{number} {at} workflow")
        calls = list(prepared)[:CALLED] if at >= 1 else []
        while f"w{at}" not in prepared:
            definition = _definition(rng, calls, small=at < CALLED)
            definition["name" if "segue" in definition else "description"] = f"w{at}"
            if "segue" in definition:
                _limit_deliveries(random.Random(f"{number} {at} delivery"), definition["tasks"])
            try:
                prepared[f"w{at}"] = prepare(
                    Source(text=json.dumps(definition), file=f"{FOLDER}/w{at}.yaml")
                )
            except DefinitionError:
                continue
    return Library(prepared)


def _without(prepared: Prepared, dropped: str) -> Prepared:
    definition = json.loads(prepared.definition.source)
    definition["tasks"].pop(dropped, None)
    for task in definition["tasks"].values():
        for transition in task.get("next", ()):
            if "do" in transition:
                transition["do"] = [name for name in transition["do"] if name != dropped] or "noop"
    if "start" in definition:
        definition["start"] = [name for name in definition["start"] if name != dropped]
    return prepare(Source(text=json.dumps(definition), file=prepared.definition.file))


def _definition(rng: random.Random, calls: list[str], *, small: bool) -> Json:
    names = [f"t{number}" for number in range(rng.randint(1, 3) if small else rng.randint(2, 7))]
    if rng.random() < 0.2:
        return _orquesta(rng, names, calls)
    definition: Json = {
        "segue": 1,
        "vars": {"x": 0, "y": [1, 2]},
        "start": rng.sample(names, rng.randint(1, min(2, len(names)))),
        "limits": {"visits": rng.randint(2, 5)},
        "unhandled_failure": rng.choice(("fail_fast", "finish_branches")),
        "on_cancel": rng.choice(("end", "end", "finish")),
        "tasks": {name: _task(rng, names, calls) for name in names},
    }
    if len(names) > 4 and rng.random() < 0.6:
        _fork_and_join(rng, definition)
    if rng.random() < 0.15:
        definition["limits"]["duration"] = rng.choice((1, 5, 20))
    if rng.random() < 0.7:
        definition["output"] = {"x": "{{ ctx.x }}", "n": "{{ ctx.x + 1 }}"}
    return definition


def _fork_and_join(rng: random.Random, definition: Json) -> None:
    """Let branches meet: what is drawn at random seldom does."""
    tasks = definition["tasks"]
    names = list(tasks)
    meeting, branches = names[4], names[1 : rng.choice((3, 4))]
    definition["start"] = names[0]
    tasks[names[0]] = {"action": "do.well", "next": [{"do": branches}]}
    for name in branches:
        tasks[name]["next"] = [{"do": meeting}]
        tasks[name].pop("join", None)
    tasks[meeting]["join"] = rng.choice(("all", "any", "any", 2))
    if rng.random() < 0.4:
        tasks[meeting]["next"] = [{"do": names[0], "when": "visit() < 3"}]


def _task(rng: random.Random, names: list[str], calls: list[str]) -> Json:
    task: Json = {}
    _add_action(rng, task, calls)
    if rng.random() < 0.25:
        task["join"] = rng.choice(("all", "all", "any", 2))
    if rng.random() < 0.2:
        task["retry"] = _retry(rng)
    if rng.random() < 0.1:
        task["delay"] = rng.choice((0.5, 3, "{{ visit() }}"))
    if rng.random() < 0.1:
        task["timeout"] = rng.choice((0.5, 2, 8))
    if rng.random() < 0.18:
        task["with"] = _items(rng)
        if rng.random() < 0.4:
            task["retry"] = _retry(rng)
        if "input" in task and task["action"].startswith("do"):
            task["input"] = {"item": "{{ item() }}"}
    if rng.random() < 0.4:
        task["match"] = "all"
    task["next"] = [_transition(rng, names) for _ in range(rng.choice((0, 1, 1, 2, 2, 3)))]
    return task


def _limit_deliveries(rng: random.Random, tasks: Mapping[str, Json]) -> None:
    for task in tasks.values():
        if task.get("action", "").startswith("do") and rng.random() < 0.15:
            task["delivery"] = "at_most_once"


def _add_action(rng: random.Random, task: Json, calls: list[str]) -> None:
    kind = rng.random()
    if kind < 0.08:
        return  # a task that does nothing
    if kind < 0.16:
        task["action"] = "core.ask"
        if rng.random() < 0.5:
            task["timeout"] = rng.choice((1, 10))
        if rng.random() < 0.3:
            task["input"] = {"schema": {"type": "object", "required": ["v"]}}
    elif kind < 0.32 and calls:
        task["action"] = rng.choice((*calls, *calls, *calls, "no.such.yaml"))
    else:
        task["action"] = rng.choice(("do.it", "do.it", "do.well"))
        task["input"] = {
            "x": rng.choice(("{{ ctx.x }}", "{{ ctx.x + 1 }}", "{{ visit() }}", "{{ key('k') }}")),
            "n": rng.choice(("{{ attempt() }}", "{{ now() | string }}", 1)),
        }


def _retry(rng: random.Random) -> Json:
    retry: Json = {"count": rng.randint(1, 3)}
    if rng.random() < 0.7:
        retry["delay"] = rng.choice((0.2, 1, 4))
        retry["backoff"] = rng.choice(("constant", "linear", "exponential"))
        retry["jitter"] = rng.random() < 0.3
    return retry


def _items(rng: random.Random) -> Json:
    spread: Json = {"items": rng.choice(([1, 2, 3, 4, 5], [], "{{ ctx.y }}", [1], "{{ ctx.x }}"))}
    if rng.random() < 0.5:
        spread["concurrency"] = rng.randint(1, 3)
    if rng.random() < 0.4:
        spread["on_item_failure"] = "continue"
    if rng.random() < 0.3:
        spread["max_failures"] = rng.randint(1, 2)
    return spread


def _transition(rng: random.Random, names: list[str]) -> Json:
    targets = [*names, *names, *names, "noop", "fail", "continue"]
    transition: Json = {}
    if rng.random() < 0.85:
        transition["do"] = list(dict.fromkeys(rng.choices(targets, k=rng.choice((1, 1, 1, 2, 3)))))
    condition = rng.choice(_NATIVE)
    if condition is not None:
        transition["when"] = condition
    if rng.random() < 0.4:
        value = rng.choice(("{{ visit() }}", "{{ result() }}", "{{ ctx.x + 1 }}", 7))
        transition["publish"] = {rng.choice(("x", "y", "z")): value}
    return transition


# -- Orquesta ------------------------------------------------------------------------------------


def _orquesta(rng: random.Random, names: list[str], calls: list[str]) -> Json:
    return {
        "version": 1.0,
        "vars": [{"x": 0}, {"y": [1, 2]}],
        "tasks": {name: _orquesta_task(rng, names, calls) for name in names},
        "output": [{"x": "<% ctx().x %>"}],
    }


def _orquesta_task(rng: random.Random, names: list[str], calls: list[str]) -> Json:
    kind = rng.random()
    task: Json = {"action": "do.it", "input": {"x": "<% ctx().x %>"}}
    if kind < 0.15:
        task = {"action": "core.ask"}
    elif kind < 0.25 and calls:
        task = {"action": rng.choice(calls)}
    elif kind < 0.35:
        task = {"action": "core.noop"}
    if rng.random() < 0.25:
        task["join"] = rng.choice(("all", "all", 2))
    if rng.random() < 0.15:
        task["retry"] = {"count": rng.randint(1, 2), "delay": rng.choice((0, 1))}
    if rng.random() < 0.1:
        task["delay"] = 1
    if rng.random() < 0.2:
        task["with"] = {"items": "<% ctx().y %>", "concurrency": rng.randint(1, 2)}
        if task["action"] == "do.it":
            task["input"] = {"item": "<% item() %>"}
    task["next"] = [_orquesta_transition(rng, names) for _ in range(rng.randint(0, 2))]
    return task


def _orquesta_transition(rng: random.Random, names: list[str]) -> Json:
    targets = [*names, *names, "noop", "fail", "continue"]
    transition: Json = {"do": list(dict.fromkeys(rng.choices(targets, k=rng.choice((1, 1, 2)))))}
    condition = rng.choice(_ORQUESTA)
    if condition is not None:
        transition["when"] = condition
    if rng.random() < 0.3:
        transition["publish"] = [{"x": rng.choice(("<% result() %>", "<% ctx().x + 1 %>", 7))}]
    return transition
