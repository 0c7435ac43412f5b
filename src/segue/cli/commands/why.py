"""`segue why`: why an execution is not finished."""

import asyncio
import os
import sys
import time

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, execution_argument, json_option
from segue.cli.reports.reason_data import why_document
from segue.cli.reports.reason_lines import Page, why_lines
from segue.cli.reports.tree import Canvas
from segue.cli.session import db_words, opened
from segue.cli.terminal.glyphs import glyphs_for
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.terminal import UNBOUNDED, detect


@click.command("why")
@execution_argument
@json_option("Print one JSON document.")
@db_option
def command(
    execution: str,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Tell why an execution is not finished: what each part of it waits for.

    ID is an id, any beginning of it that is unique, or @latest. Of one that has ended, it tells
    how.
    """
    return asyncio.run(_why(execution, db, as_json=as_json))


async def _why(reference: str, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        why = await engine.why(reference)
    if as_json:
        print_json(why_document(why))
        return ExitCode.SUCCEEDED
    terminal = detect(sys.stdout, os.environ)
    glyphs = glyphs_for(unicode=terminal.unicode)
    canvas = Canvas(width=terminal.width, height=UNBOUNDED, glyphs=glyphs)
    page = Page(canvas=canvas, now=time.time(), db=db_words(db))
    print_lines(why_lines(why, page), sys.stdout, terminal)
    return ExitCode.SUCCEEDED
