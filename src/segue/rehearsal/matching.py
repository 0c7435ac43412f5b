"""Which of what was expected came, where one expectation may fit several things that came."""

from collections.abc import Callable, Mapping, Sequence
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
    given: dict[int, int] = {}  # and the other way round
    hopeless: set[int] = set()  # nobody who wants these can be served otherwise

    def serve(index: int) -> bool:
        reached: dict[int, int] = {}  # a place, and who would take it
        waiting = [index]
        for one in waiting:
            # The same place first: mostly they come in the order of what is wanted.
            for place in chain(range(min(one, len(came)), len(came)), range(min(one, len(came)))):
                if place in reached or place in hopeless or not fits(wanted[one], came[place]):
                    continue
                reached[place] = one
                if place not in of:
                    hand_over(place, reached)
                    return True
                waiting.append(of[place])
        hopeless.update(reached)
        return False

    def hand_over(place: int, reached: Mapping[int, int]) -> None:
        """Give a place to who would take it, their old place to who would take that, and so on."""
        left: int | None = place
        while left is not None:
            one = reached[left]
            of[left] = one
            given[one], left = left, given.get(one)

    missing = [one for index, one in enumerate(wanted) if not serve(index)]
    return missing, [one for place, one in enumerate(came) if place not in of]
