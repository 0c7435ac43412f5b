"""A connection that is made again when it was lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from psycopg import errors

from segue.store.port import StoreError
from segue.store.postgres.errors import in_words_of_the_port
from segue.store.postgres.target import Target

T = TypeVar("T")

#: How long a server that was there may be away before it is an error, in seconds.
PATIENCE_SECONDS = 30.0
#: The pauses between tries: a server that is started again needs a second or two.
_PAUSES = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0)
#: What the server undid altogether, and may well do when it is asked again.
_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure)


class Link:
    """Runs functions over a connection, one after the other.

    A function is called again where the connection was lost, or the server undid it: it must come
    to the same then, or find out what became of the first time.
    """

    def __init__(self, target: Target, patience: float) -> None:
        self._target = target
        self._patience = patience
        self._connection: psycopg.AsyncConnection | None = None
        self._lock = asyncio.Lock()
        self._closed = False

    async def open(self) -> None:
        """Connect. Raises `StoreError` at once where that can't be."""
        with in_words_of_the_port(self._target.shown):
            self._connection = await self._target.connect()

    async def close(self) -> None:
        """Give the connection back, after what runs over it."""
        self._closed = True
        async with self._lock:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None

    def require_open(self) -> None:
        """Raise `StoreError` after `close`."""
        if self._closed:
            raise StoreError(f"The database {self._target.shown} is closed.", code="store_closed")

    async def run(self, function: Callable[[psycopg.AsyncConnection], Awaitable[T]]) -> T:
        """Return what the function gives. Raises `StoreError`, `InternalError`."""
        self.require_open()
        async with self._lock:
            with in_words_of_the_port(self._target.shown):
                return await self._run(function)

    async def _run(self, function: Callable[[psycopg.AsyncConnection], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        tries = 0
        while True:
            self.require_open()
            try:
                if self._connection is None:
                    self._connection = await self._target.connect()
                return await function(self._connection)
            except psycopg.OperationalError as error:
                lost = self._connection is None or self._connection.closed
                if lost and self._connection is not None:
                    await self._connection.close()
                    self._connection = None
                again = isinstance(error, _AGAIN) or (lost and not _is_refusal(error))
                if not again or loop.time() >= until:
                    raise
            await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1


def _is_refusal(error: psycopg.OperationalError) -> bool:
    """Whether the server is there, and will refuse us the next time as well."""
    state = error.sqlstate or ""
    return state.startswith(("28", "3D", "42"))
