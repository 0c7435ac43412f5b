"""`segue export`: an execution that happened, as a rehearsal."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, execution_argument
from segue.cli.problem import Problem
from segue.cli.session import opened
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.core.events import ExecutionStarted, Recorded
from segue.core.program import Program
from segue.core.viewing import view_of
from segue.language.workflows import load_workflow
from segue.rehearsal.exporting import exported
from segue.rehearsal.loading import Fetched
from segue.rehearsal.reading import read_rehearsal
from segue.rehearsal.rehearsing import rehearse_file
from segue.rehearsal.writing import NestedTooDeepError, yaml_text
from segue.runtime.desk.values import ValuesTooLargeError
from segue.store.port import Definition

_HEAD = """\
# Execution {execution}, written by `segue export`. What it was given, and what its actions gave,
# stands here in clear: take out what is nobody else's business.
"""


@click.command("export")
@execution_argument
@click.option("-o", "--output", metavar="FILE", help="Write to this file, not to stdout.")
@click.option(
    "--workflow",
    metavar="FILE",
    help="How the rehearsal is to call the file of its workflow; otherwise as it was run, seen "
    "from the folder of the output.",
)
@db_option
def command(execution: str, output: str | None, workflow: str | None, db: str | None) -> int:
    """Write an execution that happened as a rehearsal.

    What its actions gave becomes mocks, and what came of it what is expected. ID is an id, any
    beginning of it that is unique, or @latest.
    """
    return asyncio.run(_export(execution, output, workflow, db))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    """An execution, and the definition that it was of."""

    execution: str
    recorded: Sequence[Recorded]
    definition: Definition


async def _export(
    reference: str, output: str | None, workflow: str | None, db: str | None
) -> ExitCode:
    happened = await _read(reference, db)
    definition = happened.definition
    loaded = load_workflow(definition.source, file=definition.file or definition.name)
    if loaded.workflow is None:
        raise Problem(f"the workflow of {happened.execution} can't be read by this release")
    called = workflow or _called(definition, output)
    content = exported(happened.execution, happened.recorded, Program.of(loaded.workflow), called)
    try:
        text = _HEAD.format(execution=happened.execution) + yaml_text(content)
    except NestedTooDeepError as error:
        raise Problem(
            f"a value in {happened.execution} is nested too deep to be exported: {error}"
        ) from None
    if output is None:
        sys.stdout.write(text)
    else:
        _write(Path(output), text)
    ended = view_of(happened.execution, happened.recorded).settled
    _try(text, definition, output or "<stdout>", ended=ended)
    return ExitCode.SUCCEEDED


async def _read(reference: str, db: str | None) -> _Happened:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        try:
            recorded = [
                await engine.whole(one) async for one in engine.events(execution, follow=False)
            ]
        except ValuesTooLargeError as error:
            raise Problem(
                f"what happened in {execution} is too large to be exported: {error}"
            ) from None
        first = recorded[0].event if recorded else None
        if not isinstance(first, ExecutionStarted):
            raise Problem(f"{execution} has not begun yet")
        definition = await engine.store.get_definition(first.definition)
    if definition is None:
        raise Problem(f"the definition of {execution} is not in the database")
    return _Happened(execution=execution, recorded=recorded, definition=definition)


def _called(definition: Definition, output: str | None) -> str:
    """Return how the rehearsal calls the workflow: from the folder that it will be in."""
    if definition.file is None:
        return f"{definition.name}.yaml"
    folder = Path(output).parent if output is not None else Path()
    return os.path.relpath(definition.file, folder)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"{path} can't be written: {error.strerror}") from error


def _try(text: str, definition: Definition, shown: str, *, ended: bool) -> None:
    """Say it if the rehearsal does not pass: that depends on what is not in the log."""

    def fetch(name: str, *, anywhere: bool = False) -> Fetched | str:
        del anywhere
        return Fetched(path=name, text=definition.source)

    verdict = rehearse_file(read_rehearsal(text, shown, fetch))
    if verdict.passed:
        return
    failures = [failure for one in verdict.verdicts for failure in one.failures]
    found = [finding.message for finding in verdict.findings]
    why = failures[0].message if failures else found[0]
    message = f"it does not pass as it is: {why}"
    said = line(Part("warning: ", Role.WAITING), printable(message))
    if found:  # the file itself can't be used, whatever was in the log
        print_lines([said], sys.stderr)
        return
    hint = (
        "environment variables, keys and random numbers are not in the log: give them in the file"
    )
    if not ended:
        hint = "it has not ended: what comes of it from now on is not in the log"
    print_lines([said, line(Part("hint: ", Role.ACTIVE), hint)], sys.stderr)
