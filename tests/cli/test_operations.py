"""Pause, resume and rerun from the command line, of nested sub-workflows too."""

import json
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

FLAKY = """
segue: 1
name: flaky
input: {code: {type: integer, default: 3}}
vars: {tries: 0}
tasks:
  before: {action: core.echo, input: {message: ready},
    next: [{when: succeeded(), do: [break, other]}]}
  break:
    action: core.local
    input: {cmd: "exit {{ ctx.code }}"}
    next: [{when: succeeded(), do: both}]
  other: {action: core.noop, next: [{when: succeeded(), do: both}]}
  both: {join: all, action: core.echo, input: {message: together}}
output: {code: "{{ ctx.code }}"}
"""
TOP = """
segue: 1
name: top
tasks:
  call: {action: middle, next: [{when: succeeded(), publish: {v: "{{ result().output.v }}"}}]}
output: {v: "{{ ctx.v }}"}
"""
MIDDLE = """
segue: 1
name: middle
tasks:
  call: {action: bottom, next: [{when: succeeded(), publish: {v: "{{ result().output.v }}"}}]}
output: {v: "{{ ctx.v }}"}
"""
BOTTOM = """
segue: 1
name: bottom
tasks:
  ask: {action: core.ask,
    next: [{when: succeeded(), publish: {v: "{{ result().response.v }}"}, do: end}]}
  end: {action: core.noop}
output: {v: "{{ ctx.v }}"}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    for text in (FLAKY, TOP, MIDDLE, BOTTOM):
        (tmp_path / f"{text.split('name: ')[1].split()[0]}.yaml").write_text(text)
    (tmp_path / "segue.toml").write_text(
        'db = "runs.db"\nworkflows = "."\nshutdown_grace_seconds = 0\n'
    )
    return Shell(capsys)


def statuses(shell: Shell) -> dict[str, str]:
    return {
        str(row["workflow"]): str(row["status"])
        for row in shell.rows("list --children", "executions")
    }


def id_of(shell: Shell, workflow: str) -> str:
    [found] = [
        str(row["id"])
        for row in shell.rows("list --children", "executions")
        if row["workflow"] == workflow
    ]
    return found


def test_what_failed_is_run_again_with_another_input_and_joins_fire(shell: Shell) -> None:
    assert shell("run", "flaky", "-q") == ExitCode.FAILED
    assert shell("rerun", "@latest", "-i", "code=0", "-q") == ExitCode.SUCCEEDED, shell.err
    assert json.loads(shell.out) == {"code": 0}
    document = shell.document("show", "@latest", "--json")
    tasks = document["tasks"]
    assert isinstance(tasks, list)
    assert [(task["task"], task["visit"], task["again"], task["superseded"]) for task in tasks] == [
        ("before", 1, None, False),
        ("break", 1, None, True),
        ("other", 1, None, False),
        ("break", 2, 1, False),
        ("both", 1, None, False),
    ]
    assert document["reruns"] == 1
    assert document["errors"] == []


def test_what_runs_again_is_told_and_not_what_ran_before_and_its_lineage_is_shown(
    shell: Shell,
) -> None:
    shell("run", "flaky", "-q")
    assert shell("rerun", "@latest", "-i", "code=0") == ExitCode.SUCCEEDED
    assert "before#1" not in shell.err
    assert "break#2 succeeded" in shell.err
    assert shell("show", "@latest") == 0
    assert "reruns   1; counts no more: break#1" in shell.out
    assert shell("show", "@latest", "--task", "break") == 0
    assert "counts no more" in shell.out
    assert "runs #1 again" in shell.out


def test_a_dry_run_says_what_would_be_run_again_and_does_nothing(shell: Shell) -> None:
    shell("run", "flaky", "-i", "code=0", "-q")
    plan = shell.document("rerun", "@latest", "--from", "break", "--dry-run", "--json")
    assert plan["targets"] == [{"task": "break", "visit": 1, "items": None}]
    assert plan["superseded"] == [{"task": "both", "visit": 1}, {"task": "break", "visit": 1}]
    assert shell("rerun", "@latest", "--from", "break#1", "--dry-run") == ExitCode.SUCCEEDED
    assert "both#1" in shell.out
    assert shell.document("show", "@latest", "--json")["reruns"] == 0


def test_a_dry_run_tells_which_items_would_be_run_again(shell: Shell) -> None:
    """The list is as it was, whatever inputs are changed, unless all of it is run again."""
    Path("each.yaml").write_text(
        "segue: 1\ninput: {codes: {default: [0, 7, 0]}}\n"
        "tasks:\n  each:\n    with: {items: '{{ ctx.codes }}', on_item_failure: continue}\n"
        "    action: core.local\n    input: {cmd: 'exit {{ item() }}'}\n",
        "utf-8",
    )
    assert shell("run", "each.yaml", "-q") == ExitCode.FAILED
    again = ["rerun", "@latest", "-i", "codes=[0]", "--dry-run"]
    assert shell(*again) == ExitCode.SUCCEEDED
    assert "run again      each#1 (1 of 3 items)\n" in shell.out
    plan = shell.document(*again, "--json")
    assert plan["targets"] == [{"task": "each", "visit": 1, "items": [1]}]
    assert shell(*again, "--reset-items") == ExitCode.SUCCEEDED
    assert "run again      each#1\n" in shell.out


def test_a_dry_run_is_refused_where_the_rerun_is(shell: Shell) -> None:
    Path("later.yaml").write_text("segue: 1\ntasks:\n  a: {delay: 1h}\n", "utf-8")
    assert shell("run", "later.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING
    for more in ([], ["--dry-run"]):
        assert shell("rerun", "@latest", "--from-start", *more) == ExitCode.USAGE
        assert "can't be run again: it is running" in shell.err


def test_all_of_it_is_run_again_from_the_start(shell: Shell) -> None:
    shell("run", "flaky", "-q")
    assert shell("rerun", "@latest", "--from-start", "-i", "code=0", "-q") == ExitCode.SUCCEEDED
    tasks = shell.document("show", "@latest", "--json")["tasks"]
    assert isinstance(tasks, list)
    assert [task["visit"] for task in tasks if task["task"] == "before"] == [1, 2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "nowhere"), "`nowhere` was never run"),
        (("--from", "break#7"), "no visit 7"),
        (("-i", "code=abc"), "the input `code` is not what it must be"),
        (("-i", "cod=1"), "the workflow has no input `cod`"),
        (("--from", "break", "--from-start"), "can't be given together"),
    ],
)
def test_an_impossible_rerun_is_refused_with_the_reason(
    shell: Shell, words: tuple[str, ...], said: str
) -> None:
    shell("run", "flaky", "-q")
    assert shell("rerun", "@latest", *words) == ExitCode.USAGE
    assert said in shell.err


def test_there_is_nothing_to_run_again_of_what_succeeded(shell: Shell) -> None:
    shell("run", "flaky", "-i", "code=0", "-q")
    assert shell("rerun", "@latest") == ExitCode.USAGE
    assert "nothing failed" in shell.err


def test_what_has_ended_can_not_be_paused(shell: Shell) -> None:
    shell("run", "flaky", "-i", "code=0", "-q")
    assert shell("pause", "@latest") == ExitCode.USAGE
    assert "it is succeeded" in shell.err


def test_nested_sub_workflows_are_paused_and_go_on_together(shell: Shell) -> None:
    assert shell("run", "top", "--exit-on-wait", "-q") == ExitCode.WAITING
    top = id_of(shell, "top")
    assert shell("pause", top) == ExitCode.SUCCEEDED
    assert shell.document("pause", top, "--json")["changed"] is False
    # Nobody has it: who comes next brings the pause to those below.
    assert shell("resume", id_of(shell, "bottom"), "--exit-on-wait", "-q") == ExitCode.WAITING
    assert statuses(shell)["top"] == "paused"
    bottom = id_of(shell, "bottom")
    assert shell("answer", bottom, "v=5", "--no-carry-on", "-q") == ExitCode.SUCCEEDED, shell.err
    assert shell("resume", top, "-q") == ExitCode.SUCCEEDED, shell.err
    assert json.loads(shell.out) == {"v": 5}
    assert set(statuses(shell).values()) == {"succeeded"}


def test_nested_sub_workflows_are_canceled_together(shell: Shell) -> None:
    assert shell("run", "top", "--exit-on-wait", "-q") == ExitCode.WAITING
    assert shell("cancel", id_of(shell, "top")) == ExitCode.SUCCEEDED, shell.err
    assert set(statuses(shell).values()) == {"canceled"}
    assert shell.rows("inbox", "questions") == []


def test_a_paused_execution_is_not_taken_for_one_that_is_stuck(shell: Shell) -> None:
    assert shell("run", "top", "--exit-on-wait", "-q") == ExitCode.WAITING
    shell("pause", id_of(shell, "bottom"))
    assert shell("resume", "--exit-on-wait", "-q") == ExitCode.WAITING, shell.err


def test_what_fails_while_it_is_taken_up_is_gone_on_with_although_it_was_paused(
    shell: Shell,
) -> None:
    Path("taken.yaml").write_text(
        "segue: 1\ntasks:\n  a: {action: nowhere:nothing}\n"
        "  b: {action: core.local, input: {cmd: echo done > done}}\n"
    )
    assert shell("run", "taken", "--detach", "-q") == ExitCode.SUCCEEDED
    assert shell("pause", "@latest") == ExitCode.SUCCEEDED
    assert shell("resume", "@latest") == ExitCode.FAILED, shell.err
    assert "can't be resumed" not in shell.err
    assert Path("done").read_text() == "done\n"
