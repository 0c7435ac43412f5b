"""`segue prune`: removing executions that are over for long."""

import asyncio
import math
import os
import sys
import time
from collections.abc import Sequence

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION, row_document
from segue.cli.session import db_words, opened
from segue.cli.terminal.amounts import counted
from segue.cli.terminal.glyphs import role_of
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.cli.terminal.table import table_lines
from segue.cli.terminal.terminal import detect
from segue.cli.terminal.times import date_text, iso_text
from segue.core.status import Status
from segue.language.durations import parse_duration
from segue.store.opening import is_server
from segue.store.port import Tree
from segue.values import JsonObject

_HEADS = ("ID", "WORKFLOW", "STATUS", "EXECUTIONS", "EVENTS", "ENDED")
_FINAL = [status.value for status in Status if status.is_final]


@click.command("prune")
@click.option(
    "--older-than",
    metavar="DURATION",
    required=True,
    help="How long nothing may have changed, such as 30d or 12h.",
)
@click.option(
    "--status",
    "statuses",
    type=click.Choice(_FINAL),
    multiple=True,
    metavar="STATUS",
    help="Only those that ended so; may be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and remove nothing.")
@json_option("Print one JSON document.")
@db_option
def command(
    older_than: str,
    statuses: tuple[str, ...],
    dry_run: bool,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Remove executions that ended long ago.

    Their events and output go with them. An execution goes together with its sub-workflows, once
    all of them have ended and none has changed for so long. What goes on, waits or is paused is
    never touched. Engines may work meanwhile.
    """
    before = time.time() - _seconds(older_than)
    chosen = [Status(status) for status in statuses]
    return asyncio.run(_prune(before, chosen, db, dry_run=dry_run, as_json=as_json))


def _seconds(text: str) -> float:
    seconds = parse_duration(text)
    if seconds is None or not math.isfinite(seconds):
        raise Problem(
            f"{text!r} is no duration", hint="write 30d, 12h or 90m; --older-than 0s means all"
        )
    return seconds


async def _prune(
    before: float, statuses: Sequence[Status], db: str | None, *, dry_run: bool, as_json: bool
) -> ExitCode:
    async with opened(db) as engine:
        trees = await engine.prune(before, statuses=statuses, dry_run=dry_run)
    if as_json:
        print_json(pruning_document(trees, before, dry_run=dry_run))
        return ExitCode.SUCCEEDED
    if dry_run and trees:
        terminal = detect(sys.stdout, os.environ)
        print_lines(table_lines(_HEADS, _cells(trees), terminal), sys.stdout, terminal)
    words = _counted(trees) + (" would be removed" if dry_run else " removed")
    lines = [line(Part(words, Role.FAINT))]
    if trees and not dry_run and not is_server(engine.url):
        hint = f"`segue db compact{db_words(db)}` gives the space back to the disk"
        lines.append(line(Part(hint, Role.FAINT)))
    print_lines(lines, sys.stderr)
    return ExitCode.SUCCEEDED


def pruning_document(trees: Sequence[Tree], before: float, *, dry_run: bool) -> JsonObject:
    """Return what `prune --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "dry_run": dry_run,
        "before": None if before < 0 else iso_text(before),
        "executions": sum(tree.executions for tree in trees),
        "events": sum(tree.events for tree in trees),
        "pruned": [
            {**row_document(tree.top), "executions": tree.executions, "events": tree.events}
            for tree in trees
        ],
    }


def _counted(trees: Sequence[Tree]) -> str:
    executions = sum(tree.executions for tree in trees)
    events = sum(tree.events for tree in trees)
    if executions == 0:
        return "nothing"
    below = executions - len(trees)
    kin = f" ({below} of them sub-workflows)" if below else ""
    return f"{counted(executions, 'execution')}{kin} with {counted(events, 'event')}"


def _cells(trees: Sequence[Tree]) -> list[tuple[Part, ...]]:
    return [
        (
            Part(tree.top.id, Role.STRONG),
            Part(printable(tree.top.workflow)),
            Part(tree.top.status.value, role_of(tree.top.status)),
            Part(str(tree.executions)),
            Part(str(tree.events)),
            Part(date_text(tree.top.updated_at)),
        )
        for tree in trees
    ]
