"""A clock that goes when it is told to, a transport that only takes note, and how to wait."""

import asyncio
import functools
import heapq
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import ParamSpec

from segue.core.stimuli import Outcome, Succeeded
from segue.transport.port import Host, Job, JobEnded
from segue.values import JsonValue

P = ParamSpec("P")

T0 = 1_800_000_000.0


def in_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run a test in an event loop of its own; one that hangs fails."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 20))

    return run


async def until(holds: Callable[[], object]) -> None:
    """Let others go on until something holds; fail if it never does."""
    for _ in range(5000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


async def settle() -> None:
    """Let everything go on that can."""
    for _ in range(200):
        await asyncio.sleep(0)


class _Alarm:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeClock:
    """Time stands still until `advance`. `set` moves the time of day and fires nothing."""

    def __init__(self) -> None:
        self._origin = T0
        self._elapsed = 0.0
        self._number = 0
        self._heap: list[tuple[float, int, _Alarm]] = []

    def now(self) -> float:
        return self._origin + self._elapsed

    def call_later(self, seconds: float, callback: Callable[[], None]) -> _Alarm:
        alarm = _Alarm(callback)
        self._number += 1
        heapq.heappush(self._heap, (self._elapsed + seconds, self._number, alarm))
        return alarm

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not future.done():
                future.set_result(None)

        alarm = self.call_later(seconds, wake)
        try:
            await future
        finally:
            alarm.cancel()

    def set(self, now: float) -> None:
        self._origin = now - self._elapsed

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due meanwhile."""
        await settle()
        end = self._elapsed + seconds
        while self._heap and self._heap[0][0] <= end:
            at, _, alarm = heapq.heappop(self._heap)
            self._pass(at)
            if alarm.callback is not None:
                alarm.callback()
                await settle()
        self._pass(end)
        await settle()

    def _pass(self, at: float) -> None:
        self._elapsed = max(self._elapsed, at)


class FakeTransport:
    """Keeps the jobs it is given; a test says how they end."""

    def __init__(self) -> None:
        self._host: Host | None = None
        self.running: list[Job] = []
        self.submitted: list[Job] = []
        self.canceled: list[str] = []
        self.abandoned: list[str] = []
        self.drained: float | None = None
        self.limit = 100
        self.no_room: set[str] = set()  # of these a test says that they have not begun

    def bind(self, host: Host) -> None:
        self._host = host

    @property
    def host(self) -> Host:
        assert self._host is not None
        return self._host

    def submit(self, job: Job) -> None:
        self.submitted.append(job)
        self.running.append(job)

    def room(self) -> int:
        return max(0, self.limit - len(self.running))

    def cancel(self, job: Job) -> None:
        if job in self.running and job.name not in self.canceled:
            self.canceled.append(job.name)

    def close(self) -> Sequence[Job]:
        waiting = [job for job in self.running if job.name in self.no_room]
        self.running = [job for job in self.running if job.name not in self.no_room]
        return waiting

    def jobs(self) -> Sequence[Job]:
        return list(self.running)

    async def drain(self, grace: float) -> None:
        self.drained = grace

    async def abandon(self) -> None:
        self.abandoned += [job.name for job in self.running]
        self.running.clear()

    # -- what a test does ------------------------------------------------------------------

    def names(self) -> list[str]:
        return [job.name for job in self.running]

    def job(self, name: str) -> Job:
        [found] = [job for job in self.running if job.name == name]
        return found

    def end(self, name: str, outcome: Outcome | None = None) -> None:
        job = self.job(name)
        self.running.remove(job)
        self.tell(job, outcome)

    def tell(self, job: Job, outcome: Outcome | None = None) -> None:
        self.host.ended(JobEnded(job=job, outcome=outcome or Succeeded()))


def always(result: JsonValue = None) -> Callable[..., Awaitable[Outcome]]:
    """An action that succeeds at once."""

    async def perform(*_: object) -> Outcome:
        return Succeeded(result=result)

    return perform
