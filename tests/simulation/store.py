"""The store as one process sees it: far away, and not always well.

Behind it is the memory store, which outlives all processes, as a database does.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Protocol

from tests.simulation.weather import Weather

from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult, Work

#: The methods of a store that change something.
WRITES = frozenset(
    {
        "put_definition",
        "commit",
        "note_parked",
        "note_process",
        "add_engine",
        "beat",
        "remove_engine",
        "declare_lost",
        "claim_work",
        "release_work",
        "append_log",
        "put_key",
        "delete_key",
        "prune",
    }
)
#: Those that read the log of an execution, or what stands for a part of it.
READS = frozenset({"read_events", "read_snapshot"})


class Clerk(Protocol):
    """Who takes note of what is written."""

    def about_to_write(
        self, changes: Sequence[Change], works: Mapping[tuple[str, str], Work]
    ) -> None:
        """Take note of what is outstanding before a group is written."""
        ...

    def claimed(
        self,
        found: Sequence[Work],
        before: Mapping[tuple[str, str], Work],
        living: Collection[str],
    ) -> None:
        """Take note of what was claimed, and of what was before."""
        ...

    def written(self, changes: Sequence[Change], results: Sequence[CommitResult]) -> None:
        """Take note of a group that was written."""
        ...

    def about_to_prune(
        self,
        logs: Mapping[str, Sequence[tuple[float, bytes]]],
        values: Mapping[str, bytes],
    ) -> None:
        """Take note of all that there is before some of it is removed."""
        ...

    def pruned(self, executions: Sequence[str]) -> None:
        """Take note of the executions that were removed."""
        ...


class FarStore:
    """A `Store`. Its methods are those of the memory store, with what can go wrong around them."""

    def __init__(self, inner: MemoryStore, weather: Weather, clerk: Clerk) -> None:
        self._inner = inner
        self._weather = weather
        self._clerk = clerk
        self._seen = 0

    async def close(self) -> None:
        """Nothing: the database stays."""

    async def wait_for_change(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Wait, and look now and then whether there was a write; a hint may be missing."""
        if self._weather.happens("deaf", 5.0):
            await asyncio.sleep(timeout)
            return False
        if self._seen == self._inner._writes:
            await asyncio.sleep(timeout / 2)
        if self._seen == self._inner._writes:
            await asyncio.sleep(timeout / 2)
        changed = self._seen != self._inner._writes
        self._seen = self._inner._writes
        return changed

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        method = getattr(self._inner, name)
        weather, clerk, writes = self._weather, self._clerk, name in WRITES

        async def call(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(weather.latency())
            weather.before(writes=writes)
            if name in READS:
                weather.before_reading(args[0])
            if name == "commit":
                clerk.about_to_write(args[0], self._inner._work)
            if name == "prune":
                clerk.about_to_prune(self._inner._events, self._inner._values)
            before = dict(self._inner._work) if name == "claim_work" else {}
            living = set(self._inner._engines) if name == "claim_work" else set()
            result = await method(*args, **kwargs)
            if name == "claim_work":
                clerk.claimed(result, before, living)
            if name == "commit":
                clerk.written(args[0], result)
            if name == "prune":
                clerk.pruned(result)
            await asyncio.sleep(weather.latency())
            weather.after(writes=writes)
            return result

        setattr(self, name, call)
        return call
