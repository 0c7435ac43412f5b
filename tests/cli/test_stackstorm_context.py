"""`ctx().st2` of StackStorm's files, from the command line."""

from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

INNER = """
version: 1.0
vars: [{who: <% ctx().st2.user %>}]
tasks:
  a: {action: core.echo message="<% ctx().st2.action_execution_id %> <% ctx().who %>"}
"""
OUTER = """
version: 1.0
tasks:
  call: {action: inner}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner.yaml").write_text(INNER)
    (tmp_path / "outer.yaml").write_text(OUTER)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\nworkflows = "."\n')
    shell = Shell(capsys)
    shell("key", "set", "--json", "st2", '{"user": "stanley"}')
    return shell


def result(shell: Shell, execution: str) -> object:
    tasks = shell.document("show", execution, "--json")["tasks"]
    assert isinstance(tasks, list)
    return tasks[-1]["result"]


def test_files_of_stackstorm_find_their_execution_and_user(shell: Shell) -> None:
    assert shell("check", "inner.yaml") == 0
    assert shell("run", "inner", "-q") == ExitCode.SUCCEEDED, shell.err
    [row] = shell.rows("list", "executions")
    assert result(shell, str(row["id"])) == f"{row['id']} stanley"
    assert shell("rerun", "@latest", "--from-start", "-q") == ExitCode.SUCCEEDED, shell.err
    assert result(shell, str(row["id"])) == f"{row['id']} stanley"


def test_sub_workflows_find_their_own_and_an_export_passes(shell: Shell) -> None:
    assert shell("run", "outer", "-q") == ExitCode.SUCCEEDED, shell.err
    [row] = shell.rows(f"list --parent {shell.rows('list', 'executions')[0]['id']}", "executions")
    assert result(shell, str(row["id"])) == f"{row['id']} stanley"
    assert shell("export", str(row["id"]), "-o", "it.rehearsal.yaml") == 0, shell.err
    assert shell("rehearse", "it.rehearsal.yaml") == 0, shell.out
