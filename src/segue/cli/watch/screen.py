"""Where the progress of an execution is shown: drawn over, line by line, or not at all."""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Protocol, TextIO

from segue.cli.reports.tree import Canvas, draw_overview, draw_tree
from segue.cli.terminal.glyphs import glyphs_for
from segue.cli.terminal.output import print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.terminal import Terminal, detect
from segue.cli.watch.frame import Frame
from segue.cli.watch.journal import Journal
from segue.cli.watch.progress import Progress
from segue.core.events import Recorded


class Screen(Protocol):
    """See the module."""

    #: whether what failed tasks have printed is of use here
    shows_logs: bool

    def happened(self, execution: str, recorded: Recorded) -> None:
        """Take note of an event. The progress knows of it already."""
        ...

    def notice(self, text: str) -> None:
        """Say something that stays to be read."""
        ...

    def draw(self) -> None:
        """Show what is known now."""
        ...

    def close(self) -> None:
        """Show what is known for the last time."""
        ...


def screen_for(
    stream: TextIO,
    progresses: Sequence[Progress],
    *,
    quiet: bool = False,
    known: Mapping[str, int] | None = None,
) -> Screen:
    """Return the screen that suits a stream, for one execution or for several.

    `known` is how many events of an execution happened before: they are not told again.
    """
    terminal = detect(stream, os.environ)
    if quiet:
        return Silence(stream, terminal)
    if terminal.live:
        return Tree(stream, progresses)
    return Lines(stream, terminal, several=len(progresses) > 1, known=known or {})


class Silence:
    """Shows notices only."""

    shows_logs = False

    def __init__(self, stream: TextIO, terminal: Terminal) -> None:
        self._stream = stream
        self._terminal = terminal

    def happened(self, execution: str, recorded: Recorded) -> None:
        """Do nothing."""

    def notice(self, text: str) -> None:
        """Write a line."""
        print_lines([_noticed(text)], self._stream, self._terminal)

    def draw(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Lines(Silence):
    """Appends a line for each event that is worth one; of several executions, with their ids."""

    def __init__(
        self, stream: TextIO, terminal: Terminal, *, several: bool, known: Mapping[str, int]
    ) -> None:
        super().__init__(stream, terminal)
        self._known = known
        self._several = several
        self._journals: dict[str, Journal] = {}

    def happened(self, execution: str, recorded: Recorded) -> None:
        """Write the line that tells of an event."""
        journal = self._journals.setdefault(execution, Journal(execution))
        told = journal.line_of(recorded)
        if told is not None and recorded.seq > self._known.get(execution, 0):
            if self._several:
                told = line(Part(f"{execution} ", Role.FAINT), *told.parts)
            print_lines([told], self._stream, self._terminal)


class Tree:
    """Draws the tree over and over; of several executions, a line each."""

    shows_logs = True

    def __init__(self, stream: TextIO, progresses: Sequence[Progress]) -> None:
        self._stream = stream
        self._progresses = progresses
        self._frame = Frame(stream, color=detect(stream, os.environ).color)
        self._notices: list[Line] = []

    def happened(self, execution: str, recorded: Recorded) -> None:
        """Do nothing: the next drawing shows it."""

    def notice(self, text: str) -> None:
        """Write a line above the tree, with the next drawing."""
        self._notices.append(_noticed(text))
        self.draw()

    def draw(self) -> None:
        """Draw the tree as it is now."""
        self._draw(moving=True)

    def close(self) -> None:
        """Draw the tree for the last time and leave it there."""
        self._draw(moving=False)
        self._frame.close()

    def _draw(self, *, moving: bool) -> None:
        terminal = detect(self._stream, os.environ)
        above: Sequence[Line] = self._notices
        self._notices = []
        canvas = Canvas(
            width=terminal.width,
            height=terminal.height - 1,  # the cursor rests on a line of its own
            glyphs=glyphs_for(unicode=terminal.unicode),
            moving=moving,
        )
        started = [progress for progress in self._progresses if progress.started]
        lines: Sequence[Line] = ()
        if len(self._progresses) > 1:
            lines = draw_overview([one.view for one in started], time.time(), canvas)
        elif started:
            lines = draw_tree(started[0].view, time.time(), canvas, started[0].aside)
        self._frame.draw(lines, terminal.width, above)


def _noticed(text: str) -> Line:
    return line(Part(printable(text), Role.WAITING))
