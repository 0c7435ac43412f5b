"""`segue list`: executions, the newest first."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

import click

from segue.cli.document import SCHEMA_VERSION, row_document
from segue.cli.exit_codes import ExitCode
from segue.cli.glyphs import glyphs_for, role_of
from segue.cli.options import MAX_NUMBER, db_option, json_option
from segue.cli.output import print_json, print_lines
from segue.cli.session import opened
from segue.cli.styled import Line, Part, Role, line, printable
from segue.cli.table import table_lines
from segue.cli.terminal import Terminal, detect
from segue.cli.times import date_text, duration_text
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
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="How many to show at most.",
)
@json_option("Print one JSON document.")
@db_option
def command(
    status: str | None,
    workflow: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """List executions, the newest first."""
    wanted = None if status is None else Status(status)
    return asyncio.run(_list(wanted, workflow, min(limit, MAX_NUMBER), db, as_json=as_json))


async def _list(
    status: Status | None, workflow: str | None, limit: int, db: str | None, *, as_json: bool
) -> ExitCode:
    async with opened(db) as engine:
        rows = await engine.list(status=status, workflow=workflow, limit=limit)
        total = await engine.store.count_executions(status=status, workflow=workflow)
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
    counted = line(Part(f"showing {len(rows)} of {total}", Role.FAINT))
    print_lines([counted], sys.stderr, detect(sys.stderr, os.environ))
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
