"""The commands, from the words typed to what is printed, on real databases."""

import contextlib
import json
import logging
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode

LOOP = """
segue: 1
name: count
input:
  turns: {type: integer, default: 3}
  label: {type: string, default: x}
vars: {seen: 0}
tasks:
  begin: {action: core.noop, next: [{do: turn}]}
  turn:
    action: core.echo
    input: {message: "{{ ctx.label }} {{ ctx.seen }}"}
    next:
      - when: ctx.seen + 1 >= ctx.turns
        do: say
      - publish: {seen: "{{ ctx.seen + 1 }}"}
        do: turn
  say:
    action: core.local
    input: {cmd: "echo first; echo second >&2"}
output: {seen: "{{ ctx.seen }}", label: "{{ ctx.label }}"}
"""
FAILING = """
segue: 1
name: failing
tasks:
  deploy:
    action: core.local
    input: {cmd: "echo connecting; exit 3"}
"""
DELAYED = """
segue: 1
name: delayed
tasks:
  now: {action: core.noop, next: [{do: later}]}
  later: {action: core.noop, delay: 1h}
"""
SLOW = """
segue: 1
name: slow
limits: {duration: 0.2}
tasks:
  wait: {action: core.sleep, input: {seconds: 100}}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    files: Mapping[str, str] = {
        "count.yaml": LOOP,
        "failing.yaml": FAILING,
        "delayed.yaml": DELAYED,
        "slow.yaml": SLOW,
        "segue.toml": 'db = "runs.db"\nworkflows = "."\nshutdown_grace_seconds = 0\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return Shell(capsys)


def latest(shell: Shell) -> str:
    listed = shell.document("list", "--json", "--limit", "1")["executions"]
    assert isinstance(listed, list)
    identifier: str = listed[0]["id"]
    return identifier


# -- run ---------------------------------------------------------------------------------------


def test_run_prints_the_output_on_stdout_and_progress_on_stderr(shell: Shell) -> None:
    assert shell("run", "count.yaml", "-i", "turns=2", "-i", "label=5") == 0
    assert json.loads(shell.out) == {"seen": 1, "label": "5"}
    assert "turn#2 succeeded" in shell.err
    assert "\x1b" not in shell.err, "no codes where there is no terminal"


def test_run_finds_a_workflow_by_its_name(shell: Shell) -> None:
    assert shell("run", "count") == 0


def test_run_quietly_says_nothing_but_the_output(shell: Shell) -> None:
    assert shell("run", "count", "-q") == 0
    assert not shell.err
    assert json.loads(shell.out) == {"seen": 2, "label": "x"}


def test_what_functions_print_does_not_get_into_the_data(shell: Shell) -> None:
    Path("loud.py").write_text("def shout():\n    print('hey')\n    return 1\n")
    text = "segue: 1\nname: loud\ntasks: {a: {action: 'loud:shout', delay: DELAY}}\n"
    for delay in ("0", "20ms"):
        Path("loud.yaml").write_text(text.replace("DELAY", delay))
        assert shell.document("run", "loud", "--json")["status"] == "succeeded"
        assert "hey\n" in shell.err
    Path("loud.yaml").write_text(text.replace("DELAY", "200ms"))
    assert shell("run", "loud", "--exit-on-wait") == ExitCode.WAITING
    assert shell.document("resume", latest(shell), "--json")["status"] == "succeeded"
    assert "hey\n" in shell.err


def test_what_is_logged_while_nobody_watches_has_no_traceback(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging, "lastResort", None)
    assert shell("run", "count", "-q") == 0
    handler: logging.Handler | None = logging.lastResort
    assert handler is not None
    reason = (ValueError, ValueError("x"), None)
    handler.handle(logging.LogRecord("segue", logging.ERROR, "f", 1, "it broke", (), reason))
    assert capsys.readouterr().err == "error: it broke\n"


def test_numbers_beyond_all_bounds_are_taken_for_the_greatest(shell: Shell) -> None:
    assert shell("run", "count", "-q") == 0
    assert shell("list", "--limit", "9" * 30) == 0
    assert "showing 1 of 1" in shell.err
    assert shell("events", "@latest", "--after", "9" * 30) == 0
    assert not shell.out


def test_run_as_json_prints_exactly_one_document_of_the_documented_shape(shell: Shell) -> None:
    document = shell.document("run", "count", "--json")
    assert document["schema_version"] == 1
    assert document["workflow"] == "count"
    assert (document["status"], document["settled"]) == ("succeeded", True)
    assert document["inputs"] == {"turns": 3, "label": "x"}
    assert document["output"] == {"seen": 2, "label": "x"}
    assert document["errors"] == []
    tasks = document["tasks"]
    assert isinstance(tasks, list)
    assert [(one["task"], one["visit"]) for one in tasks] == [
        ("begin", 1),
        ("turn", 1),
        ("turn", 2),
        ("turn", 3),
        ("say", 1),
    ]
    assert {"status", "attempts", "result", "started_at", "finished_at"} <= set(tasks[0])
    assert tasks[0]["started_at"].endswith("Z")


def test_run_can_begin_at_a_given_task(shell: Shell) -> None:
    document = shell.document("run", "count", "--start", "say", "--json")
    tasks = document["tasks"]
    assert isinstance(tasks, list)
    assert [one["task"] for one in tasks] == ["say"]


def test_failed_run_exits_with_1_and_says_where_to_look(shell: Shell) -> None:
    assert shell("run", "failing.yaml") == ExitCode.FAILED
    assert not shell.out
    assert "deploy#1 failed" in shell.err
    told = shell.err
    name = latest(shell)
    assert f"more: segue show {name}  segue logs {name} deploy" in told
    document = shell.document("show", name, "--json")
    assert document["errors"] == [
        {
            "code": "command_failed",
            "message": "the command ended with code 3",
            "task": "deploy",
            "visit": 1,
            "handled": False,
        }
    ]


def test_run_that_takes_too_long_exits_with_124(shell: Shell) -> None:
    assert shell("run", "slow.yaml") == ExitCode.TIMED_OUT


def test_exit_on_wait_ends_with_4_when_only_a_delay_is_left(shell: Shell) -> None:
    assert shell("run", "delayed.yaml", "--exit-on-wait") == ExitCode.WAITING
    assert "only waits: go on with segue resume" in shell.err
    document = shell.document("show", "@latest", "--json")
    assert (document["status"], document["settled"]) == ("running", False)


@pytest.mark.parametrize(
    "tasks",
    [
        "a: {action: core.noop, delay: 1h}",
        "a: {action: core.local, input: {cmd: exit 1}, retry: {count: 1, delay: 1h}}",
        "a: {action: core.noop, next: [{do: [b, fail]}]}\n  b: {action: core.ask}",
    ],
)
def test_exit_on_wait_ends_with_4_when_sub_workflows_do_nothing_but_wait(
    shell: Shell, tasks: str
) -> None:
    Path("child.yaml").write_text(f"segue: 1\ntasks:\n  {tasks}\n", "utf-8")
    calls = "{with: [1, 2], action: ./child.yaml}"
    Path("parent.yaml").write_text(f"segue: 1\ntasks:\n  call: {calls}\n", "utf-8")

    assert shell("run", "parent.yaml", "--exit-on-wait") == ExitCode.WAITING
    assert "only waits: go on with segue resume" in shell.err


def test_memory_keeps_nothing_and_proposes_nothing(shell: Shell) -> None:
    assert shell("run", "failing.yaml", "--db", ":memory:") == ExitCode.FAILED
    assert "segue show" not in shell.err
    assert not Path("runs.db").exists()


def test_other_database_is_named_in_what_is_proposed(shell: Shell) -> None:
    assert shell("run", "failing.yaml", "--db", "my runs.db") == ExitCode.FAILED
    assert "--db 'my runs.db'" in shell.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["run", "gone.yaml"], "error: there is no file gone.yaml"),
        (["run", "count", "-i", "turns=many"], "error: the input `turns`"),
        (["run", "count", "-i", "other=1"], "other"),
        (["run", "count", "--start", "nowhere"], "error: there is no task 'nowhere'"),
        (["run", "count", "--inputs", "@gone.json"], "error: can't read --inputs"),
        (["run"], "error: missing argument"),
    ],
)
def test_mistakes_of_the_user_are_told_in_a_line_and_nothing_is_begun(
    shell: Shell, words: list[str], text: str
) -> None:
    assert shell(*words) == ExitCode.USAGE
    assert text in shell.err
    assert "Traceback" not in shell.err
    shell("list")
    assert "showing 0 of 0" in shell.err or "there is no database" in shell.err


def test_wrong_file_shows_its_findings_in_their_places(shell: Shell) -> None:
    Path("bad.yaml").write_text("segue: 1\ntasks:\n  a: {acton: core.noop}\n")
    assert shell("run", "bad.yaml") == ExitCode.USAGE
    assert "--> bad.yaml:3:7" in shell.err
    assert "error: bad.yaml has an error" in shell.err


def test_warnings_of_a_file_are_told_and_do_not_hinder(shell: Shell) -> None:
    text = "segue: 1\ntasks:\n  a: {action: core.local, input: {cmd: 'true'}, next: [{do: b}]}\n"
    text += "  b: {action: core.noop}\n"
    Path("warned.yaml").write_text(text)
    assert shell("run", "warned.yaml") == 0
    assert shell.err.startswith("warning[SEG"), shell.err
    assert "(warned.yaml:3:" in shell.err


# -- looking -----------------------------------------------------------------------------------


def test_list_says_how_many_there_are_and_shows_the_newest_first(shell: Shell) -> None:
    shell("run", "count", "-q")
    shell("run", "failing", "-q")
    shell("list", "--limit", "1")
    assert "showing 1 of 2" in shell.err
    head, row = shell.out.splitlines()
    assert head.split() == ["ID", "WORKFLOW", "STATUS", "EVENTS", "STARTED", "LASTED"]
    assert row.split()[1:4] == ["failing", "✗", "failed"]
    shell("list", "--status", "succeeded")
    assert "showing 1 of 1" in shell.err
    document = shell.document("list", "--workflow", "count", "--json")
    assert document["total"] == 1


def test_show_draws_the_tree_with_inputs_and_output(shell: Shell) -> None:
    shell("run", "count", "-q")
    assert shell("show", latest(shell)[:6]) == 0
    assert "├ ✓ turn   succeeded  ×3" in shell.out  # noqa: RUF001
    assert 'output   {"seen":2,"label":"x"}' in shell.out


def test_show_of_what_no_engine_has_says_how_to_go_on(shell: Shell) -> None:
    shell("run", "delayed", "--exit-on-wait", "-q")
    name = latest(shell)
    shell("show", "@latest")
    assert f"no living engine has it; go on with segue resume {name}" in shell.out


def test_show_of_one_task_lists_its_visits(shell: Shell) -> None:
    shell("run", "count", "-q")
    shell("show", "@latest", "--task", "turn")
    head, *rows = shell.out.splitlines()
    assert head.split()[:2] == ["VISIT", "STATUS"]
    assert [row.split()[-2:] for row in rows] == [['"x', '0"'], ['"x', '1"'], ['"x', '2"']]


def test_run_and_show_print_the_same_document(shell: Shell) -> None:
    assert shell.document("run", "count", "--json") == shell.document("show", "@latest", "--json")


def test_events_are_gapless_and_one_document_a_line(shell: Shell) -> None:
    shell("run", "count", "-q")
    shell("events", "@latest", "--json")
    events = [json.loads(text) for text in shell.out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "execution_started"
    assert set(events[0]) == {"seq", "type", "at", "data"}
    assert set(events[1]) == {"seq", "type", "at", "task", "visit", "data"}
    shell("events", "@latest", "--after", str(len(events) - 1))
    (last,) = shell.out.splitlines()
    assert "execution_settled" in last


def test_follow_of_what_has_ended_ends(shell: Shell) -> None:
    shell("run", "count", "-q")
    assert shell("events", "@latest", "--follow") == 0
    assert "execution_settled" in shell.out
    assert shell("logs", "@latest", "--follow") == 0
    assert sorted(shell.out.splitlines()) == ["say#1.1 ! second", "say#1.1 | first"]


def test_logs_of_one_attempt_are_printed_as_they_were(shell: Shell) -> None:
    shell("run", "count", "-q")
    assert shell("logs", "@latest") == 0
    assert sorted(shell.out.splitlines()) == ["first", "second"]


def test_logs_of_several_attempts_say_whose_they_are(shell: Shell) -> None:
    text = FAILING + "    retry: {count: 1, delay: 0}\n"
    Path("again.yaml").write_text(text)
    shell("run", "again.yaml", "-q")
    assert shell("logs", "@latest", "deploy") == 0
    assert shell.out.splitlines() == ["deploy#1.1 | connecting", "deploy#1.2 | connecting"]
    shell("logs", "@latest", "--json")
    first, second = (json.loads(line) for line in shell.out.splitlines())
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert set(first) == {"task", "visit", "attempt", "stream", "at", "text"}


@pytest.mark.parametrize("command", ["show", "events", "logs", "cancel", "resume"])
def test_unknown_execution_is_not_found(shell: Shell, command: str) -> None:
    shell("run", "count", "-q")
    assert shell(command, "zzzz") == ExitCode.NOT_FOUND
    assert "error: there is no execution zzzz\nhint: `segue list` shows them" in shell.err


def test_unknown_task_says_which_one_may_be_meant(shell: Shell) -> None:
    shell("run", "count", "-q")
    for words in (["logs", "@latest", "trun"], ["show", "@latest", "--task", "trun"]):
        assert shell(*words) == ExitCode.NOT_FOUND
        assert "did you mean 'turn'?" in shell.err


def test_ambiguous_beginning_lists_the_candidates(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["abcdef000001", "abcdef000002"])
    monkeypatch.setattr("segue.runtime.engine.new_id", lambda: next(names))
    shell("run", "count", "-q")
    shell("run", "count", "-q")
    assert shell("show", "abc") == ExitCode.USAGE
    assert "abcdef000001, abcdef000002" in shell.err


def test_database_that_was_named_and_is_not_there_is_out_of_reach(shell: Shell) -> None:
    assert shell("list", "--db", "gone.db") == ExitCode.CANNOT_TELL
    assert not Path("gone.db").exists(), "looking makes no database"


def test_file_that_is_no_database_is_out_of_reach(shell: Shell) -> None:
    Path("text.db").write_text("not a database, and long enough to be read as one" * 99)
    assert shell("list", "--db", "text.db") == ExitCode.CANNOT_TELL
    assert shell.err.startswith("error: ")


def test_nothing_run_yet_is_nothing_to_see(shell: Shell) -> None:
    Path("segue.toml").unlink()
    assert shell("list") == 0
    assert "showing 0 of 0" in shell.err
    assert shell("show", "@latest") == ExitCode.NOT_FOUND


def test_wrong_configuration_names_everything_that_is_wrong(shell: Shell) -> None:
    Path("segue.toml").write_text("dbb = 1\nheartbeat_seconds = 0\n")
    assert shell("list") == ExitCode.USAGE
    assert "did you mean `db`" in shell.err
    assert "heartbeat_seconds" in shell.err


# -- moving ------------------------------------------------------------------------------------


def test_cancel_ends_what_waits_and_a_second_one_does_nothing(shell: Shell) -> None:
    shell("run", "delayed", "--exit-on-wait", "-q")
    assert shell("cancel", "@latest", "--reason", "wrong host") == 0
    assert "is canceled" in shell.err
    shell("show", "@latest")
    assert "canceled wrong host\n" in shell.out
    request = shell.document("show", "@latest", "--json")["request"]
    assert isinstance(request, dict)
    assert request["reason"] == "wrong host"
    assert shell("cancel", "@latest") == 0
    assert "was canceled before: nothing to do" in shell.err
    shell("events", "@latest")
    assert "wrong host" in shell.out
    document = shell.document("cancel", "@latest", "--json")
    assert (document["status"], document["changed"]) == ("canceled", False)


def test_cancel_of_what_has_failed_ends_the_rest_and_says_so(shell: Shell) -> None:
    told = "a: {action: core.local, input: {cmd: exit 1}, next: [{do: [fail, b]}]}"
    Path("told.yaml").write_text(f"segue: 1\ntasks:\n  {told}\n  b: {{delay: 1h}}\n", "utf-8")
    for as_json in (False, True):
        assert shell("run", "told.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING
        assert shell("cancel", "@latest", *(["--json"] if as_json else [])) == 0
        if as_json:
            document = json.loads(shell.out)
            assert (document["status"], document["changed"]) == ("failed", True)
        else:
            assert "is failed: what was left of it is ended" in shell.err


def test_cancel_of_what_has_ended_is_refused(shell: Shell) -> None:
    shell("run", "count", "-q")
    assert shell("cancel", "@latest") == ExitCode.USAGE
    assert "error: " in shell.err


def test_resume_goes_on_with_what_was_left(shell: Shell) -> None:
    text = DELAYED.replace("1h", "0.3s")
    Path("soon.yaml").write_text(text)
    assert shell("run", "soon.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING
    assert shell("resume", latest(shell)) == 0
    assert "resuming" in shell.err
    assert "now#1" not in shell.err, "what happened before is not told again"
    assert "later#1 succeeded" in shell.err
    assert shell("resume", "@latest") == 0
    assert "nothing to resume" in shell.err
    assert shell("resume") == 0
    assert "nothing to resume: no execution waits" in shell.err


def test_resume_takes_all_that_was_left(shell: Shell) -> None:
    text = DELAYED.replace("1h", "0.3s")
    Path("soon.yaml").write_text(text)
    for _ in range(2):
        shell("run", "soon.yaml", "--exit-on-wait", "-q")
    document = shell.document("resume", "--json")
    executions = document["executions"]
    assert isinstance(executions, list)
    assert [one["status"] for one in executions] == ["succeeded", "succeeded"]
    empty = shell.document("resume", "--json")
    assert empty["executions"] == []


def test_resume_tells_of_each_execution_that_cannot_go_on(shell: Shell) -> None:
    Path("soon.yaml").write_text(DELAYED.replace("1h", "0.3s"))
    for _ in range(3):
        shell("run", "soon.yaml", "--exit-on-wait", "-q")
    damaged = [str(row["id"]) for row in shell.rows("list", "executions")][:2]
    with contextlib.closing(sqlite3.connect("runs.db")) as connection, connection:
        for one in damaged:
            connection.execute(
                "UPDATE events SET data = x'7b7d' WHERE seq = 2 AND execution = ?", [one]
            )
    assert shell("resume") == ExitCode.CANNOT_TELL
    for one in damaged:
        assert (
            shell.err.count(f"error: Event 2 of execution {one} (task_scheduled) can't be") == 1
        ), shell.err
    states = {row["id"]: row["status"] for row in shell.rows("list", "executions")}
    assert [states[one] for one in states if one not in damaged] == ["succeeded"]


def test_resume_can_stop_at_waiting_again(shell: Shell) -> None:
    shell("run", "delayed", "--exit-on-wait", "-q")
    assert shell("resume", "--exit-on-wait") == ExitCode.WAITING


# -- doctor ------------------------------------------------------------------------------------


def test_doctor_tells_what_there_is(shell: Shell) -> None:
    assert shell("doctor") == 0
    assert "it does not exist yet" in shell.out
    shell("run", "count", "-q")
    assert shell("doctor") == 0
    assert "1 executions" in shell.out or "1 execution," in shell.out
    assert "all is well" in shell.out
    document = shell.document("doctor", "--json")
    assert document["well"] is True
    versions = document["versions"]
    assert isinstance(versions, dict)
    assert {"segue", "python", "sqlite", "apsw", "yaql", "jinja2"} <= set(versions)


def test_doctor_of_a_damaged_database_says_so(shell: Shell) -> None:
    Path("runs.db").write_text("not a database, and long enough to be read as one" * 99)
    assert shell("doctor") == ExitCode.CANNOT_TELL
    assert "problem: " in shell.out


def test_run_quietly_tells_what_went_wrong(shell: Shell) -> None:
    assert shell("run", "failing", "-q") == ExitCode.FAILED
    assert "error[" in shell.err
