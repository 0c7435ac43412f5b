"""What Orquesta's own inspection says of 1,186 definitions, `check` says too.

The recorded answers are data beside the repository; without them there is nothing to compare.
Compared are the kinds of findings and the places they are at, not wording, number or order:
a file that Orquesta accepts has no error here, and one that it refuses is refused for the same.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.checking import check
from segue.language.codes import Kind, kind_of
from segue.language.findings import Finding, Severity

CORPUS = Path(__file__).parents[3] / "shared" / "conformance" / "corpus"
SECTIONS = ("version", "name", "description", "tags", "input", "vars", "output")
BLOCK = 60

Case = tuple[str, dict[str, Any]]


def recorded() -> Iterator[Case]:
    suite = CORPUS / "suite" / "inspections" / "inspections.json"
    if suite.exists():
        for index, case in enumerate(json.loads(suite.read_text("utf-8"))):
            yield f"suite {index}", case
    random = CORPUS / "random-static" / "inspections.jsonl.gz"
    if random.exists():
        with gzip.open(random, "rt", encoding="utf-8") as lines:
            for line in lines:
                case = json.loads(line)
                yield case["id"], case


def compared() -> list[list[Case]]:
    """Return the cases in blocks, without those that Orquesta answers now so, now otherwise."""
    cases = [case for case in recorded() if not case[1].get("unstable")]
    return [cases[start : start + BLOCK] for start in range(0, len(cases), BLOCK)]


def place(path: str | None) -> str:
    """Return the task or section that a path is in; "" for the file as a whole."""
    path = path or ""
    if found := re.match(r"tasks\.([^.\[]+)", path):
        return f"tasks.{found[1]}"
    found = re.match(r"\w+", path)
    return found[0] if found and found[0] in SECTIONS else ""


def places(items: Iterable[dict[str, Any]]) -> set[str]:
    return {place(item["spec_path"]) for item in items}


def errors_of(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the errors by kind, without what is right and only not built yet."""
    by_kind: dict[str, list[Finding]] = {}
    for each in findings:
        kind = kind_of(each.code)
        if each.severity is Severity.ERROR and kind is not Kind.UNBUILT:
            by_kind.setdefault(kind.value, []).append(each)
    return by_kind


def differences(expected: dict[str, Any], found: dict[str, list[Finding]]) -> list[str]:
    if not expected or not found:
        return [] if bool(expected) == bool(found) else [f"expected {expected}"]
    if "syntax" in expected:
        return compare("syntax", expected, found)
    lines = []
    for kind in ("syntax", "semantics", "expressions"):
        lines += compare(kind, expected, found)
    if "semantics" in expected:
        return lines
    return lines + compare_context(expected, found)


def compare(
    kind: str,
    expected: dict[str, Any],
    found: dict[str, list[Finding]],
    ignored: frozenset[str] = frozenset(),
) -> list[str]:
    want = places(expected.get(kind, [])) - ignored
    have = {place(each.path) for each in found.get(kind, [])} - ignored
    # What Orquesta says of the file as a whole may be said more exactly.
    same = want - {""} <= have and bool(have) if "" in want else want == have
    return [] if same else [f"{kind}: expected at {sorted(want)}, got at {sorted(have)}"]


def compare_context(expected: dict[str, Any], found: dict[str, list[Finding]]) -> list[str]:
    broken = frozenset(places(expected.get("expressions", [])))
    lines = compare("context", expected, found, broken)
    for at in places(expected.get("context", [])) - broken:
        want = {
            item["message"].split('"')[1]
            for item in expected["context"]
            if place(item["spec_path"]) == at
        }
        have = {each.variable for each in found.get("context", []) if place(each.path) == at}
        if want != have:
            lines.append(f"context at {at}: expected {want}, got {have}")
    return lines


def judged(case: dict[str, Any]) -> list[str]:
    definition = case["definition"]
    found = errors_of(check(definition).findings)
    if "errors" in case:
        lines = differences(case["errors"], found)
    else:
        lines = [] if found else ["expected to be refused, in whatever way"]
    for run in case.get("with_app_ctx") or []:
        with_context = check(definition, context=run["app_ctx"]).findings
        lines += differences(run["errors"], errors_of(with_context))
    return lines


@pytest.mark.parametrize("cases", compared(), ids=lambda cases: f"from {cases[0][0]}")
def test_check_refuses_what_orquesta_refuses_and_nothing_else(cases: list[Case]) -> None:
    wrong = {name: lines for name, case in cases if (lines := judged(case))}
    assert not wrong, "\n".join(f"{name}: {lines}" for name, lines in wrong.items())
