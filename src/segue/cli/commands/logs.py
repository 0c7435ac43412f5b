"""`segue logs`: what tasks have printed."""

import asyncio
import os
import sys

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import db_option, execution_argument, json_option
from segue.cli.reports.document import log_document
from segue.cli.session import opened
from segue.cli.terminal.output import print_json
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.cli.terminal.terminal import detect
from segue.cli.watch.watching import require_task
from segue.runtime.engine import Engine
from segue.store.port import LogChunk


@click.command("logs")
@execution_argument
@click.argument("task", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until the execution is settled.")
@json_option("Print one JSON document for each piece of output, each on a line.")
@db_option
def command(
    execution: str,
    task: str | None,
    follow: bool,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Print what the tasks of an execution have printed.

    ID is an id, any beginning of it that is unique, or @latest. Where more than one attempt has
    printed something, each line begins with its task#visit.attempt and `|`, or `!` for what went
    to stderr; otherwise the output is printed as it was.
    """
    return asyncio.run(_logs(execution, task, db, follow=follow, as_json=as_json))


async def _logs(
    reference: str, task: str | None, db: str | None, *, follow: bool, as_json: bool
) -> ExitCode:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        if task is not None:
            await require_task(engine, execution, task)
        if as_json:
            async for chunk in engine.logs(execution, task, follow=follow):
                print_json(log_document(chunk))
                sys.stdout.flush()
            return ExitCode.SUCCEEDED
        if not follow and await _is_of_one_attempt(engine, execution, task):
            async for chunk in engine.logs(execution, task):
                sys.stdout.write(chunk.text)
            return ExitCode.SUCCEEDED
        writer = _Prefixed(color=detect(sys.stdout, os.environ).color)
        async for chunk in engine.logs(execution, task, follow=follow):
            writer.write(chunk)
        writer.finish()
    return ExitCode.SUCCEEDED


async def _is_of_one_attempt(engine: Engine, execution: str, task: str | None) -> bool:
    seen: set[tuple[str, int, int]] = set()
    async for chunk in engine.logs(execution, task):
        seen.add((chunk.task, chunk.visit, chunk.attempt))
        if len(seen) > 1:
            return False
    return True


class _Prefixed:
    """Writes whole lines, each after the name of the attempt that printed it."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._rest: dict[tuple[str, bool], str] = {}

    def write(self, chunk: LogChunk) -> None:
        key = (f"{chunk.task}#{chunk.visit}.{chunk.attempt}", chunk.stream == "stderr")
        *lines, rest = (self._rest.pop(key, "") + chunk.text).split("\n")
        if rest:
            self._rest[key] = rest
        for text in lines:
            self._put(key, text)
        sys.stdout.flush()

    def finish(self) -> None:
        for key, text in self._rest.items():
            self._put(key, text)

    def _put(self, key: tuple[str, bool], text: str) -> None:
        name, is_error = key
        role = Role.BAD if is_error else Role.FAINT
        prefix = line(Part(f"{printable(name)} {'!' if is_error else '|'}", role))
        sys.stdout.write(f"{prefix.colored() if self._color else prefix.plain} {text}\n")
