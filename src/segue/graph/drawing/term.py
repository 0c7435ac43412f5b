"""The drawing for a terminal: rails to the left, what they lead to on the right."""

from bisect import bisect_left
from collections.abc import Mapping
from enum import StrEnum
from itertools import accumulate

from segue.graph.drawing.captions import (
    cells,
    condition,
    details,
    join_badge,
    published,
    shortened,
    visible,
)
from segue.graph.drawing.rails import DOWN, LEFT, RIGHT, UP, Loop, Row, loops_of, rows_of
from segue.graph.task_graph import TaskGraph
from segue.language.model import EngineCommand, Transition

#: Of the width, how much rails may take at most; with more of them there are none at all.
_RAILS_SHARE = 0.5
#: What is left of a condition at least, to keep what it leads to in sight.
_CONDITION_CELLS = 12

_PIECES: Mapping[int, str] = {
    UP: "╵",
    DOWN: "╷",
    UP | DOWN: "│",
    LEFT: "╴",
    RIGHT: "╶",
    UP | RIGHT: "╰",
    UP | LEFT: "╯",
    DOWN | RIGHT: "╭",
    DOWN | LEFT: "╮",
    UP | DOWN | RIGHT: "├",
    UP | DOWN | LEFT: "┤",
    DOWN | LEFT | RIGHT: "┬",
    UP | LEFT | RIGHT: "┴",
    UP | DOWN | LEFT | RIGHT: "┼",
}
_ASCII = str.maketrans(
    {
        **dict.fromkeys("╵╷│┤├┼", "|"),
        **dict.fromkeys("╴╶─", "-"),
        **dict.fromkeys("╰╯╭╮┬┴", "+"),
        "┊": ":",
        "┈": ".",
        "●": "*",
        "◆": "&",
        "▶": ">",
        "○": "o",
        "▸": ">",
        "→": "->",
        "↺": "^",
        "…": "~",
        "·": "-",
    }
)


class _Style(StrEnum):
    """Escape sequences of the parts of a drawing."""

    PLAIN = ""
    NAME = "\x1b[1m"
    MUTED = "\x1b[2m"
    LOOP = "\x1b[33m"
    JOIN = "\x1b[35m"
    START = "\x1b[32m"
    FAIL = "\x1b[31m"


_RESET = "\x1b[0m"
_Line = list[tuple[str, _Style]]


def draw_term(
    graph: TaskGraph, *, width: int = 100, ascii_only: bool = False, colour: bool = False
) -> str:
    """Return the drawing in lines of at most `width` columns, each with a newline.

    With `ascii_only` other characters of the drawing are replaced, and those of names escaped;
    with `colour` there are escape sequences in it.
    """
    drawing = _Drawing(graph, width, ascii_only=ascii_only)
    lines = [_printed(line, colour=colour) for line in drawing.lines()]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _printed(line: _Line, *, colour: bool) -> str:
    if not colour:
        return "".join(text for text, _ in line)
    return "".join(
        f"{style}{text}{_RESET}" if style and text.strip() else text for text, style in line
    )


def _width(line: _Line) -> int:
    return sum(cells(text) for text, _ in line)


class _Drawing:
    def __init__(self, graph: TaskGraph, width: int, *, ascii_only: bool) -> None:
        self.graph = graph
        self.width = width
        self.ascii_only = ascii_only
        self.rows = rows_of(graph)
        self.loops = loops_of(self.rows)
        self.gutter = 2 * max((loop.lane + 1 for loop in self.loops), default=0)
        columns = max((column for row in self.rows for column in row.rails), default=0)
        self.has_rails = self.gutter + 2 * columns <= width * _RAILS_SHARE

    def lines(self) -> list[_Line]:
        return [self.line(at, row) for at, row in enumerate(self.rows)]

    def line(self, at: int, row: Row) -> _Line:
        line = self.rails(at, row) if self.has_rails else self.indent(row)
        left = self.width - _width(line)
        said = self.task(row.task, left) if row.transition is None else self.onward(row, left)
        return [*line, *said]

    def indent(self, row: Row) -> _Line:
        return [self.symbol(row.task) if row.transition is None else ("   ", _Style.PLAIN)]

    def rails(self, at: int, row: Row) -> _Line:
        """Return the gutter and the rails of a row."""
        gutter, entered = self.lanes(at)
        line: _Line = [(self.plain(gutter), _Style.LOOP)]
        for column in range(max([row.column, *row.rails]) + 1):
            to_left = column < row.column and (entered or bool(row.back))
            line.append(self.cell(row, column, dashed=to_left))
            gap = "─" if column in row.across else "┈" if to_left else " "
            if column + 1 == row.column and entered:
                gap = "▸"
            style = _Style.PLAIN if gap == "─" else _Style.LOOP
            line.append((self.plain(gap), style))
        return [*line, (" ", _Style.PLAIN)]

    def cell(self, row: Row, column: int, *, dashed: bool) -> tuple[str, _Style]:
        if column == row.column and row.transition is None:
            return self.symbol(row.task)
        bits = row.rails.get(column, 0)
        if not bits and column in row.across:
            return self.plain("─"), _Style.PLAIN
        if not bits and dashed:
            return self.plain("┈"), _Style.LOOP
        return self.plain(_PIECES.get(bits, " ")), _Style.PLAIN

    def lanes(self, at: int) -> tuple[str, bool]:
        """Return the gutter of a row, and whether a loop leads from it to the task of the row."""
        line = [" "] * self.gutter
        inner = self.gutter
        arrives = False
        for loop in self.loops:
            if loop.first <= at <= loop.last:
                place = self.gutter - 2 * loop.lane - 2
                piece = self.lane_piece(loop, at)
                line[place] = piece
                if piece != "┊":
                    inner = min(inner, place)
                    arrives = arrives or piece == "╭"
        for place in range(inner + 1, self.gutter):
            if line[place] == " ":
                line[place] = "┈"
        if arrives and self.rows[at].column == 0:
            line[-1] = "▸"
        return "".join(line), arrives

    def lane_piece(self, loop: Loop, at: int) -> str:
        if at == loop.first:
            return "╭"
        if at == loop.last:
            return "╰"
        return "├" if loop.task in self.rows[at].back else "┊"

    def symbol(self, task: str) -> tuple[str, _Style]:
        if task in self.graph.starts:
            return self.plain("▶"), _Style.START
        if task in self.graph.joins:
            return self.plain("◆"), _Style.JOIN
        if self.graph.starts and task not in self.graph.reachable:
            return self.plain("○"), _Style.MUTED
        return self.plain("●"), _Style.PLAIN

    def task(self, name: str, left: int) -> _Line:
        task = self.graph.workflow.tasks[name]
        gap = "" if self.has_rails else " "
        said: _Line = [(f"{gap}{self.text(visible(name))}", _Style.NAME)]
        if task.join is not None:
            badge = join_badge(task, len(self.graph.predecessors(name)))
            said.append((f"  [join {badge}]", _Style.JOIN))
        if what := self.text(details(task)):
            said.append((f"  {what}", _Style.MUTED))
        return self.fitted(said, left)

    def onward(self, row: Row, left: int) -> _Line:
        transition = row.transition
        assert transition is not None, "this is the row of a transition"
        leads = [(self.text(visible(name)), _Style.NAME) for name in row.onward]
        leads += [(self.again(name), _Style.LOOP) for name in row.back]
        leads += [
            (command.value, _Style.FAIL if command is EngineCommand.FAIL else _Style.MUTED)
            for command in row.commands
        ]
        said: _Line = [(self.plain("→ "), _Style.PLAIN)]
        for number, lead in enumerate(leads):
            said += [(", ", _Style.PLAIN), lead] if number else [lead]
        if writes := published(transition):
            said.append((self.text(f"  · sets {writes}"), _Style.MUTED))
        when = self.condition(row, transition, max(left - _width(said) - 1, _CONDITION_CELLS))
        return self.fitted([when, *said], left)

    def condition(self, row: Row, transition: Transition, limit: int) -> tuple[str, _Style]:
        when = self.text(condition(self.graph.workflow.tasks[row.task], transition))
        return (f"{self.cut(when, limit)} " if when else "", _Style.PLAIN)

    def again(self, name: str) -> str:
        return self.plain("↺ ") + self.text(visible(name))

    def fitted(self, line: _Line, left: int) -> _Line:
        """Return as much of the line as fits, with an ellipsis where it was cut."""
        taken = list(accumulate(cells(text) for text, _ in line))
        if taken[-1] <= left:
            return line
        at = bisect_left(taken, left)
        text, style = line[at]
        room = left - (taken[at - 1] if at else 0)
        return [*line[:at], (self.cut(f"{text}…", room), style)]

    def cut(self, text: str, limit: int) -> str:
        return self.plain(shortened(text, limit))

    def plain(self, drawn: str) -> str:
        return drawn.translate(_ASCII) if self.ascii_only else drawn

    def text(self, text: str) -> str:
        if not self.ascii_only:
            return text
        return self.plain(text).encode("ascii", "backslashreplace").decode()
