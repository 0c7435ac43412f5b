"""Whether visits came in an order that a partial order allows.

What is still expected is a set of patterns: those that the visits so far can have come to. Each
visit takes every pattern to all that it can lead to; none left: it was not expected there.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from segue.rehearsal.spec import InAnyOrder, InOrder, Named, Sequence

#: A visit that has begun: its task and its number.
Visited = tuple[str, int]

#: Tasks of one name side by side can be told apart in many ways; so many are followed.
_MOST = 2000


def first_difference(
    expected: Sequence, visits: Iterable[Visited]
) -> tuple[int, tuple[Named, ...]] | None:
    """Return how many visits came as expected, and what could have come then; None: all did."""
    patterns: frozenset[Sequence] = frozenset([expected])
    count = 0
    for visited in visits:
        after = frozenset(rest for pattern in patterns for rest in _after(pattern, visited))
        if not after:
            return count, _firsts(patterns)
        patterns = frozenset(sorted(after, key=repr)[:_MOST])
        count += 1
    if any(_may_end(pattern) for pattern in patterns):
        return None
    return count, _firsts(patterns)


def _firsts(patterns: Iterable[Sequence]) -> tuple[Named, ...]:
    found = {named for pattern in patterns for named in _begins(pattern)}
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
            for index, part in enumerate(parts):
                for rest in _after(part, visited):
                    left = (*parts[:index], rest, *parts[index + 1 :])
                    yield InAnyOrder(_without_empty(left))
        case _:
            assert_never(pattern)


def _without_empty(parts: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
    return tuple(part for part in parts if isinstance(part, Named) or part.parts)
