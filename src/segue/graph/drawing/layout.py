"""A layered layout: boxes in rows from top to bottom, loops round the outside.

Four steps, each in its own file: rows, order within the rows, distances, courses of the lines.
Everything is deterministic, and depends on nothing but the boxes and the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from segue.graph.drawing.coordinates import abscissae
from segue.graph.drawing.ordering import ordered
from segue.graph.drawing.ranks import Box, Line, layers_of
from segue.graph.drawing.routing import Point, Route, Router

#: Between two boxes of a row, and around the drawing.
COLUMN_SPACE = 28.0
MARGIN = 24.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The centre of each box, the route of each line, and the size of it all, in pixels."""

    centres: tuple[Point, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def layout_of(boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
    """Return the layout. Without the lines marked as backward there must be no cycle."""
    if not boxes:
        return Layout((), (), 2 * MARGIN, 2 * MARGIN)
    layers = layers_of(boxes, lines)
    rows = ordered(layers)
    bends = len(layers.row) - len(boxes)
    widths = [box.width for box in boxes] + [2.0] * bends
    x = abscissae(layers, rows, widths, COLUMN_SPACE)
    router = Router(boxes, layers, rows, x)
    routes = router.routes(lines)
    centres = [router.centre(box) for box in range(len(boxes))]
    xs = [px for route in routes for px, _ in route.points]
    ys = [py for route in routes for _, py in route.points]
    for box, (cx, cy) in zip(boxes, centres, strict=True):
        xs += [cx - box.width / 2, cx + box.width / 2]
        ys += [cy - box.height / 2, cy + box.height / 2]
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    return Layout(
        tuple((cx - left, cy - top) for cx, cy in centres),
        tuple(
            Route(tuple((px - left, py - top) for px, py in route.points), route.outside)
            for route in routes
        ),
        max(xs) - left + MARGIN,
        max(ys) - top + MARGIN,
    )
