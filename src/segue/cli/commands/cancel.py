"""`segue cancel`: ask an execution to end, from wherever."""

import asyncio
import sys
import time

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, execution_argument, json_option
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.reports.holders import engine_words, holders_of
from segue.cli.session import opened, row_of
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import line
from segue.core.status import Status
from segue.language.model import OnCancel
from segue.runtime.engine import Engine
from segue.store.port import ExecutionRow


@click.command("cancel")
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
    """Cancel an execution.

    ID is an id, any beginning of it that is unique, or @latest. What has not started is
    withdrawn, what runs is ended, wherever it runs. To ask again does nothing more.
    """
    return asyncio.run(_cancel(execution, reason, db, as_json=as_json))


async def _cancel(reference: str, reason: str | None, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        before = await row_of(engine, execution)
        changed = await engine.cancel(execution, reason) is not None
        after = await row_of(engine, execution)
        words = await _words(engine, before, after)
    if as_json:
        print_json(
            {
                "schema_version": SCHEMA_VERSION,
                "id": execution,
                "status": after.status.value,
                "settled": after.settled,
                "changed": changed,
            }
        )
    else:
        print_lines([line(words)], sys.stderr)
    return ExitCode.SUCCEEDED


async def _words(engine: Engine, before: ExecutionRow, after: ExecutionRow) -> str:
    if before.status is Status.CANCELED:
        return f"{after.id} was canceled before: nothing to do"
    if after.settled:
        is_ended = "" if after.status is Status.CANCELED else ": what was left of it is ended"
        return f"{after.id} is {after.status}{is_ended}"
    asked = "was asked to cancel before" if before.status is Status.CANCELING else "is canceling"
    if after.status.is_final:
        asked = f"is {after.status}"
    holders = await holders_of(engine, after.id, time.time())
    where = "; ".join(engine_words(one, time.time()) for one in holders)
    on_cancel = (await engine.workflow(after.id)).on_cancel
    finishes = on_cancel is OnCancel.FINISH and after.status is not Status.TIMEOUT
    what = "let finish" if finishes else "being ended"
    return f"{after.id} {asked}: what runs is {what}" + (f" by {where}" if where else "")
