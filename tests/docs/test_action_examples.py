"""docs/actions.md: every example does what the page says, every parameter is on it."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.actions.stage import Stage
from tests.actions.web_server import Answer, Seen, WebServer

from segue.actions import python
from segue.actions.inputs import check_input
from segue.actions.registry import BUILT_IN, Registry
from segue.core.stimuli import Failed, Succeeded

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "actions.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n\n?(.*?)(?=\n#|\n```yaml|\Z)", PAGE, re.DOTALL)
CODES = re.findall(r"^\| `(\w+_\w+)` \|", PAGE.split("## `core.noop`")[0], re.MULTILINE)


def answer(seen: Seen) -> Answer:
    if seen.path == "/deploys":
        kind = [("Content-Type", "application/json")]
        return Answer(status=201, headers=kind, body=b'{"id": 42}')
    return Answer(status=404)


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The modules of the page, where `segue run` would find them."""
    monkeypatch.setattr(python, "_registered", {})
    path, known = list(sys.path), set(sys.modules)
    for name, text in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / f"{name}.py").write_text(text)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.parametrize(("example", "rest"), EXAMPLES, ids=[text[8:30] for text, _ in EXAMPLES])
def test_example_does_what_the_page_says(example: str, rest: str, modules: Path) -> None:
    task = yaml.safe_load(example)
    given = task.get("input", {})
    stage = Stage(registry=Registry(search_path=[modules]))
    if task["action"] == "deploys.announce":
        stage.registry.resolve("deploys:announce")
    if "{{" in example:  # it needs a context: what can be said of it is that it is well-formed
        assert check_input(stage.registry.resolve(task["action"]), given) == ()
        return
    with WebServer() as web:
        web.respond = answer
        there = web.url("")
        if "url" in given:
            given["url"] = given["url"].replace("https://api.example.org", there)
        outcome = asyncio.run(stage.run(task["action"], **given))
    if failure := re.match(r"fails with `(\w+)`:\n\n```text\n(.*?)\n```", rest, re.DOTALL):
        code, message = failure.groups()
        assert isinstance(outcome, Failed)
        assert outcome.code == code
        assert outcome.message.replace(there, "https://api.example.org") == message
        return
    assert isinstance(outcome, Succeeded), outcome
    if gives := re.match(r"gives.*?\n\n```json\n(.*?)```", rest, re.DOTALL):
        result = json.loads(json.dumps(outcome.result).replace(there, "https://api.example.org"))
        shown = json.loads(gives.group(1))
        if task["action"] == "core.http":
            assert result.keys() == shown.keys()
            shown["elapsed"] = result["elapsed"]
            result["headers"] = {name: result["headers"][name] for name in shown["headers"]}
        assert result == shown


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_parameter_is_on_the_page_and_described(name: str) -> None:
    [section] = re.findall(rf"^## `{name}`\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    [table] = re.findall(r"\| parameter \|.*?\n\n", section, re.DOTALL) or [""]
    properties = Registry().resolve(name).parameters["properties"]
    assert isinstance(properties, dict)
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(properties)
    assert all(parameter["description"] for parameter in properties.values())


def test_every_code_is_on_the_page() -> None:
    sources = Path(python.__file__).parent.glob("*.py")
    text = "".join(source.read_text() for source in sources)
    used = set(re.findall(r'code(?:: str)? ?= ?"(\w+)"', text))
    used |= set(re.findall(r'"(result_\w+)"', text)) | {"http_error", "http_timeout"}
    assert sorted(CODES) == sorted(used)
