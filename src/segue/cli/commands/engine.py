"""`segue engine`: take any work of a database, until it is stopped."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

import click

from segue.cli.exit_codes import ExitCode, exit_code_of
from segue.cli.options import db_option
from segue.cli.problem import Problem
from segue.cli.session import engine_for, keeps_nothing
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.cli.terminal.times import clock_text
from segue.cli.watch.attending import stopping_words
from segue.cli.watch.watching import Signals, code_of_signal, end_everything
from segue.runtime.engine import Engine
from segue.runtime.errors import EngineStoppedError, ExecutionParkedError
from segue.store.opening import location
from segue.store.port import StoreError


@click.command("engine")
@click.option("-q", "--quiet", is_flag=True, help="Tell nothing of what is taken.")
@db_option
def command(
    quiet: bool,  # noqa: FBT001 (click's)
    db: str | None,
) -> int:
    """Run an engine: take any work that no living engine has.

    It goes on until it is stopped. Any number of engines may serve one database, on one machine
    or on many, and none is a leader. Theirs is what was begun with `segue run --detach`, and what
    engines that are lost or have stopped had.

    Ctrl-C or SIGTERM hands off nothing new and gives what runs ten seconds; the rest is given
    back. A second one ends it at once; nothing that was recorded is lost.
    """
    return asyncio.run(_engine(db, quiet=quiet))


async def _engine(db: str | None, *, quiet: bool) -> ExitCode:
    engine = engine_for(db)
    if keeps_nothing(engine):
        raise Problem(
            "a database that keeps nothing has nothing to take",
            hint="--db, SEGUE_DB and segue.toml say where executions are kept",
        )
    await engine.open()
    teller = _Teller(engine, quiet=quiet)
    teller.say(f"serving {printable(location(engine.url))} as process {os.getpid()}")
    try:
        with redirect_stdout(sys.stderr), Signals().heard() as signals:
            try:
                await _until_stopped(engine, signals, teller)
            except asyncio.CancelledError:
                if not signals.twice:
                    raise
                await end_everything(engine)
                return code_of_signal(signals.first.result())
    finally:
        await engine.stop(0)
    teller.say("stopped: what had not ended is given back")
    return ExitCode.SUCCEEDED


async def _until_stopped(engine: Engine, signals: Signals, teller: "_Teller") -> None:
    """Serve until a signal comes, and end gently then. Raises why the engine can't go on."""
    serving = asyncio.create_task(engine.serve(teller.taken))
    try:
        awaited: list[asyncio.Future[Any]] = [serving, signals.first]
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        grace = engine.config.shutdown_grace_seconds
        teller.say(stopping_words(grace))
        await engine.conductor.stop(grace)
        await serving
    finally:
        serving.cancel()
        await teller.stop()


class _Teller:
    """Tells of each execution that was taken, and of its end."""

    def __init__(self, engine: Engine, *, quiet: bool) -> None:
        self._engine = engine
        self._quiet = quiet
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def taken(self, executions: Sequence[str]) -> None:
        for execution in executions:
            if not self._quiet and execution not in self._tasks:
                self._tasks[execution] = asyncio.create_task(self._follow(execution))

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _follow(self, execution: str) -> None:
        try:
            row = await self._engine.store.get_execution(execution)
            if row is None or row.parent is not None:
                return  # sub-workflows are seen in what they run for
            name = Part(printable(row.workflow), Role.STRONG)
            self.say(name, f" {execution} taken")
            await self._engine.conductor.wait_settled(execution)
            ended = await self._engine.store.get_execution(execution)
            if ended is not None:
                well = exit_code_of(ended.status) == ExitCode.SUCCEEDED
                role = Role.GOOD if well else Role.BAD
                self.say(name, f" {execution} ", Part(ended.status.value, role))
        except (EngineStoppedError, ExecutionParkedError, StoreError):
            return  # others say so
        finally:
            self._tasks.pop(execution, None)

    def say(self, *parts: Part | str) -> None:
        if not self._quiet:
            told = line(Part(f"{clock_text(time.time())} ", Role.FAINT), *parts)
            print_lines([told], sys.stderr)
