"""Being with an execution until it ends, or until the user has it stop: for `run` and `resume`."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from segue.cli.exit_codes import ExitCode, exit_code_of
from segue.cli.output import print_lines
from segue.cli.progress import Progress, tries_of
from segue.cli.screen import screen_for
from segue.cli.session import NoticeHandler
from segue.cli.styled import Line, Part, Role, line
from segue.cli.summary import error_lines, look_further, print_result
from segue.cli.terminal import detect
from segue.cli.watching import (
    Signals,
    Watched,
    catch_up,
    code_of_signal,
    end_everything,
    fetch_logs,
    follow,
    keep_drawing,
    stop_gently,
    until_only_waiting,
)
from segue.core.view import ExecutionView
from segue.runtime.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How an execution is watched. `db` is what a proposed command needs to find the database."""

    as_json: bool = False
    exit_on_wait: bool = False
    quiet: bool = False
    db: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of watching. The execution need not have ended: the code says why we have."""

    view: ExecutionView
    code: ExitCode


async def conduct(engine: Engine, execution: str, how: How, *, kept: bool) -> Ending:
    """Watch an execution that this engine conducts; print its result. Raises `StoreError`.

    `kept`: the database remains when we end, so that it can be gone on with and looked at.
    """
    watched = await _watched(engine, execution, how)
    with Signals().heard() as signals, _notices(watched):
        try:
            code = await _watch_or_stop(engine, watched, signals, how)
        except asyncio.CancelledError:
            if not signals.twice:
                raise
            code = code_of_signal(signals.first.result())
            watched.screen.close()
            await end_everything()
    view = watched.progress.view
    if view.settled:
        code = exit_code_of(view.status)
    _tell_ending(view, code, how, kept=kept)
    return Ending(view=view, code=code)


async def _watch_or_stop(engine: Engine, watched: Watched, signals: Signals, how: How) -> ExitCode:
    code = await _watch(engine, watched, signals, how)
    if code is None:  # a signal came
        watched.screen.notice(_stopping_words(engine))
        await stop_gently(engine, watched, engine.config.shutdown_grace_seconds)
        code = code_of_signal(signals.first.result())
    await catch_up(engine, watched)
    if watched.screen.shows_logs:
        await fetch_logs(engine, watched)
    watched.screen.close()
    return code


async def _watched(engine: Engine, execution: str, how: How) -> Watched:
    row = await engine.store.get_execution(execution)
    assert row is not None, "whoever watches knows that it exists"
    program = await engine.conductor.desk.loader.program(row.definition)
    progress = Progress(execution, await engine.joins(execution), tries_of(program.workflow))
    return Watched(execution, progress, screen_for(sys.stderr, progress, quiet=how.quiet))


async def _watch(engine: Engine, watched: Watched, signals: Signals, how: How) -> ExitCode | None:
    """Return the exit code when the execution ends or only waits; None: a signal came."""
    following = asyncio.create_task(follow(engine, watched))
    drawing = asyncio.create_task(keep_drawing(engine, watched))
    waiting = asyncio.create_task(until_only_waiting(engine, watched)) if how.exit_on_wait else None
    tasks = [task for task in (following, drawing, waiting) if task is not None]
    awaited: list[asyncio.Future[Any]] = [*tasks, signals.first]
    try:
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()  # raises what went wrong
        if following.done() or (waiting is not None and waiting.done()):
            return ExitCode.WAITING
        return None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stopping_words(engine: Engine) -> str:
    grace = engine.config.shutdown_grace_seconds
    return (
        f"stopping: nothing new is handed off, what runs has {grace:g}s to end; "
        "once more to end at once"
    )


def _tell_ending(view: ExecutionView, code: ExitCode, how: How, *, kept: bool) -> None:
    lines: list[Line] = []
    if view.settled:
        lines += error_lines(view)
        if kept and code != ExitCode.SUCCEEDED:
            lines.append(look_further(view, how.db))
    elif kept:
        words = "only waits" if code == ExitCode.WAITING else "stopped, nothing is lost"
        lines.append(
            line(
                Part(f"{words}: go on with ", Role.WAITING),
                Part(f"segue resume {view.id}{how.db}", Role.STRONG),
            )
        )
    if lines and not how.quiet:
        print_lines(lines, sys.stderr, detect(sys.stderr, os.environ))
    if view.settled or how.as_json:
        print_result(view, as_json=how.as_json)


@contextmanager
def _notices(watched: Watched) -> Iterator[None]:
    """Show what the engine logs beside the progress."""
    handler = NoticeHandler(watched.screen.notice)
    logger = logging.getLogger("segue")
    logger.addHandler(handler)
    propagated, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
