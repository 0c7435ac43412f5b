"""Following executions to their end, on a screen, with the user's signals heard."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import FrameType

from segue.cli.exit_codes import ExitCode
from segue.cli.problem import Problem
from segue.cli.watch.progress import Progress
from segue.cli.watch.screen import Screen
from segue.cli.watch.tails import LogTails
from segue.core.events import Recorded
from segue.core.reasoning import tries_of
from segue.core.status import Status
from segue.runtime.desk.ids import child_id
from segue.runtime.desk.paging import events_after
from segue.runtime.engine import Engine
from segue.runtime.errors import EngineStoppedError
from segue.store.port import ExecutionRow, Store, WorkKind

#: A frame is drawn at most so often, in seconds, and takes at most a tenth of the time.
FRAME_SECONDS = 0.1
FRAME_SHARE = 0.1
#: Of how many errors, the latest, the output is fetched.
_SHOWN_ERRORS = 20
#: How many sub-workflows of an execution, the latest, its tree tells of.
_SHOWN_CHILDREN = 100
#: After a second signal, what still cleans up is left behind when so many seconds have passed.
HARD_EXIT_SECONDS = 3.0
#: Until then, commands have this long to end by themselves before they are killed, in seconds.
TERM_SECONDS = 1.0


class Signals:
    """Hears SIGINT and SIGTERM. The first one is a request; a second one ends the process.

    Also where the event loop stands still, because an action keeps it from going on: the second one
    is a matter of the process alone.
    """

    def __init__(self) -> None:
        self.first: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
        self.twice = False
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._first: signal.Signals | None = None
        self._hard: threading.Timer | None = None

    @contextmanager
    def heard(self) -> Iterator["Signals"]:
        """Hear them inside of this block."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._caught) for number in numbers}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler or signal.SIG_DFL)

    def _caught(self, number: int, _: FrameType | None) -> None:
        if self._first is None:
            self._first = signal.Signals(number)
        elif self._hard is None:
            # What runs is told to end on the way out; what does not is found by whoever resumes.
            code = code_of_signal(self._first)
            self._hard = threading.Timer(HARD_EXIT_SECONDS, os._exit, (code,))
            self._hard.daemon = True
            self._hard.start()
        with suppress(RuntimeError):  # the loop is closed: the end is near
            self._loop.call_soon_threadsafe(self._hear, signal.Signals(number))

    def _hear(self, number: signal.Signals) -> None:
        if not self.first.done():
            self.first.set_result(number)
            return
        if self.twice:
            return  # it is at its end already, and that is bounded
        self.twice = True
        if self._main is not None:
            self._main.cancel()


def code_of_signal(number: signal.Signals) -> ExitCode:
    """Return the exit code after a signal."""
    return ExitCode.TERMINATED if number is signal.SIGTERM else ExitCode.INTERRUPTED


async def end_everything(engine: Engine) -> None:
    """End all that goes on in this process, and return when it has cleaned up.

    Commands are told to end, and killed if they do not. Raises nothing.
    """
    me = asyncio.current_task()
    assert me is not None
    me.uncancel()
    stopping = asyncio.create_task(engine.conductor.stop(0))
    await asyncio.wait([stopping], timeout=TERM_SECONDS)
    others = asyncio.all_tasks() - {me}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass(slots=True)
class Watched:
    """An execution that is followed, and what is known of it."""

    progress: Progress
    seq: int = 0
    tails: LogTails = field(init=False)

    def __post_init__(self) -> None:
        self.tails = LogTails(self.execution)

    @property
    def execution(self) -> str:
        """Its id."""
        return self.progress.execution


async def follow(engine: Engine, watched: Watched, screen: Screen) -> None:
    """Show what happens in an execution until it is settled or the engine stops."""
    try:
        async for recorded in engine.events(watched.execution, watched.seq):
            _take(watched, recorded, screen)
    except EngineStoppedError:
        return


async def catch_up(engine: Engine, watched: Watched, screen: Screen | None = None) -> None:
    """Take in what has been recorded by now, also of an engine that is stopping."""
    async for recorded in events_after(engine.store, watched.execution, watched.seq):
        _take(watched, recorded, screen)


def _take(watched: Watched, recorded: Recorded, screen: Screen | None) -> None:
    watched.seq = recorded.seq
    watched.progress.add(recorded)
    if screen is not None:
        screen.happened(watched.execution, recorded)


async def keep_drawing(engine: Engine, all_watched: Sequence[Watched], screen: Screen) -> None:
    """Draw again and again. Never returns."""
    while True:
        began = time.perf_counter()
        if screen.shows_logs:
            for watched in all_watched:
                await fetch_logs(engine, watched)
                await fetch_children(engine, watched)
        screen.draw()
        took = time.perf_counter() - began
        await asyncio.sleep(max(FRAME_SECONDS, took / FRAME_SHARE))


async def until_only_waiting(engine: Engine, all_watched: Sequence[Watched]) -> None:
    """Return when no execution does anything but wait, and it is sure."""
    took = 0.0
    while True:
        await asyncio.sleep(max(FRAME_SECONDS, took / FRAME_SHARE))
        began = time.perf_counter()
        going_on = [watched for watched in all_watched if not watched.progress.settled]
        if going_on and all([await _surely_waits(engine, watched) for watched in going_on]):
            return
        took = time.perf_counter() - began


async def _surely_waits(engine: Engine, watched: Watched) -> bool:
    row = await engine.store.get_execution(watched.execution)
    return row is not None and row.seq == watched.seq and await _only_waits(engine.store, row)


async def _only_waits(store: Store, row: ExecutionRow) -> bool:
    """Return whether nothing of an execution runs or may start, and all that is left waits.

    What it waits for is a delay, the time of a retry, or a person; paused, it waits for one, too.
    What runs for it as a sub-workflow has to do nothing but wait itself.
    """
    if row.settled or row.status is Status.REQUESTED:
        return False
    if row.status is Status.PAUSED:
        return True
    for work in await store.list_work(execution=row.id):
        if work.kind is WorkKind.ATTEMPT or work.cancel:
            return False
        if work.kind is WorkKind.CHILD:
            child = await store.get_execution(child_id(row.id, work.name))
            if child is None or not await _only_waits(store, child):
                return False
    return True


async def stop_gently(
    engine: Engine, all_watched: Sequence[Watched], screen: Screen, grace: float
) -> None:
    """Stop the engine, showing what still ends in the meantime."""
    stopping = asyncio.create_task(engine.conductor.stop(grace))
    try:
        while not stopping.done():
            await asyncio.wait([stopping], timeout=FRAME_SECONDS)
            for watched in all_watched:
                await catch_up(engine, watched, screen)
            screen.draw()
        await stopping
    finally:
        stopping.cancel()


async def fetch_logs(engine: Engine, watched: Watched) -> None:
    """Get what the tasks that failed last have printed in the end. Raises `StoreError`."""
    if not watched.progress.started:
        return
    logs = watched.progress.logs
    for error in watched.progress.view.errors[-_SHOWN_ERRORS:]:
        if error.task is not None and error.visit is not None:
            key = (error.task, error.visit)
            if key not in logs:
                await watched.tails.read(engine.store, error.task)
                logs[key] = watched.tails.lines(*key)


async def fetch_children(engine: Engine, watched: Watched) -> None:
    """Get the latest sub-workflows of an execution. Raises `StoreError`."""
    if watched.progress.started:
        rows = await engine.children(watched.execution, limit=_SHOWN_CHILDREN)
        watched.progress.children = rows


async def progress_of(engine: Engine, execution: str) -> Progress:
    """Return an empty progress that knows the definition of an execution."""
    workflow = await engine.workflow(execution)
    return Progress(execution, await engine.joins(execution), tries_of(workflow))


async def require_task(engine: Engine, execution: str, task: str) -> None:
    """Raise `Problem` if the workflow of an execution has no such task."""
    tasks = tuple((await engine.workflow(execution)).tasks)
    if task not in tasks:
        close = get_close_matches(task, tasks, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(tasks)}"
        message = f"the workflow of {execution} has no task {task!r}"
        raise Problem(message, hint=hint, code=ExitCode.NOT_FOUND)
