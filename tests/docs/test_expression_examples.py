"""Every example in the reference of expressions gives what the page says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from segue.expressions import compile_template
from segue.expressions.functions.registry import FUNCTIONS, NOT_BUILT
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord

PAGE = (Path(__file__).parents[2] / "docs/expressions.md").read_text(encoding="utf-8")

_ROW = re.compile(r"^\| `(.+?)` \| `(.+?)` \|$", re.MULTILINE)
EXAMPLES = [(found[1].replace("\\|", "|"), found[2]) for found in _ROW.finditer(PAGE)]


def seen() -> Scope:
    block = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert block, "the page says what the examples see"
    said: dict[str, Any] = yaml.safe_load(block[1])
    tasks = {name: TaskRecord(**record) for name, record in said.pop("tasks").items()}
    item, facts = CurrentItem(**said.pop("item")), Facts(**said.pop("facts"))
    return Scope(tasks=tasks, item=item, facts=facts, **said)


@pytest.mark.parametrize(("expression", "expected"), EXAMPLES)
def test_an_example_gives_what_the_page_says(expression: str, expected: str) -> None:
    got = compile_template(expression).evaluate(seen())

    assert json.dumps(got, sort_keys=True) == json.dumps(json.loads(expected), sort_keys=True)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - NOT_BUILT))
def test_every_function_has_an_example(name: str) -> None:
    assert any(re.search(rf"\b{name}\b", expression) for expression, _ in EXAMPLES)


@pytest.mark.parametrize("name", sorted(NOT_BUILT))
def test_what_is_not_built_is_said_to_be_refused(name: str) -> None:
    assert f"`{name}()` is known by name, and refused" in PAGE
