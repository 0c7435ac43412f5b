"""Which of what was expected came, where one expectation may fit several things that came."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

W = TypeVar("W")
C = TypeVar("C")


def unmatched(
    wanted: Sequence[W], came: Sequence[C], fits: Callable[[W, C], bool]
) -> tuple[list[W], list[C]]:
    """Return what was wanted and did not come, and what came and was not wanted.

    Each is given to at most one of the others, so that as many as possible are: a vague
    expectation does not take what a precise one needs.
    """
    of: dict[int, int] = {}  # what came, to what it was wanted for

    def fitting(index: int) -> Iterator[int]:
        """Look at the same place first: mostly they come in the order of what is wanted."""
        places = chain(range(min(index, len(came)), len(came)), range(min(index, len(came))))
        return (place for place in places if fits(wanted[index], came[place]))

    def give(index: int, tried: set[int]) -> bool:
        free = next((place for place in fitting(index) if place not in of), None)
        if free is not None:
            of[free] = index
            return True
        for place in fitting(index):
            if place not in tried:
                tried.add(place)
                if give(of[place], tried):
                    of[place] = index
                    return True
        return False

    missing = [one for index, one in enumerate(wanted) if not give(index, set())]
    return missing, [one for place, one in enumerate(came) if place not in of]
