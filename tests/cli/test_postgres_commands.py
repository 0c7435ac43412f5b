"""The commands on a PostgreSQL database, and what they say when it can't be used."""

import json
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell
from tests.support.postgres_server import running_server, schema_for

from segue.cli.exit_codes import ExitCode

ASKING = """
segue: 1
name: asking
tasks:
  print: {action: core.local, input: {cmd: "echo printed"}, next: [{do: ask}]}
  ask:
    action: core.ask
    input: {message: "Go on?"}
output: {said: "{{ key('color') }}"}
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return running_server().url(schema=schema_for(tmp_path))


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asking.yaml").write_text(ASKING)
    return Shell(capsys)


def test_every_command_that_takes_a_database_takes_one_of_postgresql(
    shell: Shell, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, code in (
        (("key", "set", "color", "red"), 0),
        (("run", "asking.yaml", "--exit-on-wait"), ExitCode.WAITING),
        (("list",), 0),
        (("show", "@latest"), 0),
        (("events", "@latest"), 0),
        (("logs", "@latest"), 0),
        (("inbox",), 0),
        (("key", "list"), 0),
        (("verify", "@latest"), 0),
        (("doctor",), 0),
        (("pause", "@latest"), 0),
        (("resume", "@latest", "--exit-on-wait"), ExitCode.WAITING),
        (("reject", "@latest"), 0),
        (("rerun", "@latest", "--exit-on-wait"), ExitCode.WAITING),
        (("answer", "@latest"), 0),
        (("resume", "@latest"), 0),
        (("export", "@latest"), 0),
        (("cancel", "@latest"), ExitCode.USAGE),
    ):
        assert shell(*words, "--db", url) == code, (words, shell.err)
        assert shell.out or shell.err
    monkeypatch.setenv("SEGUE_DB", url)
    assert shell("show", "@latest", "--json") == 0
    shown = json.loads(shell.out)
    assert (shown["status"], shown["output"]) == ("succeeded", {"said": "red"})


def test_the_database_may_come_from_the_environment_or_the_file(
    shell: Shell, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("run", "asking.yaml", "--exit-on-wait", "-q", "--db", url) == ExitCode.WAITING
    monkeypatch.setenv("SEGUE_DB", url)
    assert shell("list") == 0
    assert "asking" in shell.out
    monkeypatch.delenv("SEGUE_DB")
    (tmp_path / "segue.toml").write_text(f'db = "{url}"\n')
    assert shell("list") == 0
    assert "asking" in shell.out


def locked_out(password: str) -> str:
    return running_server().url().replace("segue@", f"locked{password}@")


@pytest.mark.parametrize(
    ("url", "said", "hint"),
    [
        ("postgresql://ann:secret@127.0.0.1:1/runs", "can't be reached", "is it running"),
        ("postgresql://ann:secret@/runs?host=/nowhere", "can't be reached", "is it running"),
        ("postgresql://ann:secret@pg.invalid/runs", "can't be reached", "is it running"),
        ("postgresql://ann:sec@secret/runs@host/runs", "can't be read", "write @ as %40"),
        ("postgresql://ann:sec/secret@host/runs", "can't be read", "write @ as %40"),
        ("postgresql://ann:sec?secret@host/runs", "can't be read", "write @ as %40"),
        ("postgresql:runs", "can't be read", "user@host:5432/database"),
        (":secret", "refuses the user or the password", "PGPASSWORD"),
        ("", "refuses the user or the password", "PGPASSWORD"),
    ],
)
def test_what_can_not_be_used_is_said_with_what_to_do_and_without_the_password(
    shell: Shell, url: str, said: str, hint: str
) -> None:
    if not url.startswith("postgresql"):
        url = locked_out(url)
    assert shell("list", "--db", url) == ExitCode.CANNOT_TELL
    assert said in shell.err
    assert hint in shell.err
    assert "secret" not in shell.err
    assert "Traceback" not in shell.err


def test_a_database_or_a_user_that_is_not_there_is_said(shell: Shell) -> None:
    assert shell("run", "asking.yaml", "--db", running_server().url("nowhere")) == 5
    assert '"nowhere" does not exist' in shell.err
    assert "`createdb` makes one" in shell.err
    assert shell("list", "--db", running_server().url().replace("segue@", "nobody@")) == 5
    assert 'role "nobody" does not exist' in shell.err


def test_a_user_that_may_not_make_the_schema_is_told_what_it_needs(shell: Shell) -> None:
    assert shell("list", "--db", running_server().url("runs").replace("segue@", "guest@")) == 5
    assert "does not let this user do that" in shell.err
    assert "CREATE on the database" in shell.err


def test_without_the_package_the_command_line_says_how_to_get_it(
    shell: Shell, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.store.opening.find_spec", lambda _name: None)
    assert shell("list", "--db", url) == ExitCode.CANNOT_TELL
    assert "pip install 'segue[postgres]'" in shell.err


def test_what_to_type_next_names_the_database_without_its_password(
    shell: Shell, tmp_path: Path
) -> None:
    server = running_server().url("runs", schema=schema_for(tmp_path))
    url = server.replace("segue@", "locked:right-secret@")
    assert shell("run", "asking.yaml", "--exit-on-wait", "--db", url) == ExitCode.WAITING
    assert "segue resume" in shell.err
    assert "postgresql://locked@" in shell.err
    assert "secret" not in shell.err
