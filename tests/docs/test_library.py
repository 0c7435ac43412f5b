"""Every example of docs/library.md runs, and the methods that it names are there."""

import inspect
import re
from pathlib import Path
from textwrap import dedent

import pytest

import segue

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "library.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

DEPLOY = """
segue: 1
name: deploy
input:
  version: {type: string}
tasks:
  deploy: {action: core.noop}
output:
  version: "{{ ctx.version }}"
"""


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_example_runs(
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy.yaml").write_text(dedent(DEPLOY))
    exec(compile(EXAMPLES[number], f"example {number}", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    if "deploy.yaml" in EXAMPLES[number]:
        assert printed.endswith("succeeded {'version': '1.4'}\n")


def test_the_methods_of_the_table_are_those_of_the_engine() -> None:
    rows = re.findall(r"^\| `(?:await )?(\w+)\((.*?)\)` \|", PAGE, re.MULTILINE)
    methods = {name for name, _ in inspect.getmembers(segue.Engine, inspect.isfunction)}
    assert {name for name, _ in rows} == {name for name in methods if not name.startswith("_")}
    for name, written in rows:
        given = inspect.signature(getattr(segue.Engine, name)).parameters
        names = [part.split("=")[0].strip() for part in written.split(",") if part]
        assert [one for one in names if one != "*"] == list(given)[1:], name


def test_every_error_of_the_table_can_be_caught() -> None:
    for name in re.findall(r"^\| `segue\.(\w+)` \|", PAGE, re.MULTILINE):
        assert issubclass(getattr(segue, name), Exception), name


def test_all_names_of_the_package_are_there() -> None:
    assert set(segue.__all__) <= set(dir(segue))
    for name in segue.__all__:
        assert getattr(segue, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(segue, "nonsense")  # noqa: B009
