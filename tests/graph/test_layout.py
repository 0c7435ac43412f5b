"""Where the boxes stand and the lines go."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.graph.drawing import ordering, ranks
from segue.graph.drawing.layout import Layout, layout_of
from segue.graph.drawing.ranks import Box, Line

BOX = Box(80, 40)
CAPTION = Box(50, 20, caption=True)
ALMOST = 1e-6


def rectangle(box: Box, centre: tuple[float, float]) -> tuple[float, float, float, float]:
    x, y = centre
    return x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2


def overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return (
        one[0] < other[2] - ALMOST
        and other[0] < one[2] - ALMOST
        and one[1] < other[3] - ALMOST
        and other[1] < one[3] - ALMOST
    )


def touches(point: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    x, y = point
    inside = box[0] - ALMOST <= x <= box[2] + ALMOST and box[1] - ALMOST <= y <= box[3] + ALMOST
    return inside and (
        min(abs(x - box[0]), abs(x - box[2]), abs(y - box[1]), abs(y - box[3])) < ALMOST
    )


def assert_sound(boxes: list[Box], lines: list[Line], layout: Layout) -> None:
    placed = [rectangle(box, at) for box, at in zip(boxes, layout.centres, strict=True)]
    for one, other in combinations(placed, 2):
        assert not overlap(one, other), "two boxes overlap"
    for box in placed:
        assert min(box) >= 0, "a box is off the drawing"
        assert box[2] <= layout.width, "a box is off the drawing"
        assert box[3] <= layout.height, "a box is off the drawing"
    for line, route in zip(lines, layout.routes, strict=True):
        assert touches(route.points[0], placed[line.source]), "a line does not begin at its box"
        assert touches(route.points[-1], placed[line.target]), "a line does not end at its box"
        for (x0, y0), (x1, y1) in pairwise(route.points):
            reach = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            assert not any(overlap(reach, box) for box in placed), "a line crosses a box"
            assert 0 <= reach[0] <= reach[2] <= layout.width, "a line is off the drawing"
            assert 0 <= reach[1] <= reach[3] <= layout.height, "a line is off the drawing"
            assert not route.outside or x0 == x1 or y0 == y1, "a detour has a slanted piece"


@st.composite
def drawings(draw: st.DrawFn) -> tuple[list[Box], list[Line]]:
    sizes = st.builds(Box, st.integers(10, 200), st.integers(10, 60), st.booleans())
    boxes = draw(st.lists(sizes, min_size=1, max_size=12))
    ends = st.tuples(st.integers(0, len(boxes) - 1), st.integers(0, len(boxes) - 1))
    pairs = draw(st.lists(ends, max_size=18))
    return boxes, [Line(a, b, backward=a >= b) for a, b in pairs]


@settings(deadline=None)
@given(drawing=drawings())
def test_no_boxes_overlap_and_every_line_goes_round_them(
    drawing: tuple[list[Box], list[Line]],
) -> None:
    boxes, lines = drawing
    assert_sound(boxes, lines, layout_of(boxes, lines))


@settings(deadline=None)
@given(drawing=drawings())
def test_lines_that_are_too_long_for_all_those_bends_go_round_the_outside(
    drawing: tuple[list[Box], list[Line]],
) -> None:
    boxes, lines = drawing
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "MOST_BENDS", 2)
        layout = layout_of(boxes, lines)
    assert_sound(boxes, lines, layout)


def test_rows_after_more_than_two_hundred_are_passed_as_one() -> None:
    boxes = [BOX] * 300
    chain = [Line(at, at + 1) for at in range(299)]
    back = [Line(299, 0, True), Line(298, 1, True), Line(290, 285, True), Line(5, 5, True)]
    lines = [*chain, *back, Line(150, 299), Line(0, 299)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "MOST_BENDS", 200)
        layout = layout_of(boxes, lines)
    assert_sound(boxes, lines, layout)
    assert [route.outside for route in layout.routes[-6:]] == [True] * 4 + [False, True]


def test_nothing_is_laid_out_to_nothing() -> None:
    assert layout_of([], []).routes == ()


def test_a_chain_is_straight_and_a_parent_stands_above_the_middle_of_its_children() -> None:
    boxes = [BOX, BOX, BOX, BOX, BOX]
    layout = layout_of(boxes, [Line(0, 1), Line(1, 2), Line(1, 3), Line(1, 4)])
    x = [round(at[0], 3) for at in layout.centres]
    assert x[0] == x[1] == x[3] == round((x[2] + x[4]) / 2, 3)
    assert x[2] < x[3] < x[4], "in the order in which they are named"


def test_a_long_line_is_straight_beside_what_it_passes() -> None:
    boxes = [BOX] * 6
    lines = [Line(0, 1), Line(1, 2), Line(2, 3), Line(3, 4), Line(0, 4), Line(4, 5)]
    route = layout_of(boxes, lines).routes[4]
    assert len({x for x, _ in route.points[2:-2]}) == 1


def test_captions_have_rows_of_their_own() -> None:
    boxes = [BOX, CAPTION, BOX, BOX]
    layout = layout_of(boxes, [Line(0, 1), Line(1, 2), Line(0, 3)])
    y = [at[1] for at in layout.centres]
    assert y[0] < y[1] < y[2] == y[3]


def test_the_order_that_crosses_least_is_found() -> None:
    boxes = [BOX] * 6
    lines = [Line(0, 5), Line(1, 4), Line(2, 3), Line(0, 4)]
    layers = ranks.layers_of(boxes, lines)
    assert ordering.crossings(layers, layers.rows) > 0
    assert ordering.crossings(layers, ordering.ordered(layers)) == 0


def test_neighbours_of_many_boxes_are_not_exchanged_one_by_one() -> None:
    width = 40
    boxes = [BOX] * (2 * width)
    lines = [Line(at, width + (at * 7) % width) for at in range(width)]
    lines += [Line(at, width + (at * 3 + 1) % width) for at in range(width)]
    layers = ranks.layers_of(boxes, lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_EXCHANGEABLE", 10)
        roughly = ordering.crossings(layers, ordering.ordered(layers))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_EXCHANGES", 1)
        once = ordering.crossings(layers, ordering.ordered(layers))
    assert ordering.crossings(layers, ordering.ordered(layers)) <= min(once, roughly)


def test_detours_enter_and_leave_sideways_only_where_nothing_stands_beside() -> None:
    boxes = [BOX] * 4
    lines = [Line(0, 1), Line(0, 2), Line(0, 3), Line(2, 0, True)]
    layout = layout_of(boxes, lines)
    assert_sound(boxes, lines, layout)
    leaves, enters = layout.routes[3].points[0], layout.routes[3].points[-1]
    assert leaves[1] > layout.centres[2][1], "below, for there is a box on either side"
    assert enters[1] == layout.centres[0][1], "at the side"


def test_a_detour_between_boxes_with_neighbours_goes_below_and_above_them() -> None:
    boxes = [BOX] * 7
    lines = [Line(0, 1), Line(0, 2), Line(0, 3), Line(1, 4), Line(2, 5), Line(3, 6)]
    lines += [Line(5, 2, True), Line(6, 2, True)]
    layout = layout_of(boxes, lines)
    assert_sound(boxes, lines, layout)
    for route in layout.routes[-2:]:
        assert route.points[-1][1] < layout.centres[2][1], "from above"


def test_short_lines_give_way_to_long_ones_that_they_cross() -> None:
    boxes = [BOX] * 8
    lines = [Line(a, b) for a in range(8) for b in range(a + 1, 8)]
    layout = layout_of(boxes, lines)
    assert_sound(boxes, lines, layout)
    longest = layout.routes[lines.index(Line(0, 7))].points
    assert len({round(x, 6) for x, _ in longest[2:-2]}) == 1
