"""`segue why`: the reasons of an execution in words and as data."""

import json
from pathlib import Path

import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode
from segue.cli.reports.reason_data import why_document
from segue.cli.reports.reason_lines import Page, why_lines
from segue.cli.reports.reason_words import notes_of
from segue.cli.reports.tree import Canvas
from segue.cli.terminal.glyphs import UNICODE
from segue.core import reasons as r
from segue.core.status import Status

NOW = 1_800_000_000.0
LEASE = r.Lease(engine="e", process=7, host="h", heard_at=NOW - 6, until=NOW + 4, late=True)
CHILD = r.SubWorkflow(execution="x2", workflow="below", status=None)
ASKED = r.Wait(task="a", visit=1, status=Status.PENDING, reason=r.Turn(held_back=False))
SAID: list[tuple[r.Reason, str]] = [
    (r.Turn(held_back=False), "waits for its turn"),
    (r.Turn(held_back=True), "waits for the execution to go on"),
    (r.Delay(until=NOW + 90), "delay until 08:01:30 (1m 30s)"),
    (r.Delay(until=NOW + 200_000), "delay until 2027-01-17 15:33:20 (2d 07h)"),
    (r.Retry(attempt=2, tries=3, until=NOW + 4.2), "retry 2/3 at 08:00:04 (5s)"),
    (r.Running(action="core.http", attempt=1, tries=None, since=NOW - 3), "core.http"),
    (r.Running(action=None, attempt=2, tries=None, since=None), "attempt 2"),
    (r.Running(action="a", attempt=1, tries=3, since=None), "a · attempt 1/3"),
    (r.Reported(action="a", status=Status.PAUSED, since=None), "a is paused"),
    (r.Ending(action="a", since=None), "a was asked to end"),
    (r.Answer(question="x/a#1.1", users=(), until=None), "waits for an answer"),
    (
        r.Answer(question="x/a#1.1", users=("ann", "bob", "cy"), until=NOW + 60),
        "waits for an answer of ann, bob or cy until 08:01:00 (1m 00s)",
    ),
    (
        r.Items(total=9, running=3, left=4, pending=1, ending=False, since=None),
        "3 of 9 items run · 1 of them waits for people · 4 are left",
    ),
    (
        r.Items(total=9, running=3, left=0, pending=0, ending=True, since=None),
        "3 of 9 items are being ended",
    ),
    (CHILD, "below · it begins just now"),
    (r.SubWorkflow(execution="x2", workflow="below", status=Status.RUNNING), "below"),
    (
        r.SubWorkflow(execution="x2", workflow="below", status=Status.FAILED),
        "below · it has ended, and this task learns of it next",
    ),
    (
        r.SubWorkflow(execution="x2", workflow="below", status=Status.FAILED, waits=(ASKED,)),
        "below",
    ),
    (r.Delay(until=NOW - 5), "delay until 07:59:55 (due)"),
    (
        r.Arrivals(arrived=("a", "b"), missing=("c",), needed=3, more=1),
        "join 2/3, waits for c · a and b arrived",
    ),
    (
        r.Arrivals(arrived=("a",), missing=("b", "c"), needed=2, more=1),
        "join 1/2, waits for 1 of b or c · a arrived",
    ),
    (r.Arrivals(arrived=("a",), missing=(), needed=2, more=1), "join 1/2 · a arrived"),
    (r.Arrivals(arrived=(), missing=(), needed=0, more=None), "join: nothing arrived"),
    (r.Begin(), "it was requested and has not begun"),
    (
        r.Pausing(reason="lunch", since=None, running=2),
        "it was asked to pause (lunch): 2 tasks must finish first",
    ),
    (r.Paused(reason=None, since=None), "it is paused"),
    (
        r.Canceling(reason=None, since=None, running=1),
        "it was asked to cancel: one task must end first",
    ),
    (
        r.Finishing(status=Status.FAILED, running=0),
        "it ends failed: what runs finishes first",
    ),
    (
        r.Nothing(),
        "it waits for nothing that is kept, which must not be: a defect of Segue, or damage",
    ),
    (r.Parked(problem="it is broken", since=None, lease=None), "it can't go on: it is broken"),
    (
        r.Parked(problem="it is broken", since=NOW - 60, lease=None),
        "it could not go on: it is broken · the next engine that takes it tries again",
    ),
    (
        r.Parked(problem="it is broken", since=NOW - 60, lease=LEASE),
        "it can't go on: it is broken · process 7 on h leaves it alone until it is restarted",
    ),
    (r.Unheld(was=r.Turn(held_back=False)), "waits for its turn · no living engine has it"),
    (
        r.Late(was=r.Turn(held_back=False), lease=LEASE),
        "waits for its turn · its engine was last heard 6.0s ago, and is lost after 08:00:04",
    ),
]


@pytest.mark.parametrize(("reason", "words"), SAID, ids=lambda one: str(one)[:40])
def test_a_reason_in_words(reason: r.Reason, words: str) -> None:
    assert " · ".join(notes_of(reason, NOW)) == words


def test_every_kind_of_reason_has_its_words() -> None:
    kinds = {type(reason) for reason, _ in SAID}
    assert kinds == set(r.Reason.__subclasses__())


def why(*waits: r.Wait, status: Status = Status.RUNNING) -> r.Why:
    return r.Why(
        execution="x1",
        workflow="w",
        status=status,
        settled=False,
        started_at=NOW - 10,
        finished_at=None,
        failure=None,
        waits=waits,
        leases=(LEASE,),
    )


def wait(reason: r.Reason, task: str | None = "t") -> r.Wait:
    return r.Wait(task=task, visit=1 if task else None, status=Status.RUNNING, reason=reason)


def lines(*waits: r.Wait, db: str = "") -> list[str]:
    canvas = Canvas(width=200, height=100, glyphs=UNICODE)
    return [one.plain for one in why_lines(why(*waits), Page(canvas=canvas, now=NOW, db=db))]


def test_the_command_that_helps_stands_below_and_finds_the_database() -> None:
    items = r.Items(
        total=3,
        running=3,
        left=0,
        pending=2,
        ending=False,
        since=None,
        questions=("x1/t#1.1[0]",),
        workflows=(CHILD,),
    )
    assert lines(wait(r.Unheld(was=items)), db=" --db my.db")[2:-1] == [
        "      segue answer 'x1/t#1.1[0]' --db my.db",
        "      segue inbox x1 --db my.db",
        "      below  x2  ◌ requested",
        "      … and 2 more: segue list --parent x1 --db my.db",
    ]
    assert lines(wait(r.Paused(reason=None, since=None), None))[2] == "      segue resume x1"
    assert lines(wait(r.Nothing(), None))[2] == "      segue verify x1"


def test_names_can_do_nothing_to_the_terminal() -> None:
    running = r.Running(action="\x1b[31m", attempt=1, tries=None, since=None)
    for text in lines(wait(running, "a\x1b]0;x\x07"), wait(CHILD)):
        assert text.isprintable()


def test_instants_in_the_document_are_iso_all_the_way_down() -> None:
    child = r.SubWorkflow(
        execution="x2",
        workflow="below",
        status=Status.RUNNING,
        waits=(wait(r.Late(was=r.Delay(until=NOW), lease=LEASE)),),
    )
    document = json.loads(json.dumps(why_document(why(wait(child)))))
    below = document["waits"][0]["reason"]["waits"][0]["reason"]
    assert below["was"] == {"kind": "delay", "until": "2027-01-15T08:00:00.000000Z"}
    assert below["lease"]["heard_at"] == "2027-01-15T07:59:54.000000Z"


ASKING = """
segue: 1
name: asking
tasks:
  a: {action: core.noop, next: [{do: c}]}
  b: {action: core.ask, input: {users: [ann]}, next: [{do: c}]}
  c: {join: all, action: core.noop}
"""

OUTER = """
segue: 1
name: outer
tasks:
  call: {action: asking}
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asking.yaml").write_text(ASKING)
    (tmp_path / "outer.yaml").write_text(OUTER)
    (tmp_path / "segue.toml").write_text(
        'db = "runs.db"\nworkflows = "."\nshutdown_grace_seconds = 0\n'
    )
    return Shell(capsys)


def test_show_and_why_say_the_same(shell: Shell) -> None:
    assert shell("run", "asking.yaml", "--exit-on-wait", "-q") == ExitCode.WAITING
    assert shell("why", "@latest") == ExitCode.SUCCEEDED
    told = shell.out
    shell("show", "@latest")
    for words in (
        "waits for an answer of ann · no living engine has it",
        "join 1/2, waits for b · a arrived",
        "no living engine has it; go on with segue resume ",
    ):
        assert words in told
        assert words in shell.out
    [asked, join] = shell.rows("why @latest", "waits")
    assert (asked["task"], join["task"]) == ("b", "c")


def test_sub_workflows_have_their_reasons_below_in_show_and_in_why(shell: Shell) -> None:
    assert shell("run", "outer", "--exit-on-wait", "-q") == ExitCode.WAITING
    [outer] = shell.rows("list", "executions")
    for command in ("why", "show"):
        assert shell(command, str(outer["id"])) == ExitCode.SUCCEEDED
        assert "waits for an answer of ann · no living engine has it" in shell.out
        assert "join 1/2, waits for b · a arrived" in shell.out


def test_of_what_has_ended_it_tells_how(shell: Shell) -> None:
    shell("run", "asking.yaml", "--exit-on-wait", "-q")
    shell("answer", "@latest", "--as", "ann", "--carry-on", "-q")
    assert shell("why", "@latest") == ExitCode.SUCCEEDED
    assert "it has ended at " in shell.out
    assert shell.out.endswith(": succeeded\n")
    assert shell.rows("why @latest", "waits") == []


def test_an_unknown_execution_is_not_found(shell: Shell) -> None:
    shell("run", "asking.yaml", "--exit-on-wait", "-q")
    assert shell("why", "nonsense") == ExitCode.NOT_FOUND
    assert "error:" in shell.err
