"""The stores that the contract holds for. One more store is one more line in `BACKENDS`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from tests.contract.running import run_if_coroutine, runner
from tests.support.postgres_server import running_server, schema_for

from segue.store.memory import MemoryStore
from segue.store.port import Store
from segue.store.postgres import PostgresStore
from segue.store.sqlite import SqliteStore

__all__ = ["runner"]


class Backend(Protocol):
    """A place that keeps data, and can be opened several times at once."""

    durable: bool  # it still has the data when everybody has closed it

    async def open(self) -> Store: ...


class MemoryBackend:
    durable = False

    def __init__(self, directory: Path) -> None:
        self._store = MemoryStore()

    async def open(self) -> Store:
        return self._store


class SqliteBackend:
    durable = True

    def __init__(self, directory: Path) -> None:
        self._path = directory / "segue.db"

    async def open(self) -> Store:
        return await SqliteStore.open(self._path)


class PostgresBackend:
    durable = True

    def __init__(self, directory: Path) -> None:
        self._url = running_server().url(schema=schema_for(directory))

    async def open(self) -> Store:
        return await PostgresStore.open(self._url)


BACKENDS: dict[str, type[MemoryBackend | SqliteBackend | PostgresBackend]] = {
    "memory": MemoryBackend,
    "sqlite": SqliteBackend,
    "postgres": PostgresBackend,
}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return BACKENDS[request.param](tmp_path)


@pytest.fixture
def store(runner: asyncio.Runner, backend: Backend) -> Iterator[Store]:
    store = runner.run(backend.open())
    yield store
    runner.run(store.close())


@pytest.fixture
def other(runner: asyncio.Runner, backend: Backend, store: Store) -> Iterator[Store]:
    """The same data as `store`, as another process has it open."""
    other = runner.run(backend.open())
    yield other
    runner.run(other.close())


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    return run_if_coroutine(pyfuncitem)
