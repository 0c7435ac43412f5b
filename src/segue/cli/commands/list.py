"""`segue list`: executions, the newest first."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import MAX_NUMBER, db_option, json_option
from segue.cli.reports.document import SCHEMA_VERSION, row_document
from segue.cli.session import opened
from segue.cli.terminal.glyphs import glyphs_for, role_of
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.table import table_lines
from segue.cli.terminal.terminal import Terminal, detect
from segue.cli.terminal.times import date_text, duration_text
from segue.core.status import Status
from segue.store.port import ExecutionRow

_HEADS = ("ID", "WORKFLOW", "STATUS", "EVENTS", "STARTED", "LASTED")


@click.command("list")
@click.option(
    "--status",
    type=click.Choice([status.value for status in Status]),
    metavar="STATUS",
    help="Only those with this status.",
)
@click.option("--workflow", metavar="NAME", help="Only those of this workflow.")
@click.option("--children", is_flag=True, help="Sub-workflows, too.")
@click.option("--parent", metavar="ID", help="Only the sub-workflows of this execution.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="How many to show at most.",
)
@json_option("Print one JSON document.")
@db_option
def command(  # noqa: PLR0917 (one parameter for each option)
    status: str | None,
    workflow: str | None,
    children: bool,  # noqa: FBT001 (click's)
    parent: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """List executions, the newest first.

    Those that run for another one, as sub-workflows, are left out.
    """
    wanted = _Wanted(
        status=None if status is None else Status(status),
        workflow=workflow,
        parent=parent,
        top=not children and parent is None,
    )
    return asyncio.run(_list(wanted, min(limit, MAX_NUMBER), db, as_json=as_json))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What was asked for."""

    status: Status | None
    workflow: str | None
    parent: str | None
    top: bool


async def _list(wanted: _Wanted, limit: int, db: str | None, *, as_json: bool) -> ExitCode:
    status, workflow, top = wanted.status, wanted.workflow, wanted.top
    async with opened(db) as engine:
        parent = None if wanted.parent is None else await engine.find(wanted.parent)
        store = engine.store
        rows = await store.list_executions(
            status=status, workflow=workflow, parent=parent, top=top, limit=limit
        )
        total, all_of_them = [
            await store.count_executions(status=status, workflow=workflow, parent=parent, top=one)
            for one in (top, False)
        ]
    if as_json:
        print_json(
            {
                "schema_version": SCHEMA_VERSION,
                "total": total,
                "executions": [row_document(row) for row in rows],
            }
        )
        return ExitCode.SUCCEEDED
    terminal = detect(sys.stdout, os.environ)
    lines = _table(rows, terminal, time.time()) if rows else []
    print_lines(lines, sys.stdout, terminal)
    words = f"showing {len(rows)} of {total}"
    if all_of_them > total:
        words += f"; {all_of_them - total} sub-workflows with --children"
    counted = line(Part(words, Role.FAINT))
    print_lines([counted], sys.stderr)
    return ExitCode.SUCCEEDED


def _table(rows: Sequence[ExecutionRow], terminal: Terminal, now: float) -> list[Line]:
    glyphs = glyphs_for(unicode=terminal.unicode)
    cells = []
    for row in rows:
        lasted = duration_text((row.updated_at if row.settled else now) - row.created_at)
        cells.append(
            (
                Part(row.id),
                Part(printable(row.workflow), Role.STRONG),
                Part(f"{glyphs.mark(row.status)} {row.status}", role_of(row.status)),
                Part(f"{row.seq:>6}"),
                Part(date_text(row.created_at)),
                Part(f"{lasted:>7}"),
            )
        )
    return table_lines(_HEADS, cells, terminal)
