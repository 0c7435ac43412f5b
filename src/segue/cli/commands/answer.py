"""`segue answer`: what somebody says to a question."""

import asyncio
import getpass
import sys
import time
from collections.abc import Mapping
from contextlib import redirect_stdout

import click

from segue.cli.exit_codes import ExitCode, exit_code_of
from segue.cli.inputs import parse_pairs, parse_whole
from segue.cli.options import db_option, json_option, quiet_option
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.reports.holders import living_engines
from segue.cli.reports.summary import print_result
from segue.cli.session import db_words, opened
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.cli.watch.attending import attend
from segue.cli.watch.how import How
from segue.core.status import Status
from segue.runtime.asking import find_question
from segue.runtime.attempts.kin import top_of
from segue.runtime.desk.questions import Question
from segue.runtime.engine import Engine
from segue.values import JsonObject, JsonValue


def who_option(command: click.decorators.FC) -> click.decorators.FC:
    """Add `--as`."""
    return click.option(
        "--as",
        "who",
        metavar="NAME",
        help="Who answers; the user of this machine otherwise. It is recorded, not proved.",
    )(command)


def carry_on_option(command: click.decorators.FC) -> click.decorators.FC:
    """Add `--carry-on`."""
    return click.option(
        "--carry-on/--no-carry-on",
        default=None,
        help="Whether to go on with the execution here, if no living engine has it. Otherwise a "
        "terminal is asked.",
    )(command)


@click.command("answer")
@click.argument("question", metavar="ID[/TASK]")
@click.argument("pairs", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--answer",
    "whole",
    metavar="JSON|@FILE",
    help="The whole answer as one JSON object, or the file that has it.",
)
@who_option
@carry_on_option
@json_option("Print what was done as one JSON document.")
@quiet_option
@db_option
def command(  # noqa: PLR0913, PLR0917 (one parameter for each option)
    question: str,
    pairs: tuple[str, ...],
    whole: str | None,
    who: str | None,
    carry_on: bool | None,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Answer a question.

    ID is an execution with one open question; ID/TASK, ID/TASK#VISIT or ID/TASK[ITEM] tells one of
    several, as `segue inbox` lists them. The answer has to fit the question's schema.
    """
    how = How(as_json=as_json, quiet=quiet, db=db_words(db))
    return asyncio.run(_answer(question, pairs, whole, who, carry_on, db, how))


async def _answer(  # noqa: PLR0917 (what the options say)
    reference: str,
    pairs: tuple[str, ...],
    whole: str | None,
    who: str | None,
    carry_on: bool | None,  # noqa: FBT001
    db: str | None,
    how: How,
) -> ExitCode:
    async with opened(db) as engine:
        question = await find_question(engine.store, time.time(), reference)
        given = parse_whole(whole, "--answer") | parse_pairs(pairs, _schemas(question))
        name = f"{question.execution}/{question.name}"
        await engine.answer(name, given, by=who or getpass.getuser())
        return await after_answer(engine, question, "answered", carry_on, how)


def _schemas(question: Question) -> dict[str, JsonObject | None]:
    properties = (question.schema or {}).get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {
        name: schema if isinstance(schema, Mapping) else None for name, schema in properties.items()
    }


async def after_answer(
    engine: Engine,
    question: Question,
    what: str,
    carry_on: bool | None,  # noqa: FBT001 (an option with three states)
    how: How,
) -> ExitCode:
    """Say whether a living engine goes on; carry on here if none does and that is wanted.

    A paused one goes on with nothing, whoever has it.
    """
    execution = question.execution
    top = await top_of(engine.store, execution)  # what goes on below it goes on with it
    lives = any(row.id == question.engine for row in await living_engines(engine, time.time()))
    if how.as_json:
        document: dict[str, JsonValue] = {
            "schema_version": SCHEMA_VERSION,
            "id": f"{execution}/{question.name}",
            "done": what,
            "engine_lives": lives,
        }
        print_json(document)
    row = await engine.store.get_execution(top)
    done = f"{printable(question.name)} of {execution} is {what}"
    proposal = f"segue resume {top}{how.db}"
    if row is not None and row.status in {Status.PAUSING, Status.PAUSED}:
        _say(done, "; the execution is paused: go on with ", how, proposal)
        return ExitCode.SUCCEEDED
    if lives or row is None or row.settled:
        where = "the engine that has it goes on" if lives else "the execution is over"
        _say(done, f"; {where}", how)
        if carry_on and row is not None and row.settled and not how.as_json:
            view = await engine.show(top)
            print_result(view, as_json=False)
            return exit_code_of(view.status)
        return ExitCode.SUCCEEDED
    if carry_on is None and not how.as_json and sys.stdin.isatty() and sys.stderr.isatty():
        _say(done, "; no living engine has the execution", how)
        carry_on = click.confirm("carry on with it here?", default=True, err=True)
    if not carry_on:
        _say(done, "; no living engine has the execution: carry on with ", how, proposal)
        return ExitCode.SUCCEEDED
    with redirect_stdout(sys.stderr):  # what functions print must not get into our data
        await engine.resume(top)
        (ending,) = await attend(engine, [top], how, kept=True, told={top: row.seq})
    if not how.as_json:
        print_result(ending.view, as_json=False)
    return ending.code


def _say(done: str, words: str, how: How, proposal: str = "") -> None:
    if not how.quiet:
        said = line(done, words, Part(proposal, Role.STRONG))
        print_lines([said], sys.stderr)
