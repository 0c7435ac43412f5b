"""`segue check` looks at the workflows that a file calls."""

from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

CHILD = "segue: 1\ninput: {x: integer}\ntasks: {a: {action: core.noop}}\n"


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    (tmp_path / "flows").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "child.yaml").write_text(CHILD)
    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


def checked(shell: Shell, call: str) -> tuple[int, str]:
    Path("flows/parent.yaml").write_text(f"segue: 1\ntasks: {{call: {{{call}}}}}\n")
    code = shell("check", "flows/parent.yaml", "--format", "concise")
    return code, shell.out


def test_a_path_begins_at_the_folder_of_the_file(shell: Shell) -> None:
    code, out = checked(shell, "action: ../shared/child.yaml, input: {x: 1}")
    assert code == ExitCode.SUCCEEDED, out
    code, out = checked(shell, "action: ../shared/child.yaml, input: {x: one}")
    assert code == ExitCode.FAILED
    assert "SEG215" in out
    code, out = checked(shell, "action: shared/child.yaml")
    assert "there is no file flows/shared/child.yaml" in out


def test_a_name_is_looked_up_where_the_configuration_says(shell: Shell) -> None:
    assert checked(shell, "action: child")[0] == ExitCode.SUCCEEDED, "it may be anything"
    Path("segue.toml").write_text('workflows = "shared"\n')
    code, out = checked(shell, "action: child")
    assert code == ExitCode.FAILED
    assert "`child`: the input `x` is required and was not given" in out
    Path("segue.toml").write_text("workflows = 3\n")
    assert checked(shell, "action: child")[0] == ExitCode.SUCCEEDED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"segue: 1\ntasks: {a: {next: [{do: b}]}}\n", "has errors: segue check shows them"),
        (b"\xff", "is not text in UTF-8"),
    ],
)
def test_a_file_that_can_not_be_used_is_told_once_for_each_call(
    shell: Shell, content: bytes, words: str
) -> None:
    Path("shared/child.yaml").write_bytes(content)
    Path("flows/parent.yaml").write_text(
        "segue: 1\ntasks:\n"
        "  a: {action: ../shared/child.yaml}\n  b: {action: ../shared/child.yaml}\n"
    )
    assert shell("check", "flows/parent.yaml", "--format", "concise") == ExitCode.FAILED
    assert shell.out.count(words) == 2
