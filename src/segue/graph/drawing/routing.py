"""Layout, last step: where the lines go, and how far apart the rows have to be for them.

Most lines run straight down beside the boxes of a row, and bend only between rows, so they cross
no box. Backward ones (and far too long ones) go round the outside of all that they pass: from the
side of their box where nothing stands beside it, else through the space below its row, along a
lane of their own, and likewise to their target.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segue.graph.drawing.ranks import Box, Layers, Line

#: Between rows, without the tracks of backward lines; and around the whole drawing.
ROW_SPACE = 36.0
#: Between the lanes of backward lines, and between their tracks below and above rows.
LANE_SPACE = 20.0
TRACK_SPACE = 9.0
#: Between lines that leave or enter one box.
_PORT_SPACE = 16.0
_PORT_MARGIN = 14.0
#: Rows above which a line round the outside goes round the whole drawing.
_LONG = 200

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Route:
    """The course of a line. One round the outside has only horizontal and vertical pieces."""

    points: tuple[Point, ...]
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detour:
    """A line round the outside: on which side, and whether its ends are at the sides of boxes."""

    line: int
    source: int
    target: int
    side: int  # 1 right, -1 left
    leaves_sideways: bool
    enters_sideways: bool


class Router:
    """Routes the lines of one layout; `y` is the centre of each row, `height` that of it all."""

    def __init__(
        self,
        boxes: Sequence[Box],
        layers: Layers,
        rows: Sequence[Sequence[int]],
        x: Sequence[float],
    ) -> None:
        self.boxes, self.layers, self.rows, self.x = boxes, layers, rows, x
        self.seat = {place: at for row in rows for at, place in enumerate(row)}
        self.tracks = [0] * (len(rows) + 1)  # used in the space above each row, and at the end
        self.top: list[float] = []
        self.bottom: list[float] = []
        self.reach = [self._extent(row) for row in rows]
        self.breadth = min(r[0] for r in self.reach), max(r[1] for r in self.reach)
        self.furthest: dict[int, float] = {}  # lanes of long lines, by side

    def routes(self, lines: Sequence[Line]) -> list[Route]:
        """Return the route of each line."""
        detours = self._detours(lines)
        levels = [self._levels(detour) for detour in detours]
        self._stack()
        leaving, entering = self._ports(detours)
        sideways = self._side_ports(detours)
        routes: dict[int, Route] = {}
        for line, chain in enumerate(self.layers.chains):
            if chain:
                ends = (leaving[line], entering[line])
                routes[line] = Route(tuple(self._course(chain, ends)), outside=False)
        for detour, (below, above) in zip(detours, levels, strict=True):
            lane = self._lane(detour)
            course: list[Point] = []
            if detour.leaves_sideways:
                at = sideways[detour.line, False]
                course += [at, (lane, at[1])]
            else:
                y = self.bottom[self.layers.row[detour.source]] + TRACK_SPACE * (below + 1)
                port = leaving[detour.line]
                course += [(port, self._edge(detour.source, 1)), (port, y), (lane, y)]
            if detour.enters_sideways:
                at = sideways[detour.line, True]
                course += [(lane, at[1]), at]
            else:
                y = self.top[self.layers.row[detour.target]] - TRACK_SPACE * (above + 1) - 8
                port = entering[detour.line]
                course += [(lane, y), (port, y), (port, self._edge(detour.target, -1))]
            routes[detour.line] = Route(tuple(course), outside=True)
        return [routes[line] for line in range(len(lines))]

    def centre(self, box: int) -> Point:
        """Return the centre of a box."""
        row = self.layers.row[box]
        return self.x[box], (self.top[row] + self.bottom[row]) / 2

    def _extent(self, row: Sequence[int]) -> list[float]:
        """Return how far a row reaches to the left and to the right."""
        halves = [self.boxes[p].width / 2 if p < len(self.boxes) else 0.0 for p in row]
        return [
            min(self.x[p] - half for p, half in zip(row, halves, strict=True)),
            max(self.x[p] + half for p, half in zip(row, halves, strict=True)),
        ]

    def _passed(self, source: int, target: int) -> range:
        upper, lower = sorted((self.layers.row[source], self.layers.row[target]))
        return range(upper, lower + 1)

    def _breadth(self, rows: range) -> tuple[float, float]:
        """Return how far these rows reach, roughly if they are many."""
        if len(rows) > _LONG:
            return self.breadth
        return min(self.reach[at][0] for at in rows), max(self.reach[at][1] for at in rows)

    def _detours(self, lines: Sequence[Line]) -> list[_Detour]:
        """Return the lines round the outside, shortest first: the inner lanes are theirs."""
        found = []
        for number, line in enumerate(lines):
            if not self.layers.chains[number]:
                rows = self._passed(line.source, line.target)
                left, right = self._breadth(rows)
                ends = (line.source, line.target)
                to_left = sum(self.x[end] - left for end in ends)
                to_right = sum(right - self.x[end] for end in ends)
                side = 1 if to_right <= to_left else -1
                found.append(
                    _Detour(
                        line=number,
                        source=line.source,
                        target=line.target,
                        side=side,
                        leaves_sideways=self._is_outermost(line.source, side),
                        enters_sideways=self._is_outermost(line.target, side),
                    )
                )
        return sorted(found, key=lambda detour: len(self._passed(detour.source, detour.target)))

    def _is_outermost(self, box: int, side: int) -> bool:
        row = self.rows[self.layers.row[box]]
        beside = row[self.seat[box] + 1 :] if side > 0 else row[: self.seat[box]]
        return all(place >= self.layers.boxes for place in beside)

    def _levels(self, detour: _Detour) -> tuple[int, int]:
        """Take a track below the row of the source and above that of the target, where needed."""
        below = above = 0
        if not detour.leaves_sideways:
            space = self.layers.row[detour.source] + 1
            below, self.tracks[space] = self.tracks[space], self.tracks[space] + 1
        if not detour.enters_sideways:
            space = self.layers.row[detour.target]
            above, self.tracks[space] = self.tracks[space], self.tracks[space] + 1
        return below, above

    def _stack(self) -> None:
        """Give each row its place, below the one before and the tracks between them."""
        y = 0.0
        for at, row in enumerate(self.rows):
            y += (ROW_SPACE if at else 0.0) + 2 * TRACK_SPACE * self.tracks[at]
            height = max((self.boxes[p].height for p in row if p < len(self.boxes)), default=0.0)
            self.top.append(y)
            y += height
            self.bottom.append(y)

    def _lane(self, detour: _Detour) -> float:
        """Return the x of a lane of its own outside of all rows that the line passes."""
        rows = self._passed(detour.source, detour.target)
        end = max(detour.side, 0)
        if len(rows) > _LONG:
            # Only such long ones follow: all rows can be taken as one.
            if end not in self.furthest:
                self.furthest[end] = max(detour.side * reach[end] for reach in self.reach)
            self.furthest[end] += LANE_SPACE
            return detour.side * self.furthest[end]
        furthest = max(detour.side * self.reach[at][end] for at in rows) + LANE_SPACE
        for at in rows:
            self.reach[at][end] = detour.side * furthest
        return detour.side * furthest

    def _ports(self, detours: Iterable[_Detour]) -> tuple[dict[int, float], dict[int, float]]:
        """Return the x at which each line leaves its source and enters its target."""
        leaving: dict[int, list[tuple[float, int]]] = {}
        entering: dict[int, list[tuple[float, int]]] = {}
        for line, chain in enumerate(self.layers.chains):
            if chain:
                leaving.setdefault(chain[0], []).append((self.x[chain[1]], line))
                entering.setdefault(chain[-1], []).append((self.x[chain[-2]], line))
        for detour in detours:
            far = detour.side * float("inf")
            if not detour.leaves_sideways:
                leaving.setdefault(detour.source, []).append((far, detour.line))
            if not detour.enters_sideways:
                entering.setdefault(detour.target, []).append((far, detour.line))
        return self._spread(leaving), self._spread(entering)

    def _spread(self, wanted: dict[int, list[tuple[float, int]]]) -> dict[int, float]:
        found: dict[int, float] = {}
        for box, ends in wanted.items():
            room = max(self.boxes[box].width - 2 * _PORT_MARGIN, 0.0)
            step = min(_PORT_SPACE, room / max(len(ends) - 1, 1))
            first = self.x[box] - step * (len(ends) - 1) / 2
            found.update({line: first + step * at for at, (_, line) in enumerate(sorted(ends))})
        return found

    def _side_ports(self, detours: Iterable[_Detour]) -> dict[tuple[int, bool], Point]:
        """Return the points at the sides of boxes, by line and whether it enters there.

        Those that enter are above those that leave, the outer lanes outermost: so none cross.
        """
        sides: dict[tuple[int, int], list[tuple[int, bool]]] = {}
        for detour in detours:
            if detour.enters_sideways:
                sides.setdefault((detour.target, detour.side), []).insert(0, (detour.line, True))
        for detour in detours:
            if detour.leaves_sideways:
                sides.setdefault((detour.source, detour.side), []).append((detour.line, False))
        found: dict[tuple[int, bool], Point] = {}
        for (box, side), ends in sides.items():
            x, y = self.centre(box)
            step = self.boxes[box].height / (len(ends) + 1)
            top = y - self.boxes[box].height / 2
            for at, end in enumerate(ends, 1):
                found[end] = (x + side * self.boxes[box].width / 2, top + step * at)
        return found

    def _course(self, chain: Sequence[int], ends: tuple[float, float]) -> Iterable[Point]:
        """Yield the points of a forward line: down beside each row, bent between rows."""
        yield ends[0], self._edge(chain[0], 1)
        yield ends[0], self.bottom[self.layers.row[chain[0]]]
        for bend in chain[1:-1]:
            yield self.x[bend], self.top[self.layers.row[bend]]
            yield self.x[bend], self.bottom[self.layers.row[bend]]
        yield ends[1], self.top[self.layers.row[chain[-1]]]
        yield ends[1], self._edge(chain[-1], -1)

    def _edge(self, box: int, side: int) -> float:
        """Return the y of the lower (1) or upper (-1) side of a box."""
        return self.centre(box)[1] + side * self.boxes[box].height / 2
