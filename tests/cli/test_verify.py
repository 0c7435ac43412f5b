"""`segue verify`: what it says of a database that is well, and of one that somebody has touched."""

import sqlite3
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

WORKFLOW = """
segue: 1
name: called
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop}
"""
CALLING = """
segue: 1
name: calling
tasks:
  call: {action: called}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "called.yaml").write_text(WORKFLOW)
    (tmp_path / "calling.yaml").write_text(CALLING)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\nworkflows = "."\n')
    shell = Shell(capsys)
    assert shell("run", "calling.yaml") == ExitCode.SUCCEEDED
    return shell


def touch(statement: str) -> None:
    connection = sqlite3.connect("runs.db")
    connection.execute("PRAGMA ignore_check_constraints = 1")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_database_that_is_well_is_said_to_be_so(shell: Shell) -> None:
    assert shell("verify", "--all") == ExitCode.SUCCEEDED
    assert shell.out.startswith("2 executions, ")
    assert shell.out.endswith(" events: all invariants hold\n")
    assert shell("verify", "@latest") == ExitCode.SUCCEEDED
    assert shell.out.startswith("2 executions, ")  # its sub-workflow, too


def test_what_somebody_has_changed_is_found(shell: Shell) -> None:
    touch("UPDATE executions SET status = 'failed' WHERE parent IS NULL")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I3   stored: the row says failed, the log folds to succeeded\n" in shell.out
    assert "Folding the log is legal at every event, and gives the stored state.\n" in shell.out
    assert shell.out.endswith("events: 1 execution with violations\n")
    found = shell.document("verify", "@latest", "--json")
    assert (found["well"], found["executions"]) == (False, 2)


def test_an_event_that_is_missing_is_found(shell: Shell) -> None:
    touch("DELETE FROM events WHERE seq = 4")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I1   event 5: it is number 5 and follows number 3" in shell.out


def test_a_log_that_is_gone_is_found(shell: Shell) -> None:
    touch("DELETE FROM events")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I1   stored: the log has 0 events, the row says " in shell.out
    assert shell("rerun", "@latest", "--from-start") == ExitCode.CANNOT_TELL
    assert "is lost, or a part of it" in shell.err


def test_a_definition_that_is_gone_is_found(shell: Shell) -> None:
    touch("DELETE FROM definitions")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I20  stored: the definition " in shell.out


def test_an_event_that_cannot_be_read_is_found_and_all_else_is_verified(shell: Shell) -> None:
    touch(
        "UPDATE events SET data = x'7b7d' WHERE seq = 3 AND execution IN "
        "(SELECT id FROM executions WHERE parent IS NULL)"
    )
    touch("UPDATE executions SET status = 'failed' WHERE parent IS NOT NULL")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I3   stored: Event 3 of execution " in shell.out
    assert "I3   stored: the row says failed, the log folds to succeeded\n" in shell.out
    assert shell.out.endswith("2 executions with violations\n")
    assert shell("show", "@latest") == ExitCode.CANNOT_TELL
    assert "hint: `segue verify --all` tells what else is damaged" in shell.err


def test_a_definition_that_cannot_be_read_is_found(shell: Shell) -> None:
    touch("UPDATE definitions SET source = 'segue: 7'")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "can't be read any more\n" in shell.out
    assert shell.out.endswith("2 executions with violations\n")


def test_outstanding_work_that_cannot_be_read_is_found_and_told(shell: Shell) -> None:
    Path("asking.yaml").write_text("segue: 1\ntasks: {a: {action: core.ask}}\n")
    assert shell("run", "asking.yaml", "--exit-on-wait") == ExitCode.WAITING
    touch("UPDATE work SET data = x'ff' WHERE kind = 'question'")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I3   stored: The work a#1.1 can't be read (" in shell.out
    for command in ("show", "why"):
        assert shell(command, "@latest") == ExitCode.SUCCEEDED, shell.err
        assert "it can't go on: The work a#1.1 can't be read (" in shell.out
    for command in ("inbox", "resume"):
        words = (command,) if command == "inbox" else (command, "@latest")
        assert shell(*words) == ExitCode.CANNOT_TELL, command
        assert "The work a#1.1 can't be read (" in shell.err
        assert "bug" not in shell.err


def test_why_has_an_answer_where_what_has_happened_cannot_be_read(shell: Shell) -> None:
    Path("child.yaml").write_text("segue: 1\nname: child\ntasks: {a: {action: core.ask}}\n")
    Path("parent.yaml").write_text("segue: 1\ntasks: {call: {action: ./child.yaml}}\n")
    assert shell("run", "parent.yaml", "--exit-on-wait") == ExitCode.WAITING
    children = "SELECT id FROM executions WHERE NOT settled AND parent IS NOT NULL"
    touch(f"UPDATE events SET data = x'7b7d' WHERE seq = 2 AND execution IN ({children})")
    rows = shell.rows("list --children", "executions")
    child = next(str(row["id"]) for row in rows if not row["settled"] and row["parent"])
    for words in (("why", "@latest"), ("why", child), ("show", "@latest")):
        assert shell(*words) == ExitCode.SUCCEEDED, shell.err
        assert "Event 2 of execution " in shell.out
    assert shell("show", child) == ExitCode.CANNOT_TELL
    touch("UPDATE executions SET settled = TRUE, status = 'succeeded' WHERE parent IS NOT NULL")
    assert shell("why", child) == ExitCode.CANNOT_TELL
    assert shell("why", "@latest") == ExitCode.SUCCEEDED, shell.err
    assert "it has ended, and this task learns of it next" in shell.out


def test_what_can_not_be_read_keeps_resume_from_nothing_else(shell: Shell) -> None:
    Path("asking.yaml").write_text("segue: 1\ntasks: {a: {action: core.ask}}\n")
    Path("short.yaml").write_text("segue: 1\ntasks: {a: {action: core.noop, delay: 0.1}}\n")
    for name in ("asking.yaml", "short.yaml"):
        assert shell("run", name, "--detach") == ExitCode.SUCCEEDED
    touch(
        "UPDATE events SET data = x'7b7d' WHERE seq = 2 AND execution IN "
        "(SELECT execution FROM work WHERE kind = 'question')"
    )
    assert shell("resume") == ExitCode.CANNOT_TELL
    assert "short succeeded" in shell.err
    assert "Event 2 of execution " in shell.err
    touch("UPDATE definitions SET source = 'segue: 7' WHERE name = 'asking'")
    assert shell("run", "short.yaml", "--detach") == ExitCode.SUCCEEDED
    assert shell("resume") == ExitCode.CANNOT_TELL
    assert "short succeeded" in shell.err


def test_a_big_value_that_is_gone_or_was_changed_is_found(shell: Shell) -> None:
    Path("big.yaml").write_text(
        "segue: 1\ntasks:\n  a: {action: core.echo, input: {message: \"{{ 'x' * 70000 }}\"}}\n"
    )
    assert shell("run", "big.yaml") == ExitCode.SUCCEEDED
    touch("UPDATE big_values SET data = x'22'")
    assert shell("verify", "--all") == ExitCode.FAILED
    assert "I21  stored: the value " in shell.out
    assert " is damaged: its hash is another one\n" in shell.out
    touch("DELETE FROM big_values")
    assert shell("verify", "@latest") == ExitCode.FAILED
    assert " is not kept\n" in shell.out


def test_an_execution_that_goes_on_can_be_verified(shell: Shell) -> None:
    Path("asking.yaml").write_text("segue: 1\ntasks: {a: {action: core.ask}}\n")
    assert shell("run", "asking.yaml", "--exit-on-wait") == ExitCode.WAITING
    assert shell("verify", "@latest") == ExitCode.SUCCEEDED


def test_it_wants_an_execution_or_all_of_them(shell: Shell) -> None:
    for words in ((), ("@latest", "--all")):
        assert shell("verify", *words) == ExitCode.USAGE
        assert "error: name an execution, or verify all of them\n" in shell.err
    assert shell("verify", "nothing") == ExitCode.NOT_FOUND
