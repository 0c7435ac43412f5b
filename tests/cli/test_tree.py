"""The tree as people see it. Golden files are renewed with SEGUE_RENEW_GOLDEN=1; look at them."""

# ruff: noqa: RUF001 (the sign of multiplication is meant)

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from rich.cells import cell_len

from segue.cli.reports.rows import Aside
from segue.cli.reports.tree import Canvas, draw_overview, draw_tree
from segue.cli.terminal.glyphs import ASCII, UNICODE, Glyphs
from segue.core.reasoning import Known
from segue.core.reasons import Parked
from segue.core.status import Status
from segue.core.view import ErrorView, ExecutionView, ItemsView, JoinView, RequestView, TaskView

BEGAN = 1_800_000_000.0
NOW = BEGAN + 10
GOLDEN = Path(__file__).parent / "golden"


def task(
    name: str,
    visit: int = 1,
    status: Status = Status.SUCCEEDED,
    *,
    attempts: int = 1,
    started: float | None = 0,
    finished: float | None = None,
    due: float | None = None,
    waiting_for: str | None = None,
    note: str | None = None,
    action: str | None = None,
) -> TaskView:
    if finished is None and status.is_final:
        finished = 1.2
    return TaskView(
        task=name,
        visit=visit,
        status=status,
        attempts=attempts,
        result=None,
        scheduled_at=BEGAN,
        started_at=None if started is None else BEGAN + started,
        finished_at=None if finished is None else BEGAN + finished,
        due=None if due is None else BEGAN + due,
        waiting_for=waiting_for,
        note=note,
        action=action,
    )


def execution(
    *tasks: TaskView,
    status: Status = Status.RUNNING,
    joins: Sequence[JoinView] = (),
    errors: Sequence[ErrorView] = (),
    settled: bool = False,
    finished: float | None = None,
) -> ExecutionView:
    return ExecutionView(
        id="01kq2m8x7d3f",
        workflow="release",
        definition="abc",
        status=status,
        settled=settled,
        inputs={},
        output=None,
        errors=tuple(errors),
        tasks=tasks,
        joins=tuple(joins),
        started_at=BEGAN,
        finished_at=None if finished is None else BEGAN + finished,
        seq=40,
    )


def error(name: str, visit: int = 1, *, handled: bool = False) -> ErrorView:
    return ErrorView(
        code="action_failed",
        message="the command exited with 3",
        task=name,
        visit=visit,
        handled=handled,
    )


BUSY = execution(
    task("checkout"),
    task("build", finished=75),
    *(task("probe", visit) for visit in range(1, 7)),
    task("probe", 7, Status.RUNNING, started=9, attempts=2, action="core.http"),
    task("poll", 1, Status.RETRYING, due=17.3),
    task("later", 1, Status.DELAYED, started=None, attempts=0, due=14),
    task("deploy", 1, Status.FAILED, finished=3),
    task("report", note="no `when` held: the branch ended here"),
    task("next", 1, Status.SCHEDULED, started=None, attempts=0),
    joins=(JoinView(join="join_ci", key=3, arrived=("a",), missing=("integration",), needed=2),),
    errors=(error("deploy"),),
)
ASIDE = Aside(
    known=Known(tries={"probe": 4}),
    logs={("deploy", 1): ("connecting to the database", "fatal: no route to host")},
)


def drawn(
    view: ExecutionView,
    *,
    width: int = 100,
    height: int = 40,
    glyphs: Glyphs = UNICODE,
    now: float = NOW,
    aside: Aside = ASIDE,
) -> list[str]:
    canvas = Canvas(width=width, height=height, glyphs=glyphs, moving=True)
    return [line.plain for line in draw_tree(view, now, canvas, aside)]


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_busy_execution_looks_as_it_was_approved(width: int, glyphs: Glyphs) -> None:
    kind = "unicode" if glyphs is UNICODE else "ascii"
    text = "\n".join(drawn(BUSY, width=width, glyphs=glyphs)) + "\n"
    path = GOLDEN / f"tree-{kind}-{width}.txt"
    if os.environ.get("SEGUE_RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"the tree changed: look at it, renew {path}"


@pytest.mark.parametrize("width", [20, 33, 60, 100])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    wide = execution(task("目" * 30), task("a" * 200, note="x" * 200))
    for view in (BUSY, wide):
        for text in drawn(view, width=width):
            assert cell_len(text) <= width, text


def test_ascii_tree_has_no_other_character() -> None:
    for text in drawn(BUSY, glyphs=ASCII):
        assert text.isascii(), text


@pytest.mark.parametrize("height", [2, 3, 5, 8, 12])
def test_tree_folds_to_the_height_of_the_screen(height: int) -> None:
    lines = drawn(BUSY, height=height)
    assert len(lines) <= height, "\n".join(lines)


def test_what_is_finished_is_folded_before_what_runs() -> None:
    lines = drawn(BUSY, height=7)
    assert lines[1:] == [
        "├ … 4 tasks: 3 succeeded, 1 failed",
        "├ ⠋ probe    running    ×7   1.0s  core.http · attempt 2/4",
        "├ ◌ poll     retrying              retry 2 at 08:00:17 (8s)",
        "├ ◌ later    delayed               delay until 08:00:14 (4s)",
        "├ ◌ next     scheduled             waits for its turn",
        "└ ◌ join_ci  waiting               join 1/2, waits for integration · a arrived",
    ]


def test_output_of_failed_tasks_gives_way_first() -> None:
    lines = drawn(BUSY, height=11)
    assert not any("fatal" in text for text in lines), "\n".join(lines)
    assert any("the command exited with 3" in text for text in lines)


def test_a_loop_is_one_line() -> None:
    visits = [task("probe", visit) for visit in range(1, 20_001)]
    lines = drawn(execution(*visits), aside=Aside())
    assert lines[1:] == ["└ ✓ probe  succeeded  ×20000   1.2s"]


def test_visit_that_is_active_is_shown_rather_than_the_latest() -> None:
    view = execution(task("each", 1, Status.RUNNING), task("each", 2), task("each", 3))
    assert drawn(view, aside=Aside())[1:] == ["└ ⠋ each  running    ×3  10.0s"]


def test_split_says_how_many_visits_are_active() -> None:
    view = execution(
        task("each", 1, Status.RUNNING),
        task("each", 2, Status.RUNNING, started=4),
        task("each", 3, Status.RETRYING, due=12),
    )
    assert drawn(view, aside=Aside())[1:] == [
        "└ ⠋ each  running    ×3   6.0s  2 running · 1 retrying"
    ]


def test_earlier_failures_of_a_loop_stay_visible() -> None:
    view = execution(
        task("each", 1, Status.FAILED), task("each", 2, Status.FAILED), task("each", 3)
    )
    assert drawn(view)[1:] == ["└ ✓ each  succeeded  ×3   1.2s  2 of 3 failed"]


def test_items_that_failed_are_told_of_a_task_that_succeeded_all_the_same() -> None:
    items = ItemsView(
        total=3, succeeded=2, failed=1, canceled=0, running=0, pending=0, failures=((0, "boom"),)
    )
    each = structs.replace(task("each"), items=items)
    assert drawn(execution(each))[1:] == [
        "└ ✓ each  succeeded   1.2s  1 of 3 items failed; the first: boom"
    ]


def test_failed_task_shows_its_error_and_what_it_printed_last() -> None:
    view = execution(
        task("deploy", 1, Status.FAILED),
        status=Status.FAILED,
        errors=(error("deploy"),),
        settled=True,
        finished=3,
    )
    assert drawn(view) == [
        "release  01kq2m8x7d3f  ✗ failed  3.0s",
        "└ ✗ deploy  failed      1.2s",
        "    the command exited with 3",
        "    │ connecting to the database",
        "    │ fatal: no route to host",
    ]


def test_status_that_is_final_before_all_has_ended_says_so() -> None:
    view = execution(task("slow", 1, Status.RUNNING), status=Status.FAILED)
    assert drawn(view)[0] == "release  01kq2m8x7d3f  ✗ failed (what runs is let finish)  10.0s"


def test_names_and_messages_cannot_reach_the_terminal() -> None:
    view = execution(task("a\x1b[2J\nb", note="x\x07\u202e"))
    assert drawn(view)[1] == r"└ ✓ a\x1b[2J b  succeeded   1.2s  x\x07\u202e"


def test_round_of_a_join_that_waits_is_shown_beside_its_last_visit() -> None:
    waits = JoinView(join="both", key=9, arrived=("b", "c"), missing=("a",), needed=3)
    view = execution(task("both"), joins=(waits,))
    row = "└ ✓ both  succeeded   1.2s  join 2/3, waits for a · b and c arrived"
    assert drawn(view)[1:] == [row]


def test_why_the_execution_as_a_whole_stands_still_is_told_below_its_name() -> None:
    asked = RequestView(at=BEGAN, reason="lunch")
    paused = msgspec.structs.replace(execution(status=Status.PAUSED), request=asked)
    parked = Parked(problem="it is broken", since=BEGAN, lease=None)
    assert drawn(paused, aside=Aside(known=Known(parked=parked)))[1:] == [
        "  it could not go on: it is broken · the next engine that takes it tries again",
        "  it is paused (lunch)",
    ]


def test_what_runs_turns() -> None:
    view = execution(task("slow", 1, Status.RUNNING))
    marks = {drawn(view, now=NOW + tenth / 10)[1][2] for tenth in range(10)}
    assert len(marks) == 10, marks


def test_waits_count_down_in_whole_seconds() -> None:
    view = execution(task("poll", 1, Status.DELAYED, started=None, due=100))
    assert "delay until 08:01:40 (1m 30s)" in drawn(view)[1]
    assert "delay until 08:01:40 (1s)" in drawn(view, now=BEGAN + 99.5)[1]
    assert "delay until 08:01:40 (due)" in drawn(view, now=BEGAN + 101)[1]


def test_handled_failure_is_told_in_one_line() -> None:
    view = execution(task("deploy", 1, Status.FAILED), errors=(error("deploy", handled=True),))
    assert drawn(view)[1:] == [
        "└ ✗ deploy  failed      1.2s",
        "    handled: the command exited with 3",
    ]


def test_several_executions_are_a_line_each_and_settled_ones_give_way() -> None:
    busy = execution(task("probe", 1, Status.RUNNING), task("poll", 1, Status.RETRYING, due=12))
    done = execution(task("probe"), status=Status.SUCCEEDED, settled=True, finished=3)
    views = [structs.replace(done, id="a"), structs.replace(busy, id="b")]
    canvas = Canvas(width=100, height=40, glyphs=UNICODE)
    assert [line.plain for line in draw_overview(views, NOW, canvas)] == [
        "release  a  ✓ succeeded  3.0s",
        "release  b  ● running  10.0s  probe running · poll retrying",
    ]
    low = Canvas(width=100, height=2, glyphs=UNICODE)
    assert [line.plain for line in draw_overview(views, NOW, low)] == [
        "release  b  ● running  10.0s  probe running · poll retrying",
        "… and 1 more",
    ]
