"""`segue reject`: refuse to answer a question."""

import asyncio
import getpass
import time

import click

from segue.cli.commands.answer import after_answer, carry_on_option, who_option
from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option, quiet_option
from segue.cli.session import db_words, opened
from segue.cli.watch.how import How
from segue.runtime.asking import find_question


@click.command("reject")
@click.argument("question", metavar="ID[/TASK]")
@click.option("--reason", metavar="TEXT", help="Why; it is in the error of the task.")
@who_option
@carry_on_option
@json_option("Print what was done as one JSON document.")
@quiet_option
@db_option
def command(  # noqa: PLR0917 (one parameter for each option)
    question: str,
    reason: str | None,
    who: str | None,
    carry_on: bool | None,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Refuse to answer a question: its task fails.

    Its transitions say what then. ID is an execution with one open question; ID/TASK, ID/TASK#VISIT
    or ID/TASK[ITEM] tells one of several.
    """
    how = How(as_json=as_json, quiet=quiet, db=db_words(db))
    return asyncio.run(_reject(question, reason, who, carry_on, db, how))


async def _reject(  # noqa: PLR0917 (what the options say)
    reference: str,
    reason: str | None,
    who: str | None,
    carry_on: bool | None,  # noqa: FBT001
    db: str | None,
    how: How,
) -> ExitCode:
    async with opened(db) as engine:
        question = await find_question(engine.store, time.time(), reference)
        name = f"{question.execution}/{question.name}"
        await engine.reject(name, reason, by=who or getpass.getuser())
        return await after_answer(engine, question, "rejected", carry_on, how)
