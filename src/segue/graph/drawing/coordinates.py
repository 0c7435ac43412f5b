"""Layout, third step: how far to the right each place is.

The method of Brandes and Köpf: places are aligned with the middle one of their neighbours above
into vertical blocks, which are then pushed as near to each other as their widths allow. That is
done for both directions of reading and of looking, and each place gets the mean of the two
middle results: lines that pass several rows are straight, and parents stand above the middle
of their children. In each of the four results the distances within a row are kept, so they are
kept in the mean as well.
"""

from collections.abc import Sequence
from itertools import pairwise

from segue.graph.drawing.ranks import Layers

_Order = list[list[int]]


def abscissae(
    layers: Layers, rows: Sequence[Sequence[int]], widths: Sequence[float], space: float
) -> list[float]:
    """Return the x of the centre of each place; `space` is kept free between two of a row."""
    found: list[list[float]] = []
    for upwards in (False, True):
        for mirrored in (False, True):
            order = [list(reversed(row)) if mirrored else list(row) for row in rows]
            if upwards:
                order.reverse()
            near = layers.below if upwards else layers.above
            root = _aligned(order, near, layers.boxes)
            x = _compacted(order, root, widths, space)
            found.append([-each for each in x] if mirrored else x)
    _overlay(found, widths)
    return [sum(sorted(four)[1:3]) / 2 for four in zip(*found, strict=True)]


def _aligned(order: _Order, near: Sequence[Sequence[int]], boxes: int) -> list[int]:
    """Return for each place the first one of the block in which it stands."""
    root = list(range(len(near)))
    below_taken: set[int] = set()
    for upper, lower in pairwise(order):
        seat = {place: at for at, place in enumerate(upper)}
        crossed = _crossed_by_long_lines(upper, lower, near, boxes)
        last = -1
        for place in lower:
            above = sorted(near[place], key=seat.__getitem__)
            for other in _middle(above):
                if (
                    root[place] == place
                    and seat[other] > last
                    and (other, place) not in crossed
                    and other not in below_taken
                ):
                    root[place] = root[other]
                    below_taken.add(other)
                    last = seat[other]
    return root


def _middle(places: Sequence[int]) -> Sequence[int]:
    """Return the place in the middle, or both."""
    return places[(len(places) - 1) // 2 : len(places) // 2 + 1]


def _crossed_by_long_lines(
    upper: Sequence[int], lower: Sequence[int], near: Sequence[Sequence[int]], boxes: int
) -> set[tuple[int, int]]:
    """Return the pieces of lines that give way: those that cross one between two bends."""
    seat = {place: at for at, place in enumerate(upper)}
    crossed: set[tuple[int, int]] = set()
    left, checked = -1, 0
    for at, place in enumerate(lower):
        bend = next((other for other in near[place] if min(place, other) >= boxes), None)
        if bend is None and at < len(lower) - 1:
            continue
        right = len(upper) if bend is None else seat[bend]
        for between in lower[checked : at + 1]:
            for other in near[between]:
                inner = min(between, other) >= boxes
                if not inner and not left <= seat[other] <= right:
                    crossed.add((other, between))
        left, checked = (left if bend is None else right), at + 1
    return crossed


def _compacted(
    order: _Order, root: Sequence[int], widths: Sequence[float], space: float
) -> list[float]:
    """Return the x of each place with all blocks as far left as they can be, then closed up.

    Closing up moves a block to the right as far as the blocks beside it let it, so that what
    stands left of a wide gap does not stay behind.
    """
    after: dict[int, dict[int, float]] = {first: {} for first in root}
    waiting = dict.fromkeys(after, 0)
    for row in order:
        for left, right in pairwise(row):
            gap = (widths[left] + widths[right]) / 2 + space
            if root[right] not in after[root[left]]:
                waiting[root[right]] += 1
            known = after[root[left]].get(root[right], 0.0)
            after[root[left]][root[right]] = max(known, gap)
    x = dict.fromkeys(after, 0.0)
    free = [block for block, count in waiting.items() if not count]
    for block in free:
        for right, gap in after[block].items():
            x[right] = max(x[right], x[block] + gap)
            waiting[right] -= 1
            if not waiting[right]:
                free.append(right)
    for block in reversed(free):
        if after[block]:
            x[block] = max(x[block], min(x[right] - gap for right, gap in after[block].items()))
    return [x[first] for first in root]


def _overlay(found: Sequence[list[float]], widths: Sequence[float]) -> None:
    """Move the four results above the narrowest: two by their left ends, two by their right."""

    def ends(x: Sequence[float]) -> tuple[float, float]:
        halves = [width / 2 for width in widths]
        return (
            min(at - half for at, half in zip(x, halves, strict=True)),
            max(at + half for at, half in zip(x, halves, strict=True)),
        )

    spans = [ends(x) for x in found]
    narrowest = min(spans, key=lambda span: span[1] - span[0])
    for number, (x, span) in enumerate(zip(found, spans, strict=True)):
        side = number % 2
        shift = narrowest[side] - span[side]
        x[:] = [at + shift for at in x]
