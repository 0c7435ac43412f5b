"""docs/conduct.md says of the protocol what the code says, and its host runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest

from segue.conducting import Conversation, requests
from segue.conducting.refusal import Code
from segue.conducting.responses import ActionMessage, FindingMessage, OfferMessage, StateMessage
from segue.expressions.scope import Facts

PAGE = (Path(__file__).parents[2] / "docs" / "conduct.md").read_text(encoding="utf-8")


def block(language: str, first: str) -> str:
    found = re.search(rf"```{language}\n({re.escape(first)}.*?)```", PAGE, re.DOTALL)
    assert found, f"docs/conduct.md has no block that begins with {first!r}"
    return found[1]


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> set[str]:
    rows = [line.split("|")[1] for line in section(title).splitlines() if line.startswith("|")]
    return {word for row in rows for word in re.findall(r"`([a-z_-]+)`", row)}


def test_every_op_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^(`.*)\n:", PAGE, re.MULTILINE))))
    ops = {one.__struct_config__.tag for one in get_args(requests.AnyRequest)}

    assert ops <= told


@pytest.mark.parametrize(
    ("title", "struct"),
    [("The state", StateMessage), ("Conducting", OfferMessage)],
)
def test_every_member_is_told(title: str, struct: Any) -> None:
    assert set(struct.__struct_fields__) <= first_cells(title)


def test_members_of_actions_and_findings_are_told() -> None:
    for struct in (ActionMessage, FindingMessage):
        assert all(f"`{name}`" in PAGE for name in struct.__struct_fields__), struct


def test_every_code_is_told() -> None:
    assert first_cells("When a request is refused") == {str(code) for code in Code}


@pytest.mark.parametrize("words", [requests.AskedStatus, requests.ReportedStatus])
def test_every_status_is_told(words: type[StrEnum]) -> None:
    assert all(f"`{status}`" in section("Statuses") for status in words)


def test_requests_that_are_shown_are_requests() -> None:
    shown = [line for line in PAGE.splitlines() if re.match(r'\{("id": \d+, )?"op"', line)]
    conversation = Conversation()

    assert len(shown) >= 4
    for line in shown:
        response = json.loads(conversation.handle(line.encode(), Facts(now=0.0)))
        assert "this is no request" not in response["error"]["message"], line


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_host_that_is_shown_prints_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "host.mjs").write_text(block("js", "// host.mjs"), encoding="utf-8")
    (tmp_path / "hosts.yaml").write_text(block("yaml", "# hosts.yaml"), encoding="utf-8")
    segue = tmp_path / "bin" / "segue"
    segue.parent.mkdir()
    segue.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m segue "$@"\n', encoding="utf-8")
    segue.chmod(0o755)
    done = subprocess.run(
        ["node", "host.mjs", "hosts.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{segue.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout == block("text", "succeeded"), done.stderr
