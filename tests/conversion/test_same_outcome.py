"""The examples of the documentation come to the same before and after."""

from pathlib import Path

import pytest
from tests.docs.guides import DOCS, Page

from segue import run
from segue.conversion.converting import convert
from segue.values import JsonValue

INPUTS: dict[str, dict[str, JsonValue]] = {
    "hello.workflow.yaml": {"who": "Ada"},
    "greet.yaml": {"name": "Ada", "loud": True},
    "data.yaml": {"name": "<% 1 + 1 %>"},
}
#: What begins nowhere, waits, or has no native form (see test_attune.py).
LEFT_OUT = {"ring.yaml", "until-three.yaml", "stale.yaml", "late.yaml", "unsatisfied.yaml"}
LEFT_OUT |= {"branches.yaml", "output.yaml", "older.yaml", "retry-error.yaml"}
EXAMPLES = [
    (page, name)
    for page in ("attune.md", "orquesta.md")
    for name in Page(page).files
    if name not in LEFT_OUT
]


def outcome(text: str, name: str) -> object:
    view = run(text, INPUTS.get(name))
    tasks = [(task.task, task.visit, task.status, task.result) for task in view.tasks]
    return view.status, view.output, tasks


@pytest.mark.parametrize(("page", "name"), EXAMPLES)
def test_an_example_comes_to_the_same(page: str, name: str) -> None:
    text = Page(page).files[name]

    natively = convert(text, name).text

    assert natively is not None
    assert outcome(natively, name) == outcome(text, name)


def test_the_example_beside_the_documentation_comes_to_the_same() -> None:
    path = Path(DOCS).parent / "examples" / "orquesta-compatible.yaml"
    text = path.read_text("utf-8")

    result = convert(text, path.name)

    assert result.text is not None
    assert result.findings == ()
    first, second = (run(one, {"name": "Ada"}) for one in (text, result.text))
    assert (first.status, first.output) == (second.status, second.output)
