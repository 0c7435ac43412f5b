"""`segue show`: an execution as it is now."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, execution_argument, json_option
from segue.cli.reports.document import execution_document
from segue.cli.reports.reason_lines import Page, lease_lines
from segue.cli.reports.summary import error_lines
from segue.cli.reports.tree import Canvas, draw_tree
from segue.cli.session import db_words, opened
from segue.cli.terminal.glyphs import glyphs_for, role_of
from segue.cli.terminal.output import compact_text, pretty_text, print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.table import table_lines
from segue.cli.terminal.terminal import UNBOUNDED, Terminal, detect
from segue.cli.terminal.times import date_text, duration_text
from segue.cli.watch.nested import draw_below
from segue.cli.watch.progress import Progress
from segue.cli.watch.watching import Watched, catch_up, fetch_logs, progress_of, require_task
from segue.core.reasoning import why_of
from segue.core.view import ExecutionView, TaskView
from segue.values import JsonValue

#: How many visits that count no more are named.
_LISTED = 10

_HEADS = ("VISIT", "STATUS", "ATTEMPTS", "STARTED", "LASTED", "RESULT")


@click.command("show")
@execution_argument
@click.option("--task", metavar="TASK", help="The visits of this task, with their results.")
@json_option("Print the whole execution as one JSON document, as `run --json` does.")
@db_option
def command(
    execution: str,
    task: str | None,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Show an execution: tasks, errors, output.

    ID is an id, any beginning of it that is unique, or @latest.
    """
    return asyncio.run(_show(execution, task, db, as_json=as_json))


async def _show(reference: str, task: str | None, db: str | None, *, as_json: bool) -> ExitCode:
    terminal = detect(sys.stdout, os.environ)
    glyphs = glyphs_for(unicode=terminal.unicode)
    canvas = Canvas(width=terminal.width, height=UNBOUNDED, glyphs=glyphs)
    async with opened(db) as engine:
        execution = await engine.find(reference)
        if task is not None:
            await require_task(engine, execution, task)
        progress = await progress_of(engine, execution)
        watched = Watched(progress)
        await catch_up(engine, watched)
        await fetch_logs(engine, watched)
        explained = await engine.explain(execution)
        progress.known = explained.known
        if as_json:
            progress.children = await engine.children(execution)
        else:
            await draw_below(engine, watched, canvas, explained)
        view = await engine.with_output(progress.view)
    if as_json:
        document = dict(execution_document(view, progress.children))
        if task is not None:
            tasks = document["tasks"]
            assert isinstance(tasks, list)
            document["tasks"] = [one for one in tasks if one["task"] == task]
        print_json(document)
    elif task is not None:
        visits = [one for one in view.tasks if one.task == task]
        print_lines(_visits(visits, terminal, time.time()), sys.stdout, terminal)
    else:
        page = Page(canvas=canvas, now=time.time(), db=db_words(db))
        print_lines(_whole(view, progress, terminal, page), sys.stdout, terminal)
    return ExitCode.SUCCEEDED


def _whole(view: ExecutionView, progress: Progress, terminal: Terminal, page: Page) -> list[Line]:
    canvas, now = page.canvas, page.now
    lines = [*draw_tree(view, now, canvas, progress.aside), *error_lines(view, None)]
    if view.parent is not None:
        lines.append(_fact("runs for", printable(view.parent)))
    lines.append(_fact("started", date_text(view.started_at)))
    if view.finished_at is not None:
        lines.append(_fact("settled", date_text(view.finished_at)))
    if view.settled and view.request is not None and view.request.reason is not None:
        lines.append(_fact("canceled", printable(view.request.reason)))
    if view.reruns:
        lines.append(_fact("reruns", _lineage(view)))
    lines += _value("inputs", view.inputs, terminal)
    if view.settled and view.output is not None:
        lines += _value("output", view.output, terminal)
    return [*lines, *lease_lines(why_of(view, progress.known), page)]


def _visits(visits: Sequence[TaskView], terminal: Terminal, now: float) -> list[Line]:
    glyphs = glyphs_for(unicode=terminal.unicode)
    rerun = any(visit.superseded or visit.again is not None for visit in visits)
    rows = []
    for visit in visits:
        started = visit.started_at
        lasted = "" if started is None else duration_text((visit.finished_at or now) - started)
        result = "" if visit.result is None else printable(compact_text(visit.result))
        rows.append(
            (
                Part(f"{visit.visit:>5}"),
                Part(f"{glyphs.mark(visit.status)} {visit.status}", role_of(visit.status)),
                Part(f"{visit.attempts:>8}"),
                Part("" if started is None else date_text(started)),
                Part(f"{lasted:>7}"),
                *((_rerun_of(visit),) if rerun else ()),
                Part(visit.note or result, Role.FAINT if visit.note else Role.PLAIN),
            )
        )
    heads = (*_HEADS[:-1], "RERUN", _HEADS[-1]) if rerun else _HEADS
    return table_lines(heads, rows, terminal)


def _rerun_of(visit: TaskView) -> Part:
    again = "" if visit.again is None else f"runs #{visit.again} again"
    gone = "counts no more" if visit.superseded else ""
    return Part(", ".join(word for word in (again, gone) if word), Role.FAINT)


def _lineage(view: ExecutionView) -> str:
    """Return how often an execution was run again, and what counts no more for that."""
    gone = [f"{task.task}#{task.visit}" for task in view.tasks if task.superseded]
    return (
        f"{view.reruns}; counts no more: {printable(_listed(gone))}" if gone else f"{view.reruns}"
    )


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_LISTED])
    more = len(names) - _LISTED
    return f"{listed} and {more} more" if more > 0 else listed


def _fact(name: str, text: str) -> Line:
    return line(Part(f"{name:<9}", Role.FAINT), text)


def _value(name: str, value: JsonValue, terminal: Terminal) -> list[Line]:
    """Return a value on one line if it fits there, else indented below its name."""
    text = compact_text(value)
    if len(text) + 9 <= min(terminal.width, 100):
        return [_fact(name, printable(text))]
    return [_fact(name, ""), *(line(f"  {printable(one)}") for one in _lines(value))]


def _lines(value: JsonValue) -> list[str]:
    return pretty_text(value).splitlines()
