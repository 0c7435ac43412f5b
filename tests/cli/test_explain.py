"""`segue explain` and `segue schema`."""

import json

import pytest

from segue.checking.differences import Difference
from segue.cli.exit_codes import ExitCode
from segue.cli.main import main
from segue.language.codes import Code
from segue.language.schema import native_schema


@pytest.mark.parametrize("text", ["SEG201", "seg201", "201", "unknown-task", "UNKNOWN_TASK"])
def test_a_code_is_explained_with_an_example(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", text]) == ExitCode.SUCCEEDED
    out = capsys.readouterr().out
    assert out.startswith("error[SEG201]: there is no such task\n")
    assert "^^^^^" in out
    assert "\nMended\n\n    segue: 1\n" in out


def test_a_warning_is_explained_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "SEG207"])
    assert capsys.readouterr().out.startswith("warning[SEG207]: ")


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == ExitCode.SUCCEEDED
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [str(code) for code in Code]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("SEG2O1", "did you mean `segue explain SEG201`?"),
        ("unknown-taks", "did you mean `segue explain UNKNOWN_TASK`?"),
        ("SEG999", "`segue explain` lists all codes"),
        ("nonsense", "`segue explain` lists all codes"),
    ],
)
def test_an_unknown_code_is_a_mistake_of_usage(
    text: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", text]) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert f"there is no code '{text}'" in err
    assert hint in err


def test_one_code_can_be_had_in_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "--format", "markdown", "SEG201"])
    assert capsys.readouterr().out.startswith("### SEG201: there is no such task\n")


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == ExitCode.SUCCEEDED
    assert json.loads(capsys.readouterr().out) == native_schema()


def test_a_difference_from_orquesta_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "stale-context"]) == ExitCode.SUCCEEDED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "stale-context: an old value never comes back at a join"
    assert lines[2].startswith("In Orquesta: ")
    assert lines[3].startswith("In Segue: ")
    assert [line for line in lines[5:] if line.startswith("    ")] == lines[5:]
    assert main(["explain", "stale-context", "--format", "markdown"]) == ExitCode.SUCCEEDED
    assert capsys.readouterr().out.startswith("### stale-context\n")


def test_all_differences_from_orquesta_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "orquesta"]) == ExitCode.SUCCEEDED
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(Difference)
    assert main(["explain", "orquesta", "--format", "markdown"]) == ExitCode.SUCCEEDED
    assert capsys.readouterr().out.startswith("# Differences from Orquesta\n")


def test_a_misspelt_difference_is_proposed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "stale-contex"]) == ExitCode.USAGE
    assert "did you mean `segue explain stale-context`?" in capsys.readouterr().err
