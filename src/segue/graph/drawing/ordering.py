"""Layout, second step: the order within each row, with few crossings.

Rows are sorted by the mean place of their neighbours, downwards and upwards in turns, and
neighbours that cross less the other way round are exchanged; the best order seen is kept. Ties
keep the order of the file, so that a drawing changes little when the file does.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

from segue.graph.drawing.ranks import Layers

Rows = list[list[int]]

#: Turns without an improvement after which the search ends.
_PATIENCE = 4
#: Places above which exchanging neighbours would take too long.
_EXCHANGEABLE = 1500
#: Passes over all rows in which neighbours are exchanged.
_EXCHANGES = 12


def ordered(layers: Layers) -> Rows:
    """Return the places of each row from left to right."""
    rows = _as_declared(layers)
    best, fewest = rows, crossings(layers, rows)
    worse = turn = 0
    while fewest and worse < _PATIENCE:
        rows = [list(row) for row in rows]
        _sweep(layers, rows, downwards=turn % 2 == 0)
        if len(layers.row) <= _EXCHANGEABLE:
            _exchange(layers, rows)
        turn += 1
        found = crossings(layers, rows)
        if found < fewest:
            best, fewest, worse = rows, found, 0
        else:
            worse += 1
    return best


def crossings(layers: Layers, rows: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of lines cross."""
    found = 0
    for upper, lower in pairwise(rows):
        place = {node: at for at, node in enumerate(lower)}
        seen: list[int] = []
        for node in upper:
            ends = sorted(place[target] for target in layers.below[node])
            found += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return found


def _as_declared(layers: Layers) -> Rows:
    """Return the rows as a depth-first walk from the top meets them."""
    rows: Rows = [[] for _ in layers.rows]
    met: set[int] = set()
    waiting = [place for row in reversed(layers.rows) for place in reversed(row)]
    while waiting:
        place = waiting.pop()
        if place not in met:
            met.add(place)
            rows[layers.row[place]].append(place)
            waiting.extend(reversed(layers.below[place]))
    return rows


def _sweep(layers: Layers, rows: Rows, *, downwards: bool) -> None:
    neighbours = layers.above if downwards else layers.below
    numbers = range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1)
    for number in numbers:
        fixed = rows[number - 1 if downwards else number + 1]
        place = {node: at for at, node in enumerate(fixed)}
        scale = len(fixed) / len(rows[number])
        mean = {}
        for at, node in enumerate(rows[number]):
            near = [place[other] for other in neighbours[node]]
            mean[node] = sum(near) / len(near) if near else at * scale
        rows[number].sort(key=mean.__getitem__)


def _exchange(layers: Layers, rows: Rows) -> None:
    """Exchange neighbours as long as that saves crossings."""
    place = {node: at for row in rows for at, node in enumerate(row)}
    improved = True
    for _ in range(_EXCHANGES):
        if not improved:
            break
        improved = False
        for row in rows:
            for at in range(len(row) - 1):
                left, right = row[at], row[at + 1]
                if _saved(layers, place, left, right) > 0:
                    row[at], row[at + 1] = right, left
                    place[left], place[right] = at + 1, at
                    improved = True


def _saved(layers: Layers, place: dict[int, int], left: int, right: int) -> int:
    """Return how many crossings less there are with the two neighbours exchanged."""
    saved = 0
    for neighbours in (layers.above, layers.below):
        of_left = sorted(place[other] for other in neighbours[left])
        of_right = sorted(place[other] for other in neighbours[right])
        for end in of_right:
            saved += len(of_left) - bisect_right(of_left, end)
            saved -= bisect_left(of_left, end)
    return saved
