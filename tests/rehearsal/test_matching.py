"""Expectations find what they are meant for: as many of them as can, however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from segue.rehearsal.matching import unmatched


def at_most(wanted: int, came: int, fits: frozenset[tuple[int, int]]) -> int:
    """Return how many can be served, by trying all ways."""

    def best(one: int, left: frozenset[int]) -> int:
        if one == wanted:
            return 0
        served = [1 + best(one + 1, left - {place}) for place in left if (one, place) in fits]
        return max([best(one + 1, left), *served])

    return best(0, frozenset(range(came)))


@given(
    st.integers(0, 4),
    st.integers(0, 4),
    st.frozensets(st.tuples(st.integers(0, 3), st.integers(0, 3))),
)
def test_as_many_as_can_be_are_served(
    wanted: int, came: int, fits: frozenset[tuple[int, int]]
) -> None:
    missing, left = unmatched(range(wanted), range(came), lambda one, other: (one, other) in fits)
    assert wanted - len(missing) == came - len(left) == at_most(wanted, came, fits)


def test_one_of_many_that_are_alike_is_missing() -> None:
    missing, left = unmatched(["oh"] * 1200, ["oh"] * 1199, str.__eq__)
    assert missing == ["oh"]
    assert left == []
