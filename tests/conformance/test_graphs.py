"""Graphs of Orquesta files, against those that Orquesta composed, recorded as data."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from segue.graph.task_graph import TaskGraph
from segue.language.model import JOIN_ALL, Task, Template, Workflow
from segue.language.workflows import load_workflow

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "corpus"
#: Names that the recorded graphs have as tasks, and ours does not.
COMMANDS = {"noop", "fail", "continue", "retry"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded cases are not here"),
]

Case = dict[str, Any]


def recorded(path: Path) -> list[Case]:
    if path.suffix == ".json":
        found: list[Case] = json.loads(path.read_text())
        return found
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def traces() -> dict[str, Case]:
    paths = sorted((CORPUS / "random").glob("*.jsonl.gz"))
    return {trace["id"]: trace for path in paths for trace in recorded(path)}


def required(part: str) -> Iterator[Case]:
    """The cases of valid definitions; those that name a trace have its definition."""
    cases = [case for path in sorted((CORPUS / part).glob("**/graphs*")) if path.is_file()
             for case in recorded(path)]  # fmt: skip
    texts = traces() if any("trace" in case for case in cases) else {}
    for case in cases:
        trace = texts.get(case.get("trace", ""), {})
        refused = case.get("valid") is False or "compose_raises" in case
        if not refused and "invalid-definition" not in trace.get("tags", ()):
            yield {**trace, **case}


def plain(template: Template | None) -> Any:
    return None if template is None else template.value


def retry_of(task: Task) -> Case:
    assert task.retry is not None
    found = {
        "when": plain(task.retry.when),
        "count": plain(task.retry.count),
        "delay": plain(task.retry.delay),
    }
    return {key: value for key, value in found.items() if value is not None}


def canon(rows: list[Any]) -> list[str]:
    return sorted({json.dumps(row, sort_keys=True) for row in rows})


def ours(workflow: Workflow) -> dict[str, list[str]]:
    """Our graph in their words. Orquesta composes only what can be reached."""
    whole = TaskGraph.of(workflow)
    tasks = {name: task for name, task in workflow.tasks.items() if name in whole.reachable}
    graph = TaskGraph.of(replace(workflow, tasks=tasks))
    when = {(name, t.index): plain(t.when) for name, task in tasks.items() for t in task.next}
    return {
        "tasks": canon(
            [[name, "all" if task.join == JOIN_ALL else task.join] for name, task in tasks.items()]
        ),
        "retry": canon([[name, retry_of(task)] for name, task in tasks.items() if task.retry]),
        "transitions": canon(
            [[e.source, e.transition, e.target, when[e.source, e.transition]] for e in graph.edges]
        ),
        "start": canon(list(graph.starts)),
        "splits": canon(list(graph.splits)),
        "in_cycle": canon([name for name in graph.tasks if graph.in_cycle(name)]),
    }  # fmt: skip


def theirs(case: Case) -> dict[str, list[str]]:
    tasks = [task for task in case["tasks"] if task["task"] not in COMMANDS]
    return {
        "tasks": canon(
            [[task["task"], {"*": "all"}.get(at := task.get("barrier"), at)] for task in tasks]
        ),
        "retry": canon(
            [
                [task["task"], {k: v for k, v in task["retry"].items() if v is not None}]
                for task in tasks
                if task.get("retry")
            ]
        ),
        "transitions": canon(
            [
                [edge["source"], edge["ref"], edge["destination"],
                 (edge.get("criteria") or [None])[0]]
                for edge in case["transitions"]
                if edge["destination"] not in COMMANDS
            ]
        ),
        "start": canon(case["roots"]),
        "splits": canon([name for name in case["split_tasks"] if name not in COMMANDS]),
        "in_cycle": canon(case["in_cycle"]),
    }  # fmt: skip


@pytest.mark.parametrize(("part", "least"), [("suite", 147), ("random-static", 1185)])
def test_graphs_are_those_that_orquesta_composed(part: str, least: int) -> None:
    differing: list[tuple[int, str, list[str], list[str]]] = []
    compared = 0
    for number, case in enumerate(required(part)):
        loaded = load_workflow(case["definition"])
        # A file that is refused for what is not built yet has a graph all the same.
        workflow = loaded.workflow or loaded.draft
        if workflow is None:
            said = [finding.message for finding in loaded.findings]
            differing.append((number, "refused", said, []))
            continue
        compared += 1
        found, wanted = ours(workflow), theirs(case)
        if loaded.workflow is None:
            del wanted["retry"]  # drafts do not have those of `do: retry`
        differing += [
            (number, what, found[what], wanted[what])
            for what in wanted
            if found[what] != wanted[what]
        ]
    assert differing == [], f"{len(differing)} differ"
    assert compared >= least
