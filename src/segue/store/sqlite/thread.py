"""A thread that alone touches one connection, and the way there from an event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Concatenate, ParamSpec, Self, TypeVar

import apsw

from segue.store.port import StoreError
from segue.store.sqlite.errors import in_words_of_the_port

P = ParamSpec("P")
T = TypeVar("T")


class ConnectionThread:
    """Runs functions over a connection, one after the other, in the order they were given.

    A call costs one hop there and one back. It may be used from any event loop. The thread is a
    daemon: a process that ends without `close` leaves what a crash would, which is sound.
    """

    def __init__(self, name: str, file: str) -> None:
        self._file = file
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._connection: apsw.Connection | None = None
        self._closing = False
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @classmethod
    async def start(cls, name: str, file: str, opening: Callable[[], apsw.Connection]) -> Self:
        """Open a connection in a thread of its own.

        Raises `StoreError` where it can't be opened; nothing is left behind then.
        """
        thread = cls(name, file)

        def open_here() -> None:
            thread._connection = opening()

        try:
            await thread._call(open_here)
        except BaseException:
            thread._closing = True
            thread._jobs.put(None)
            raise
        return thread

    def require_open(self) -> None:
        """Raise `StoreError` after `close`."""
        if self._closing:
            raise StoreError(f"The database {self._file} is closed.", code="store_closed")

    async def run(
        self,
        function: Callable[Concatenate[apsw.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return what the function gives for the connection and these arguments.

        Raises `StoreError` instead of SQLite's errors. Who is cancelled while waiting doesn't
        know whether the function ran.
        """
        self.require_open()

        def run_here() -> T:
            assert self._connection is not None
            return function(self._connection, *args, **kwargs)

        return await self._call(run_here)

    async def close(self) -> None:
        """Close the connection after all that was asked before, and end the thread."""
        if self._closing:
            return
        self._closing = True

        def close_here() -> None:
            if self._connection is not None:
                self._connection.close()

        try:
            await self._call(close_here)
        finally:
            self._jobs.put(None)

    def _call(self, function: Callable[[], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def deliver(result: T | None, error: BaseException | None) -> None:
            if future.done():  # whoever waited was cancelled
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def job() -> None:
            result: T | None = None
            problem: BaseException | None = None
            try:
                with in_words_of_the_port(self._file):
                    result = function()
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                problem = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(deliver, result, problem)

        self._jobs.put(job)
        return future

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
