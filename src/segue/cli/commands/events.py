"""`segue events`: the log of an execution."""

import asyncio
import os
import sys

import click
import msgspec

from segue.cli.exit_codes import ExitCode
from segue.cli.options import MAX_NUMBER, db_option, execution_argument, json_option
from segue.cli.reports.document import event_document
from segue.cli.session import opened
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, padded, printable
from segue.cli.terminal.terminal import detect
from segue.cli.terminal.times import exact_text
from segue.core.events import Recorded

_TYPE_WIDTH = len("attempt_cancel_requested")
_NAME_WIDTH = 16


@click.command("events")
@execution_argument
@click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Only events with a greater number.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on until the execution is settled.")
@json_option("Print one JSON document on each line.")
@db_option
def command(
    execution: str,
    after: int,
    follow: bool,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Print what has happened in an execution, event by event.

    ID is an id, any beginning of it that is unique, or @latest.
    """
    return asyncio.run(
        _events(execution, min(after, MAX_NUMBER), db, follow=follow, as_json=as_json)
    )


async def _events(
    reference: str, after: int, db: str | None, *, follow: bool, as_json: bool
) -> ExitCode:
    terminal = detect(sys.stdout, os.environ)
    ellipsis = "…" if terminal.unicode else "..."
    async with opened(db) as engine:
        async for recorded in engine.events(reference, after, follow=follow):
            if as_json:
                print_json(event_document(recorded))
            else:
                told = event_line(recorded).fitted(terminal.width, ellipsis)
                print_lines([told], sys.stdout, terminal)
            if follow:
                sys.stdout.flush()
    return ExitCode.SUCCEEDED


def event_line(recorded: Recorded) -> Line:
    """Return an event as a line of a table: number, time, type, task execution, all the rest."""
    document = event_document(recorded)
    name = f"{document['task']}#{document['visit']}" if "task" in document else ""
    data = document["data"]
    return line(
        f"{recorded.seq:>6}  ",
        Part(f"{exact_text(recorded.at)}  ", Role.FAINT),
        Part(f"{document['type']:<{_TYPE_WIDTH}}  ", Role.ACTIVE),
        Part(f"{padded(printable(name), _NAME_WIDTH)}  ", Role.STRONG),
        Part(printable(msgspec.json.encode(data).decode()) if data else "", Role.FAINT),
    )
