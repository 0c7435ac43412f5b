"""Each difference from Orquesta that the page lists has its test, and the test its lines."""

import ast
import re
from pathlib import Path

import pytest

from segue.checking.differences import DIFFERENCES, Area, Difference, Told, name_of_test
from segue.cli.reports.differences import page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "differences-from-orquesta.md"
SOURCES = {
    path: path.read_text("utf-8") for path in (ROOT / "tests" / "orquesta").glob("test_*.py")
}
TOLD = list(DIFFERENCES.values())


def source_of(name: str) -> str:
    """Return the text of a test of the differences, "" if there is none of this name."""
    for text in SOURCES.values():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return ast.get_source_segment(text, node) or ""
    return ""


def spaceless(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_page_is_what_explain_prints() -> None:
    made = "segue explain orquesta --format markdown > docs/differences-from-orquesta.md"
    assert PAGE.read_text("utf-8") == page(), f"run `{made}`"


def test_the_page_has_every_difference() -> None:
    assert re.findall(r"^### (.+)$", PAGE.read_text("utf-8"), re.MULTILINE) == [
        told.id.value for told in TOLD
    ]
    assert set(DIFFERENCES) == set(Difference)


@pytest.mark.parametrize("told", TOLD, ids=[told.id.value for told in TOLD])
def test_each_difference_has_its_test(told: Told) -> None:
    assert source_of(name_of_test(told)), f"no test {name_of_test(told)} in tests/orquesta"


@pytest.mark.parametrize("told", TOLD, ids=[told.id.value for told in TOLD])
def test_each_example_is_two_lines_that_its_test_runs(told: Told) -> None:
    lines = told.example.splitlines()
    assert len(lines) == 2
    source = spaceless(source_of(name_of_test(told)).replace("\\\\", "\\"))
    source = source.replace("\\n", "").replace("\\'", "'").replace('\\"', '"')
    shown = [spaceless(re.split(r"(?:^|  )# ", text)[0]) for text in lines]
    for text in filter(None, shown):
        wanted = text.replace('\\"', '"')
        assert wanted in source, f"the test of {told.id} has no {text}"
    assert any(shown)


def test_functions_are_shown_as_expressions() -> None:
    assert all(
        told.example.startswith(("{{", "<%")) for told in TOLD if told.area is Area.FUNCTIONS
    )
