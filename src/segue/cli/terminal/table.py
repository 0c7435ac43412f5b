"""Tables: columns as wide as what is in them, the last one cut to what is left."""

from collections.abc import Sequence

from rich.cells import cell_len

from segue.cli.terminal.styled import Line, Part, Role, line, padded
from segue.cli.terminal.terminal import Terminal

_GAP = "  "


def table_lines(
    heads: Sequence[str], rows: Sequence[Sequence[Part]], terminal: Terminal
) -> list[Line]:
    """Return the lines of a table with its head. No line is wider than the terminal."""
    widths = [
        max(cell_len(text) for text in (head, *(row[index].text for row in rows)))
        for index, head in enumerate(heads)
    ]
    ellipsis = "…" if terminal.unicode else "..."
    everything = [[Part(head, Role.FAINT) for head in heads], *rows]
    return [_line(cells, widths).fitted(terminal.width, ellipsis) for cells in everything]


def _line(cells: Sequence[Part], widths: Sequence[int]) -> Line:
    parts = [
        Part(padded(cell.text, width) + _GAP, cell.role)
        for cell, width in zip(cells, widths, strict=True)
    ]
    return line(*parts)
