"""The drawing as SVG: legible on light and dark, with no font, script or file but itself."""

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from segue.graph.drawing.captions import cells, details, join_badge, shortened, visible, wrapped
from segue.graph.drawing.diagram import Diagram, Kind, Link, Node, diagram_of
from segue.graph.drawing.layout import Layout, layout_of
from segue.graph.drawing.ranks import Box, Line
from segue.graph.drawing.routing import Point, Route
from segue.graph.task_graph import TaskGraph
from segue.language.model import EngineCommand

#: Width of a column of a monospaced font, in ems.
_EM = 0.61
_NAME, _SMALL, _BADGE = 13.0, 11.0, 10.0
#: Longest texts, in columns; all of it is in the tooltip.
_NAME_CELLS, _CAPTION_CELLS = 40, 28
_PADDING = 14.0
_MARK = 14.0  # the triangle of a start
_HEAD = 7.0  # the length of an arrow head
_CORNER = 8.0

_STYLE = """
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.paper{fill:#fff}.box{fill:#f8fafc;stroke:#475569;stroke-width:1.3}.name{fill:#0f172a;
font-size:13px;font-weight:600}.what,.writes{fill:#64748b;font-size:11px}.when{fill:#334155;
font-size:11px}.chip{fill:#fff;stroke:#cbd5e1}.line{fill:none;stroke:#64748b;stroke-width:1.4}
.head{fill:#64748b}.loop{fill:none;stroke:#b45309;stroke-width:1.6;stroke-dasharray:6 4}
.loop-head{fill:#b45309}.turn{fill:none;stroke:#b45309;stroke-width:1.4}.badge{fill:#ede9fe;
stroke:#7c3aed}.badge-text{fill:#5b21b6;font-size:10px;font-weight:600}.join .box{stroke:#7c3aed}
.start{fill:#15803d}.end{fill:#f1f5f9;stroke:#64748b}.end-text{fill:#475569;font-size:11px}
.fail .end{fill:#fee2e2;stroke:#dc2626}.fail .end-text{fill:#b91c1c;font-weight:600}
.apart{opacity:.5}.apart .box{stroke-dasharray:3 3}
@media(prefers-color-scheme:dark){.paper{fill:#0f172a}.box{fill:#1e293b;stroke:#94a3b8}
.name{fill:#f1f5f9}.what,.writes{fill:#94a3b8}.when{fill:#cbd5e1}.chip{fill:#0f172a;
stroke:#475569}.line{stroke:#94a3b8}.head{fill:#94a3b8}.loop,.turn{stroke:#fbbf24}
.loop-head{fill:#fbbf24}.badge{fill:#2e1065;stroke:#a78bfa}.badge-text{fill:#ddd6fe}
.join .box{stroke:#a78bfa}.start{fill:#4ade80}.end{fill:#1e293b;stroke:#94a3b8}
.end-text{fill:#cbd5e1}.fail .end{fill:#450a0a;stroke:#f87171}.fail .end-text{fill:#fca5a5}}
"""


def draw_svg(graph: TaskGraph) -> str:
    """Return the drawing of a workflow as an SVG document."""
    return "\n".join(_Svg(graph).document()) + "\n"


class _Svg:
    def __init__(self, graph: TaskGraph) -> None:
        self.graph = graph
        self.diagram: Diagram = diagram_of(graph)
        self.boxes = [self._box(node) for node in self.diagram.nodes]
        self.lines = [Line(link.source, link.target, link.loop) for link in self.diagram.links]
        self.layout: Layout = layout_of(self.boxes, self.lines)

    def document(self) -> Iterator[str]:
        width, height = _number(self.layout.width), _number(self.layout.height)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="segue-graph" role="img" '
            f'aria-labelledby="segue-title segue-desc" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">'
        )
        yield f'<title id="segue-title">{_text(self.graph.workflow.name)}</title>'
        yield f'<desc id="segue-desc">{_text(self._description())}</desc>'
        yield f"<style>{_STYLE.replace(chr(10), '')}</style>"
        yield f'<rect class="paper" width="{width}" height="{height}" rx="8"/>'
        for link, route in zip(self.diagram.links, self.layout.routes, strict=True):
            yield from _route(link, route)
        for node, box, centre in zip(
            self.diagram.nodes, self.boxes, self.layout.centres, strict=True
        ):
            draw = {Kind.TASK: self._task, Kind.TRANSITION: _caption, Kind.END: _end}[node.kind]
            yield from draw(node, box, centre)
        for link, route in zip(self.diagram.links, self.layout.routes, strict=True):
            if link.loop:
                yield _turn(route)
        yield "</svg>"

    def _description(self) -> str:
        graph = self.graph
        counted = [
            _count(len(graph.tasks), "task"),
            _count(len(graph.edges), "transition"),
            _count(len(graph.loop_edges), "loop"),
            _count(len(graph.joins), "join"),
        ]
        starts = ", ".join(visible(name) for name in graph.starts) or "nowhere by itself"
        return f"{', '.join(counted)}. It starts at {starts}."

    def _box(self, node: Node) -> Box:
        if node.kind is Kind.END:
            return Box(_wide(str(node.command), _SMALL) + 20, 22)
        if node.kind is Kind.TRANSITION:
            lines = _caption_lines(node)
            wide = max(_wide(text, _SMALL) for _, text in lines)
            return Box(wide + 16, 8.0 + 15 * len(lines), caption=True)
        task = self.graph.workflow.tasks[node.task]
        first = _wide(_name(node.task), _NAME)
        if badge := self._badge(node.task):
            first += 8 + _badge_width(badge)
        if node.task in self.graph.starts:
            first += _MARK
        what = details(task)
        return Box(
            max(first, _wide(shortened(what, _NAME_CELLS), _SMALL), 30) + 2 * _PADDING,
            46 if what else 34,
        )

    def _badge(self, name: str) -> str:
        task = self.graph.workflow.tasks[name]
        return join_badge(task, len(self.graph.predecessors(name)))

    def _task(self, node: Node, box: Box, centre: Point) -> Iterator[str]:
        name = node.task
        task = self.graph.workflow.tasks[name]
        badge = self._badge(name)
        kinds = ["task"]
        if badge:
            kinds.append("join")
        if self.graph.starts and name not in self.graph.reachable:
            kinds.append("apart")
        what = details(task)
        yield f'<g class="{" ".join(kinds)}"><title>{_text(_tooltip(name, badge, what))}</title>'
        yield _rectangle("box", box, centre, 7)
        left = centre[0] - box.width / 2 + _PADDING
        base = centre[1] - (5 if what else -4.5)
        if name in self.graph.starts:
            at = f"{_number(left - 3)},{_number(base - 10)}"
            yield f'<path class="start" d="M{at}v11l9,-5.5z"/>'
            left += _MARK
        yield _label("name", left, base, _name(name))
        if badge:
            wide = _badge_width(badge)
            at_x = centre[0] + box.width / 2 - _PADDING + 4 - wide
            pill = Box(wide, 16)
            yield _rectangle("badge", pill, (at_x + wide / 2, base - 4.5), 8)
            yield _label("badge-text", at_x + 6, base - 1, badge)
        if what:
            at_x = centre[0] - box.width / 2 + _PADDING
            yield _label("what", at_x, centre[1] + 13, shortened(what, _NAME_CELLS))
        yield "</g>"


def _caption_lines(node: Node) -> list[tuple[str, str]]:
    lines = []
    if node.condition:
        lines += [("when", part) for part in wrapped(node.condition, _CAPTION_CELLS)]
    if node.published:
        lines.append(("writes", shortened(f"sets {node.published}", _CAPTION_CELLS)))
    return lines


def _caption(node: Node, box: Box, centre: Point) -> Iterator[str]:
    said = [f"when {node.condition}"] if node.condition else []
    said += [f"publishes {node.published}"] if node.published else []
    yield f'<g class="transition"><title>{_text("; ".join(said))}</title>'
    yield _rectangle("chip", box, centre, 5)
    y = centre[1] - box.height / 2 + 15
    for kind, text in _caption_lines(node):
        yield _label(kind, centre[0], y, text, anchor=' text-anchor="middle"')
        y += 15
    yield "</g>"


def _end(node: Node, box: Box, centre: Point) -> Iterator[str]:
    kind = " fail" if node.command is EngineCommand.FAIL else ""
    yield f'<g class="command{kind}">'
    yield _rectangle("end", box, centre, 11)
    text = str(node.command)
    yield _label("end-text", centre[0], centre[1] + 4, text, anchor=' text-anchor="middle"')
    yield "</g>"


def _route(link: Link, route: Route) -> Iterator[str]:
    points = list(route.points)
    tip, before = points[-1], points[-2]
    across = route.outside and tip[1] == before[1]
    along = (1 if tip[0] > before[0] else -1) if across else 0
    if link.arrow:
        short = _HEAD - 1
        points[-1] = (tip[0] - along * short, tip[1] - (0 if across else short))
    course = _rounded(points) if route.outside else _curved(points)
    yield f'<path class="{"loop" if link.loop else "line"}" d="{course}"/>'
    if link.arrow:
        wing, length = 4, _HEAD
        head = (
            f"l{-along * length},{-wing}v{2 * wing}z"
            if across
            else f"l{-wing},{-length}h{2 * wing}z"
        )
        kind = "loop-head" if link.loop else "head"
        yield f'<path class="{kind}" d="M{_point(tip)}{head}"/>'


def _curved(points: list[Point]) -> str:
    """Return a path that is vertical at every point."""
    course = f"M{_point(points[0])}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 == x1:
            course += f"L{_point((x1, y1))}"
        else:
            middle = (y0 + y1) / 2
            course += f"C{_point((x0, middle))} {_point((x1, middle))} {_point((x1, y1))}"
    return course


def _rounded(points: list[Point]) -> str:
    """Return a path along horizontal and vertical pieces, with round corners."""
    course = f"M{_point(points[0])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near = min(_CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        course += f"L{_point(_towards(corner, before, near))}"
        course += f"Q{_point(corner)} {_point(_towards(corner, after, near))}"
    return course + f"L{_point(points[-1])}"


def _turn(route: Route) -> str:
    """Return the mark of a loop, a circular arrow, at the middle of its lane."""
    lanes = [
        (abs(y1 - y0), x0, (y0 + y1) / 2)
        for (x0, y0), (x1, y1) in pairwise(route.points)
        if x0 == x1
    ]
    _, x, y = max(lanes)
    at = f"translate({_number(x)} {_number(y)})"
    return (
        f'<g class="again" transform="{at}"><title>loop</title><circle class="paper" r="9"/>'
        '<path class="turn" d="M4.2,-3.2A5.3,5.3 0 1 0 5.3,0.6"/>'
        '<path class="loop-head" d="M7.2,-6.4V-0.8H1.6z"/></g>'
    )


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, distance: float) -> Point:
    share = distance / (_distance(start, end) or 1.0)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _rectangle(kind: str, box: Box, centre: Point, corner: float) -> str:
    x, y = _number(centre[0] - box.width / 2), _number(centre[1] - box.height / 2)
    size = f'width="{_number(box.width)}" height="{_number(box.height)}"'
    return f'<rect class="{kind}" x="{x}" y="{y}" {size} rx="{corner:g}"/>'


def _label(kind: str, x: float, y: float, text: str, anchor: str = "") -> str:
    at = f'x="{_number(x)}" y="{_number(y)}"'
    return f'<text class="{kind}" {at}{anchor}>{_text(text)}</text>'


def _name(name: str) -> str:
    return shortened(visible(name), _NAME_CELLS)


def _tooltip(name: str, badge: str, what: str) -> str:
    said = [visible(name), what, f"join: {badge}" if badge else ""]
    return " · ".join(part for part in said if part)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _wide(text: str, size: float) -> float:
    return cells(text) * size * _EM


def _badge_width(badge: str) -> float:
    return _wide(badge, _BADGE) + 12


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _text(text: str) -> str:
    return escape(visible(text), quote=True)
