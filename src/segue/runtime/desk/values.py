"""Reading values that are kept beside the log: what references stand for."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

import msgspec

from segue.core.events import AnyEvent
from segue.core.references import event_with_values, written_references
from segue.expressions.limits import MAX_FETCHED
from segue.store.port import Store, UnreadableError
from segue.values import JsonValue, references_in, with_values

#: How many bytes of JSON are kept in memory for the next who asks.
CACHED_BYTES = 32 * 1024 * 1024


class ValuesTooLargeError(Exception):
    """What is asked for at once is more than the engine takes into its memory."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size / 2**20:.0f} MiB, at most {MAX_FETCHED // 2**20} MiB")


class Values:
    """Reads what references stand for. The latest read stay in memory, up to a size."""

    def __init__(self, store: Store, *, cached_bytes: int = CACHED_BYTES) -> None:
        self._store = store
        self._most = cached_bytes
        self._cached: OrderedDict[str, tuple[JsonValue, int]] = OrderedDict()
        self._size = 0

    async def read(self, sha256: str) -> tuple[JsonValue, int]:
        """Return a value, and how many bytes of JSON it is.

        Raises `UnreadableError` for one that is not kept or was changed, `StoreError`.
        """
        known = self._cached.get(sha256)
        if known is not None:
            self._cached.move_to_end(sha256)
            return known
        data = await self._store.read_value(sha256)
        if data is None:
            raise UnreadableError(f"The value {sha256} is not in the store.")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UnreadableError(f"The value {sha256} is damaged: its hash is another one.")
        value: JsonValue = msgspec.json.decode(data)
        found = value, len(data)
        self._remember(sha256, found)
        return found

    async def follow(self, value: JsonValue) -> JsonValue:
        """Return a value with what the references in it stand for.

        Raises `ValuesTooLargeError` if that is too much at once, and what `read` raises.
        """
        found = {one.sha256: one.size for one in references_in(value)}
        return with_values(value, await self._all(found)) if found else value

    async def follow_event(self, event: AnyEvent) -> AnyEvent:
        """Return an event with what the references in it stand for. Raises as `follow`."""
        found = {one.sha256: one.size for one in written_references(event)}
        return event_with_values(event, await self._all(found))

    async def _all(self, sizes: Mapping[str, int]) -> Mapping[str, JsonValue]:
        if sum(sizes.values()) > MAX_FETCHED:
            raise ValuesTooLargeError(sum(sizes.values()))
        return {sha256: (await self.read(sha256))[0] for sha256 in sizes}

    def _remember(self, sha256: str, found: tuple[JsonValue, int]) -> None:
        if sha256 in self._cached or found[1] > self._most:  # others may have read it meanwhile
            return
        self._cached[sha256] = found
        self._size += found[1]
        while self._size > self._most:
            _, (_, size) = self._cached.popitem(last=False)
            self._size -= size
