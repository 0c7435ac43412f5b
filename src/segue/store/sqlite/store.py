"""The store over one SQLite file."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import apsw

from segue.core.events import Recorded
from segue.core.status import Status
from segue.store.chosen import Chosen
from segue.store.port import (
    Change,
    CommitResult,
    Definition,
    EngineRow,
    ExecutionRow,
    Health,
    KeyRow,
    LogChunk,
    ParkedRow,
    ProcessMark,
    Snapshot,
    Tree,
    Work,
    WorkKind,
)
from segue.store.sqlite import pruning, reading, writing
from segue.store.sqlite.connection import (
    BUSY_SECONDS,
    file_identity,
    open_reader,
    open_writer,
    require_in_place,
)
from segue.store.sqlite.health import check_health, settings_of
from segue.store.sqlite.log_file import LogFile
from segue.store.sqlite.thread import ConnectionThread

T = TypeVar("T")
R = TypeVar("R")

#: How often `wait_for_change` looks, in seconds.
POLL_SECONDS = 0.03


class SqliteStore:
    """A `Store` in a SQLite file. Made by `open`; may be used from any event loop.

    Reads go over a connection of their own, so that a long one doesn't keep a commit waiting,
    and see whatever was committed before they were asked for.
    """

    def __init__(
        self, path: Path, writer: ConnectionThread, reader: ConnectionThread, version: int
    ) -> None:
        self._path = path
        self._identity = file_identity(path)
        self._writer = writer
        self._reader = reader
        self._log_file = LogFile(path)
        self._version = version  # of the data, as SQLite counts the commits of others
        self._reported_version = version

    @classmethod
    async def open(
        cls, path: Path, *, busy_seconds: float = BUSY_SECONDS, vfs: str | None = None
    ) -> Self:
        """Open the file, or make it (0600, its directory 0700) with our schema.

        `busy_seconds` is how long to wait for other processes, `vfs` names a file system
        registered with SQLite. Raises `StoreError` for a file that can't be opened, is not a
        database, is not ours, or is of a newer release.
        """
        path = path.expanduser().absolute()  # noqa: ASYNC240 - waits for nothing
        file = str(path)
        opening = partial(open_writer, path, busy=busy_seconds, vfs=vfs)
        writer = await ConnectionThread.start("segue-store-writer", file, opening)
        try:
            opening = partial(open_reader, path, busy=busy_seconds, vfs=vfs)
            reader = await ConnectionThread.start("segue-store-reader", file, opening)
            version = await writer.run(writing.data_version)
        except BaseException:
            await writer.close()
            raise
        return cls(path, writer, reader, version)

    async def close(self) -> None:
        """See `Store`. The last process to close folds the log of SQLite into the file."""
        try:
            await self._reader.close()
        finally:
            await self._writer.close()

    async def put_definition(self, definition: Definition) -> None:
        """See `Store`."""
        await self._writer.run(writing.put_definition, definition)

    async def get_definition(self, hash: str) -> Definition | None:  # noqa: A002
        """See `Store`."""
        return await self._reader.run(reading.get_definition, hash)

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        """See `Store`."""
        prepared = [writing.prepare(change) for change in changes]
        if not prepared:
            return []
        return await self._writer.run(self._in_place, writing.commit, prepared)

    async def get_execution(self, execution: str) -> ExecutionRow | None:
        """See `Store`."""
        return await self._reader.run(reading.get_execution, execution)

    async def find_executions(self, prefix: str, limit: int = 10) -> Sequence[str]:
        """See `Store`."""
        return await self._reader.run(reading.find_executions, prefix, limit)

    async def list_executions(
        self,
        *,
        status: Status | None = None,
        workflow: str | None = None,
        parent: str | None = None,
        top: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> Sequence[ExecutionRow]:
        """See `Store`."""
        chosen = Chosen(status=status, workflow=workflow, parent=parent, top=top)
        return await self._reader.run(reading.list_executions, chosen, limit, offset)

    async def count_executions(
        self,
        *,
        status: Status | None = None,
        workflow: str | None = None,
        parent: str | None = None,
        top: bool = False,
    ) -> int:
        """See `Store`."""
        chosen = Chosen(status=status, workflow=workflow, parent=parent, top=top)
        return await self._reader.run(reading.count_executions, chosen)

    async def read_events(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        """See `Store`."""
        return await self._reader.run(reading.read_events, execution, after, limit)

    async def read_snapshot(self, execution: str) -> Snapshot | None:
        """See `Store`."""
        return await self._reader.run(reading.read_snapshot, execution)

    async def read_value(self, sha256: str) -> bytes | None:
        """See `Store`."""
        return await self._reader.run(reading.read_value, sha256)

    async def list_work(
        self, *, execution: str | None = None, engine: str | None = None
    ) -> Sequence[Work]:
        """See `Store`."""
        return await self._reader.run(reading.list_work, execution, engine)

    async def canceled_work(self, engine: str) -> Sequence[Work]:
        """See `Store`."""
        return await self._reader.run(reading.canceled_work, engine)

    async def note_process(
        self, execution: str, name: str, claim: int, process: ProcessMark
    ) -> bool:
        """See `Store`."""
        return await self._writer.run(writing.note_process, execution, name, claim, process)

    async def add_engine(self, engine: EngineRow) -> None:
        """See `Store`."""
        await self._writer.run(writing.add_engine, engine)

    async def beat(self, engine: str, now: float) -> bool:
        """See `Store`."""
        return await self._writer.run(writing.beat, engine, now)

    async def list_engines(self) -> Sequence[EngineRow]:
        """See `Store`."""
        return await self._reader.run(reading.list_engines)

    async def remove_engine(self, engine: str) -> None:
        """See `Store`."""
        await self._writer.run(writing.remove_engine, engine)

    async def declare_lost(self, engine: str, heartbeat_at: float) -> bool:
        """See `Store`."""
        return await self._writer.run(writing.declare_lost, engine, heartbeat_at)

    async def claim_work(
        self,
        engine: str,
        *,
        execution: str | None = None,
        kinds: Collection[WorkKind] | None = None,
        due_by: float | None = None,
        limit: int = 1000,
    ) -> Sequence[Work]:
        """See `Store`."""
        free = writing.Free(execution=execution, kinds=kinds, due_by=due_by)
        return await self._writer.run(writing.claim_work, engine, free, limit)

    async def release_work(
        self,
        engine: str,
        *,
        keep: Collection[tuple[str, str]] = (),
        renewed: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        """See `Store`."""
        await self._writer.run(writing.release_work, engine, list(keep), renewed or {})

    async def note_parked(self, rows: Sequence[ParkedRow]) -> None:
        """See `Store`."""
        await self._writer.run(writing.note_parked, rows)

    async def list_parked(self, execution: str | None = None) -> Sequence[ParkedRow]:
        """See `Store`."""
        return await self._reader.run(reading.list_parked, execution)

    async def append_log(self, chunks: Sequence[LogChunk]) -> None:
        """See `Store`."""
        await self._writer.run(writing.append_log, chunks)

    async def read_log(
        self, execution: str, *, task: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, LogChunk]]:
        """See `Store`."""
        return await self._reader.run(reading.read_log, execution, task, after, limit)

    async def put_key(self, key: KeyRow) -> None:
        """See `Store`."""
        await self._writer.run(self._in_place, writing.put_key, key)

    async def get_keys(self, names: Collection[str]) -> Mapping[str, KeyRow]:
        """See `Store`."""
        return await self._reader.run(reading.get_keys, names)

    async def list_keys(self, prefix: str = "", limit: int | None = None) -> Sequence[KeyRow]:
        """See `Store`."""
        return await self._reader.run(reading.list_keys, prefix, limit)

    async def delete_key(self, name: str) -> bool:
        """See `Store`."""
        return await self._writer.run(self._in_place, writing.delete_key, name)

    async def find_prunable(
        self, before: float, *, statuses: Collection[Status] = (), limit: int | None = None
    ) -> Sequence[Tree]:
        """See `Store`."""
        return await self._reader.run(pruning.find_prunable, before, statuses, limit)

    async def prune(self, tops: Collection[str], before: float) -> Sequence[str]:
        """See `Store`."""
        return await self._writer.run(pruning.prune, tops, before)

    async def wait_for_change(self, timeout: float) -> bool:  # noqa: ASYNC109
        """See `Store`. What this object itself writes is no change."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        reported = self._reported_version
        while True:
            self._writer.require_open()
            if not self._log_file.is_quiet():
                # The writer's connection tells others' commits from its own; no other could.
                self._version = await self._writer.run(writing.data_version)
            if self._version != reported:
                self._reported_version = self._version
                return True
            left = until - loop.time()
            if left <= 0:
                return False
            await asyncio.sleep(min(POLL_SECONDS, left))

    async def check_health(self) -> Health:
        """See `Store`."""
        found = await self._reader.run(check_health, self._path)
        # Each connection has its own; it is the one that writes on which something hangs.
        return replace(found, settings=await self._writer.run(settings_of))

    def _in_place(
        self, connection: apsw.Connection, write: Callable[[apsw.Connection, T], R], what: T
    ) -> R:
        """Write what somebody will rely on: into a file that is still where it was."""
        require_in_place(self._path, self._identity)
        return write(connection, what)
