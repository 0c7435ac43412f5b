"""Questions to people from the command line: the five situations, and what is no answer."""

import json
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

ALONE = """
segue: 1
name: alone
tasks:
  approve:
    action: core.ask
    input:
      message: Deploy?
      schema: {type: object, properties: {ok: {type: boolean}}, required: [ok]}
      users: [ann]
    next:
      - when: succeeded()
        publish: {ok: "{{ result().response.ok }}", by: "{{ result().by }}"}
        do: after
      - when: failed()
        publish: {by: "{{ result().by }}", why: "{{ result().reason }}"}
        do: refused
  after: {action: core.noop}
  refused: {action: core.noop}
output: {ok: "{{ ctx.ok | default(none) }}", by: "{{ ctx.by }}"}
"""
CONSECUTIVE = """
segue: 1
name: consecutive
tasks:
  first: {action: core.ask,
    next: [{when: succeeded(), publish: {a: "{{ result().response.v }}"}, do: second}]}
  second: {action: core.ask, next: [{when: succeeded(), publish: {b: "{{ result().response.v }}"}}]}
output: {both: "{{ [ctx.a, ctx.b] }}"}
"""
PARALLEL = """
segue: 1
name: parallel
tasks:
  left: {action: core.ask,
    next: [{when: succeeded(), publish: {a: "{{ result().response.v }}"}, do: both}]}
  right: {action: core.ask,
    next: [{when: succeeded(), publish: {b: "{{ result().response.v }}"}, do: both}]}
  both: {join: all, action: core.noop}
output: {both: "{{ [ctx.a, ctx.b] }}"}
"""
NESTED = """
segue: 1
name: nested
tasks:
  call: {action: alone, next: [{when: succeeded(), publish: {out: "{{ result().output }}"}}]}
output: {out: "{{ ctx.out }}"}
"""
SIBLING = """
segue: 1
name: sibling
tasks:
  ask: {action: core.ask, next: [{when: succeeded(), do: end}]}
  work: {action: core.echo, input: {message: done},
    next: [{when: succeeded(), publish: {w: "{{ result() }}"}, do: more}]}
  more: {action: core.noop}
  end: {action: core.noop}
output: {w: "{{ ctx.w }}"}
"""
EXPIRING = """
segue: 1
name: expiring
tasks:
  ask: {action: core.ask, timeout: 0.05,
    next: [{when: timed_out(), publish: {late: true}, do: noop}]}
output: {late: "{{ ctx.late }}"}
"""
ITEMS = """
segue: 1
name: items
tasks:
  ask:
    with: {items: [ann, bob], as: who}
    action: core.ask
    input: {users: ["{{ item('who') }}"]}
    next: [{when: succeeded(), publish: {all: "{{ result() | map(attribute='by') | list }}"}}]
output: {all: "{{ ctx.all }}"}
"""

STACKSTORM = """
version: 1.0
tasks:
  ask:
    action: core.ask
    input:
      route: developers
      schema:
        type: object
        properties:
          second_factor: {type: string, description: The code on your phone, required: True}
    next: [{when: <% succeeded() %>, publish: [{code: <% result().response.second_factor %>}]}]
output: [{code: <% ctx().code %>}]
"""
ATTUNE = """
ref: demo.approval
parameters: {who: {type: string}}
tasks:
  - name: ask
    action: core.ask
    input:
      prompt: Deploy?
      assigned_to: "{{ parameters.who }}"
      response_schema:
        approved: {type: boolean, required: true}
        note: {type: string}
    next: [{when: "{{ result().response.approved }}", publish: [{ok: true}]}]
output_map: {ok: "{{ workflow.ok }}"}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    texts = (ALONE, CONSECUTIVE, PARALLEL, NESTED, SIBLING, EXPIRING, ITEMS)
    for text in texts:
        name = text.split("name: ")[1].split("\n")[0]
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "stackstorm.yaml").write_text(STACKSTORM)
    (tmp_path / "attune.yaml").write_text(ATTUNE)
    (tmp_path / "segue.toml").write_text(
        'db = "runs.db"\nworkflows = "."\nshutdown_grace_seconds = 0\n'
    )
    return Shell(capsys)


def waits(shell: Shell, name: str) -> None:
    assert shell("run", name, "--exit-on-wait", "-q") == ExitCode.WAITING


def carry_on(shell: Shell, *words: str) -> object:
    """Answer, go on here, and return the output."""
    assert shell("answer", *words, "--carry-on", "-q") == ExitCode.SUCCEEDED, shell.err
    return json.loads(shell.out)


def test_alone_the_execution_is_pending_until_somebody_answers(shell: Shell) -> None:
    waits(shell, "alone")
    [row] = shell.rows("list --children", "executions")
    assert row["status"] == "pending"
    [question] = shell.rows("inbox", "questions")
    assert (question["message"], question["users"]) == ("Deploy?", ["ann"])
    assert carry_on(shell, "@latest", "ok=true", "--as", "ann") == {"ok": True, "by": "ann"}
    assert shell.rows("inbox", "questions") == []


def test_consecutive_questions_are_asked_one_after_the_other(shell: Shell) -> None:
    waits(shell, "consecutive")
    assert shell("answer", "@latest/first", "v=1", "--no-carry-on", "-q") == ExitCode.SUCCEEDED
    assert shell("resume", "@latest", "--exit-on-wait", "-q") == ExitCode.WAITING
    assert [one["task"] for one in shell.rows("inbox", "questions")] == ["second"]
    assert carry_on(shell, "@latest", "v=2") == {"both": [1, 2]}


def test_parallel_questions_are_told_apart_by_their_task(shell: Shell) -> None:
    waits(shell, "parallel")
    assert shell("answer", "@latest", "v=1") == ExitCode.USAGE
    assert "2 open questions" in shell.err
    assert shell("answer", "@latest/right", "v=2", "--no-carry-on", "-q") == ExitCode.SUCCEEDED
    assert carry_on(shell, "@latest/left", "v=1") == {"both": [1, 2]}


def test_a_question_in_a_sub_workflow_has_its_parent_wait(shell: Shell) -> None:
    waits(shell, "nested")
    rows = {row["workflow"]: row for row in shell.rows("list --children", "executions")}
    assert {name: row["status"] for name, row in rows.items()} == {
        "nested": "pending",
        "alone": "pending",
    }
    child, parent = str(rows["alone"]["id"]), str(rows["nested"]["id"])
    answer = ("answer", child, "ok=true", "--as", "ann", "--no-carry-on", "-q")
    assert shell(*answer) == ExitCode.SUCCEEDED, shell.err
    assert shell("resume", parent, "-q") == ExitCode.SUCCEEDED, shell.err
    assert json.loads(shell.out) == {"out": {"ok": True, "by": "ann"}}


def test_a_sibling_of_a_question_goes_on_meanwhile(shell: Shell) -> None:
    waits(shell, "sibling")
    document = shell.document("show", "@latest", "--json")
    tasks = document["tasks"]
    assert isinstance(tasks, list)
    assert {task["task"]: task["status"] for task in tasks} == {
        "ask": "pending",
        "work": "succeeded",
        "more": "succeeded",
    }
    assert carry_on(shell, "@latest") == {"w": "done"}


def test_what_does_not_fit_the_schema_is_no_answer(shell: Shell) -> None:
    waits(shell, "alone")
    assert shell("answer", "@latest", "ok=maybe", "--as", "ann") == ExitCode.USAGE
    assert "`ok`" in shell.err
    assert len(shell.rows("inbox", "questions")) == 1


def test_what_is_wrong_with_a_whole_answer_is_told_of_that_option(shell: Shell) -> None:
    waits(shell, "alone")
    for whole, said in (
        ("[1]", "--answer is not a JSON object"),
        ("{", "--answer is not JSON"),
        ("@gone.json", "can't read --answer from 'gone.json'"),
    ):
        assert shell("answer", "@latest", "--answer", whole, "--as", "ann") == ExitCode.USAGE
        assert said in shell.err


def test_only_those_who_may_answer_can(shell: Shell) -> None:
    waits(shell, "alone")
    assert shell("answer", "@latest", "ok=true", "--as", "bob") == ExitCode.USAGE
    assert "these may: ann" in shell.err
    assert shell("reject", "@latest", "--as", "bob") == ExitCode.USAGE


def test_a_rejected_question_is_a_failure_that_a_transition_can_deal_with(shell: Shell) -> None:
    waits(shell, "alone")
    words = ("reject", "@latest", "--as", "ann", "--reason", "not today", "--carry-on", "-q")
    assert shell(*words) == ExitCode.SUCCEEDED, shell.err
    assert json.loads(shell.out) == {"ok": None, "by": "ann"}


def test_a_question_is_answered_once(shell: Shell) -> None:
    waits(shell, "alone")
    assert shell("answer", "@latest", "ok=true", "--as", "ann", "-q") == ExitCode.SUCCEEDED
    assert shell("answer", "@latest", "ok=true", "--as", "ann") == ExitCode.USAGE
    assert "no open question" in shell.err


def test_without_a_living_engine_answer_says_how_to_carry_on(shell: Shell) -> None:
    waits(shell, "alone")
    assert shell("answer", "@latest", "ok=true", "--as", "ann") == ExitCode.SUCCEEDED
    assert "no living engine has the execution: carry on with segue resume" in shell.err


def test_an_answer_lets_no_paused_execution_go_on(shell: Shell) -> None:
    waits(shell, "alone")
    assert shell("pause", "@latest") == ExitCode.SUCCEEDED
    words = ("answer", "@latest", "ok=true", "--as", "ann", "--carry-on")
    assert shell(*words) == ExitCode.SUCCEEDED
    assert "is answered; the execution is paused: go on with segue resume" in shell.err
    assert shell("resume", "@latest", "-q") == ExitCode.SUCCEEDED
    assert json.loads(shell.out) == {"ok": True, "by": "ann"}


def test_the_timeout_of_a_question_is_a_transition(shell: Shell) -> None:
    assert shell("run", "expiring", "-q") == ExitCode.SUCCEEDED, shell.err
    assert json.loads(shell.out) == {"late": True}


def test_each_item_may_be_a_question_of_its_own(shell: Shell) -> None:
    waits(shell, "items")
    assert [one["item"] for one in shell.rows("inbox", "questions")] == [0, 1]
    first = ("answer", "@latest/ask[1]", "--as", "bob", "--no-carry-on", "-q")
    assert shell(*first) == ExitCode.SUCCEEDED, shell.err
    assert carry_on(shell, "@latest/ask[0]", "--as", "ann") == {"all": ["ann", "bob"]}


def test_stackstorm_says_beside_each_property_what_an_answer_must_have(shell: Shell) -> None:
    waits(shell, "stackstorm")
    assert shell("inbox") == 0
    assert "The code on your phone" in shell.out
    assert shell("answer", "@latest", "code=12") == ExitCode.USAGE
    assert '"second_factor" is a required property' in shell.err
    assert carry_on(shell, "@latest", "second_factor=12") == {"code": "12"}


def test_attune_has_words_of_its_own_for_a_question(shell: Shell) -> None:
    assert shell("run", "attune", "-i", "who=ann", "--exit-on-wait", "-q") == ExitCode.WAITING
    assert shell("inbox", "--for", "ann") == 0
    assert "Deploy?" in shell.out
    assert shell("answer", "@latest", "approved=maybe", "--as", "ann") == ExitCode.USAGE
    assert '"maybe" is not of type "boolean"' in shell.err
    assert shell("answer", "@latest", "approved=true", "--as", "bob") == ExitCode.USAGE
    assert carry_on(shell, "@latest", "approved=true", "--as", "ann") == {"ok": True}
