"""Sub-workflows on the command line: listed, drawn, asked about and gone on with."""

import json
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

TOP = """
segue: 1
name: top
tasks:
  call: {action: ./middle.yaml,
    next: [{when: succeeded(), publish: {v: "{{ result().output.v }}"}}]}
  each: {with: {items: [1, 2]}, action: ./leaf.yaml}
output: {v: "{{ ctx.v }}"}
"""
MIDDLE = """
segue: 1
name: middle
tasks:
  call: {action: ./bottom.yaml,
    next: [{when: succeeded(), publish: {v: "{{ result().output.v }}"}}]}
output: {v: "{{ ctx.v }}"}
"""
BOTTOM = """
segue: 1
name: bottom
tasks:
  ask: {action: core.ask, input: {message: Which?}, next: [{when: succeeded(), do: end}]}
  end: {action: core.noop}
output: {v: "{{ 5 }}"}
"""
LEAF = """
segue: 1
name: leaf
tasks: {a: {action: core.noop}}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    for text in (TOP, MIDDLE, BOTTOM, LEAF):
        (tmp_path / f"{text.split('name: ')[1].split()[0]}.yaml").write_text(text)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\nshutdown_grace_seconds = 0\n')
    shell = Shell(capsys)
    assert shell("run", "top.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING, shell.err
    return shell


def ids(shell: Shell) -> dict[str, str]:
    rows = shell.rows("list --children", "executions")
    return {str(row["workflow"]): str(row["id"]) for row in rows}


def test_a_list_is_without_sub_workflows_and_says_so(shell: Shell) -> None:
    assert [row["workflow"] for row in shell.rows("list", "executions")] == ["top"]
    assert shell("list") == ExitCode.SUCCEEDED
    assert shell.err == "showing 1 of 1; 4 sub-workflows with --children\n"
    rows = shell.rows("list --children", "executions")
    assert [row["parent"] is None for row in rows].count(True) == 1
    below = shell.rows(f"list --parent {ids(shell)['middle']}", "executions")
    assert [(row["workflow"], row["parent"]) for row in below] == [
        ("bottom", f"{ids(shell)['middle']}/call#1.1")
    ]


def test_the_latest_execution_is_the_one_that_was_asked_for(shell: Shell) -> None:
    assert shell.document("show", "@latest", "--json")["workflow"] == "top"


def test_a_tree_has_the_trees_of_sub_workflows_in_it(shell: Shell) -> None:
    known = ids(shell)
    assert shell("show", "@latest") == ExitCode.SUCCEEDED
    named = [line.split() for line in shell.out.splitlines()]
    assert [words[1] for words in named if known.get(words[1]) in words] == ["middle", "bottom"]
    places = [shell.out.index(word) for word in ("call", "middle", "bottom", "each", "leaf")]
    assert places == sorted(places), "each stands below the task that it runs for"
    assert shell("show", known["bottom"]) == ExitCode.SUCCEEDED
    assert f"runs for {known['middle']}/call#1.1" in shell.out


def test_the_whole_document_names_its_sub_workflows(shell: Shell) -> None:
    document = shell.document("show", "@latest", "--json")
    children = document["children"]
    assert isinstance(children, list)
    assert document["parent"] is None
    assert [(one["workflow"], one["task"], one["item"], one["status"]) for one in children] == [
        ("middle", "call", None, "pending"),
        ("leaf", "each", 0, "succeeded"),
        ("leaf", "each", 1, "succeeded"),
    ]
    middle = shell.document("show", ids(shell)["middle"], "--json")
    assert middle["parent"] == f"{document['id']}/call#1.1"


def test_a_question_below_is_one_of_the_execution(shell: Shell) -> None:
    known = ids(shell)
    [question] = shell.rows("inbox @latest", "questions")
    assert question["execution"] == known["bottom"]
    code = shell("answer", "@latest", "x=1", "--no-carry-on")
    assert code == ExitCode.SUCCEEDED, shell.err
    assert f"carry on with segue resume {known['top']}" in shell.err
    assert shell.rows("inbox", "questions") == []


def test_to_carry_on_is_to_carry_on_with_all_of_it(shell: Shell) -> None:
    assert shell("answer", "@latest/ask", "x=1", "--carry-on", "-q") == ExitCode.SUCCEEDED
    assert json.loads(shell.out) == {"v": 5}
    rows = shell.rows("list --children", "executions")
    assert {row["status"] for row in rows} == {"succeeded"}


def test_what_is_resumed_is_told_of_from_the_top(shell: Shell) -> None:
    top = ids(shell)["top"]
    assert shell("resume", "--exit-on-wait") == ExitCode.WAITING
    assert f"resuming {top}\n" in shell.err
    documents = shell.document("resume", "--exit-on-wait", "--json")["executions"]
    assert isinstance(documents, list)
    assert [one["workflow"] for one in documents] == ["top"]
    assert len(documents[0]["children"]) == 3
