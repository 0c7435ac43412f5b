"""What the engine needs of a database, whichever it is.

The port knows no SQL and no database: SQLite, PostgreSQL and the memory stand behind the same
words, and one suite (`tests/contract`) holds for all. What it must give:

- *Compare-and-append.* A change names the number of events it was decided from; if the log has
  grown since, nothing of it is written, and the answer is `Conflict`.
- *Fencing.* A change that ends outstanding work names the claim it holds; if somebody else has
  claimed the work since, nothing is written, and the answer is `Fenced`.
- *All or nothing, group commit.* `commit` takes changes of any number of executions and makes
  them durable in one transaction, before it returns; a refused change does not hinder the others.
- *Claims.* A row of outstanding work says which engine has it and under which claim number. It is
  born claimed by the engine that made it. Work without an engine, or of an engine that is lost,
  can be claimed; the number grows by one with each claim.

Instants are seconds since the epoch, given by the caller: the store has no clock.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from segue.core.events import Recorded
from segue.core.status import Status
from segue.values import JsonValue


class StoreError(Exception):
    """The store can't be used: out of reach, damaged, or of a version we can't read.

    The message is for a person; `code` is stable: store_url and store_unsupported (no such
    store), store_unavailable (can't be opened), store_locked, store_read_only, store_full,
    store_io, store_too_big, store_damaged, store_foreign (of another program), store_too_new and
    store_mismatch (its schema), store_library (the database's own library), store_closed; and of
    what is done to a whole database, store_exists (a file) and store_in_use. `hint` is what to
    do about it, where that is known.
    """

    def __init__(
        self, message: str, *, code: str = "store_unavailable", hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class UnreadableError(StoreError):
    """One record of the store can't be read, and all others can: it is damaged, or lost."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="store_damaged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A workflow file as it was when an execution of it began. `hash` is over the content."""

    hash: str
    name: str
    source: str
    file: str | None = None  # as the user gave it, for messages


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRow:
    """One row per execution, for listing and finding.

    A sub-workflow runs for an `attempt` ("call#1.1") of its `parent`; `depth` is how many
    executions stand above it. `folder` is where relative paths in the definition begin.
    """

    id: str
    workflow: str
    definition: str  # hash
    status: Status
    settled: bool
    seq: int  # number of events
    created_at: float
    updated_at: float
    parent: str | None = None
    attempt: str | None = None
    depth: int = 0
    folder: str | None = None


class WorkKind(StrEnum):
    """What a piece of outstanding work is."""

    ATTEMPT = "attempt"
    CHILD = "child"  # an attempt that another execution runs for
    TIMER = "timer"
    QUESTION = "question"  # people are to answer it


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMark:
    """A process group that an attempt runs in, and when its leader started (seconds).

    Both together name a process for good: ids are used again, start times with them are not.
    """

    group: int
    started_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork:
    """Outstanding work that a change makes. `name` is unique within its execution.

    `data` is the command as JSON, opaque to the store. `due` is set for timers, and for questions
    and children that may not take for ever.
    """

    name: str
    kind: WorkKind
    data: bytes
    due: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A row of outstanding work as it stands in the store."""

    execution: str
    name: str
    kind: WorkKind
    data: bytes
    due: float | None
    engine: str | None
    claim: int
    cancel: bool  # somebody asked to end it
    process: ProcessMark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of an execution after `seq` events, opaque to the store."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BigValue:
    """A value that events refer to (`Event.refers`) and that is kept once: JSON, and its hash."""

    sha256: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one decision writes, for one execution.

    `expected` is the number of events it was decided from (0: the execution must not exist).
    `fences` are (name, claim) of work whose outcome this is: each must exist under that claim.
    `ended` names work to remove (no matter whose; missing is fine), `canceled` work to mark.
    `claimed_by` is the engine that new work belongs to, None: whoever takes it. The `definition`
    of a new execution is kept with it, if it is not there: it may have been pruned since.
    `values` are those that the events refer to and that may not be kept yet; one that is stays.
    """

    row: ExecutionRow
    expected: int
    events: Sequence[Recorded]
    new_work: Sequence[NewWork] = ()
    ended: Sequence[str] = ()
    canceled: Sequence[str] = ()
    fences: Sequence[tuple[str, int]] = ()
    claimed_by: str | None = None
    snapshot: Snapshot | None = None
    definition: Definition | None = None
    values: Sequence[BigValue] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """The change is durable. New work was born under claim 1."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The log has another length than the change was decided from; nothing was written."""

    seq: int


@dataclass(frozen=True, slots=True)
class Fenced:
    """The named work is not held under the given claim any more; nothing was written."""

    name: str


CommitResult = Committed | Conflict | Fenced


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRow:
    """An engine process, and the one heartbeat for all it has.

    `host`, `boot`, `pid` and `pid_started_at` let an engine on the same machine see at once that
    the process is gone; for others the heartbeat has to grow old.
    """

    id: str
    host: str
    boot: str
    pid: int
    pid_started_at: float
    heartbeat_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRow:
    """An execution that an engine can't go on with: which one, since when, and what hinders it."""

    execution: str
    engine: str
    at: float
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChunk:
    """A piece of what an attempt printed."""

    execution: str
    task: str
    visit: int
    attempt: int
    stream: str  # "stdout", "stderr" or "log"
    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key of the key store and its value. `updated_at` is when the value was set last."""

    name: str
    value: JsonValue
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """An execution that runs for no other, and all that run for it, directly or not.

    `executions` and `events` are counted over the whole of it, the top included.
    """

    top: ExecutionRow
    executions: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What `doctor` shows of a store. `problems` are sentences; none: it is well.

    `settings` are those on which durability hangs, as the database calls them. `free_bytes` of the
    size are used again for what comes.
    """

    backend: str
    location: str
    version: str
    schema: int
    executions: int
    events: int
    outstanding: int
    size_bytes: int
    problems: Sequence[str]
    free_bytes: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)


class Store(Protocol):
    """See the module. Methods raise `StoreError` when the store can't be used."""

    async def close(self) -> None:
        """Give back all resources. Nothing else may be called afterwards."""
        ...

    async def put_definition(self, definition: Definition) -> None:
        """Keep a definition, durably. One with the same hash is kept as it is."""
        ...

    async def get_definition(self, hash: str) -> Definition | None:  # noqa: A002
        """Return the definition with this hash."""
        ...

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        """Write the changes in one durable transaction; an answer each, in order.

        A change is looked at as if those before it in the group were written. Raises
        `InternalError` for one that contradicts itself, makes work that is outstanding already or
        refers to a value that is not kept: nothing of the group is written then. After a
        `StoreError`, and for whoever is cancelled while waiting, it is open whether the group was
        written: look.
        """
        ...

    async def get_execution(self, execution: str) -> ExecutionRow | None:
        """Return the row of an execution."""
        ...

    async def find_executions(self, prefix: str, limit: int = 10) -> Sequence[str]:
        """Return ids that begin with `prefix`, in order of id."""
        ...

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
        """Return executions, the newest first (by `created_at`, then id, both falling).

        `parent`: only those that run for this one. `top`: only those that run for none.
        """
        ...

    async def count_executions(
        self,
        *,
        status: Status | None = None,
        workflow: str | None = None,
        parent: str | None = None,
        top: bool = False,
    ) -> int:
        """Return how many `list_executions` would return without a limit."""
        ...

    async def read_events(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        """Return the events with a seq greater than `after`, in order."""
        ...

    async def read_snapshot(self, execution: str) -> Snapshot | None:
        """Return the latest snapshot of an execution."""
        ...

    async def read_value(self, sha256: str) -> bytes | None:
        """Return a value that events refer to, as JSON. None: none of this hash is kept."""
        ...

    async def list_work(
        self, *, execution: str | None = None, engine: str | None = None
    ) -> Sequence[Work]:
        """Return outstanding work, of an execution or of an engine, in order of making."""
        ...

    async def canceled_work(self, engine: str) -> Sequence[Work]:
        """Return the work of an engine that somebody asked to end."""
        ...

    async def note_process(
        self, execution: str, name: str, claim: int, process: ProcessMark
    ) -> bool:
        """Remember, durably, the process that work runs in. False: the claim is not held."""
        ...

    async def add_engine(self, engine: EngineRow) -> None:
        """Make an engine known."""
        ...

    async def beat(self, engine: str, now: float) -> bool:
        """Renew a heartbeat. False: the engine was declared lost or removed, its work is free."""
        ...

    async def list_engines(self) -> Sequence[EngineRow]:
        """Return the engines that are known and not lost, in order of id."""
        ...

    async def remove_engine(self, engine: str) -> None:
        """Forget an engine that ends in good order; the work it still has is free for others."""
        ...

    async def declare_lost(self, engine: str, heartbeat_at: float) -> bool:
        """Take an engine for lost if its heartbeat is still this one; its work becomes free."""
        ...

    async def claim_work(
        self,
        engine: str,
        *,
        execution: str | None = None,
        kinds: Collection[WorkKind] | None = None,
        due_by: float | None = None,
        limit: int = 1000,
    ) -> Sequence[Work]:
        """Claim free work, each under a new claim number, in order of making.

        Given an execution, only work of it; given kinds, only work of these; given a time, only
        what is due by then: up to the limit what is due first, in any order.

        The rows come back as they are under the new claim, with the process that the former
        holder noted. An engine that is not known (any more) claims nothing: it may not have
        noticed that it was declared lost.
        """
        ...

    async def release_work(
        self,
        engine: str,
        *,
        keep: Collection[tuple[str, str]] = (),
        renewed: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        """Give back what an engine has, but for the (execution, name) that it keeps.

        It is free for others from then on, as if the engine had ended; until somebody has claimed
        it, an outcome under the old claim still counts. `renewed` are new data for some of it.
        """
        ...

    async def note_parked(self, rows: Sequence[ParkedRow]) -> None:
        """Remember, durably, what can't go on; what was said of an execution before is replaced.

        Of an execution that is missing nothing is remembered.
        """
        ...

    async def list_parked(self, execution: str | None = None) -> Sequence[ParkedRow]:
        """Return what was noted of executions (or of one) to which nobody has written since.

        In order of the execution's id.
        """
        ...

    async def append_log(self, chunks: Sequence[LogChunk]) -> None:
        """Keep what attempts printed; what no encoding knows in it becomes a question mark."""
        ...

    async def read_log(
        self, execution: str, *, task: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[tuple[int, LogChunk]]:
        """Return numbered pieces of log after the number `after`, in order."""
        ...

    async def put_key(self, key: KeyRow) -> None:
        """Keep a key, durably; a value that it had is replaced."""
        ...

    async def get_keys(self, names: Collection[str]) -> Mapping[str, KeyRow]:
        """Return those of the named keys that there are, by name; all as of one moment."""
        ...

    async def list_keys(self, prefix: str = "", limit: int | None = None) -> Sequence[KeyRow]:
        """Return the keys whose names begin with `prefix`, in order of name (by code point)."""
        ...

    async def delete_key(self, name: str) -> bool:
        """Forget a key, durably. False: there is none of this name."""
        ...

    async def find_prunable(
        self, before: float, *, statuses: Collection[Status] = (), limit: int | None = None
    ) -> Sequence[Tree]:
        """Return the trees of which nothing lives and nothing has changed since `before`.

        All executions of such a tree are settled, none has outstanding work, and each was updated
        before that instant. `statuses`: only those whose top has one of these; none: any. In order
        of making. An execution whose parent is missing is the top of a tree.
        """
        ...

    async def prune(self, tops: Collection[str], before: float) -> Sequence[str]:
        """Remove the trees of these, in one transaction; return the executions that went.

        A tree that is not prunable (any more) stays as it is. With an execution go its events, its
        snapshot, its log and what was noted of it, with the last one of a definition the
        definition, and with the last one that refers to a value the value.
        """
        ...

    async def wait_for_change(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait until somebody else (another process) may have written; False: time passed.

        A hint only: it may come late or without cause. Whoever needs to be sure looks.
        """
        ...

    async def check_health(self) -> Health:
        """Look at versions and integrity."""
        ...
