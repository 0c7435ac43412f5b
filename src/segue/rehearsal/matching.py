"""Which of what was expected came, where one expectation may fit several things that came."""

from collections.abc import Callable, Sequence
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

    def give(index: int, tried: set[int]) -> bool:
        for place, one in enumerate(came):
            if place in tried or not fits(wanted[index], one):
                continue
            tried.add(place)
            if place not in of or give(of[place], tried):
                of[place] = index
                return True
        return False

    missing = [one for index, one in enumerate(wanted) if not give(index, set())]
    return missing, [one for place, one in enumerate(came) if place not in of]
