"""`segue pause`: let an execution stand still for a while, from wherever."""

import asyncio
import sys

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, execution_argument, json_option
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.session import db_words, opened, row_of
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Part, Role, line
from segue.core.status import Status


@click.command("pause")
@execution_argument
@click.option("--reason", metavar="TEXT", help="Why; it is kept with the execution.")
@json_option("Print what was done as one JSON document.")
@db_option
def command(
    execution: str,
    reason: str | None,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Pause an execution: what runs is let finish, nothing new starts.

    ID is an id, any beginning of it that is unique, or @latest. Sub-workflows are paused, too. To
    ask again does nothing more. `segue resume ID` lets it go on.
    """
    return asyncio.run(_pause(execution, reason, db, as_json=as_json))


async def _pause(reference: str, reason: str | None, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        changed = await engine.pause(execution, reason) is not None
        row = await row_of(engine, execution)
    if as_json:
        print_json(
            {
                "schema_version": SCHEMA_VERSION,
                "id": execution,
                "status": row.status.value,
                "changed": changed,
            }
        )
        return ExitCode.SUCCEEDED
    words = f"{execution} is paused"
    if not changed:
        words = f"{execution} was asked to pause before"
    elif row.status is Status.PAUSING:
        words = f"{execution} is pausing: what runs is let finish"
    proposal = Part(f"segue resume {execution}{db_words(db)}", Role.STRONG)
    said = line(f"{words}; go on with ", proposal)
    print_lines([said], sys.stderr)
    return ExitCode.SUCCEEDED
