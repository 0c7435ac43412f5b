"""What waits to be decided."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segue.core.stimuli import AttemptEnded, Outcome, Stimulus
from segue.runtime.desk.intake import Limits, take_in
from segue.runtime.desk.questions import Question
from segue.store.port import ExecutionRow
from segue.transport.port import Job

#: How many bytes of big values one batch writes at most, if more than one result has some.
BATCH_BYTES = 32 * 1024 * 1024
#: While more bytes of big values than this wait, no further action begins.
ROOM_BYTES = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """A stimulus on its way into an execution.

    `fence` is the (name, claim) of the work whose outcome it is. `answer` is told the row that
    the commit wrote, or why there was none. `due` is when a timer was to fire: whatever the clock
    says when it is decided, that time has come. `folder` is where relative paths begin in the
    definition of an execution that starts. `conducts`: this engine is to conduct the execution from
    then on. `tries` counts the commits that came to nothing. `counted`: events followed from it;
    not from what comes too late, or was asked for before. `doubtful`: the store failed while it
    was written, so that it may have counted before. `values` are what references in an
    outcome stand for and what may not be kept yet.
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
    doubtful: bool = False
    values: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_timer(self) -> bool:
        """Whether it is a timer that has fired."""
        return self.due > 0

    @property
    def weight(self) -> int:
        """How many bytes its values have."""
        return sum(map(len, self.values.values()))

    def grant(self, row: ExecutionRow | None) -> None:
        """Say that it is durable (None: there was nothing to write)."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(row)

    def refuse(self, error: BaseException) -> None:
        """Say that nothing has happened, or that it can't be known."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


def ended(one: Job | Question, outcome: Outcome) -> AttemptEnded:
    """Return what happens to its execution when an attempt has this outcome."""
    return AttemptEnded(
        task=one.task, visit=one.visit, attempt=one.attempt, item=one.item, outcome=outcome
    )


def outcome_entry(one: Job | Question, claim: int, outcome: Outcome) -> Entry:
    """Return the outcome of an attempt that is held under a claim, on its way."""
    return Entry(execution=one.execution, stimulus=ended(one, outcome), fence=(one.name, claim))


class Inbox:
    """Entries, first come first served, taken out in batches.

    Results come in as they are, and wait here within `limits`.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._entries: deque[Entry] = deque()
        self._filled = asyncio.Event()
        self._timers = 0
        self._weight = 0
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def timers(self) -> int:
        """How many of the entries are timers that have fired."""
        return self._timers

    def outcomes(self) -> Iterable[tuple[str, str]]:
        """Give the (execution, name) of all work of which an outcome waits here."""
        return [(entry.execution, entry.fence[0]) for entry in self._entries if entry.fence]

    def put(self, entry: Entry) -> None:
        """Add an entry at the end."""
        if isinstance(entry.stimulus, AttemptEnded):
            taken = take_in(entry.stimulus, self.limits)
            entry.stimulus, entry.values = taken.stimulus, taken.values
        self._entries.append(entry)
        self._count([entry], 1)
        self._filled.set()

    def put_back(self, entries: Iterable[Entry]) -> None:
        """Put entries that came to nothing back to where they were: before all that came later."""
        entries = list(entries)
        self._entries.extendleft(reversed(entries))
        self._count(entries, 1)
        if self._entries:
            self._filled.set()

    async def wait(self) -> None:
        """Return when there is something."""
        await self._filled.wait()

    def take(self, limit: int) -> list[Entry]:
        """Take out up to `limit` entries, with big values up to a bound (but for the first)."""
        taken: list[Entry] = []
        weight = 0
        while self._entries and len(taken) < limit:
            weight += self._entries[0].weight
            if taken and weight > BATCH_BYTES:
                break
            taken.append(self._entries.popleft())
        self._count(taken, -1)
        if not self._entries:
            self._filled.clear()
        return taken

    async def wait_for_room(self) -> None:
        """Return when not too many big results wait here for their turn."""
        await self._room.wait()

    def _count(self, entries: Sequence[Entry], sign: int) -> None:
        self._timers += sign * sum(entry.is_timer for entry in entries)
        self._weight += sign * sum(entry.weight for entry in entries)
        if self._weight > ROOM_BYTES:
            self._room.clear()
        else:
            self._room.set()
