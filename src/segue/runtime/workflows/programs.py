"""Programs by the hash of their definition: from memory, or from the store."""

from collections import OrderedDict

from segue.core.program import Program
from segue.runtime.workflows.definitions import Prepared, load_program
from segue.store.port import Definition, Store, UnreadableError


class Programs:
    """See the module. The latest `most` stay in memory."""

    def __init__(self, store: Store, *, most: int = 200) -> None:
        self._store = store
        self._most = most
        self._known: OrderedDict[str, tuple[Definition, Program]] = OrderedDict()

    async def keep(self, prepared: Prepared) -> None:
        """Keep a definition, durably, and its program in memory. Raises `StoreError`."""
        await self._store.put_definition(prepared.definition)
        self._remember(prepared.definition, prepared.program)

    async def find(self, definition: str) -> Program:
        """Return the program of a definition by its hash. Raises as `with_source`."""
        _, program = await self.with_source(definition)
        return program

    async def with_source(self, definition: str) -> tuple[Definition, Program]:
        """Return a definition by its hash, and its program.

        Raises `UnreadableError` for one that is not kept or can't be read, `StoreError`.
        """
        known = self._known.get(definition)
        if known is None:
            stored = await self._store.get_definition(definition)
            if stored is None:
                raise UnreadableError(f"The definition {definition} is not in the store.")
            known = stored, load_program(stored)
            self._remember(*known)
        return known

    def _remember(self, definition: Definition, program: Program) -> None:
        self._known[definition.hash] = definition, program
        self._known.move_to_end(definition.hash)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
