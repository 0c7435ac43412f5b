"""An event loop that is a whole world: its time is virtual, its processes can be killed.

Each process has a queue of its own, served first come first served, as in asyncio; which process
goes on next is drawn. So what one process does between two awaits is atomic, and processes
interleave in any way that they could.
"""

import asyncio
import heapq
import random
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar, TypeVarTuple, Unpack

from segue.runtime.errors import EngineStoppedError

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class Process:
    """A process: what runs in its context dies with it, and its clock may be wrong."""

    def __init__(self, name: str, *, steps_left: int | None = None) -> None:
        self.name = name
        self.host = name
        self.started_at = 0.0
        self.queue: deque[asyncio.Handle] = deque()
        self.dead = False
        self.stalled_until = 0.0
        self.skew = 0.0
        self.most_skew = 0.0
        self.identities = 0
        self.steps_left = steps_left
        self.on_death: Callable[[], None] | None = None
        #: What it would have been told, had it lived a little longer.
        self.untold: list[asyncio.Handle] = []

    def set_clock(self, skew: float) -> None:
        """Let the clock of its machine jump to so many seconds from the right time."""
        self.skew = skew
        self.most_skew = max(skew, self.most_skew)

    def die(self) -> None:
        """End as `kill -9` does: nothing of it runs any more, not even to clean up."""
        if self.dead:
            return
        self.dead = True
        self.untold += self.queue
        self.queue.clear()
        if self.on_death is not None:
            self.on_death()


_PROCESS: ContextVar[Process] = ContextVar("process")


def current_process() -> Process:
    """Return the process in which this runs."""
    return _PROCESS.get()


class SimulationError(AssertionError):
    """The simulation found something that must not be."""


class SimLoop(asyncio.AbstractEventLoop):
    """See the module. `order` draws who goes on."""

    def __init__(self, order: random.Random) -> None:
        self.root = Process("world")
        self.troubles: list[str] = []
        self.steps = 0
        self._order = order
        self._now = 0.0
        self._number = 0
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Process]] = []
        self._processes = [self.root]
        self._everyone = [self.root]
        self._tasks: list[asyncio.Task[Any]] = []
        self.root_context = copy_context()
        self.root_context.run(_PROCESS.set, self.root)

    def later(self, seconds: float, callback: Callable[[], object]) -> None:
        """Do something in the world itself, which no process has a hand in."""
        self.call_at(self._now + seconds, callback, context=self.root_context)

    # -- processes -------------------------------------------------------------------------

    def spawn(
        self, process: Process, coroutine: Coroutine[Any, Any, _T], name: str = ""
    ) -> asyncio.Task[_T]:
        """Begin a task in a process, which may be a new one."""
        if process not in self._processes:
            self._processes = [one for one in self._processes if not one.dead]
            self._processes.append(process)
            self._everyone.append(process)
        context = copy_context()
        context.run(_PROCESS.set, process)
        task = asyncio.Task(coroutine, loop=self, context=context, name=name or process.name)
        self._tasks.append(task)
        return task

    def run(self, until: Callable[[], bool], *, latest: float, most_steps: int) -> bool:
        """Let the world go on until something holds; False: time or steps were over before."""
        asyncio._set_running_loop(self)
        last = self.steps + most_steps
        try:
            while not until():
                if self.steps >= last:
                    return False
                if not self._step(latest):
                    return until()
            return True
        finally:
            asyncio._set_running_loop(None)

    def unheard(self) -> list[str]:
        """Return the errors of tasks that nobody has asked for, and nobody was about to.

        That the engine was stopped is said to all, whatever they are about.
        """
        untold = {
            argument
            for process in self._everyone
            for handle in process.untold
            for argument in handle._args or ()  # (of one that was called off)
            if isinstance(argument, asyncio.Task)
        }
        return [
            f"{task.get_name()}: {task.exception()!r}"
            for task in self._tasks
            if task.done()
            and not task.cancelled()
            and task._log_traceback
            and task not in untold
            and not isinstance(task.exception(), EngineStoppedError)
        ]

    def dispose(self) -> None:
        """Let go of everything that still waits, without a word."""
        asyncio._set_running_loop(self)
        try:
            for process in self._everyone:
                process.dead = True
            for task in self._tasks:
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                coroutine = task.get_coro()
                # What it does to clean up is of no interest, nor is what comes of that.
                with suppress(Exception):
                    self.root_context.run(coroutine.close)
        finally:
            asyncio._set_running_loop(None)
        self._tasks.clear()
        self._timers.clear()

    def _step(self, latest: float) -> bool:
        """Let one process do one thing; pass time if none can. False: nothing is left to do."""
        self._ripen()
        able = [one for one in self._processes if one.queue and one.stalled_until <= self._now]
        if not able:
            return self._pass_time(latest)
        process = able[0] if len(able) == 1 else self._order.choice(able)
        handle = process.queue.popleft()
        if handle.cancelled():
            return True
        self.steps += 1
        if process.steps_left is not None:
            process.steps_left -= 1
            if process.steps_left < 0:
                process.untold.append(handle)
                process.die()
                return True
        handle._run()
        return True

    def _ripen(self) -> None:
        while self._timers and self._timers[0][0] <= self._now:
            _, _, handle, process = heapq.heappop(self._timers)
            if not handle.cancelled() and not process.dead:
                process.queue.append(handle)

    def _pass_time(self, latest: float) -> bool:
        while self._timers and (self._timers[0][2].cancelled() or self._timers[0][3].dead):
            heapq.heappop(self._timers)
        waking = [one.stalled_until for one in self._processes if one.queue]
        if self._timers:
            waking.append(self._timers[0][0])
        if not waking or min(waking) > latest:
            self._now = max(self._now, latest)
            return False
        self._now = max(self._now, min(waking))
        return True

    # -- what asyncio needs of a loop --------------------------------------------------------

    def time(self) -> float:
        return self._now

    def call_soon(
        self,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        process = _PROCESS.get() if context is None else context.get(_PROCESS, self.root)
        (process.untold if process.dead else process.queue).append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        process = _PROCESS.get() if context is None else context.get(_PROCESS, self.root)
        self._number += 1
        heapq.heappush(self._timers, (when, self._number, handle, process))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Coroutine[Any, Any, _T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[_T]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks.append(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        process = _PROCESS.get(self.root)
        if not process.dead:
            self.troubles.append(f"{process.name}: {context['message']}: {error!r}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing: it is thrown away when it is due."""

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False
