"""Sub-workflows as they are shown with the execution that they run for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segue.store.port import ExecutionRow

_ATTEMPT = re.compile(
    r"(?P<task>.*)#(?P<visit>\d+)\.(?P<attempt>\d+)(\[(?P<item>\d+)\])?", re.DOTALL
)
#: So many are told by their ids in the row of a task.
_MOST_TOLD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The attempt that a sub-workflow runs for."""

    task: str
    visit: int
    attempt: int
    item: int | None


def caller_of(row: ExecutionRow) -> Caller:
    """Return the attempt that an execution runs for, which it must do."""
    parts = _ATTEMPT.fullmatch(row.attempt or "")
    assert parts is not None, f"{row.id} runs for no attempt"
    item = parts["item"]
    return Caller(
        task=parts["task"],
        visit=int(parts["visit"]),
        attempt=int(parts["attempt"]),
        item=None if item is None else int(item),
    )


def by_task(rows: Sequence[ExecutionRow]) -> Mapping[tuple[str, int], Sequence[ExecutionRow]]:
    """Return sub-workflows by the task execution that they run for."""
    found: dict[tuple[str, int], list[ExecutionRow]] = {}
    for row in rows:
        caller = caller_of(row)
        found.setdefault((caller.task, caller.visit), []).append(row)
    return found


def told(rows: Sequence[ExecutionRow]) -> str:
    """Return which sub-workflows a task execution has, in a few words: those that go on."""
    going_on = [row.id for row in rows if not row.settled] or [row.id for row in rows]
    words = " ".join(going_on[:_MOST_TOLD])
    more = len(going_on) - _MOST_TOLD
    return f"{words} and {more} more" if more > 0 else words
