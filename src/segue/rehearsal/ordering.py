"""Whether visits came in an order that a partial order allows.

What is still expected is a set of patterns: those that the visits so far can have come to. Each
visit takes every pattern to all that it can lead to; none left: it was not expected there.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeAlias, assert_never

from segue.rehearsal.spec import InAnyOrder, InOrder, Named, Sequence

#: A visit that has begun: its task and its number.
Visited = tuple[str, int]

#: What is left of one part of the sequence, and the index of the part that comes after it. So a
#: long sequence need not be copied for each visit.
_Left: TypeAlias = tuple[Sequence, int]

_NOTHING = InOrder(())

#: Tasks of one name side by side can be told apart in many ways; so many are followed.
_MOST = 2000


def first_difference(
    expected: Sequence, visits: Iterable[Visited]
) -> tuple[int, tuple[Named, ...]] | None:
    """Return how many visits came as expected, and what could have come then; None: all did."""
    parts = expected.parts if isinstance(expected, InOrder) else (expected,)
    lefts: list[_Left] = [(_NOTHING, 0)]
    count = 0
    for visited in visits:
        after = dict.fromkeys(
            (rest, index)
            for left in lefts
            for part, index in _may_be_next(left, parts)
            for rest in _after(part, visited)
        )
        if not after:
            return count, _firsts(lefts, parts)
        lefts = list(islice(after, _MOST))
        count += 1
    if any(_may_end(part) and index == len(parts) for part, index in _all_next(lefts, parts)):
        return None
    return count, _firsts(lefts, parts)


def _may_be_next(left: _Left, parts: tuple[Sequence, ...]) -> Iterator[_Left]:
    """Give what is left of a part that has begun, and the parts that may begin after it."""
    part, index = left
    yield part, index
    while _may_end(part) and index < len(parts):
        part, index = parts[index], index + 1
        yield part, index


def _all_next(lefts: Iterable[_Left], parts: tuple[Sequence, ...]) -> Iterator[_Left]:
    return (following for left in lefts for following in _may_be_next(left, parts))


def _firsts(lefts: Iterable[_Left], parts: tuple[Sequence, ...]) -> tuple[Named, ...]:
    found = {named for part, _ in _all_next(lefts, parts) for named in _begins(part)}
    return tuple(sorted(found, key=str))


def _begins(pattern: Sequence) -> Iterator[Named]:
    match pattern:
        case Named():
            yield pattern
        case InOrder(parts):
            for part in parts:
                yield from _begins(part)
                if not _may_end(part):
                    return
        case InAnyOrder(parts):
            for part in parts:
                yield from _begins(part)
        case _:
            assert_never(pattern)


def _may_end(pattern: Sequence) -> bool:
    return not isinstance(pattern, Named) and all(_may_end(part) for part in pattern.parts)


def _after(pattern: Sequence, visited: Visited) -> Iterator[Sequence]:
    """Give what may be left of a pattern after a visit."""
    match pattern:
        case Named(task, visit):
            if task == visited[0] and visit in {None, visited[1]}:
                yield InOrder(())
        case InOrder(parts):
            for index, part in enumerate(parts):
                for rest in _after(part, visited):
                    yield InOrder(_without_empty((rest, *parts[index + 1 :])))
                if not _may_end(part):
                    return
        case InAnyOrder(parts):
            for part, index in _distinct(parts):
                for rest in _after(part, visited):
                    left = (*parts[:index], rest, *parts[index + 1 :])
                    yield InAnyOrder(_without_empty(left))
        case _:
            assert_never(pattern)


def _distinct(parts: tuple[Sequence, ...]) -> Iterable[tuple[Sequence, int]]:
    """Give each part once, with its index: equal ones lead to the same."""
    return {part: index for index, part in enumerate(parts)}.items()


def _without_empty(parts: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
    return tuple(part for part in parts if isinstance(part, Named) or part.parts)
