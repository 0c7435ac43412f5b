"""`segue value`: a big value, to which events and results only refer."""

import asyncio
import sys

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.session import opened
from segue.cli.terminal.output import print_json
from segue.cli.terminal.styled import printable
from segue.core.errors import RequestError


@click.command("value")
@click.argument("sha256")
@json_option("Print one JSON document.")
@db_option
def command(
    sha256: str,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Print a big value, to which events and results only refer.

    Text is printed as it is, anything else as JSON. Values that are too big for events are kept
    beside them, each once. In their place `events` and
    `show` have {"$segue": "value", "sha256": ..., "size": ...}.
    """
    return asyncio.run(_print(sha256, db, as_json=as_json))


async def _print(sha256: str, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        try:
            value = await engine.value(sha256)
        except RequestError as error:
            raise Problem(
                error.message,
                hint="it goes with the last execution that refers to it",
                code=ExitCode.NOT_FOUND,
            ) from None
    if as_json:
        print_json({"schema_version": SCHEMA_VERSION, "sha256": sha256, "value": value})
    elif isinstance(value, str):
        # A script gets it as it is; a terminal nothing that it would take for a command.
        sys.stdout.write(f"{printable(value) if sys.stdout.isatty() else value}\n")
    else:
        print_json(value)
    return ExitCode.SUCCEEDED
