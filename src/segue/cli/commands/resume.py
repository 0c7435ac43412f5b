"""`segue resume`: go on with what no living engine has."""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, exit_on_wait_option, json_option, quiet_option
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION, execution_document
from segue.cli.reports.holders import engine_words
from segue.cli.reports.summary import print_result
from segue.cli.session import db_words, opened, row_of
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import line
from segue.cli.watch.attending import attend
from segue.cli.watch.how import How
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.runtime.attempts.kin import topmost
from segue.runtime.engine import Engine
from segue.runtime.peers.claims import Resumed

_PAUSED = frozenset({Status.PAUSING, Status.PAUSED})


@click.command("resume")
@click.argument("execution", metavar="[ID]", required=False)
@json_option("Print what was resumed as one JSON document when it ends.")
@exit_on_wait_option
@quiet_option
@db_option
def command(
    execution: str | None,
    as_json: bool,  # noqa: FBT001 (click's)
    exit_on_wait: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Go on with a paused execution, or with what no living engine has.

    Without ID: all that no living engine has; nothing is unpaused. ID is an id, any beginning of it
    that is unique, or @latest. If a living engine has that execution, this follows it to its end.
    """
    how = How(as_json=as_json, exit_on_wait=exit_on_wait, quiet=quiet, db=db_words(db))
    if execution is None:
        return asyncio.run(_resume_all(db, how))
    return asyncio.run(_resume_one(execution, db, how))


async def _resume_one(reference: str, db: str | None, how: How) -> ExitCode:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        row = await row_of(engine, execution)
        if row.settled:
            _say(f"nothing to resume: {execution} has ended, it is {row.status}", how)
            if how.as_json:
                children = await engine.children(execution)
                print_result(await engine.show(execution), children, as_json=True)
            return ExitCode.SUCCEEDED
        with redirect_stdout(sys.stderr):  # what functions print must not get into our data
            found = await engine.resume(execution)
            if row.status in _PAUSED and await _unpaused(engine, execution):
                found = Resumed(taken=(execution,))
            _check_stuck(found)
            if found.held and not found.taken:
                _say_held(found, how)
            if found.taken:
                _say(f"resuming {execution} after {row.seq} events", how)
            (ending,) = await attend(engine, [execution], how, kept=True, resumed=found)
    print_result(ending.view, ending.children, as_json=how.as_json)
    return ending.code


async def _unpaused(engine: Engine, execution: str) -> bool:
    """Unpause an execution. False: it is paused no more; what was just taken may have failed."""
    try:
        await engine.unpause(execution)
    except RequestError:
        row = await engine.store.get_execution(execution)
        if row is None or row.status in _PAUSED:
            raise
        return False
    return True


async def _resume_all(db: str | None, how: How) -> ExitCode:
    async with opened(db) as engine:
        with redirect_stdout(sys.stderr):  # as above
            found = await engine.resume()
        _say_held(found, how)
        if not found.taken:
            _check_stuck(found)
            _say("nothing to resume: no execution waits for an engine", how)
            if how.as_json:
                print_json({"schema_version": SCHEMA_VERSION, "executions": []})
            return ExitCode.SUCCEEDED
        # Sub-workflows are gone on with, and seen in what they run for.
        taken = await topmost(engine.store, found.taken)
        _say(f"resuming {', '.join(taken)}", how)
        with redirect_stdout(sys.stderr):  # as above
            endings = await attend(engine, taken, how, kept=True, resumed=found)
    if len(endings) == 1 and not how.as_json:
        print_result(endings[0].view, as_json=False)
    if how.as_json:
        documents = [execution_document(ending.view, ending.children) for ending in endings]
        print_json({"schema_version": SCHEMA_VERSION, "executions": documents})
    return code_of_all([ending.code for ending in endings])


def code_of_all(codes: Sequence[ExitCode]) -> ExitCode:
    """Return one exit code for several executions.

    An interruption goes before all; then, if those that did not succeed all say the same, that;
    else FAILED.
    """
    for code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        if code in codes:
            return code
    others = set(codes) - {ExitCode.SUCCEEDED}
    if len(others) > 1:
        return ExitCode.FAILED
    return others.pop() if others else ExitCode.SUCCEEDED


def _say_held(found: Resumed, how: How) -> None:
    now = time.time()
    for execution, row in found.held:
        _say(f"{execution} is conducted by {engine_words(row, now)}", how)


def _check_stuck(found: Resumed) -> None:
    if found.stuck and not found.taken:
        ids = ", ".join(found.stuck)
        raise Problem(
            f"there is nothing outstanding of {ids}, and yet it has not ended",
            hint=f"this is a bug in Segue; `segue events {found.stuck[0]}` shows what led to it",
            code=ExitCode.BUG,
        )


def _say(text: str, how: How) -> None:
    if not how.quiet:
        print_lines([line(text)], sys.stderr)
