"""The outermost place: which command, and what is said when it can't be done."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from segue.cli import main as main_module
from segue.cli.exit_codes import ExitCode, exit_code_of
from segue.cli.main import COMMANDS, main, segue
from segue.cli.problem import Problem
from segue.core.errors import InternalError, RequestError
from segue.core.status import Status
from segue.store.port import StoreError

_two = Problem("two")


def failing(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Let `segue run` raise what is put into the list."""
    errors: list[BaseException] = []

    def get_command(*_: object) -> click.Command:
        return failing(errors[0])

    monkeypatch.setattr(main_module.CommandGroup, "get_command", get_command)
    return errors


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_there_with_the_help_that_the_list_shows(name: str) -> None:
    command = segue.get_command(click.Context(segue), name)
    assert command is not None
    assert command.help, f"{name} has no help"
    assert command.help.splitlines()[0] == COMMANDS[name]


def test_unknown_command_says_which_one_may_be_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lits"]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        "error: there is no command 'lits'\nhint: did you mean `segue list`?\n"
    )


@pytest.mark.parametrize("arguments", [[], ["key"]])
def test_where_a_command_is_missing_the_help_is_shown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == ExitCode.USAGE
    out, err = capsys.readouterr()
    name = " ".join(["segue", *arguments])
    assert not out
    assert err.startswith(f"Usage: {name} [OPTIONS] COMMAND [ARGS]...\n\n  "), err


def test_wrong_option_is_one_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert err.startswith("error: no such option"), err
    assert "hint: see `segue --help`" in err
    assert not out


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (Problem("no", hint="do", details=("a", "b")), 2, "error: no\n  a\n  b\nhint: do\n"),
        (RequestError("inputs_invalid", "x", hint="y"), 2, "error: x\nhint: y\n"),
        (RequestError("execution_not_found", "x"), 6, "error: x\n"),
        (
            StoreError("the disk is full"),
            5,
            "error: the disk is full\nhint: `segue doctor` tells more about it\n",
        ),
        (ExceptionGroup("g", [Problem("inside")]), 2, "error: inside\n"),
        (
            ExceptionGroup(
                "g", [RequestError("execution_not_found", "one"), ExceptionGroup("h", [_two, _two])]
            ),
            6,
            "error: one\nerror: two\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
        (SystemExit(3), 3, ""),
        (SystemExit(), 0, ""),
        (SystemExit("told"), 1, "told\n"),
    ],
)
def test_each_kind_of_error_has_its_words_and_its_code(
    raised: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    text: str,
) -> None:
    raised.append(error)
    assert main(["run"]) == code
    assert capsys.readouterr().err == text


def test_messages_cannot_reach_the_terminal(
    raised: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    raised.append(Problem("a\x1b[2Jb"))
    main(["run"])
    assert capsys.readouterr().err == "error: a\\x1b[2Jb\n"


def test_bug_is_owned_up_to_and_its_traceback_kept_for_the_user_alone(
    raised: list[BaseException], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    raised.append(InternalError("the impossible"))
    assert main(["run"]) == ExitCode.BUG
    err = capsys.readouterr().err
    assert "this is a bug in Segue" in err
    assert "Traceback" not in err
    (kept,) = (tmp_path / "state" / "segue").glob("bug-*.txt")
    assert str(kept) in err
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_bug_goes_before_what_went_wrong_beside_it(
    raised: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    inner = ExceptionGroup("h", [InternalError("the impossible")])
    raised.append(ExceptionGroup("g", [Problem("one"), inner]))
    assert main(["run"]) == ExitCode.BUG
    assert "the impossible" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("show", "\udcff"), ("run", "x.yaml", "-i", "a=\udcff")])
def test_argument_that_is_no_text_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    assert f"error: the argument {words[-1]!r} is not text in UTF-8" in capsys.readouterr().err


def test_bug_shows_its_traceback_when_asked(
    raised: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEGUE_DEBUG", "1")
    raised.append(ZeroDivisionError("x"))
    assert main(["run"]) == ExitCode.BUG
    assert "Traceback" in capsys.readouterr().err


def test_bug_is_told_even_where_nothing_can_be_written(
    raised: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    raised.append(ZeroDivisionError("x"))
    assert main(["run"]) == ExitCode.BUG
    assert "SEGUE_DEBUG=1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.SUCCEEDED, 0),
        (Status.FAILED, 1),
        (Status.CANCELED, 3),
        (Status.PENDING, 4),
        (Status.TIMEOUT, 124),
    ],
)
def test_exit_code_says_how_an_execution_ended(status: Status, code: int) -> None:
    assert exit_code_of(status) == code


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
@pytest.mark.slow
def test_help_and_version_import_no_engine(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "segue", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    heavy = {"segue.runtime", "segue.core.events", "asyncio", "rich", "apsw", "jinja2", "yaql"}
    assert not imported & heavy, imported & heavy


@pytest.mark.slow
def test_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m segue --help | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.strip() in {"0", "141"}, done.stdout


def test_in_a_folder_that_was_removed_nothing_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert main(["list"]) == ExitCode.USAGE
    assert "the working directory can't be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--db", "LONG"),
        ("doctor", "--db", "LONG"),
        ("db", "upgrade", "--db", "LONG"),
        ("db", "backup", "copy.db", "--db", "LONG"),
        ("rehearse", "LONG"),
        ("convert", "x.yaml", "-o", "LONG"),
    ],
    ids=" ".join,
)
def test_a_path_that_can_not_even_be_looked_at_is_no_bug(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([word.replace("LONG", "x" * 1000) for word in words]) != ExitCode.BUG
    out, err = capsys.readouterr()
    assert "a bug" not in err
    assert "can't" in out + err or "no file" in err, out + err
