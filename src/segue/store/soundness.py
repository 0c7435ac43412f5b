"""What a change must be in itself before any store takes it. Held alike by all adapters.

A breach is a mistake of whoever decided the change, never of a user or of the database: it is
an `InternalError`, raised before anything of the commit is written.
"""

from collections.abc import Sequence

from segue.core.errors import InternalError
from segue.store.port import Change


def require_sound(change: Change) -> None:
    """Raise `InternalError` unless the events follow on from `expected` and agree with the row."""
    seq = change.expected
    for recorded in change.events:
        seq += 1
        if recorded.seq != seq:
            raise InternalError(
                f"execution {change.row.id}: event {recorded.seq} where {seq} has to follow"
            )
    if change.row.seq != seq:
        raise InternalError(
            f"execution {change.row.id}: the row says {change.row.seq} events, there are {seq}"
        )
    if change.expected == 0 and not change.events:
        raise InternalError(f"execution {change.row.id}: it can't begin without an event")


def referred(change: Change) -> Sequence[str]:
    """Return the hashes of the values that the events of a change refer to, each once."""
    return list(dict.fromkeys(one for event in change.events for one in event.event.refers))


def storable(text: str) -> str:
    """Return the text with what no encoding knows (lone surrogates) as question marks.

    Programs print what they like; that must not hinder the keeping of the rest.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
