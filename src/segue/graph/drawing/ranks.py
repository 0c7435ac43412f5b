"""Layout, first step: the row of each box, and long links cut into pieces of one row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Box:
    """Something to place. Captions stand in rows of their own, between those of other boxes."""

    width: float
    height: float
    caption: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A link between two boxes, by place. A backward one has no say in the rows."""

    source: int
    target: int
    backward: bool = False


#: How many bends a layout may have. Beyond that the longest lines go round the outside instead,
#: for each row that a line passes costs about as much as a box.
MOST_BENDS = 20_000


@dataclass(frozen=True, slots=True)
class Layers:
    """The boxes and the bends of long lines, row by row.

    Places from 0 are those of the boxes; those after them are bends, one for each row that a
    line passes. `rows` are places from left to right. `chains` gives for each line the places
    that it connects, from source to target; nothing for those that go round the outside, which
    are the backward ones. `above` and `below` are the neighbours of each place in the next rows.
    """

    boxes: int
    row: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    chains: tuple[tuple[int, ...], ...]
    above: tuple[tuple[int, ...], ...]
    below: tuple[tuple[int, ...], ...]


def layers_of(boxes: Sequence[Box], lines: Sequence[Line]) -> Layers:
    """Return the layers: each box below all that point forward to it, as high as that allows."""
    row = _rows_of(boxes, lines)
    outside = _outside(lines, row)
    chains: list[tuple[int, ...]] = []
    for number, line in enumerate(lines):
        if number in outside:
            chains.append(())
            continue
        between = range(row[line.source] + 1, row[line.target])
        bends = range(len(row), len(row) + len(between))
        row.extend(between)
        chains.append((line.source, *bends, line.target))
    above: list[list[int]] = [[] for _ in row]
    below: list[list[int]] = [[] for _ in row]
    for chain in chains:
        for upper, lower in pairwise(chain):
            below[upper].append(lower)
            above[lower].append(upper)
    rows: list[list[int]] = [[] for _ in range(max(row, default=-1) + 1)]
    for place, at in enumerate(row):
        rows[at].append(place)
    return Layers(
        len(boxes),
        tuple(row),
        tuple(map(tuple, rows)),
        tuple(chains),
        tuple(map(tuple, above)),
        tuple(map(tuple, below)),
    )


def _outside(lines: Sequence[Line], row: Sequence[int]) -> set[int]:
    """Return the lines that go round the outside: the backward ones, and the longest beyond all."""
    outside = {number for number, line in enumerate(lines) if line.backward}
    spans = {
        number: row[line.target] - row[line.source] - 1
        for number, line in enumerate(lines)
        if number not in outside
    }
    bends = sum(spans.values())
    for number in sorted(spans, key=spans.__getitem__, reverse=True):
        if bends <= MOST_BENDS:
            break
        bends -= spans[number]
        outside.add(number)
    return outside


def _rows_of(boxes: Sequence[Box], lines: Sequence[Line]) -> list[int]:
    """Return the row of each box: captions in odd ones, the others in even; then without gaps."""
    after: list[list[int]] = [[] for _ in boxes]
    waiting = [0] * len(boxes)
    for line in lines:
        if not line.backward:
            after[line.source].append(line.target)
            waiting[line.target] += 1
    row = [1 if box.caption else 0 for box in boxes]
    free = [place for place, count in enumerate(waiting) if not count]
    for place in free:
        for target in after[place]:
            lowest = row[place] + 1
            row[target] = max(row[target], lowest + (lowest + boxes[target].caption) % 2)
            waiting[target] -= 1
            if not waiting[target]:
                free.append(target)
    packed = {at: number for number, at in enumerate(sorted(set(row)))}
    return [packed[at] for at in row]
