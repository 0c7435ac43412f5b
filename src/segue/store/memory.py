"""The store that keeps nothing: for `--db :memory:`, and the fake that stands in for a database.

It passes the same suite as the databases. Events are kept encoded, so that what comes back has
been through the same door as with them.
"""

import asyncio
import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from segue.core.errors import InternalError
from segue.core.events import Recorded, decode, encode
from segue.core.status import Status
from segue.store.port import (
    Change,
    CommitResult,
    Committed,
    Conflict,
    Definition,
    EngineRow,
    ExecutionRow,
    Fenced,
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
from segue.store.soundness import referred, require_sound, storable


class MemoryStore:
    """A `Store` in the memory of this process, for one event loop.

    Nothing in it awaits while it changes something: each method is a transaction by itself.
    """

    def __init__(self) -> None:
        self._definitions: dict[str, Definition] = {}
        self._executions: dict[str, ExecutionRow] = {}
        self._events: dict[str, list[tuple[float, bytes]]] = {}
        self._work: dict[tuple[str, str], Work] = {}  # in order of making
        self._snapshots: dict[str, Snapshot] = {}
        self._engines: dict[str, EngineRow] = {}
        self._log: dict[int, LogChunk] = {}  # by number
        self._logged = 0
        self._keys: dict[str, tuple[bytes, float]] = {}
        self._values: dict[str, bytes] = {}
        self._uses: dict[str, set[str]] = {}  # execution: hashes
        self._parked: dict[str, tuple[int, ParkedRow]] = {}  # execution: as of so many events
        self._closed = False
        self._writes = 0
        self._seen = 0
        self._written = asyncio.Event()

    async def close(self) -> None:
        """Forget everything."""
        self._closed = True
        self._written.set()

    async def put_definition(self, definition: Definition) -> None:
        """See `Store`."""
        self._require_open()
        self._definitions.setdefault(definition.hash, definition)

    async def get_definition(self, hash: str) -> Definition | None:  # noqa: A002
        """See `Store`."""
        self._require_open()
        return self._definitions.get(hash)

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        """See `Store`."""
        self._require_open()
        for change in changes:
            require_sound(change)
        # Encoding may fail, and the group is written as a whole or not at all.
        encoded = [[(one.at, encode(one.event)) for one in change.events] for change in changes]
        results = self._judge(changes)
        self._require_values(changes)
        for change, events, result in zip(changes, encoded, results, strict=True):
            if isinstance(result, Committed):
                self._apply(change, events)
        self._announce()
        return results

    async def get_execution(self, execution: str) -> ExecutionRow | None:
        """See `Store`."""
        self._require_open()
        return self._executions.get(execution)

    async def find_executions(self, prefix: str, limit: int = 10) -> Sequence[str]:
        """See `Store`."""
        self._require_open()
        return sorted(one for one in self._executions if one.startswith(prefix))[:limit]

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
        self._require_open()
        rows = sorted(
            self._matching(status, workflow, parent, top=top),
            key=lambda row: (row.created_at, row.id),
            reverse=True,
        )
        return rows[offset:] if limit is None else rows[offset : offset + limit]

    async def count_executions(
        self,
        *,
        status: Status | None = None,
        workflow: str | None = None,
        parent: str | None = None,
        top: bool = False,
    ) -> int:
        """See `Store`."""
        self._require_open()
        return len(list(self._matching(status, workflow, parent, top=top)))

    async def read_events(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        """See `Store`."""
        self._require_open()
        events = self._events.get(execution, [])[after:]
        return [
            Recorded(seq=seq, at=at, event=decode(data))
            for seq, (at, data) in enumerate(
                events if limit is None else events[:limit], start=after + 1
            )
        ]

    async def read_snapshot(self, execution: str) -> Snapshot | None:
        """See `Store`."""
        self._require_open()
        return self._snapshots.get(execution)

    async def read_value(self, sha256: str) -> bytes | None:
        """See `Store`."""
        self._require_open()
        return self._values.get(sha256)

    async def list_work(
        self, *, execution: str | None = None, engine: str | None = None
    ) -> Sequence[Work]:
        """See `Store`."""
        self._require_open()
        return [
            work
            for work in self._work.values()
            if execution in {None, work.execution} and engine in {None, work.engine}
        ]

    async def canceled_work(self, engine: str) -> Sequence[Work]:
        """See `Store`."""
        self._require_open()
        return [work for work in self._work.values() if work.cancel and work.engine == engine]

    async def note_process(
        self, execution: str, name: str, claim: int, process: ProcessMark
    ) -> bool:
        """See `Store`."""
        self._require_open()
        work = self._work.get((execution, name))
        if work is None or work.claim != claim:
            return False
        self._work[execution, name] = replace(work, process=process)
        self._announce()
        return True

    async def add_engine(self, engine: EngineRow) -> None:
        """See `Store`."""
        self._require_open()
        self._engines[engine.id] = engine
        self._announce()

    async def beat(self, engine: str, now: float) -> bool:
        """See `Store`."""
        self._require_open()
        row = self._engines.get(engine)
        if row is None:
            return False
        self._engines[engine] = replace(row, heartbeat_at=now)
        return True

    async def list_engines(self) -> Sequence[EngineRow]:
        """See `Store`."""
        self._require_open()
        return [self._engines[engine] for engine in sorted(self._engines)]

    async def remove_engine(self, engine: str) -> None:
        """See `Store`."""
        self._require_open()
        if self._engines.pop(engine, None) is not None:
            self._announce()

    async def declare_lost(self, engine: str, heartbeat_at: float) -> bool:
        """See `Store`."""
        self._require_open()
        row = self._engines.get(engine)
        if row is None or row.heartbeat_at != heartbeat_at:
            return False
        del self._engines[engine]
        self._announce()
        return True

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
        self._require_open()
        if engine not in self._engines:
            return []
        free = [
            work
            for work in self._work.values()
            if (work.engine is None or work.engine not in self._engines)
            and execution in {None, work.execution}
            and (kinds is None or work.kind in kinds)
            and (due_by is None or (work.due is not None and work.due <= due_by))
        ]
        if due_by is not None:
            free.sort(key=lambda work: work.due or 0.0)
        claimed = [replace(work, engine=engine, claim=work.claim + 1) for work in free[:limit]]
        self._work.update({(work.execution, work.name): work for work in claimed})
        if claimed:
            self._announce()
        return claimed

    async def release_work(
        self,
        engine: str,
        *,
        keep: Collection[tuple[str, str]] = (),
        renewed: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        """See `Store`."""
        self._require_open()
        kept = set(keep)
        for key, work in self._work.items():
            if work.engine == engine and key not in kept:
                data = (renewed or {}).get(key, work.data)
                self._work[key] = replace(work, engine=None, data=data)
        self._announce()

    async def note_parked(self, rows: Sequence[ParkedRow]) -> None:
        """See `Store`."""
        self._require_open()
        for row in rows:
            if row.execution in self._executions:
                seq = len(self._events[row.execution])
                self._parked[row.execution] = seq, replace(row, problem=storable(row.problem))
        self._announce()

    async def list_parked(self, execution: str | None = None) -> Sequence[ParkedRow]:
        """See `Store`."""
        self._require_open()
        return [
            row
            for name, (seq, row) in sorted(self._parked.items())
            if execution in {None, name} and seq == len(self._events[name])
        ]

    async def append_log(self, chunks: Sequence[LogChunk]) -> None:
        """See `Store`."""
        self._require_open()
        for chunk in chunks:
            self._logged += 1
            self._log[self._logged] = replace(chunk, text=storable(chunk.text))
        self._announce()

    async def read_log(
        self, execution: str, *, task: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, LogChunk]]:
        """See `Store`."""
        self._require_open()
        return [
            (number, chunk)
            for number, chunk in self._log.items()
            if number > after and chunk.execution == execution and task in {None, chunk.task}
        ][:limit]

    async def put_key(self, key: KeyRow) -> None:
        """See `Store`."""
        self._require_open()
        self._keys[key.name] = msgspec.json.encode(key.value), key.updated_at
        self._announce()

    async def get_keys(self, names: Collection[str]) -> Mapping[str, KeyRow]:
        """See `Store`."""
        self._require_open()
        return {name: self._key(name) for name in names if name in self._keys}

    async def list_keys(self, prefix: str = "", limit: int | None = None) -> Sequence[KeyRow]:
        """See `Store`."""
        self._require_open()
        names = sorted(name for name in self._keys if name.startswith(prefix))
        return [self._key(name) for name in (names if limit is None else names[:limit])]

    async def delete_key(self, name: str) -> bool:
        """See `Store`."""
        self._require_open()
        if self._keys.pop(name, None) is None:
            return False
        self._announce()
        return True

    async def find_prunable(
        self, before: float, *, statuses: Collection[Status] = (), limit: int | None = None
    ) -> Sequence[Tree]:
        """See `Store`."""
        self._require_open()
        found = [
            Tree(top=row, executions=len(tree), events=sum(one.seq for one in tree))
            for row in self._executions.values()
            if (not statuses or row.status in statuses) and (tree := self._prunable(row, before))
        ]
        found.sort(key=lambda tree: (tree.top.created_at, tree.top.id))
        return found if limit is None else found[:limit]

    async def prune(self, tops: Collection[str], before: float) -> Sequence[str]:
        """See `Store`."""
        self._require_open()
        rows = [self._executions[one] for one in dict.fromkeys(tops) if one in self._executions]
        gone = {one.id for row in rows for one in self._prunable(row, before)}
        for execution in gone:
            del self._executions[execution]
            self._events.pop(execution, None)
            self._snapshots.pop(execution, None)
            self._uses.pop(execution, None)
            self._parked.pop(execution, None)
        self._log = {n: chunk for n, chunk in self._log.items() if chunk.execution not in gone}
        used = {row.definition for row in self._executions.values()}
        self._definitions = {
            hash_: one for hash_, one in self._definitions.items() if hash_ in used
        }
        referred_to: set[str] = set().union(*self._uses.values())
        self._values = {key: data for key, data in self._values.items() if key in referred_to}
        self._announce()
        return sorted(gone)

    async def wait_for_change(self, timeout: float) -> bool:  # noqa: ASYNC109
        """See `Store`. Here it is any write: several engines may share this object."""
        self._require_open()
        if self._seen == self._writes:
            try:
                async with asyncio.timeout(timeout):
                    await self._written.wait()
            except TimeoutError:
                return False
        self._seen = self._writes
        self._written.clear()
        return True

    async def check_health(self) -> Health:
        """See `Store`."""
        self._require_open()
        settled = sorted(
            {work.execution for work in self._work.values() if self._is_settled(work.execution)}
        )
        return Health(
            backend="memory",
            location=":memory:",
            version=f"Python {platform.python_version()}",
            schema=0,
            executions=len(self._executions),
            events=sum(len(events) for events in self._events.values()),
            outstanding=len(self._work),
            size_bytes=0,
            problems=[f"execution {one} is settled and has outstanding work" for one in settled],
        )

    def _require_open(self) -> None:
        if self._closed:
            raise StoreError("The store is closed.", code="store_closed")

    def _key(self, name: str) -> KeyRow:
        value, updated_at = self._keys[name]
        return KeyRow(name=name, value=msgspec.json.decode(value), updated_at=updated_at)

    def _announce(self) -> None:
        self._writes += 1
        self._written.set()

    def _judge(self, changes: Sequence[Change]) -> list[CommitResult]:
        """Answer each change as if those before it were written, and write nothing.

        A mistake in a later change is found before an earlier one has had an effect.
        """
        seqs: dict[str, int] = {}
        claims: dict[tuple[str, str], int | None] = {}  # None: ended by a change before

        def claim_of(execution: str, name: str) -> int | None:
            if (execution, name) in claims:
                return claims[execution, name]
            work = self._work.get((execution, name))
            return None if work is None else work.claim

        results: list[CommitResult] = []
        for change in changes:
            execution = change.row.id
            seq = seqs.get(execution, len(self._events.get(execution, ())))
            lost = next((n for n, claim in change.fences if claim_of(execution, n) != claim), None)
            if seq != change.expected:
                results.append(Conflict(seq))
                continue
            if lost is not None:
                results.append(Fenced(lost))
                continue
            seqs[execution] = change.row.seq
            claims.update({(execution, name): None for name in change.ended})
            for new in change.new_work:
                if claim_of(execution, new.name) is not None:
                    raise InternalError(f"execution {execution}: {new.name} is outstanding already")
                claims[execution, new.name] = 1
            results.append(Committed())
        return results

    def _require_values(self, changes: Sequence[Change]) -> None:
        known = {value.sha256 for change in changes for value in change.values}
        for change in changes:
            for sha256 in referred(change):
                if sha256 not in known and sha256 not in self._values:
                    raise InternalError(f"execution {change.row.id}: no value {sha256} is kept")

    def _apply(self, change: Change, events: list[tuple[float, bytes]]) -> None:
        execution = change.row.id
        self._values.update({value.sha256: value.data for value in change.values})
        self._uses.setdefault(execution, set()).update(referred(change))
        if change.definition is not None:
            self._definitions.setdefault(change.definition.hash, change.definition)
        self._executions[execution] = change.row
        self._events.setdefault(execution, []).extend(events)
        for name in change.ended:
            self._work.pop((execution, name), None)
        for new in change.new_work:
            self._work[execution, new.name] = Work(
                execution=execution,
                name=new.name,
                kind=new.kind,
                data=new.data,
                due=new.due,
                engine=change.claimed_by,
                claim=1,
                cancel=False,
                process=None,
            )
        for name in change.canceled:
            work = self._work.get((execution, name))
            if work is not None:
                self._work[execution, name] = replace(work, cancel=True)
        if change.snapshot is not None:
            self._snapshots[execution] = change.snapshot

    def _prunable(self, top: ExecutionRow, before: float) -> list[ExecutionRow]:
        """Return the tree of a top in which nothing lives; nothing for all others."""
        if top.parent in self._executions:
            return []
        tree = [top]
        for above in tree:  # grows as it goes
            tree += self._matching(None, None, above.id, top=False)
        busy = {work.execution for work in self._work.values()}
        old = all(
            row.settled and max(row.created_at, row.updated_at) < before and row.id not in busy
            for row in tree
        )
        return tree if old else []

    def _is_settled(self, execution: str) -> bool:
        row = self._executions.get(execution)
        return row is not None and row.settled

    def _matching(
        self, status: Status | None, workflow: str | None, parent: str | None, *, top: bool
    ) -> Iterable[ExecutionRow]:
        return (
            row
            for row in self._executions.values()
            if status in {None, row.status}
            and workflow in {None, row.workflow}
            and parent in {None, row.parent}
            and not (top and row.parent is not None)
        )
