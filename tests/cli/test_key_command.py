"""`segue key`: what is typed, printed, and found by workflows afterwards."""

import io
import json
import sys
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

READING = """
version: 1.0
tasks:
  greet:
    action: core.echo message=<% st2kv('system.host') %>
    next: [{publish: [{text: <% result() %>}]}]
output: [{text: <% ctx().text %>}, {limits: "{{ key('limits', default=none) }}"}]
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reading.yaml").write_text(READING)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\n')
    return Shell(capsys)


def test_a_key_that_is_set_is_read_by_a_workflow(shell: Shell) -> None:
    assert shell("key", "set", "system.host", "web-1") == 0
    assert (shell.out, shell.err) == ("", "system.host is set\n")
    assert shell("key", "set", "--json", "limits", '{"cpu": 2}') == 0

    assert shell("run", "reading.yaml", "-q") == 0
    assert json.loads(shell.out) == {"text": "web-1", "limits": {"cpu": 2}}


def test_a_workflow_that_reads_a_key_which_is_not_there_says_so(shell: Shell) -> None:
    assert shell("run", "reading.yaml") == ExitCode.FAILED
    assert "there is no key 'system.host' in the key store" in shell.err


def test_get_prints_text_as_it_is_and_anything_else_as_json(shell: Shell) -> None:
    shell("key", "set", "text", "two\nlines\x1b[0m")
    shell("key", "set", "number", "7")
    shell("key", "set", "limits", '{"cpu": [1, 2]}', "--json")
    assert shell("key", "get", "text") == 0
    assert shell.out == "two\nlines\x1b[0m\n"
    assert shell("key", "get", "number") == 0
    assert shell.out == "7\n"
    assert shell("key", "get", "number", "--json") == 0
    assert json.loads(shell.out)["value"] == "7", "it was set as text"
    assert shell("key", "get", "limits") == 0
    assert json.loads(shell.out) == {"cpu": [1, 2]}


def test_a_terminal_gets_nothing_that_it_would_take_for_a_command(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("key", "set", "text", "red\x1b[31m")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert shell("key", "get", "text") == 0
    assert shell.out == "red\\x1b[31m\n"


def test_a_value_comes_from_stdin_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    typed("é\nb\n".encode())
    assert shell("key", "set", "text", "-") == 0
    shell("key", "get", "text")
    assert shell.out == "é\nb\n"
    typed(b"[1]\r\n")
    assert shell("key", "set", "list", "-", "--json") == 0
    shell("key", "get", "list")
    assert json.loads(shell.out) == [1]
    typed(b"\xff")
    assert shell("key", "set", "text", "-") == ExitCode.USAGE
    assert "not text in UTF-8" in shell.err


def test_keys_are_listed_with_their_values(shell: Shell) -> None:
    shell("key", "set", "system.host", "web-1")
    assert shell("key", "list", "nobody") == 0
    assert (shell.out, shell.err) == ("", "no keys\n")
    shell("key", "set", "--json", "limits", '{"cpu": 2}')
    assert shell("key", "list") == 0
    head, first, second = shell.out.splitlines()
    assert head.split() == ["NAME", "SET", "VALUE"]
    assert (first.split()[0], first.split()[-1]) == ("limits", '{"cpu":2}')
    assert (second.split()[0], second.split()[-1]) == ("system.host", "web-1")
    assert shell.err == "2 keys\n"
    assert shell("key", "list", "system.", "--json") == 0
    document = json.loads(shell.out)
    assert document["schema_version"] == 1
    [only] = document["keys"]
    assert (only["name"], only["value"]) == ("system.host", "web-1")


def test_to_delete_a_key_again_does_nothing_more(shell: Shell) -> None:
    shell("key", "set", "a", "1")
    assert shell("key", "delete", "a") == 0
    assert shell.err == "a is deleted\n"
    assert shell("key", "delete", "a") == 0
    assert shell.err == "there is no key 'a': nothing to do\n"
    assert shell("key", "get", "a") == ExitCode.NOT_FOUND
    assert "there is no key 'a'" in shell.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["set", "a", "{", "--json"], "VALUE is not JSON"),
        (["set", "a", "null", "--json"], "is null"),
        (["set", " ", "1"], "can't be the name of a key"),
        (["set", "a", "1", "--db", ":memory:"], "keeps nothing"),
        (["get", "a", "--db", "nowhere.db"], "there is no database"),
        (["list", "--db", "nowhere.db"], ""),
        (["set", "a"], "VALUE"),
        (["gte", "a"], "gte"),
    ],
)
def test_what_can_not_be_is_refused(shell: Shell, words: list[str], message: str) -> None:
    code = shell("key", *words)

    assert code == (ExitCode.CANNOT_TELL if "nowhere.db" in words else ExitCode.USAGE)
    assert message in shell.err
    assert "Traceback" not in shell.err


def test_help_says_what_there_is(shell: Shell) -> None:
    assert shell("key", "--help") == 0
    for name in ("set", "get", "list", "delete"):
        assert f"  {name} " in shell.out
