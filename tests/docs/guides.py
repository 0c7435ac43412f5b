"""The pages of docs/ as the tests read them: examples, fragments, and what is said of them.

A YAML block that begins with `# NAME.yaml` is a whole file. A paragraph that begins with a command
in backquotes and ends in `gives` or `says` tells what comes of it: `gives` is followed by a part of
the document that `segue run --json` prints, `says` by what is printed. Any other YAML block is a
fragment, which `completed` makes a whole file of.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from segue.language.grammar import COMMAND_WORDS, TASK, WORKFLOW

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"

_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"# (\S+\.yaml)\n")
_LANGUAGE = re.compile(r"# (Segue|Orquesta)\n")
_SAID = re.compile(
    r"^`segue ([^`]+)`[^`]*? (gives|says)\n\n```(?:json|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
_DRAWN = re.compile(r"!\[[^]]+\]\(drawings/([\w-]+)\.svg\)")
_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`segue ([^`]+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a page says of a command: `gives` (a document) or `says` (what is printed)."""

    words: tuple[str, ...]
    how: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A YAML block that is no whole file. `section` is the title that it stands under."""

    language: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    name: str

    @property
    def text(self) -> str:
        return (DOCS / self.name).read_text(encoding="utf-8")

    @property
    def files(self) -> Mapping[str, str]:
        """The whole files of the page by name."""
        found = {}
        for block in _YAML.findall(self.text):
            if named := _NAMED.match(block):
                assert named[1] not in found, f"{self.name} has two files named {named[1]}"
                found[named[1]] = block
        return found

    @property
    def fragments(self) -> list[Fragment]:
        found = []
        for block in _YAML.finditer(self.text):
            text = block[1]
            if _NAMED.match(text):
                continue
            titles = re.findall(r"^## (.+)$", self.text[: block.start()], re.MULTILINE)
            language = _LANGUAGE.match(text)
            found.append(
                Fragment(
                    language=language[1] if language else "Segue",
                    section=titles[-1] if titles else "",
                    text=text,
                )
            )
        return found

    @property
    def said(self) -> list[Said]:
        return [
            Said(words=tuple(shlex.split(words)), how=how, text=text)
            for words, how, text in _SAID.findall(self.text)
        ]

    @property
    def drawings(self) -> list[str]:
        return _DRAWN.findall(self.text)

    @property
    def commands(self) -> list[str]:
        """Every command line of the page: those of shell blocks, and those inside sentences."""
        lines = [line for block in _SHELL.findall(self.text) for line in block.splitlines()]
        shell = [line.removeprefix("segue ") for line in lines if line.startswith("segue ")]
        return shell + _INLINE.findall(_YAML.sub("", self.text))


def completed(fragment: Fragment) -> str:
    """Return a whole file around a fragment, with the tasks and variables that it speaks of."""
    part: Any = yaml.safe_load(fragment.text)
    marker = {"version": 1.0} if fragment.language == "Orquesta" else {"segue": 1}
    if isinstance(part, list):
        part = {"next": part}
    if fragment.section == "A task" or not set(part) <= {*WORKFLOW.keys, "version"}:
        are_tasks = not set(part) & set(TASK.keys) and all(
            isinstance(v, dict) for v in part.values()
        )
        part = {"tasks": part if are_tasks else {"example": part}}
    tasks: dict[str, Any] = dict(part.get("tasks") or {"example": {"action": "core.noop"}})
    for name, task in list(tasks.items()):
        for target in _targets(task):
            tasks.setdefault(target, {"action": "core.noop"})
        if task.get("join"):
            for source in ("one", "two", "three"):
                tasks[source] = {"action": "core.noop", "next": [{"do": name}]}
    for name in (
        [part.get("start", [])] if isinstance(part.get("start"), str) else part.get("start", [])
    ):
        tasks.setdefault(name, {"action": "core.noop"})
    missing = [{name: None} for name in _variables(fragment.text, part)]
    whole = {**marker, **part, "tasks": tasks}
    if missing:
        whole["vars"] = missing + _listed(part.get("vars", []))
    return yaml.safe_dump(whole, sort_keys=False)


def _listed(variables: Any) -> list[Any]:
    if isinstance(variables, dict):
        return [{name: value} for name, value in variables.items()]
    return list(variables)


def _targets(task: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for transition in task.get("next", []):
        do = transition.get("do", [])
        found += [name.strip() for name in do.split(",")] if isinstance(do, str) else do
    return [name for name in found if name not in {*COMMAND_WORDS, "retry"}]


def _variables(text: str, part: Mapping[str, Any]) -> list[str]:
    read = dict.fromkeys(re.findall(r"ctx(?:\(\))?\.(\w+)", text))
    inputs = part.get("input", {})
    declared = {
        *(
            inputs
            if isinstance(inputs, dict)
            else [i if isinstance(i, str) else next(iter(i)) for i in inputs]
        ),
        *(next(iter(one)) for one in _listed(part.get("vars", []))),
    }
    return [name for name in read if name not in declared]
