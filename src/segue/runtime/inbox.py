"""What waits to be decided."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from segue.core.stimuli import Stimulus
from segue.store.port import ExecutionRow


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """A stimulus on its way into an execution.

    `fence` is the (name, claim) of the work whose outcome it is. `answer` is told the row that
    the commit wrote, or why there was none. `due` is when a timer was to fire: whatever the clock
    says when it is decided, that time has come. `folder` is where relative paths begin in the
    definition of an execution that starts. `conducts`: this engine is to conduct the execution from
    then on. `tries` counts the commits that came to nothing. `counted`: events followed from it;
    not from what comes too late, or was asked for before.
    """

    execution: str
    stimulus: Stimulus
    fence: tuple[str, int] | None = None
    answer: asyncio.Future[ExecutionRow | None] | None = None
    due: float = 0.0
    folder: str | None = None
    conducts: bool = False
    tries: int = 0
    counted: bool = False

    def grant(self, row: ExecutionRow | None) -> None:
        """Say that it is durable (None: there was nothing to write)."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(row)

    def refuse(self, error: BaseException) -> None:
        """Say that nothing has happened, or that it can't be known."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


class Inbox:
    """Entries, first come first served, taken out in batches."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: Entry) -> None:
        """Add an entry at the end."""
        self._entries.append(entry)
        self._filled.set()

    def put_back(self, entries: Iterable[Entry]) -> None:
        """Put entries that came to nothing back to where they were: before all that came later."""
        self._entries.extendleft(reversed(list(entries)))
        if self._entries:
            self._filled.set()

    async def wait(self) -> None:
        """Return when there is something."""
        await self._filled.wait()

    def take(self, limit: int) -> list[Entry]:
        """Take out up to `limit` entries."""
        taken = [self._entries.popleft() for _ in range(min(limit, len(self._entries)))]
        if not self._entries:
            self._filled.clear()
        return taken
