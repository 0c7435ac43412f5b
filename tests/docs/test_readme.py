"""README.md: its commands run, its snippets do what it says, and its links lead somewhere."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from segue.checking import check
from segue.cli.main import COMMANDS
from segue.graph.drawing.term import draw_term
from segue.graph.task_graph import TaskGraph
from segue.language.codes import Code
from segue.language.model import Workflow

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "README.md").read_text()
FILE = "wait-for-file.yaml"


def block(language: str, after: str = "") -> str:
    """Return the first code block in a language after a marker."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE[PAGE.index(after) :], re.DOTALL)
    assert found, f"there is no block of {language} after {after!r}"
    return found[1]


def commands(after: str = "") -> list[list[str]]:
    """Return the commands of a block, in words, without comments."""
    return [shlex.split(line, comments=True) for line in block("sh", after).splitlines()]


def environment(folder: Path) -> Mapping[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SEGUE_")}
    return {**kept, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the page in a folder, with the `segue` of this checkout."""
    assert command[0] == "segue"
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the workflow of the page in it."""
    (tmp_path / FILE).write_text(block("yaml", f"<!-- {FILE} -->"))
    return tmp_path


def workflow() -> Workflow:
    checked = check(block("yaml", f"<!-- {FILE} -->"))
    assert checked.findings == ()
    assert checked.workflow is not None
    return checked.workflow


def test_the_quick_start_is_two_commands_that_dev_knows() -> None:
    named = commands("<!-- quick start")
    assert named == [["python3", "dev.py", "demo"], ["python3", "dev.py", "test"]]
    usage = subprocess.run(
        [sys.executable, "dev.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert usage.returncode == 1
    for _, _, name in named:
        assert name in re.findall(r"\w+", usage.stderr)


def test_what_is_installed_is_the_command_that_the_page_uses() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert commands("To use it") == [["pip", "install", "."], ["segue", "--help"]]
    assert list(project["scripts"]) == ["segue"]
    assert project["requires-python"] == ">=3.11"
    assert "Python 3.11 or later" in PAGE
    assert project["license"] in PAGE.split("## Licence")[1]


def test_every_command_of_the_page_exists() -> None:
    used = set(re.findall(r"(?:^|`)segue (\w+)", PAGE, re.MULTILINE))
    assert {"check", "graph", "run", "resume", "events"} <= used <= set(COMMANDS)


def test_the_workflow_of_the_page_is_about_twenty_lines_and_runs(folder: Path) -> None:
    assert len(block("yaml", f"<!-- {FILE} -->").splitlines()) <= 30
    done = run(folder, "segue", "run", FILE, "-i", f"file={FILE}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"looks": 1}


def test_check_and_graph_give_what_the_page_shows(folder: Path) -> None:
    checking, drawing = commands("`segue check` finds")
    assert run(folder, *checking).returncode == 0
    assert run(folder, *drawing).returncode == 0
    assert block("text", "`segue check` finds") == draw_term(TaskGraph.of(workflow()))


def test_a_killed_run_is_finished_by_resume(folder: Path, tmp_path: Path) -> None:
    first, second, third = block("sh", "<!-- kill and resume -->").splitlines()
    begin, rest = first.split(" & ")
    assert rest == "sleep 5; kill -9 $!"
    assert (second, third) == ("touch /tmp/ready", "segue resume")

    ready = tmp_path / "ready"
    words = [*shlex.split(begin.replace("/tmp/ready", str(ready))), "-i", "pause=0.01"]
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment(folder),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert any("look#3 running" in line for line in process.stderr), "it came to its third turn"
        process.kill()
    ready.touch()
    resumed = run(folder, *shlex.split(third))
    assert resumed.returncode == 0, resumed.stderr
    assert re.match(r"resuming \w+\n", resumed.stderr)
    looks = json.loads(resumed.stdout)["looks"]
    assert looks >= 3

    done = run(folder, "segue", "events", "@latest", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "no gap"
    assert visits(events, "task_scheduled") == list(range(1, looks + 1))
    assert visits(events, "attempt_succeeded", "attempt_failed") == list(range(1, looks + 1))


def visits(events: list[dict[str, Any]], *types: str) -> list[int]:
    """Return the visits of `look` in events of some types, in their order."""
    return [
        event["visit"] for event in events if event["type"] in types and event["task"] == "look"
    ]


def test_the_library_does_it_in_six_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    code = block("python", "<!-- library -->")
    assert len(code.split("\n\n")[1].splitlines()) <= 6
    exec(compile(code.replace("/etc/hosts", FILE), "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "succeeded {'looks': 1}",
        "look 1 succeeded",
        "found 1 succeeded",
    ]


def test_what_the_page_says_of_the_demo_is_what_its_workflow_does() -> None:
    checked = check((ROOT / "examples" / "monitoring-loop.yaml").read_text())
    assert checked.workflow is not None
    shown = block("text", "<!-- the demo")
    last = block("text", "a few seconds later")
    for drawn in (shown, last):
        assert drawn.startswith(f"{checked.workflow.name}  ")
        tasks = re.findall(r"^[├└] \S (\w+)", drawn, re.MULTILINE)
        assert set(tasks) <= set(checked.workflow.tasks)
    assert '"probes": 6' in last


def test_what_is_not_built_yet_is_refused_by_name() -> None:
    text = "segue: 1\ninput: {x: {secret: true}}\ntasks: {a: {action: core.noop}}\n"
    [finding] = check(text).findings
    assert finding.code == Code.NOT_BUILT
    assert "secret" in finding.message
    assert "`secret: true`" in PAGE.split("## Status")[1]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", PAGE))))
def test_a_link_leads_to_what_is_there(link: str) -> None:
    assert (ROOT / link).exists()


def test_every_benchmark_is_on_its_page_and_says_how_to_run_it() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text()
    files = sorted(file.name for file in (ROOT / "benchmarks").glob("*.py"))
    assert sorted(set(re.findall(r"^\| `(\w+\.py)` \|", page, re.MULTILINE))) == files
    for name in files:
        assert f".venv/bin/python benchmarks/{name}" in page
        assert f"python benchmarks/{name}" in (ROOT / "benchmarks" / name).read_text()
