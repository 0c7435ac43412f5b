"""`segue verify`: whether what is stored of executions is as it must always be."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, json_option
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.session import opened
from segue.cli.terminal.amounts import counted
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.core.errors import RequestError
from segue.runtime.engine import Engine
from segue.runtime.records.verifying import Verified
from segue.store.port import ExecutionRow
from segue.values import JsonObject
from segue.verification.invariants import INVARIANTS

#: How many rows are read at a time.
_PAGE = 500

_STATEMENTS = {one.id: one.statement for one in INVARIANTS}


@click.command("verify")
@click.argument("id", required=False)
@click.option("--all", "everything", is_flag=True, help="All executions of the database.")
@json_option("Print one JSON document.")
@db_option
def command(
    id: str | None,  # noqa: A002 (click's)
    everything: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Verify that what is stored of executions is as it must always be.

    The log of an execution, and of its sub-workflows, is held against all invariants, and what is
    stored beside it must be what the log folds to. The exit code is 0 if all is well, 1 if an
    invariant does not hold.
    """
    if (id is None) is not everything:
        raise Problem(
            "name an execution, or verify all of them",
            hint="segue verify ID, or segue verify --all",
        )
    return asyncio.run(_verify(id, db, as_json=as_json))


async def _verify(reference: str | None, db: str | None, *, as_json: bool) -> ExitCode:
    found: list[Verified] = []
    executions = 0
    events = 0
    async with opened(db) as engine:
        async for execution in _executions(engine, reference):
            try:
                verified = await engine.verify(execution)
            except RequestError:  # it was removed a moment ago
                continue
            executions += 1
            events += verified.events
            if verified.violations:
                found.append(verified)
    if as_json:
        print_json(verification_document(executions, events, found))
    else:
        lines = _lines(executions, events, found)
        print_lines(lines, sys.stdout)
    return ExitCode.FAILED if found else ExitCode.SUCCEEDED


async def _executions(engine: Engine, reference: str | None) -> AsyncIterator[str]:
    """Give the execution that is meant and all below it, or all that there are."""
    if reference is not None:
        waiting = [await engine.find(reference)]
        while waiting:
            execution = waiting.pop(0)
            yield execution
            waiting += [row.id for row in await engine.children(execution)]
        return
    known: set[str] = set()
    offset = 0
    while page := await engine.list(limit=_PAGE, offset=offset):
        for row in _new(page, known):
            yield row.id
        offset += len(page)


def _new(page: Sequence[ExecutionRow], known: set[str]) -> list[ExecutionRow]:
    """Return the rows that were not met before: begun meanwhile, others move to later pages."""
    new = [row for row in page if row.id not in known]
    known.update(row.id for row in new)
    return new


def verification_document(executions: int, events: int, found: Sequence[Verified]) -> JsonObject:
    """Return what `verify --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "well": not found,
        "executions": executions,
        "events": events,
        "violations": [
            {
                "execution": violation.execution,
                "invariant": violation.invariant,
                "statement": _STATEMENTS[violation.invariant],
                "seq": violation.seq,
                "message": violation.message,
            }
            for verified in found
            for violation in verified.violations
        ],
    }


def _lines(executions: int, events: int, found: Sequence[Verified]) -> list[Line]:
    lines = []
    for verified in found:
        lines.append(line(Part(verified.execution, Role.STRONG)))
        for one in verified.violations:
            where = "stored" if one.seq is None else f"event {one.seq}"
            lines.append(
                line(
                    Part(f"  {one.invariant:<4} ", Role.BAD),
                    Part(f"{where}: "),
                    printable(one.message),
                )
            )
            lines.append(line(Part(f"       {_STATEMENTS[one.invariant]}", Role.FAINT)))
    seen = f"{counted(executions, 'execution')}, {counted(events, 'event')}"
    if not found:
        return [line(Part(f"{seen}: all invariants hold", Role.GOOD))]
    bad = f"{seen}: {counted(len(found), 'execution')} with violations"
    return [*lines, line(Part(bad, Role.BAD))]
