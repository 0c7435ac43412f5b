"""Templates that are one expression."""

from segue.expressions.segments import Segment, segments
from segue.values import JsonValue


def whole(value: JsonValue) -> Segment | None:
    """Return the expression that a value is, from its first character to its last."""
    if not isinstance(value, str):
        return None
    parts = segments(value)
    if len(parts) == 1 and (parts[0].start, parts[0].end) == (0, len(value)):
        return parts[0]
    return None
