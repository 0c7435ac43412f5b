"""The context of a branch: its variables, and what is needed to merge it with another.

When branches meet, "the last branch that wrote a variable wins" needs to know who *wrote* it:
of two different values, one may be that of a common ancestor, which a branch merely still
holds. So each write has an id, and a variable is a register of (value, id of its write, ids of
writes that are known to be overwritten). Of two registers of one variable

- equal ids: the same write; either will do;
- one's id is among the other's overwritten: the other has seen it and gone on, and wins,
  whichever arrives first;
- neither: both branches wrote, and the one that arrives later wins; the loser counts as
  overwritten from then on, or a third branch that still holds it could bring it back.

This is exact for any pattern of forks and joins: an id is in `overwritten`, or is the current
one, if and only if the write is in the causal past of the branch - save for ids that were
pruned, and only such are pruned as no living branch holds (`prune`). An id that nobody holds can
never be met again, for merging chooses among ids that are held. What is kept is so bounded by the
number of living branches, not by the number of turns of a loop.

With `deep` (Orquesta's files) a mapping is merged key by key: its register holds registers of
its own, one per key, and the rules decide for each key. Writing to keys of a mapping goes on
from it, and keeps its id; only a value that is no mapping, or a mapping in the place of one that
was none, is a new write of the whole. Where two branches each made a mapping anew and met, the
mapping stems from both writes (`also`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec
from rpds import HashTrieMap

from segue.core.maps import entries
from segue.values import JsonValue

NO_WRITES: frozenset[int] = frozenset()

#: `overwritten` may grow to this many ids, and twice the number of living branches, before it is
#: worth asking which of them are still held.
PRUNE_ABOVE = 4


class Register(msgspec.Struct, frozen=True):
    """One variable of a branch. `parts` is set for a mapping that is merged key by key."""

    value: JsonValue
    write: int
    overwritten: frozenset[int] = NO_WRITES
    parts: HashTrieMap[str, Register] | None = None
    also: frozenset[int] = NO_WRITES

    @property
    def writes(self) -> frozenset[int]:
        """Return the ids of the writes that the value stems from."""
        return self.also | {self.write}


Context: TypeAlias = "HashTrieMap[str, Register]"

_NO_PARTS: Context = HashTrieMap()


def empty() -> Context:
    """Return a context without variables."""
    return HashTrieMap()


class Variables(Mapping[str, JsonValue]):
    """A context as expressions see it: names and values."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, name: str) -> JsonValue:
        return self._context[name].value

    def __contains__(self, name: object) -> bool:
        return name in self._context

    def __iter__(self) -> Iterator[str]:
        # Sorted, for the order of a hash map differs from process to process.
        return iter(sorted(self._context))

    def __len__(self) -> int:
        return len(self._context)


def write(context: Context, name: str, value: JsonValue, write_id: int, *, deep: bool) -> Context:
    """Return the context after `name` was published with `value` by the write `write_id`."""
    return context.insert(name, _written(context.get(name), value, write_id, deep=deep))


def _written(old: Register | None, value: JsonValue, write_id: int, *, deep: bool) -> Register:
    overwritten = old.overwritten | old.writes if old else NO_WRITES
    if not deep or not isinstance(value, Mapping):
        return Register(value, write_id, overwritten)
    if old is None or old.parts is None:
        parts: HashTrieMap[str, Register] = HashTrieMap()
        for key, part in value.items():
            parts = parts.insert(key, _written(None, part, write_id, deep=True))
        return Register(value, write_id, overwritten, parts)
    parts = old.parts
    for key, part in value.items():
        parts = parts.insert(key, _written(parts.get(key), part, write_id, deep=True))
    value = _assembled(old.value, parts)
    return Register(value, old.write, old.overwritten, parts, old.also)


def _assembled(order: JsonValue, parts: HashTrieMap[str, Register]) -> JsonValue:
    """Return the mapping that the parts make up: first the keys of `order`, then new ones."""
    assert isinstance(order, Mapping)
    known = {key: parts[key].value for key in order if key in parts}
    return known | {key: parts[key].value for key in sorted(parts) if key not in known}


def merge(earlier: Context, later: Context) -> Context:
    """Return what two branches that meet hold together; `later` arrived after `earlier`."""
    if earlier is later:
        return earlier
    merged = earlier
    for name, theirs in entries(later):
        ours = earlier.get(name)
        if ours is theirs:
            continue
        met = theirs if ours is None else _met(ours, theirs)
        if met is not ours:
            merged = merged.insert(name, met)
    return merged


def _met(earlier: Register, later: Register) -> Register:
    if _has_seen(earlier, later):
        winner, loser = earlier, later
    elif _has_seen(later, earlier):
        winner, loser = later, earlier
    elif earlier.parts is not None and later.parts is not None:
        return _merged_parts(earlier, later)
    else:
        winner, loser = later, earlier
    if _has_seen(winner, loser) and loser.overwritten <= winner.overwritten:
        return winner  # as it is: many branches hold what one has written, and each meets it
    overwritten = winner.overwritten | loser.overwritten | (loser.writes - winner.writes)
    return Register(winner.value, winner.write, overwritten, winner.parts, winner.also)


def _has_seen(one: Register, other: Register) -> bool:
    """Whether all writes that the other stems from are known to be overwritten by the one."""
    return other.write in one.overwritten and other.also <= one.overwritten


def _merged_parts(earlier: Register, later: Register) -> Register:
    """Return two mappings, neither of which was overwritten as a whole, merged key by key."""
    assert earlier.parts is not None
    assert later.parts is not None
    parts = merge(earlier.parts, later.parts)
    value = _assembled(earlier.value, parts)
    overwritten = earlier.overwritten | later.overwritten
    also = (earlier.writes | later.writes) - {later.write}
    return Register(value, later.write, overwritten, parts, also)


def replay(earlier: Context, later: Context, first: int) -> Context:
    """Return `earlier` with everything that `later` holds written over it once more.

    But for what was written by `first`, the beginning, unless it is missing. It is how Orquesta
    puts the ends of branches together: who has seen what does not matter.
    """
    merged = earlier
    for name, theirs in entries(later):
        ours = earlier.get(name)
        if ours is theirs:
            continue
        if ours is None:
            merged = merged.insert(name, theirs)
        elif ours.parts is not None and theirs.parts is not None:
            parts = replay(ours.parts, theirs.parts, first)
            value = _assembled(ours.value, parts)
            merged = merged.insert(name, Register(value, ours.write, parts=parts))
        elif theirs.write != first:
            merged = merged.insert(name, theirs)
    return merged


def prune(
    context: Context,
    names: Iterable[str] | None,
    living: int,
    others: Callable[[], Sequence[Context]],
) -> Context:
    """Forget, for these variables (None: all), overwritten ids that no living branch holds.

    `others` gives the contexts of all other branches that live, about `living` of them. It is
    called only for a register whose sets have grown beyond what these could fill, so that the
    writes pay for it.
    """
    bound = PRUNE_ABOVE + 2 * living
    registers = entries(context) if names is None else [(name, context[name]) for name in names]
    for name, register in registers:
        if not _is_over(register, bound):
            continue
        held = [other[name] for other in others() if name in other]
        context = context.insert(name, _pruned(register, held))
    return context


def _is_over(register: Register, bound: int) -> bool:
    if len(register.overwritten) > bound or len(register.also) > bound:
        return True
    parts = register.parts
    return parts is not None and any(_is_over(part, bound) for _, part in entries(parts))


def _pruned(register: Register, held: Sequence[Register]) -> Register:
    still_held: frozenset[int] = frozenset().union(*(other.writes for other in held))
    parts = register.parts
    for key, part in (parts or _NO_PARTS).items():
        with_part = [other.parts[key] for other in held if other.parts and key in other.parts]
        assert parts is not None
        parts = parts.insert(key, _pruned(part, with_part))
    overwritten = register.overwritten & still_held
    # Of the writes that no other branch has met one is enough: nobody can overwrite any of them.
    met = still_held.union(*(other.overwritten for other in held))
    unmet = sorted(register.writes - met)[-1:]
    also = (register.also & met) | (NO_WRITES if register.write not in met else frozenset(unmet))
    return Register(register.value, register.write, overwritten, parts, also)
