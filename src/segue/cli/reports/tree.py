"""The tree of an execution, as lines that fit a screen. Pure: what is drawn follows from the view.

When the screen is too low, output of failed tasks goes first, then what is finished is folded,
the oldest first, then what waits; what runs is folded last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from segue.cli.reports.reason_words import notes_of
from segue.cli.reports.rows import NOTHING_ASIDE, Aside, Row, rows_of
from segue.cli.terminal.glyphs import Glyphs, role_of
from segue.cli.terminal.styled import Line, Part, Role, fitted_text, line, padded, printable
from segue.cli.terminal.times import duration_text
from segue.core.reasoning import waits_of
from segue.core.reasons import Nothing
from segue.core.status import Status
from segue.core.view import ExecutionView

_STATUS_WIDTH = len("succeeded")
_SHORTEST_TIME = len("59.9s")
_SMALLEST_NAME = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """What is drawn on. `moving`: the drawing is renewed, so that what runs may turn."""

    width: int
    height: int
    glyphs: Glyphs
    moving: bool = False


def draw_tree(
    view: ExecutionView, now: float, canvas: Canvas, aside: Aside = NOTHING_ASIDE
) -> tuple[Line, ...]:
    """Return the lines of the tree: a header, what all of it waits for, the rows of the tasks."""
    rows = rows_of(view, now, aside)
    lines = [_header(view, now, canvas), *_whole_lines(view, now, canvas, aside)]
    blocks = _folded(rows, canvas.height - len(lines))
    layout = _Layout.for_rows([block.row for block in blocks.shown], canvas, now)
    if blocks.hidden:
        lines.append(_hidden_line(blocks.hidden, canvas.glyphs))
    for index, block in enumerate(blocks.shown):
        is_last = index == len(blocks.shown) - 1
        lines += layout.draw(block, is_last=is_last)
    return tuple(one.fitted(canvas.width, canvas.glyphs.ellipsis) for one in lines)


def draw_overview(views: Sequence[ExecutionView], now: float, canvas: Canvas) -> tuple[Line, ...]:
    """Return a line for each execution, with what is going on in it; settled ones fold first."""
    shown = sorted(views, key=lambda view: view.settled)[: max(1, canvas.height - 1)]
    ids = {view.id for view in shown}
    lines = [_overview_line(view, now, canvas) for view in views if view.id in ids]
    if len(shown) < len(views):
        hidden = len(views) - len(shown)
        lines.append(line(Part(f"{canvas.glyphs.ellipsis} and {hidden} more", Role.FAINT)))
    return tuple(one.fitted(canvas.width, canvas.glyphs.ellipsis) for one in lines)


def _overview_line(view: ExecutionView, now: float, canvas: Canvas) -> Line:
    header = _header(view, now, canvas)
    busy = [row for row in rows_of(view, now) if not row.is_over]
    told = f" {canvas.glyphs.dot} ".join(
        f"{printable(row.task)} {row.status or 'waiting'}" for row in busy
    )
    return line(*header.parts, Part(f"  {told}" if told else "", Role.FAINT))


def _whole_lines(view: ExecutionView, now: float, canvas: Canvas, aside: Aside) -> tuple[Line, ...]:
    # Between two events it may be that nothing is outstanding: no word of that here.
    reasons = [
        wait.reason
        for wait in waits_of(view, aside.known)
        if wait.task is None and not isinstance(wait.reason, Nothing)
    ]
    return tuple(
        line("  ", printable(f" {canvas.glyphs.dot} ".join(notes_of(reason, now))))
        for reason in reasons
    )


def mark_of(status: Status, canvas: Canvas, now: float) -> str:
    """Return the symbol of a status, turning where it runs and the drawing moves."""
    if canvas.moving and status is Status.RUNNING:
        return canvas.glyphs.turn(now)
    return canvas.glyphs.mark(status)


def _header(view: ExecutionView, now: float, canvas: Canvas) -> Line:
    seconds = (view.finished_at or now) - view.started_at
    unsettled = view.status.is_final and not view.settled
    note = " (what runs is let finish)" if unsettled else ""
    return header_line((view.workflow, view.id), view.status, seconds, canvas, now, note)


def header_line(  # noqa: PLR0917 (as many as there are parts)
    names: tuple[str, str],
    status: Status,
    seconds: float,
    canvas: Canvas,
    now: float,
    note: str = "",
) -> Line:
    """Return the line that tells which execution that is (its workflow, its id), and how it is."""
    workflow, execution = names
    return line(
        Part(printable(workflow), Role.STRONG),
        "  ",
        Part(execution, Role.FAINT),
        "  ",
        Part(f"{mark_of(status, canvas, now)} {status}", role_of(status)),
        Part(note, Role.FAINT),
        f"  {duration_text(seconds)}",
    )


# -- folding to the height of the screen -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """A row with as many of its further lines as there is room for."""

    row: Row
    error: bool
    log: int

    @property
    def height(self) -> int:
        return 1 + self.error + self.log + len(self.row.below)


@dataclass(frozen=True, slots=True)
class _Blocks:
    shown: Sequence[_Block]
    hidden: Sequence[Row]

    @property
    def height(self) -> int:
        return sum(block.height for block in self.shown) + bool(self.hidden)


def _folded(rows: Sequence[Row], height: int) -> _Blocks:
    whole = _Blocks([_Block(row, bool(row.error), len(row.log)) for row in rows], ())
    if whole.height <= height:
        return whole
    blocks = [_Block(row, bool(row.error), 0) for row in rows]
    left = sum(block.height for block in blocks)
    hidden: set[int] = set()
    for index in sorted(range(len(rows)), key=lambda index: (_stage_of(rows[index]), index)):
        if left + bool(hidden) <= height:
            break
        hidden.add(index)
        left -= blocks[index].height
    return _Blocks(
        [block for index, block in enumerate(blocks) if index not in hidden],
        [row for index, row in enumerate(rows) if index in hidden],
    )


def _stage_of(row: Row) -> int:
    """Return when a row is folded: well finished, badly finished, waiting, running."""
    if row.status is None:
        return 2
    if row.is_over:
        return 1 if row.status in {Status.FAILED, Status.TIMEOUT} and not row.handled else 0
    return 3 if row.status in {Status.RUNNING, Status.CANCELING} else 2


def _hidden_line(rows: Sequence[Row], glyphs: Glyphs) -> Line:
    counts: dict[str, int] = {}
    for row in rows:
        word = str(row.status or "waiting")
        counts[word] = counts.get(word, 0) + 1
    told = ", ".join(f"{number} {word}" for word, number in counts.items())
    tasks = "task" if len(rows) == 1 else "tasks"
    return line(Part(f"{glyphs.branch} {glyphs.ellipsis} {len(rows)} {tasks}: {told}", Role.FAINT))


# -- the rows ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layout:
    """How wide the columns are, for all rows alike."""

    canvas: Canvas
    now: float
    name: int
    visits: int
    time: int

    @classmethod
    def for_rows(cls, rows: Sequence[Row], canvas: Canvas, now: float) -> "_Layout":
        longest = max((cell_len(printable(row.task)) for row in rows), default=0)
        most = max((row.visits for row in rows), default=0)
        times = [len(_time_of(row)) for row in rows if row.seconds is not None]
        return cls(
            canvas=canvas,
            now=now,
            name=min(longest, max(_SMALLEST_NAME, canvas.width // 3)),
            visits=len(canvas.glyphs.times) + len(str(most)) if most > 1 else 0,
            time=max(_SHORTEST_TIME, *times) if times else 0,
        )

    def draw(self, block: _Block, *, is_last: bool) -> list[Line]:
        """Return the lines of one row."""
        glyphs, row = self.canvas.glyphs, block.row
        lines = [self._first_line(row, glyphs.last if is_last else glyphs.branch)]
        guide = " " if is_last else glyphs.detail
        if block.error and row.error is not None:
            words = ("handled: " if row.handled else "") + printable(row.error)
            lines.append(line(Part(f"{guide}   ", Role.FAINT), Part(words, Role.BAD)))
        printed = row.log[len(row.log) - block.log :]
        lines += [
            line(Part(f"{guide}   {glyphs.detail} {printable(text)}", Role.FAINT))
            for text in printed
        ]
        lines += [line(Part(f"{guide}   ", Role.FAINT), *one.parts) for one in row.below]
        return lines

    def _first_line(self, row: Row, branch: str) -> Line:
        glyphs = self.canvas.glyphs
        role = Role.WAITING if row.status is None else role_of(row.status)
        mark = glyphs.waiting if row.status is None else mark_of(row.status, self.canvas, self.now)
        word = "waiting" if row.status is None else str(row.status)
        name = fitted_text(printable(row.task), self.name, glyphs.ellipsis)
        visits = f"{glyphs.times}{row.visits}" if row.visits > 1 else ""
        notes = f" {glyphs.dot} ".join(printable(note) for note in row.notes)
        return line(
            Part(f"{branch} ", Role.FAINT),
            Part(mark, role),
            f" {padded(name, self.name)}  ",
            Part(padded(word, _STATUS_WIDTH), role),
            Part(f"  {visits:<{self.visits}}" if self.visits else "", Role.STRONG),
            f"  {_time_of(row):>{self.time}}" if self.time else "",
            Part(f"  {notes}" if notes else "", Role.FAINT),
        )


def _time_of(row: Row) -> str:
    return "" if row.seconds is None else duration_text(row.seconds)
