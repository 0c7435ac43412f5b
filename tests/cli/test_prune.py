"""`segue prune`: what goes, what stays, and what is said about it."""

from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

WELL = "segue: 1\nname: well\ntasks: {a: {action: core.echo, input: {message: hello}}}\n"
BADLY = 'segue: 1\nname: badly\ntasks: {a: {action: core.local, input: {cmd: "exit 3"}}}\n'
ASKING = """
segue: 1
name: asking
tasks: {call: {action: below}}
"""
BELOW = "segue: 1\nname: below\ntasks: {done: {action: well}, ask: {action: core.ask}}\n"
NESTED = "segue: 1\nname: nested\ntasks: {call: {action: well}}\n"


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    for text in (WELL, BADLY, ASKING, BELOW, NESTED):
        (tmp_path / f"{text.split('name: ')[1].split()[0]}.yaml").write_text(text)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\nworkflows = "."\n')
    return Shell(capsys)


def workflows(shell: Shell) -> list[str]:
    return sorted(str(row["workflow"]) for row in shell.rows("list --children", "executions"))


def test_what_has_ended_goes_and_what_waits_stays_with_all_of_its_tree(shell: Shell) -> None:
    assert shell("run", "nested", "-q") == ExitCode.SUCCEEDED, shell.err
    assert shell("run", "asking", "-q", "--exit-on-wait") == ExitCode.WAITING, shell.err
    assert workflows(shell) == ["asking", "below", "nested", "well", "well"]

    assert shell("prune", "--older-than", "1h") == ExitCode.SUCCEEDED
    assert (shell.out, shell.err) == ("", "nothing removed\n")
    assert shell("prune", "--older-than", "0s") == ExitCode.SUCCEEDED
    assert shell.err.startswith("2 executions (1 of them sub-workflows) with "), shell.err
    assert workflows(shell) == ["asking", "below", "well"]

    assert shell("doctor") == ExitCode.SUCCEEDED, shell.out
    assert shell("verify", "--all") == ExitCode.SUCCEEDED, shell.out
    [question] = shell.rows("inbox", "questions")
    assert shell("answer", str(question["id"]), "v=1", "-q") == ExitCode.SUCCEEDED, shell.err
    assert shell("resume", "-q") == ExitCode.SUCCEEDED, shell.err
    assert shell("prune", "--older-than", "0s") == ExitCode.SUCCEEDED
    assert workflows(shell) == []


def test_what_was_pruned_is_run_again_as_if_for_the_first_time(shell: Shell) -> None:
    shell("run", "well", "-q")
    shell("prune", "--older-than", "0s")
    assert shell("run", "well", "-q") == ExitCode.SUCCEEDED
    assert shell("show", "@latest") == ExitCode.SUCCEEDED
    assert shell("doctor") == ExitCode.SUCCEEDED, shell.out


def test_only_what_ended_so_goes(shell: Shell) -> None:
    shell("run", "well", "-q")
    shell("run", "badly", "-q")
    found = shell.document("prune", "--older-than", "0s", "--status", "succeeded", "--json")
    assert (found["dry_run"], found["executions"]) == (False, 1)
    assert workflows(shell) == ["badly"]


def test_a_dry_run_lists_and_removes_nothing(shell: Shell) -> None:
    shell("run", "badly", "-q")
    assert shell("prune", "--older-than", "0s", "--dry-run") == ExitCode.SUCCEEDED
    assert "badly" in shell.out
    assert "failed" in shell.out
    assert shell.err.startswith("1 execution with ")
    assert shell.err.endswith(" would be removed\n")
    found = shell.document("prune", "--older-than", "0s", "--dry-run", "--json")
    assert found["dry_run"] is True
    assert workflows(shell) == ["badly"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "missing option '--older-than'"),
        (("--older-than", "30"), "'30' is no duration"),
        (("--older-than", "-1d"), "'-1d' is no duration"),
        (("--older-than", "9" * 400 + "d"), "is no duration"),
        (("--older-than", "1d", "--status", "running"), "'running' is not one of"),
    ],
)
def test_what_makes_no_sense_is_refused(shell: Shell, words: tuple[str, ...], said: str) -> None:
    shell("run", "well", "-q")
    assert shell("prune", *words) == ExitCode.USAGE
    assert said in shell.err
    assert workflows(shell) == ["well"]


def test_an_age_beyond_all_times_means_nothing(shell: Shell) -> None:
    shell("run", "well", "-q")
    assert shell.document("prune", "--older-than", "9999999999d", "--json")["before"] is None
    assert workflows(shell) == ["well"]


def test_a_database_that_is_not_there_is_not_made(shell: Shell, tmp_path: Path) -> None:
    assert shell("prune", "--older-than", "1d", "--db", "other.db") == ExitCode.CANNOT_TELL
    assert not (tmp_path / "other.db").exists()
