"""Telling others that something was written, and hearing it from them.

It is done outside of the transaction that wrote: NOTIFY inside of one makes all that notify commit
one after the other. So a hint may be lost with the process that would have given it, and nobody
relies on one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
from psycopg import sql

from segue.store.postgres.target import Target

#: So long after a write others are told, in seconds: of many writes with one hint.
DELAY_SECONDS = 0.005
#: Between tries to listen again, in seconds.
_PAUSE_SECONDS = 1.0


class Listener:
    """Counts what others have told, over a connection of its own."""

    def __init__(self, target: Target, channel: str, own: str) -> None:
        self._target = target
        self._channel = channel
        self._own = own
        self._task: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self._count = 0
        self._reported = 0
        self._ready = asyncio.Event()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until somebody has told something since the last time this was said."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="segue-store-hints")
            await self._ready.wait()
        reported = self._reported
        while self._count == reported:
            self._heard.clear()
            left = until - loop.time()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._heard.wait()
        self._reported = self._count
        return True

    def wake(self) -> None:
        """Let all go who wait."""
        self._count += 1
        self._heard.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self.wake()

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.Error):
                connection = await self._target.connect()
                async with connection:
                    await connection.execute(
                        sql.SQL("LISTEN {}").format(sql.Identifier(self._channel))
                    )
                    self._begin()
                    async for notice in connection.notifies():
                        if notice.payload != self._own:
                            self.wake()
            self._begin()
            await asyncio.sleep(_PAUSE_SECONDS)

    def _begin(self) -> None:
        """Nobody knows what was told before, or while nobody listened."""
        self.wake()
        self._ready.set()


class Announcer:
    """Tells others, a little later, and once for many writes."""

    def __init__(self, tell: Callable[[], Awaitable[None]]) -> None:
        self._tell = tell
        self._task: asyncio.Task[None] | None = None
        self._wanted = False

    def announce(self) -> None:
        """See that others are told."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._later(), name="segue-store-announce")

    async def close(self) -> None:
        """Tell what is still to be told."""
        if self._task is not None:
            await self._task

    async def _later(self) -> None:
        while self._wanted:
            await asyncio.sleep(DELAY_SECONDS)
            self._wanted = False
            await self._tell()
