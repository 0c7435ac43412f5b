"""The text of a file, and the way from an offset in it to a line and column and back."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from segue.language.findings import Span

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Source:
    """A text with its lines. Offsets count characters from 0; lines and columns from 1."""

    text: str
    _starts: tuple[int, ...] = field(init=False, repr=False)
    _ends: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        breaks = list(_LINE_END.finditer(self.text))
        starts = (0, *(found.end() for found in breaks))
        ends = (*(found.start() for found in breaks), len(self.text))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_ends", ends)

    @property
    def line_count(self) -> int:
        """How many lines there are; a text that ends with a line break has an empty last one."""
        return len(self._starts)

    def line(self, number: int) -> str:
        """Return a line without its line break; "" where there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        return self.text[self._starts[number - 1] : self._ends[number - 1]]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset; offsets outside count as the nearest inside."""
        offset = min(max(offset, 0), len(self.text))
        index = bisect_right(self._starts, offset) - 1
        return index + 1, min(offset, self._ends[index]) - self._starts[index] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column; places outside count as the nearest inside."""
        index = min(max(line, 1), len(self._starts)) - 1
        return min(self._starts[index] + max(column, 1) - 1, self._ends[index])

    def span(self, start: int, end: int) -> Span:
        """Return the place between two offsets, the end not included."""
        line, column = self.position(start)
        end_line, end_column = self.position(max(start, end))
        return Span(line, column, end_line, end_column)
