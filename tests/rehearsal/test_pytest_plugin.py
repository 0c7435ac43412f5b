"""Pytest runs rehearsal files as tests of their own."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOW = """\
segue: 1
tasks:
  a: {action: x.a, next: [{when: succeeded(), do: b}, {do: fail}]}
  b: {}
"""
REHEARSAL = """\
rehearsal: 1
workflow: w.yaml
tests:
  - name: it goes well
    mocks: {a: {result: 1}}
    expect: {tasks: [a, b]}
  - name: it goes wrong
    mocks: {a: {result: 1}}
    expect: {tasks: [a]}
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "w.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "it.rehearsal.yaml").write_text(REHEARSAL, "utf-8")
    return tmp_path


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_COLOR": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "segue.pytest_plugin",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", ".", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_each_test_is_one_of_its_own_and_tells_what_differs(folder: Path) -> None:
    code, said = run_pytest(folder, "-v", "--transition-coverage")
    assert code == 1
    assert "it.rehearsal.yaml::it goes well PASSED" in said
    assert "it.rehearsal.yaml::it goes wrong FAILED" in said
    assert "after a#1 nothing more was expected to begin, and b#1 did" in said
    assert "  --> it.rehearsal.yaml:9:14" in said
    assert "Traceback" not in said
    assert "transition coverage: 1 of 2 (50 %)" in said
    assert "line 3: a -> fail" in said
    assert "1 failed, 1 passed" in said


def test_tests_are_chosen_by_name_and_coverage_may_be_demanded(folder: Path) -> None:
    code, said = run_pytest(folder, "-k", "well")
    assert code == 0
    assert "transition coverage" not in said
    code, said = run_pytest(folder, "-k", "well", "--transition-coverage-fail-under", "60")
    assert code == 1
    assert "FAILED: it is 50 %, below 60 %" in said
    code, _ = run_pytest(folder, "-k", "well", "--transition-coverage-fail-under", "50")
    assert code == 0


def test_coverage_is_of_all_processes_where_there_are_several(folder: Path) -> None:
    other = REHEARSAL.replace("result: 1", "fails: oh").replace("tasks: [a, b]", "status: failed")
    (folder / "other.rehearsal.yaml").write_text(other, "utf-8")
    several = ("-p", "xdist.plugin", "-n", "2", "-k", "well", "--dist", "loadfile")
    code, said = run_pytest(folder, *several, "--transition-coverage-fail-under", "100")
    assert code == 0, said
    assert "transition coverage: 2 of 2 (100 %)" in said


def test_what_is_wrong_with_a_file_is_an_error_of_collecting(folder: Path) -> None:
    (folder / "it.rehearsal.yaml").write_text(REHEARSAL.replace("result", "reslt"), "utf-8")
    (folder / "rehearse_it.yml").write_bytes(b"\xff")
    code, said = run_pytest(folder)
    assert code == 2
    assert "`reslt` is not a key of a mock" in said
    assert re.search(r"--> it\.rehearsal\.yaml:5:17", said)
    assert "is not text in UTF-8" in said
    assert "Traceback" not in said


def test_other_names_can_be_configured(folder: Path) -> None:
    spec = "workflow: w.yaml\nexpected_task_sequence: [a, b]\n"
    (folder / "w.yaml").write_text(
        "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{do: b}]}\n"
        "  b: {action: core.noop}\n",
        "utf-8",
    )
    (folder / "it.rehearsal.yaml").rename(folder / "other.yaml")
    (folder / "specs").mkdir()
    (folder / "specs" / "one.yaml").write_text(spec, "utf-8")
    code, said = run_pytest(folder, "-v", "-o", "rehearsal_files=specs/*.yaml")
    assert code == 0, said
    assert "specs/one.yaml::one PASSED" in said


def test_the_plugin_is_found_by_pytest_itself() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"segue": "segue.pytest_plugin"}
    assert not any(one.startswith("pytest") for one in project["dependencies"])
