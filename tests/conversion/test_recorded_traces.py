"""A converted workflow does what the one it was made of did, but for what its notes tell.

The recorded traces are beside the repository; without them there is nothing to do. Of each, the
steps are taken with the converted definition, and the outcome compared: the status, the output and
the status of every task. Left out are what docs/convert.md says of every file, and so traces in
which somebody steps in, or an expression can't be evaluated.
"""

import argparse
import importlib
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from segue.conducting import Conversation
from segue.conversion.converting import Converted, convert
from segue.expressions.scope import Facts
from segue.language.workflows import load_workflow

KIT = Path(__file__).resolve().parents[3] / "shared" / "conformance"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not KIT.is_dir(), reason="the recorded cases are not here"),
]

#: What a host reports or asks of an execution that nobody steps into.
ORDINARY = frozenset({"requested", "scheduled", "running", "succeeded", "failed"})
WANTED = ("workflow status", "output", "offers")


@cache
def converted(definition: str) -> Converted:
    return convert(definition, "w.yaml")


class InProcess:
    """Stands for the server of the kit, and conducts what the definitions were converted to."""

    def __init__(self) -> None:
        self.conversation = Conversation()

    def ask(self, op: str, **members: Any) -> Any:
        if op == "start":
            text = converted(members["definition"]).text
            assert text is not None
            workflow = load_workflow(text, file="w.yaml").workflow
            assert workflow is not None
            # What is not declared is ignored there, and natively refused.
            declared = {one.name for one in workflow.inputs}
            given = {key: one for key, one in members["inputs"].items() if key in declared}
            members |= {"definition": text, "inputs": given}
        line = json.dumps({"id": 1, "op": op, **members}).encode()
        return json.loads(self.conversation.handle(line, Facts(now=1_700_000_000.0)))


def kit() -> ModuleType:
    path = str(KIT)
    sys.path.insert(0, path)
    try:
        return importlib.import_module("replay")
    finally:
        sys.path.remove(path)


def traces(part: str) -> list[Any]:
    options = argparse.Namespace(
        corpus=str(KIT / "corpus"), only=None, everything=False, rule_off=[], part=[part]
    )
    cases, _ = kit().select("traces", options)
    return [case for _, _, case in cases]


def is_ordinary(trace: Any) -> bool:
    steps = trace["steps"]
    asked = {step["status"] for step in steps if step["op"] in {"request", "report"}}
    errors = [
        error
        for seen in [trace.get("start"), *(step.get("obs") for step in steps)]
        for error in (seen or {}).get("errors", ())
    ]
    faulty = any(kit().expected_kind(error["message"]) == "expression" for error in errors)
    return (
        asked <= ORDINARY
        and not faulty
        and "$nonjson" not in json.dumps(steps)  # what only Python can show
        and not any(step["op"] == "rerun" or step.get("raises") for step in steps)
    )


def outcome(trace: Any) -> str | None:
    """Return in what the converted workflow differs from what was recorded."""
    adapter = importlib.import_module("segue_adapter").SegueAdapter
    for last in (False, True):
        replay = kit().Replay(trace, adapter(InProcess()), last)
        # An error that follows from another one is told once.
        replay.optional = {(f"{task}", "join") for task in load(trace["definition"])}
        bad = replay.run()
        if not bad:
            return None
    return json.dumps(bad)


def load(definition: str) -> list[str]:
    workflow = load_workflow(definition, file="w.yaml").workflow
    return [] if workflow is None else list(workflow.tasks)


@pytest.mark.parametrize(
    ("part", "every", "least"), [("semantics", 1, 30), ("suite", 4, 40), ("random", 10, 15)]
)
def test_a_converted_workflow_does_what_it_did_before(part: str, every: int, least: int) -> None:
    silent: list[str] = []
    same = noted = 0
    for trace in traces(part)[::every]:
        if not is_ordinary(trace) or converted(trace["definition"]).text is None:
            continue
        differs = outcome(trace)
        if differs is None:
            same += 1
        elif converted(trace["definition"]).findings:
            noted += 1
        else:
            silent.append(f"{differs}\n{trace['definition']}")

    assert not silent, "\n\n".join([f"{len(silent)} differ without a note", *silent[:3]])
    assert same >= least, (same, noted)
