"""Something that must never be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant does not hold for an execution.

    `invariant` is its id ("I7"), `seq` the event at which it shows (None: not in the log itself,
    but in what is kept beside it), `message` says what was found.
    """

    execution: str
    invariant: str
    seq: int | None
    message: str
