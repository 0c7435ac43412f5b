"""Being with an execution until it ends, or until the user has it stop: for `run` and `resume`."""

import asyncio
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from segue.cli.exit_codes import ExitCode, exit_code_of
from segue.cli.reports.summary import error_lines, look_further
from segue.cli.session import NoticeHandler
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import Line, Part, Role, line
from segue.cli.watch.how import How
from segue.cli.watch.screen import Screen, screen_for
from segue.cli.watch.watching import (
    Signals,
    Watched,
    catch_up,
    code_of_signal,
    end_everything,
    fetch_logs,
    follow,
    keep_drawing,
    progress_of,
    stop_gently,
    until_only_waiting,
)
from segue.core.view import ExecutionView
from segue.runtime.engine import Engine
from segue.runtime.errors import ExecutionParkedError
from segue.runtime.peers.claims import Resumed
from segue.store.port import ExecutionRow, StoreError, UnreadableError

#: How often we try to take over what another engine has, in seconds.
_TRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of watching. The execution need not have ended: the code says why we have.

    `children` are its sub-workflows, where the whole of it is asked for.
    """

    view: ExecutionView
    code: ExitCode
    children: Sequence[ExecutionRow] = ()


async def attend(
    engine: Engine,
    executions: Sequence[str],
    how: How,
    *,
    kept: bool,
    resumed: Resumed | None = None,
    told: Mapping[str, int] | None = None,
) -> list[Ending]:
    """Watch executions until they end or the user has it stop. Raises `StoreError`.

    `kept`: the database remains when we end, so that they can be gone on with and looked at.
    `resumed`: what `resume` found; where it took nothing, a living engine elsewhere conducts them,
    and should that die, this one takes over. `told`: how many events of an execution need not be
    told, because they happened before; of what is resumed, all that there are.

    One that can't go on hinders no other. Why it can't is raised when all others have ended, as a
    group.
    """
    held = resumed is not None and not resumed.taken
    known = told or {}
    if resumed is not None:
        known = await _known(engine, executions)
    all_watched, troubles = await _watched(engine, executions)
    progresses = [watched.progress for watched in all_watched]
    screen = screen_for(sys.stderr, progresses, quiet=how.quiet, known=known)
    watch = _Watch(engine, all_watched, screen, how, held=held)
    with Signals().heard() as signals, _notices(screen):
        try:
            code = await watch.until_over(signals)
        except asyncio.CancelledError:
            if not signals.twice:
                raise
            code = code_of_signal(signals.first.result())
            screen.close()
            await end_everything(engine)
    endings = []
    for progress in [watched.progress for watched in all_watched]:
        view = await _with_output(engine, progress.view)
        ended = exit_code_of(view.status) if view.settled else code
        children = await _children(engine, progress.execution) if how.as_json else ()
        endings.append(Ending(view=view, code=ended, children=children))
        _tell_ending(endings[-1], how, kept=kept, held=watch.held)
    if troubles := [*troubles, *watch.troubles]:
        raise ExceptionGroup("executions that can't go on", troubles)
    return endings


async def _watched(
    engine: Engine, executions: Sequence[str]
) -> tuple[list[Watched], list[Exception]]:
    """Return what can be watched, and why the rest can't."""
    found, troubles = [], list[Exception]()
    for execution in executions:
        try:
            found.append(Watched(await progress_of(engine, execution)))
        except UnreadableError as error:
            troubles.append(error)
    return found, troubles


async def _with_output(engine: Engine, view: ExecutionView) -> ExecutionView:
    try:
        return await engine.with_output(view)
    except StoreError as error:  # what is known is told all the same
        logging.getLogger(__name__).warning("the output can't be read: %s", error)
        return view


async def _children(engine: Engine, execution: str) -> Sequence[ExecutionRow]:
    try:
        return await engine.children(execution)
    except StoreError as error:  # what is known is told all the same
        logging.getLogger(__name__).warning("the sub-workflows can't be listed: %s", error)
        return ()


async def _known(engine: Engine, executions: Sequence[str]) -> dict[str, int]:
    rows = [await engine.store.get_execution(execution) for execution in executions]
    return {row.id: row.seq for row in rows if row is not None}


class _Watch:
    """Watches executions. One that can't go on is taken out of `watched`, and why is a trouble."""

    def __init__(
        self, engine: Engine, watched: list[Watched], screen: Screen, how: How, *, held: bool
    ) -> None:
        self._engine = engine
        self._watched = watched
        self._screen = screen
        self._how = how
        self.held = held
        self.troubles: list[Exception] = []

    async def until_over(self, signals: Signals) -> ExitCode:
        """Return what the exit code is for executions that have not ended."""
        code = await self._until_something(signals)
        if code is None:  # a signal came
            grace = 0.0 if self.held else self._engine.config.shutdown_grace_seconds
            if not self.held:
                self._screen.notice(stopping_words(grace))
            await stop_gently(self._engine, self._watched, self._screen, grace)
            code = code_of_signal(signals.first.result())
        for watched in self._watched:
            await catch_up(self._engine, watched, self._screen)
            if self._screen.shows_logs:
                await fetch_logs(self._engine, watched)
        self._screen.close()
        return code

    async def _until_something(self, signals: Signals) -> ExitCode | None:
        """Return WAITING when all is over or only waits; None: a signal came."""
        enough = [asyncio.create_task(self._follow())]
        if self._how.exit_on_wait:
            waits = until_only_waiting(self._engine, self._watched)
            enough.append(asyncio.create_task(waits))
        drawing = keep_drawing(self._engine, self._watched, self._screen)
        tasks = [*enough, asyncio.create_task(drawing)]
        if self.held:
            tasks.append(asyncio.create_task(self._keep_trying()))
        awaited: list[asyncio.Future[Any]] = [*tasks, signals.first]
        try:
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()  # raises what went wrong
            return ExitCode.WAITING if any(task.done() for task in enough) else None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        async with asyncio.TaskGroup() as group:
            for watched in self._watched:
                group.create_task(self._follow_one(watched))

    async def _follow_one(self, watched: Watched) -> None:
        try:
            await follow(self._engine, watched, self._screen)
        except (UnreadableError, ExecutionParkedError) as error:
            self.troubles.append(error)
            self._watched.remove(watched)

    async def _keep_trying(self) -> None:
        """Take over when the engine that has the executions is gone. Never returns."""
        while True:
            await asyncio.sleep(_TRY_SECONDS)
            for watched in list(self._watched):
                found = await self._engine.resume(watched.execution)
                if found.taken and self.held:
                    self.held = False
                    self._screen.notice("the engine that had it is gone: going on here")


def stopping_words(grace: float) -> str:
    """Return what to say to whoever has asked an engine to stop."""
    return (
        f"stopping: nothing new is handed off, what runs has {grace:g}s to end; "
        "once more to end at once"
    )


def _tell_ending(ending: Ending, how: How, *, kept: bool, held: bool) -> None:
    view, code = ending.view, ending.code
    lines: list[Line] = []
    if view.settled:
        lines += error_lines(view)
        if kept and code != ExitCode.SUCCEEDED:
            lines.append(look_further(view, how.db))
    elif kept:
        words = "only waits" if code == ExitCode.WAITING else "stopped, nothing is lost"
        words = "left, and it goes on there" if held else words
        again = "look again" if held else "go on"
        proposal = Part(f"segue resume {view.id}{how.db}", Role.STRONG)
        lines.append(line(Part(f"{words}: {again} with ", Role.WAITING), proposal))
    failed = view.settled and code != ExitCode.SUCCEEDED
    if lines and (failed or not how.quiet):
        print_lines(lines, sys.stderr)


@contextmanager
def _notices(screen: Screen) -> Iterator[None]:
    """Show what the engine logs beside the progress."""
    handler = NoticeHandler(screen.notice)
    logger = logging.getLogger("segue")
    logger.addHandler(handler)
    propagated, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
