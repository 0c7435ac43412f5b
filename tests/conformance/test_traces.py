"""Whatever was recorded of Orquesta and is required, `segue conduct` does as well.

The cases and the rules of what is required are beside the repository, with the program that
compares; without them there is nothing to do. The conductor is asked in this process.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from segue.conducting import Conversation
from segue.expressions.scope import Facts

KIT = Path(__file__).resolve().parents[3] / "shared" / "conformance"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not KIT.is_dir(), reason="the recorded cases are not here"),
]

Case = tuple[str, str, Any]


class InProcess:
    """Stands for the server of the kit: requests go to a conversation in this process."""

    def __init__(self) -> None:
        self.conversation = Conversation()

    def ask(self, op: str, **members: Any) -> Any:
        line = json.dumps({"id": 1, "op": op, **members}).encode()
        return json.loads(self.conversation.handle(line, Facts(now=1_700_000_000.0)))


def kit() -> ModuleType:
    """Return the program that compares. It lies beside the repository, so it is found by hand."""
    path = str(KIT)
    sys.path.insert(0, path)
    try:
        return importlib.import_module("replay")
    finally:
        sys.path.remove(path)


def required(section: str, part: str | None = None) -> list[Case]:
    options = argparse.Namespace(
        corpus=str(KIT / "corpus"),
        only=None,
        everything=False,
        rule_off=[],
        part=None if part is None else [part],
    )
    cases, _ = kit().select(section, options)
    return [case for case in cases if part in {None, case[0]}]


@pytest.mark.parametrize(
    ("section", "part", "least"),
    [
        ("traces", "semantics", 93),
        ("traces", "suite", 601),
        ("traces", "random", 706),
        ("expressions", None, 2208),
        # The random ones are compared without the conductor: see test_inspections and test_graphs.
        ("inspections", "suite", 187),
        ("graphs", "suite", 147),
    ],
)
def test_conductor_does_as_orquesta_did(section: str, part: str | None, least: int) -> None:
    check = kit().CHECKS[section]
    server = InProcess()
    cases = required(section, part)
    differences = [text for _, _, case in cases if (text := check(case, server))]

    assert not differences, "\n\n".join([f"{len(differences)} differ", *differences[:3]])
    assert len(cases) >= least
