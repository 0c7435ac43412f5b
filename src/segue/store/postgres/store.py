"""The store over one PostgreSQL database."""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from secrets import token_hex
from typing import Self

import psycopg

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
    StoreError,
    Tree,
    Work,
    WorkKind,
)
from segue.store.postgres import pruning, queries, reading, schema, writing
from segue.store.postgres.errors import in_words_of_the_port
from segue.store.postgres.hints import Announcer, Listener
from segue.store.postgres.link import PATIENCE_SECONDS, Link
from segue.store.postgres.reading import fetch
from segue.store.postgres.target import Target
from segue.store.rows import (
    definition_of,
    engine_of,
    execution_of,
    key_of,
    recorded_of,
    snapshot_of,
    work_of,
)
from segue.store.soundness import referred

_log = logging.getLogger(__name__)

#: After so many seconds a writer sees again that there is a row for its answers.
KNOWN_SECONDS = 86_400.0


class PostgresStore:
    """A `Store` in a PostgreSQL database. Made by `open`; for one event loop.

    One connection writes, another reads, a third listens for hints once somebody waits for one. A
    connection that is lost is made again; what was being written then is looked up, so that
    nothing is written twice and nothing that was written is taken for lost.
    """

    def __init__(self, target: Target, patience: float) -> None:
        self._target = target
        self._writer = Link(target, patience)
        self._reader = Link(target, patience)
        self._id = token_hex(16)
        self._number = 0
        self._known_at: float | None = None  # since when there is a row for our answers
        self._channel = f"segue_{target.schema}"
        self._listener = Listener(target, self._channel, self._id)
        self._announcer = Announcer(self._tell)

    @classmethod
    async def open(cls, url: str, *, patience: float = PATIENCE_SECONDS) -> Self:
        """Connect, and make the schema or bring it to ours.

        `patience` is how long a server that was there may be away before it is an error, in
        seconds. Raises `StoreError` for a URL that means nothing, a server that is out of
        reach, and a schema that is not ours or newer.
        """
        target = Target.of(url)
        store = cls(target, patience)
        try:
            await store._writer.open()
            await store._writer.run(partial(_prepare, target))
            await store._reader.open()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """See `Store`."""
        await self._announcer.close()
        await self._listener.close()
        if self._known_at is not None:
            self._known_at = None
            try:
                await self._write(queries.FORGET_WRITER, (self._id,), tell=False)
            except StoreError as error:
                _log.debug("what was answered last is left behind: %s", error)
        await self._reader.close()
        await self._writer.close()

    async def put_definition(self, definition: Definition) -> None:
        """See `Store`."""
        row = (definition.hash, definition.name, definition.source, definition.file)
        await self._write(queries.PUT_DEFINITION, row, tell=False)

    async def get_definition(self, hash: str) -> Definition | None:  # noqa: A002
        """See `Store`."""
        rows = await self._reader.run(lambda one: fetch(one, queries.GET_DEFINITION, (hash,)))
        return definition_of(rows[0]) if rows else None

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        """See `Store`."""
        self._writer.require_open()
        bindings = writing.prepare(changes)
        definitions = [one.definition for one in changes if one.definition is not None]
        refer = any(referred(change) for change in changes)
        if not changes:
            return []
        await self._make_known()
        self._number += 1
        number, again = self._number, False

        async def write(connection: psycopg.AsyncConnection) -> Sequence[CommitResult]:
            nonlocal again
            if again:
                answers = await writing.answers_of(connection, self._id, number)
                if answers is not None:
                    return answers
            again = True
            if not definitions and not refer:
                return await writing.commit(connection, self._id, number, bindings)
            async with connection.transaction():
                await pruning.keep_definitions(connection, definitions)
                answers = await writing.commit(connection, self._id, number, bindings)
                await pruning.keep_values(connection, changes, answers)
                return answers

        results = await self._writer.run(write)
        self._announcer.announce()
        return results

    async def get_execution(self, execution: str) -> ExecutionRow | None:
        """See `Store`."""
        rows = await self._reader.run(lambda one: fetch(one, queries.GET_EXECUTION, (execution,)))
        return execution_of(rows[0]) if rows else None

    async def find_executions(self, prefix: str, limit: int = 10) -> Sequence[str]:
        """See `Store`."""
        search = {"prefix": prefix, "limit": limit}
        rows = await self._reader.run(lambda one: fetch(one, queries.FIND_EXECUTIONS, search))
        return [str(execution) for (execution,) in rows]

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
        rows = await self._reader.run(
            lambda one: reading.list_executions(one, chosen, limit, offset)
        )
        return [execution_of(row) for row in rows]

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
        return await self._reader.run(lambda one: reading.count_executions(one, chosen))

    async def read_events(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        """See `Store`."""
        wanted = (execution, after, limit)
        rows = await self._reader.run(lambda one: fetch(one, queries.READ_EVENTS, wanted))
        return [recorded_of(execution, row) for row in rows]

    async def read_snapshot(self, execution: str) -> Snapshot | None:
        """See `Store`."""
        rows = await self._reader.run(lambda one: fetch(one, queries.READ_SNAPSHOT, (execution,)))
        return snapshot_of(rows[0]) if rows else None

    async def read_value(self, sha256: str) -> bytes | None:
        """See `Store`."""
        rows = await self._reader.run(lambda one: fetch(one, queries.READ_VALUE, (sha256,)))
        return bytes(rows[0][0]) if rows else None

    async def list_work(
        self, *, execution: str | None = None, engine: str | None = None
    ) -> Sequence[Work]:
        """See `Store`."""
        query = queries.LIST_WORK[execution is not None, engine is not None]
        search = {"execution": execution, "engine": engine}
        rows = await self._reader.run(lambda one: fetch(one, query, search))
        return [work_of(row) for row in rows]

    async def canceled_work(self, engine: str) -> Sequence[Work]:
        """See `Store`."""
        rows = await self._reader.run(lambda one: fetch(one, queries.CANCELED_WORK, (engine,)))
        return [work_of(row) for row in rows]

    async def note_process(
        self, execution: str, name: str, claim: int, process: ProcessMark
    ) -> bool:
        """See `Store`."""
        noted = (process.group, process.started_at, execution, name, claim)
        return await self._write(queries.NOTE_PROCESS, noted, tell=False) > 0

    async def add_engine(self, engine: EngineRow) -> None:
        """See `Store`."""
        await self._writer.run(lambda one: writing.add_engine(one, engine))
        self._announcer.announce()

    async def beat(self, engine: str, now: float) -> bool:
        """See `Store`."""
        return await self._write(queries.BEAT, (now, engine), tell=False) > 0

    async def list_engines(self) -> Sequence[EngineRow]:
        """See `Store`."""
        rows = await self._reader.run(lambda one: fetch(one, queries.LIST_ENGINES))
        return [engine_of(row) for row in rows]

    async def remove_engine(self, engine: str) -> None:
        """See `Store`."""
        await self._forget_engine(engine, None)

    async def declare_lost(self, engine: str, heartbeat_at: float) -> bool:
        """See `Store`."""
        return await self._forget_engine(engine, heartbeat_at)

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
        names = None if kinds is None else [kind.value for kind in kinds]
        free = writing.Free(execution=execution, kinds=names, due_by=due_by)
        if not await self._reader.run(lambda one: reading.has_free_work(one, free)):
            return []
        await self._make_known()
        wanted = writing.Claim(
            engine=engine,
            free=free,
            limit=limit,
            writer=self._id,
            token=token_hex(16),
        )
        again = False

        async def claim(connection: psycopg.AsyncConnection) -> Sequence[Work]:
            nonlocal again
            if again:  # wait for what may have been begun before the connection was lost
                await writing.answers_of(connection, self._id, self._number)
            again = True
            return await writing.claim_work(connection, wanted)

        claimed = await self._writer.run(claim)
        if claimed:
            self._announcer.announce()
        return claimed

    async def release_work(
        self,
        engine: str,
        *,
        keep: Collection[tuple[str, str]] = (),
        renewed: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        """See `Store`."""
        kept, new = list(keep), renewed or {}
        bindings = {
            "engine": engine,
            "kept_executions": [execution for execution, _ in kept],
            "kept_names": [name for _, name in kept],
            "executions": [execution for execution, _ in new],
            "names": [name for _, name in new],
            "data": list(new.values()),
        }
        await self._write(queries.RELEASE_WORK, bindings)

    async def note_parked(self, rows: Sequence[ParkedRow]) -> None:
        """See `Store`."""
        await self._writer.run(lambda one: writing.note_parked(one, rows))

    async def list_parked(self, execution: str | None = None) -> Sequence[ParkedRow]:
        """See `Store`."""
        return await self._reader.run(lambda one: reading.list_parked(one, execution))

    async def append_log(self, chunks: Sequence[LogChunk]) -> None:
        """See `Store`. If the connection is lost meanwhile, a piece may be kept twice."""
        if chunks:
            await self._writer.run(lambda one: writing.append_log(one, chunks))
            self._announcer.announce()

    async def read_log(
        self, execution: str, *, task: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, LogChunk]]:
        """See `Store`."""
        return await self._reader.run(
            lambda one: reading.read_log(one, execution, task, after, limit)
        )

    async def put_key(self, key: KeyRow) -> None:
        """See `Store`."""
        await self._writer.run(lambda one: writing.put_key(one, key))

    async def get_keys(self, names: Collection[str]) -> Mapping[str, KeyRow]:
        """See `Store`."""
        return await self._reader.run(lambda one: reading.get_keys(one, names))

    async def list_keys(self, prefix: str = "", limit: int | None = None) -> Sequence[KeyRow]:
        """See `Store`."""
        search = {"prefix": prefix, "limit": limit}
        rows = await self._reader.run(lambda one: fetch(one, queries.LIST_KEYS, search))
        return [key_of(row) for row in rows]

    async def delete_key(self, name: str) -> bool:
        """See `Store`."""
        return await self._write(queries.DELETE_KEY, (name,), tell=False) > 0

    async def find_prunable(
        self, before: float, *, statuses: Collection[Status] = (), limit: int | None = None
    ) -> Sequence[Tree]:
        """See `Store`."""
        return await self._reader.run(
            lambda one: pruning.find_prunable(one, before, statuses, limit)
        )

    async def prune(self, tops: Collection[str], before: float) -> Sequence[str]:
        """See `Store`."""
        return await self._writer.run(lambda one: pruning.prune(one, tops, before))

    async def wait_for_change(self, timeout: float) -> bool:  # noqa: ASYNC109
        """See `Store`. What this object itself writes is no change."""
        self._writer.require_open()
        changed = await self._listener.wait(timeout)
        self._writer.require_open()
        return changed

    async def check_health(self) -> Health:
        """See `Store`."""
        return await self._reader.run(lambda one: reading.check_health(one, self._target))

    async def _write(
        self,
        query: queries.Query,
        bindings: Sequence[object] | Mapping[str, object],
        *,
        tell: bool = True,
    ) -> int:
        """Write something that comes to the same if it is written twice; return how many rows."""

        async def write(connection: psycopg.AsyncConnection) -> int:
            return (await connection.execute(query, bindings)).rowcount

        rows = await self._writer.run(write)
        if tell:
            self._announcer.announce()
        return rows

    async def _forget_engine(self, engine: str, heartbeat_at: float | None) -> bool:
        gone = await self._writer.run(lambda one: writing.forget_engine(one, engine, heartbeat_at))
        if gone:
            self._announcer.announce()
        return gone

    async def _make_known(self) -> None:
        """See that there is a row for the answers to what we write.

        Others remove that of a writer that has written nothing for a week.
        """
        now = time.time()
        if self._known_at is None or abs(now - self._known_at) > KNOWN_SECONDS:
            await self._write(queries.FORGET_OLD_WRITERS, (), tell=False)
            await self._write(queries.ADD_WRITER, (self._id,), tell=False)
            self._known_at = now

    async def _tell(self) -> None:
        try:
            with in_words_of_the_port(self._target.shown):
                await self._reader.run(
                    lambda one: fetch(one, queries.NOTIFY, (self._channel, self._id))
                )
        except StoreError as error:
            _log.debug("others were not told: %s", error)


async def _prepare(target: Target, connection: psycopg.AsyncConnection) -> None:
    await schema.migrate(connection, target)
