"""Sizes that keep the code readable: a file has one noun, a function can be seen at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "segue"
FUNCTION_LINES = 70
FILE_LINES = 600
CORE_FILE_LINES = 400
LINE_COLUMNS = 100
BANNED_NAMES = {"utils", "util", "common", "helpers", "manager", "misc"}


def sources() -> list[Path]:
    found = sorted(SOURCE.rglob("*.py"))
    assert len(found) > 10
    return found


def everything() -> list[Path]:
    return sources() + sorted((ROOT / "tests").rglob("*.py")) + [ROOT / "dev.py"]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_it_may_be() -> None:
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text().splitlines()))
        > (CORE_FILE_LINES if "core" in path.relative_to(SOURCE).parts else FILE_LINES)
    }
    assert too_long == {}


def test_no_function_is_longer_than_can_be_seen_at_once() -> None:
    too_long = {
        f"{path.relative_to(ROOT)}:{node.name}": lines
        for path in sources()
        for node in functions(ast.parse(path.read_text()))
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert too_long == {}


def test_no_line_is_wider_than_a_hundred_columns() -> None:
    too_wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in everything()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LINE_COLUMNS
    ]
    assert too_wide == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in sources() if path.stem in BANNED_NAMES] == []
