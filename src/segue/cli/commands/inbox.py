"""`segue inbox`: the questions that wait for somebody's answer."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.session import opened
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.table import table_lines
from segue.cli.terminal.terminal import detect
from segue.cli.terminal.times import duration_text
from segue.runtime.desk.questions import Question
from segue.values import JsonValue

_HEADS = ("QUESTION", "WHO", "DUE", "ASKS")


@click.command("inbox")
@click.argument("execution", metavar="[ID]", required=False)
@click.option("--for", "who", metavar="NAME", help="Only those that this person may answer.")
@json_option("Print one JSON document.")
@db_option
def command(
    execution: str | None,
    who: str | None,
    as_json: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """List the questions that wait for somebody's answer.

    The first due comes first. ID is an id, any beginning of it that is unique, or @latest; those
    of its sub-workflows are listed, too. `segue answer` answers one.
    """
    return asyncio.run(_inbox(execution, who, db, as_json=as_json))


async def _inbox(
    reference: str | None, who: str | None, db: str | None, *, as_json: bool
) -> ExitCode:
    async with opened(db) as engine:
        questions = await engine.inbox(reference)
    mine = [one for one in questions if who is None or not one.users or who in one.users]
    if as_json:
        documents: list[JsonValue] = [question_document(one) for one in mine]
        print_json({"schema_version": SCHEMA_VERSION, "questions": documents})
        return ExitCode.SUCCEEDED
    terminal = detect(sys.stdout, os.environ)
    if mine:
        print_lines(table_lines(_HEADS, _cells(mine), terminal), sys.stdout, terminal)
    words = "one question" if len(mine) == 1 else f"{len(mine) or 'no'} questions"
    counted: Line = line(Part(words, Role.FAINT))
    print_lines([counted], sys.stderr)
    return ExitCode.SUCCEEDED


def _cells(questions: Sequence[Question]) -> list[tuple[Part, ...]]:
    now = time.time()
    return [
        (
            Part(f"{one.execution}/{printable(one.name)}", Role.STRONG),
            Part(printable(", ".join(one.users) or "anybody")),
            Part("-" if one.due is None else f"in {duration_text(max(0.0, one.due - now))}"),
            Part(printable(one.message.partition("\n")[0])),
        )
        for one in questions
    ]


def question_document(question: Question) -> dict[str, JsonValue]:
    """Return a question as its JSON document."""
    return {
        "id": f"{question.execution}/{question.name}",
        "execution": question.execution,
        "task": question.task,
        "visit": question.visit,
        "item": question.item,
        "message": question.message,
        "schema": question.schema,
        "users": list(question.users),
        "due": question.due,
    }
