"""Lines of text whose parts have a role, and how they become characters on a terminal.

A role says what a part means; the colour follows from it. Nothing here says anything by colour
alone. What comes from outside (names, messages, output) is made printable first, so that
nothing in a workflow or its data can move the cursor or change the title of a terminal.
"""

from dataclasses import dataclass
from enum import StrEnum
from unicodedata import category

from rich.cells import cell_len, chop_cells


class Role(StrEnum):
    """What a part of a line means; the value is its style in rich's words."""

    PLAIN = ""
    STRONG = "bold"
    FAINT = "dim"
    GOOD = "green"
    BAD = "red"
    ACTIVE = "cyan"
    WAITING = "yellow"
    ENDED = "magenta"


_SGR = {
    Role.STRONG: "1",
    Role.FAINT: "2",
    Role.GOOD: "32",
    Role.BAD: "31",
    Role.ACTIVE: "36",
    Role.WAITING: "33",
    Role.ENDED: "35",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line in one role."""

    text: str
    role: Role = Role.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen."""

    parts: tuple[Part, ...]

    @property
    def plain(self) -> str:
        """The characters alone."""
        return "".join(part.text for part in self.parts).rstrip()

    def colored(self) -> str:
        """Return the line with the terminal's codes for its roles."""
        return "".join(_colored(part) for part in self.parts).rstrip()

    def fitted(self, width: int, ellipsis: str) -> "Line":
        """Return the line cut to `width` cells, with an ellipsis if anything is missing."""
        if sum(cell_len(part.text) for part in self.parts) <= width:
            return self
        kept: list[Part] = []
        left = width
        for part in self.parts:
            size = cell_len(part.text)
            if size >= left:
                kept.append(Part(fitted_text(part.text + " ", left, ellipsis), part.role))
                break
            kept.append(part)
            left -= size
        return Line(tuple(kept))


def line(*parts: Part | str) -> Line:
    """Return a line of these parts; a string is a plain one."""
    return Line(tuple(Part(part) if isinstance(part, str) else part for part in parts))


def printable(text: str) -> str:
    r"""Return text as one line that can't do anything to a terminal.

    Control and other invisible characters are written as escapes, `\x1b` or `\u202e`; ends of
    lines and tabs become one space.
    """
    if text.isprintable():
        return text
    return "".join(_printable_character(character) for character in text)


def fitted_text(text: str, width: int, ellipsis: str) -> str:
    """Return text cut to `width` cells, with an ellipsis if anything is missing."""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(ellipsis)
    if room <= 0:
        return ellipsis[: max(0, width)]
    return chop_cells(text, room)[0] + ellipsis


def padded(text: str, width: int) -> str:
    """Return text filled up with spaces to `width` cells."""
    return text + " " * max(0, width - cell_len(text))


def _printable_character(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if character.isprintable() or category(character) == "Zs":
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def _colored(part: Part) -> str:
    code = _SGR.get(part.role)
    return f"\x1b[{code}m{part.text}\x1b[0m" if code and part.text else part.text
