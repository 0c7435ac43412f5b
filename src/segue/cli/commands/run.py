"""`segue run`: begin an execution and watch it to its end."""

import asyncio
import sys
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.inputs import parse_inputs
from segue.cli.options import db_option, exit_on_wait_option, json_option, quiet_option
from segue.cli.problem import Problem
from segue.cli.reports.summary import print_result
from segue.cli.session import db_words, engine_for, keeps_nothing
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.watch.how import How
from segue.language.attune_pair import placed
from segue.language.findings import Finding
from segue.runtime.engine import Engine
from segue.runtime.workflows.definitions import Prepared
from segue.values import JsonObject

if TYPE_CHECKING:
    from segue.cli.watch.attending import Ending

#: How many warnings of a file are shown when it is run; `check` shows all.
MOST_WARNINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for on the command line."""

    workflow: str
    pairs: tuple[str, ...]
    whole: str | None
    start: tuple[str, ...]
    db: str | None
    how: How


@click.command("run")
@click.argument("workflow", metavar="FILE|NAME")
@click.option(
    "-i",
    "--input",
    "pairs",
    metavar="KEY=VALUE",
    multiple=True,
    help="An input. The value is text if the file declares it as a string, otherwise JSON where it "
    "can be read as that. KEY:=JSON is always JSON. May be repeated.",
)
@click.option(
    "--inputs",
    "whole",
    metavar="JSON|@FILE",
    help="All inputs as one JSON object, or the file that has it (@- is the standard input).",
)
@click.option(
    "--start",
    metavar="TASK",
    multiple=True,
    help="Begin at this task, not at the entry points. May be repeated.",
)
@json_option("Print the whole execution as one JSON document when it ends.")
@exit_on_wait_option
@click.option(
    "--detach",
    is_flag=True,
    help="Begin it, print its id, and leave it to the engines that serve the database: "
    "`segue engine`.",
)
@quiet_option
@db_option
def command(  # noqa: PLR0913, PLR0917 (one parameter for each option)
    workflow: str,
    pairs: tuple[str, ...],
    whole: str | None,
    start: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 (click's)
    exit_on_wait: bool,  # noqa: FBT001
    detach: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Run a workflow and watch it.

    FILE is a workflow file; NAME is one in the folder that the setting `workflows` names.
    Progress goes to stderr; stdout gets the output of the execution as JSON.

    Ctrl-C hands off nothing new and gives what runs ten seconds; `segue resume` goes on later.
    A second Ctrl-C ends it at once; nothing that was recorded is lost.
    """
    how = How(as_json=as_json, exit_on_wait=exit_on_wait, quiet=quiet, db=db_words(db))
    request = Request(workflow=workflow, pairs=pairs, whole=whole, start=start, db=db, how=how)
    return asyncio.run(_detach(request) if detach else _run(request))


async def _run(request: Request) -> ExitCode:
    engine = engine_for(request.db)
    prepared, inputs = _prepare(engine, request)
    await engine.open()
    try:
        with redirect_stdout(sys.stderr):  # what functions print must not get into our data
            ending = await _begin_and_watch(engine, prepared, inputs, request)
    finally:
        await engine.stop(0)
    print_result(ending.view, ending.children, as_json=request.how.as_json)
    return ending.code


def _prepare(engine: Engine, request: Request) -> tuple[Prepared, JsonObject]:
    prepared = engine.prepare(request.workflow)
    inputs = parse_inputs(prepared.workflow, request.pairs, request.whole)
    if prepared.findings and not request.how.quiet:
        lines = warning_lines(prepared)
        print_lines(lines, sys.stderr)
    return prepared, inputs


async def _detach(request: Request) -> ExitCode:
    """Begin an execution and leave it to whoever serves the database."""
    from segue.cli.reports.holders import living_engines  # noqa: PLC0415 (seldom needed)

    engine = engine_for(request.db)
    if keeps_nothing(engine):
        raise Problem(
            "what is kept nowhere can't be left to others",
            hint="--db, SEGUE_DB and segue.toml say where executions are kept",
        )
    prepared, inputs = _prepare(engine, request)
    async with engine:
        execution = await engine.start_prepared(
            prepared, inputs, start=request.start, detached=True
        )
        if not await living_engines(engine, time.time()) and not request.how.quiet:
            proposal = Part(f"segue engine{request.how.db}", Role.STRONG)
            waits = Part("no engine lives that could take it; run one with ", Role.WAITING)
            print_lines([line(waits, proposal)], sys.stderr)
        if request.how.as_json:
            print_result(await engine.show(execution), as_json=True)
        else:
            click.echo(execution)
    return ExitCode.SUCCEEDED


async def _begin_and_watch(
    engine: Engine, prepared: Prepared, inputs: JsonObject, request: Request
) -> "Ending":
    execution = await engine.start_prepared(prepared, inputs, start=request.start)
    # The first task runs by now; what it takes to watch is fetched beside it.
    await asyncio.to_thread(import_module, "segue.cli.watch.attending")
    from segue.cli.watch.attending import attend  # noqa: PLC0415 (see above)

    (ending,) = await attend(engine, [execution], request.how, kept=not keeps_nothing(engine))
    return ending


def warning_lines(prepared: Prepared) -> list[Line]:
    """Return what is worth knowing of a file that can be run all the same, briefly."""
    file = prepared.definition.file or "<text>"
    parts = placed(prepared.definition.source, file, prepared.findings[:MOST_WARNINGS])
    lines = [_warning_line(part.file, finding) for part in parts for finding in part.findings]
    more = len(prepared.findings) - len(lines)
    if more > 0:
        lines.append(line(Part(f"... and {more} more: segue check {file}", Role.FAINT)))
    return lines


def _warning_line(file: str, finding: Finding) -> Line:
    span = finding.span
    return line(
        Part(f"{finding.severity}[{finding.code}]", Role.WAITING),
        f": {printable(finding.message)} ",
        Part(f"({file}:{span.line}:{span.column})", Role.FAINT),
    )
