"""References in what is written down: in events, and in states.

The values themselves are kept beside the log (`segue.values.Reference`). What is read back from
JSON has mappings in the place of references; which of them are some is said beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar, cast

import msgspec

from segue.values import Reference

#: The keys of a reference as it is written down.
_WRITTEN = frozenset({"$segue", "sha256", "size"})

S = TypeVar("S", bound=msgspec.Struct)


def hashes_in(written: object) -> tuple[str, ...]:
    """Return the hashes that an event, or a saved state, refers to, each once, in order."""
    found: set[str] = set()
    waiting = [written]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Reference):
            found.add(one.sha256)
        elif isinstance(one, msgspec.Struct):
            waiting.extend(getattr(one, name) for name in one.__struct_fields__)
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return tuple(sorted(found))


def restored(read: S, hashes: Collection[str]) -> S:
    """Return what was read from JSON with its references to these hashes.

    To no others: whatever else looks like a reference is somebody's own mapping.
    """
    return cast("S", _restored(read, hashes)) if hashes else read


def _restored(one: object, hashes: Collection[str]) -> object:
    if isinstance(one, msgspec.Struct):
        found = {name: _restored(getattr(one, name), hashes) for name in one.__struct_fields__}
        return msgspec.structs.replace(one, **found)
    if isinstance(one, Mapping):
        if is_written_reference(one) and one["sha256"] in hashes:
            return msgspec.convert(one, Reference)
        return {key: _restored(inner, hashes) for key, inner in one.items()}
    if isinstance(one, tuple):
        return tuple(_restored(inner, hashes) for inner in one)
    return [_restored(inner, hashes) for inner in one] if isinstance(one, list) else one


def is_written_reference(value: Mapping[str, object]) -> bool:
    """Return whether a mapping looks like a reference that was written down."""
    return value.keys() == _WRITTEN and value["$segue"] == "value"
