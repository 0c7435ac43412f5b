"""Durations as people write them: `10s`, `1h30m`, `500ms`."""

import re
from typing import Final

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

#: A century: beyond it a duration is a slip of the keyboard, and timers could overflow.
LONGEST: Final = 36_500 * 86_400.0

#: What a duration may look like as text; the JSON Schema says the same to editors.
PATTERN: Final = r"^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$"


def parse_duration(text: str) -> float | None:
    """Return the seconds that a text like `1h30m` means, or None when it means none."""
    rest = text.strip()
    seconds = 0.0
    if not rest:
        return None
    while rest:
        found = _PART.match(rest)
        if found is None:
            return None
        seconds += float(found[1]) * _SECONDS[found[2]]
        rest = rest[found.end() :]
    return seconds
