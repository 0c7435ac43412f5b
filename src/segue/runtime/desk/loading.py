"""Executions as they are decided upon: from memory, or from the store."""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass

from segue.core.codec import decode_state
from segue.core.evolve import fold
from segue.core.program import Program
from segue.core.state import NEW, State
from segue.runtime.workflows.programs import Programs
from segue.store.port import Definition, ExecutionRow, Store, UnreadableError

_log = logging.getLogger(__name__)

#: How many events are read at a time: a long log is never whole in memory.
PAGE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An execution in memory. `row` is None while it has not been written yet.

    `definition` is the hash of its definition; `snapshot` the number of events that the latest
    snapshot covers. `folder` is where relative paths in the definition begin. `source` is
    the definition itself where the execution is new: it is written with it.
    """

    execution: str
    definition: str
    program: Program
    state: State
    row: ExecutionRow | None = None
    snapshot: int = 0
    folder: str | None = None
    source: Definition | None = None


class Loader:
    """See the module. States are remembered for executions that we conduct, the latest used.

    A remembered state may be old: a change that was decided from it is refused by the store then,
    and it is loaded anew.
    """

    def __init__(self, store: Store, programs: Programs, *, states: int = 1000) -> None:
        self._store = store
        self._programs = programs
        self._states: OrderedDict[str, Loaded] = OrderedDict()
        self._most = states

    def remember(self, loaded: Loaded) -> None:
        """Keep an execution in memory."""
        self._states[loaded.execution] = loaded
        self._states.move_to_end(loaded.execution)
        if len(self._states) > self._most:
            self._states.popitem(last=False)

    def remembers(self, execution: str) -> bool:
        """Return whether an execution is in memory."""
        return execution in self._states

    def forget(self, execution: str) -> None:
        """Load an execution anew the next time."""
        self._states.pop(execution, None)

    def forget_all(self) -> None:
        """Load everything anew the next time."""
        self._states.clear()

    async def fresh(self, execution: str, definition: str, folder: str | None = None) -> Loaded:
        """Return an execution that does not exist yet. Raises `StoreError`."""
        source, program = await self._programs.with_source(definition)
        return Loaded(
            execution=execution,
            definition=definition,
            program=program,
            state=NEW,
            folder=folder,
            source=source,
        )

    async def load(self, execution: str) -> Loaded | None:
        """Return an execution as far as we know it (None: there is no such).

        Raises `UnreadableError` for one that can't be read, `StoreError`.
        """
        known = self._states.get(execution)
        if known is not None:
            self._states.move_to_end(execution)
            return known
        row = await self._store.get_execution(execution)
        if row is None:
            return None
        try:
            return await self._read(row)
        except UnreadableError:
            if await self._store.get_execution(execution) is None:
                return None  # it was removed while we read it
            raise

    async def _read(self, row: ExecutionRow) -> Loaded:
        execution = row.id
        program = await self._programs.find(row.definition)
        state, snapshot = await self._snapshot(execution)
        while page := await self._store.read_events(execution, state.seq, PAGE):
            state = fold(state, [recorded.event for recorded in page])
            await asyncio.sleep(0)
        if state.seq < row.seq:
            raise UnreadableError(f"Execution {execution} has {state.seq} of {row.seq} events.")
        return Loaded(
            execution=execution,
            definition=row.definition,
            program=program,
            state=state,
            row=row,
            snapshot=snapshot,
        )

    async def _snapshot(self, execution: str) -> tuple[State, int]:
        snapshot = await self._store.read_snapshot(execution)
        if snapshot is None:
            return NEW, 0
        try:
            state = decode_state(snapshot.data)
        except Exception:  # noqa: BLE001
            # A snapshot only saves time: one of another release is as good as none.
            _log.warning("the snapshot of %s can't be read; folding its log", execution)
            return NEW, 0
        return state, snapshot.seq
