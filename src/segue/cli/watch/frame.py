"""A few lines at the end of a terminal that are drawn over again and again.

Rich has such a thing, but it takes as long to import as everything else that a run needs before
its first task, and it leaves pieces behind when a window gets narrower. What is needed is little.
"""

from collections.abc import Sequence
from typing import TextIO

from rich.cells import cell_len

from segue.cli.terminal.styled import Line

_HIDE_CURSOR = "\x1b[?25l"
_SHOW_CURSOR = "\x1b[?25h"
#: Terminals that know it show what is between at once; others ignore it.
_BEGIN_FRAME = "\x1b[?2026h"
_END_FRAME = "\x1b[?2026l"
_CLEAR_REST_OF_LINE = "\x1b[K"
_CLEAR_BELOW = "\x1b[J"


class Frame:
    """The lines that are drawn over. Each write is one frame, so that nothing flickers."""

    def __init__(self, stream: TextIO, *, color: bool) -> None:
        self._stream = stream
        self._color = color
        self._drawn: Sequence[Line] = ()
        self._open = False

    def draw(self, lines: Sequence[Line], width: int, above: Sequence[Line] = ()) -> None:
        """Draw `lines` over those of the last time, on a terminal that is `width` cells wide.

        The lines `above` are written before them and stay.
        """
        text = "" if self._open else _HIDE_CURSOR
        self._open = True
        text += _BEGIN_FRAME + self._to_the_top(width)
        text += "".join(self._text(line) + _CLEAR_REST_OF_LINE + "\n" for line in (*above, *lines))
        self._drawn = lines
        self._stream.write(text + _CLEAR_BELOW + _END_FRAME)
        self._stream.flush()

    def close(self) -> None:
        """Leave what was drawn last where it is, and give the cursor back."""
        if self._open:
            self._open = False
            self._stream.write(_SHOW_CURSOR)
            self._stream.flush()

    def _to_the_top(self, width: int) -> str:
        # A window that got narrower has broken the lines that stand in it.
        height = sum(max(1, -(-cell_len(line.plain) // width)) for line in self._drawn)
        return f"\x1b[{height}A\r" if height else "\r"

    def _text(self, line: Line) -> str:
        return line.colored() if self._color else line.plain
