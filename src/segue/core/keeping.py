"""Big values leave the log: what a decision has made of them stands beside it from then on.

A decision works with values as they are. Afterwards every event that is too big is written anew
with references in the place of its big values, and the state is the fold of these events: so the
log, the state and what is asked of the runtime all hold the same references, and no rule of the
core knows of them. Only expressions follow them (`segue.expressions.following`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple, cast

import msgspec
from msgspec.structs import replace

from segue.core import events as e
from segue.core.decide import Decided
from segue.core.evolve import fold
from segue.core.references import hashes_in, is_written_reference
from segue.core.state import State
from segue.values import JsonValue, Reference, references_in

_encode = msgspec.json.Encoder().encode
#: What is in the JSON of everything that refers to something, or looks as if it did.
REFERENCE_MARK = b'"$segue"'
#: The fields of events that hold a value; all others hold several, by name or in order.
_ONE = frozenset({"result"})
_FIELDS = _ONE | {"context", "input", "inputs", "items", "output", "published", "variables"}


class Kept(NamedTuple):
    """What follows from a stimulus, and the values that it refers to: JSON by hash."""

    events: tuple[e.AnyEvent, ...]
    state: State
    values: Mapping[str, bytes]


class Keeper:
    """Puts the big parts of values away: those with more than `limit` bytes of JSON.

    What is put away is as small a part as possible, so that the rest can be seen without it. Where
    mappings are merged key by key they must stay mappings (`mappings` False).
    """

    def __init__(self, limit: int, *, mappings: bool = True) -> None:
        self.values: dict[str, bytes] = {}
        self._limit = limit
        self._mappings = mappings

    def keep(self, value: JsonValue) -> JsonValue:
        """Return the value with references in the place of its big parts."""
        return self.keep_encoded(value, _encode(value))

    def keep_encoded(self, value: JsonValue, data: bytes) -> JsonValue:
        """Do the same for a value whose JSON is known."""
        if len(data) <= self._limit and REFERENCE_MARK not in data:
            return value
        if isinstance(value, Mapping):
            # It must not be taken for a reference when it is read.
            whole = is_written_reference(value) or self._is_dust(value, data, value.values())
            if whole and self._mappings:
                return self._put(data)
            return {name: self.keep(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            if self._is_dust(value, data, value):
                return self._put(data)
            return [self.keep(one) for one in value]
        return self._put(data) if isinstance(value, str) else value

    def _is_dust(self, value: JsonValue, data: bytes, parts: Collection[JsonValue]) -> bool:
        """Whether it is big by many small parts, so that it can only be put away as a whole."""
        rest = len(data) - self._limit
        for part in parts:
            if rest <= 0:
                return False
            size = len(_encode(part))
            rest -= size if size > self._limit else 0
        return rest > 0 and not any(references_in(value))

    def _put(self, data: bytes) -> JsonValue:
        sha256 = hashlib.sha256(data).hexdigest()
        self.values[sha256] = data
        return cast("JsonValue", Reference(sha256, len(data)))


def put_away(before: State, decided: Decided, limit: int) -> Kept:
    """Return what was decided with references in the place of values of more than `limit` bytes.

    `before` is the state that it was decided from.
    """
    deep = before.deep
    values: dict[str, bytes] = {}
    events: list[e.AnyEvent] = []
    for event in decided.events:
        if isinstance(event, e.ExecutionStarted):
            deep = event.deep
        keeper = Keeper(limit, mappings=not deep)
        events.append(_kept(event, keeper, limit, refers=decided.refers))
        values.update(keeper.values)
    if all(one is event for one, event in zip(events, decided.events, strict=True)):
        return Kept(decided.events, decided.state, values)
    return Kept(tuple(events), fold(before, events), values)


def _kept(event: e.AnyEvent, keeper: Keeper, limit: int, *, refers: bool) -> e.AnyEvent:
    """Return the event as it stands in the log; `refers`: there may be references in it."""
    fields = _fields_of(type(event))
    if not fields:
        return event
    data = e.encode(event)
    if len(data) <= limit and not (refers and REFERENCE_MARK in data):
        return event
    changes = (
        {}
        if _is_question(event)
        else {name: _field(name, getattr(event, name), keeper) for name in fields}
    )
    kept = replace(event, **changes)
    found = hashes_in(kept)
    return replace(kept, refers=found) if found else event


def _field(name: str, value: JsonValue, keeper: Keeper) -> object:
    if name in _ONE or value is None:
        return keeper.keep(value)
    if isinstance(value, Mapping):
        return {key: keeper.keep(one) for key, one in value.items()}
    assert isinstance(value, tuple)
    return tuple(keeper.keep(one) for one in value)


def _is_question(event: e.AnyEvent) -> bool:
    """Whether people are to see what is in it, so that all of it has to be at hand."""
    return isinstance(event, e.AttemptStarted | e.ItemStarted) and event.asks


@cache
def _fields_of(kind: type[e.AnyEvent]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name in _FIELDS)
