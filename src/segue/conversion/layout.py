"""How a text is laid out: its lines, comments and indentation, and changes that respect them."""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from segue.conversion.edits import ClashError, Edits
from segue.language.nodes import Mapping, Node, Scalar, Sequence, Style

_BLANKS: Final = re.compile(r"[ \t]*")
_ALIAS: Final = re.compile(r"\*[^\s,\[\]{}]+")
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#[^\r\n]*")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping as it stands in the text.

    `colon` is the offset behind the colon; `start` where what follows it begins, anchor and tag
    included, and `end` where that ends (both are `colon` where nothing is written).
    """

    key: Scalar
    value: Node
    colon: int
    start: int
    end: int

    @property
    def is_alias(self) -> bool:
        """Whether the value stands elsewhere: here is only its name."""
        return not self.colon <= self.value.start <= self.end


@dataclass(slots=True)
class Layout:
    """The text of a file, and what is to be changed in it."""

    text: str
    edits: Edits = field(init=False)
    newline: str = field(init=False)

    def __post_init__(self) -> None:
        self.edits = Edits(self.text)
        found = _LINE_END.search(self.text)
        self.newline = found.group() if found else "\n"

    def line_start(self, at: int) -> int:
        """Return where the line of an offset begins."""
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """Return where the line of an offset ends, its break not included."""
        found = _LINE_END.search(self.text, at)
        return found.start() if found else len(self.text)

    def next_line(self, at: int) -> int:
        """Return where the next line begins."""
        found = _LINE_END.search(self.text, at)
        return found.end() if found else len(self.text)

    def column(self, at: int) -> int:
        """Return how many characters are before an offset in its line."""
        return at - self.line_start(at)

    def indent(self, start: int) -> int:
        """Return how many blanks a line begins with."""
        return _BLANKS.match(self.text, start).end() - start  # type: ignore[union-attr]

    def begins_line(self, at: int) -> bool:
        """Say whether only blanks are before an offset in its line."""
        return not self.text[self.line_start(at) : at].strip()

    def is_flow(self, node: Node) -> bool:
        """Say whether a list or mapping is written in brackets or braces."""
        return self.text.startswith(("[", "{"), node.start)

    def comments(self, start: int, end: int, inside: tuple[Scalar, ...] = ()) -> list[str]:
        """Return the comments in a range, but for what only looks like one in a scalar."""
        return [
            found.group().rstrip()
            for found in _COMMENT.finditer(self.text, start, end)
            if not any(each.start <= found.start() < each.end for each in inside)
        ]

    def entry(self, key: Node, value: Node) -> Entry:
        """Return an entry as it is written.

        Raises `ClashError` for one that is written in an unusual way.
        """
        assert isinstance(key, Scalar), "other keys are refused"
        at = _BLANKS.match(self.text, key.end).end()  # type: ignore[union-attr] # matches ""
        if not self.text.startswith(":", at):
            if value.start <= at:
                return Entry(key, value, key.end, key.end, key.end)
            raise ClashError
        colon = at + 1
        start = _BLANKS.match(self.text, colon).end()  # type: ignore[union-attr] # matches ""
        if name := _ALIAS.match(self.text, start):
            return Entry(key, value, colon, start, name.end())
        if value.end <= value.start:
            return Entry(key, value, colon, colon, colon)
        return Entry(key, value, colon, min(start, value.start), value.end)

    def entries(self, node: Mapping) -> list[Entry]:
        """Return the entries of a mapping, repeated ones included."""
        return [self.entry(key, value) for key, value in node.entries]

    @staticmethod
    def holds_its_items(node: Sequence) -> bool:
        """Say whether all the items of a list stand in it, and none is an alias."""
        starts = [node.start - 1, *(item.start for item in node.items)]
        return all(one < other for one, other in pairwise(starts))

    def dash(self, item: Node) -> int:
        """Return where the dash before an item of a list stands.

        Raises `ClashError` where more than blanks is between the two.
        """
        at = len(self.text[: item.start].rstrip(" ")) - 1
        if at < 0 or self.text[at] != "-" or item.start == at + 1:
            raise ClashError
        return at

    def append_lines(self, at: int, lines: list[str]) -> None:
        """Put lines below the line of an offset."""
        end = self.line_end(at)
        self.edits.insert(end, "".join(self.newline + one for one in lines))

    def insert_lines(self, at: int, lines: list[str]) -> None:
        """Put lines before the entry of a block that begins at an offset, and its comments."""
        indent = " " * self.column(at)
        start = self.line_start(at)
        while start and self.text.startswith(f"{indent}#", self._line_before(start)):
            start = self._line_before(start)
        self.edits.insert(start, "".join(indent + one + self.newline for one in lines))

    def _line_before(self, start: int) -> int:
        """Return where the line before that which begins at an offset begins."""
        length = 2 if self.text.startswith("\r\n", start - 2) else 1
        return self.line_start(start - length)

    def shift(self, start: int, end: int, columns: int) -> None:
        """Move the lines that begin in a range to the right, or to the left."""
        at = self.next_line(start)
        while at < end and columns:
            blanks = _BLANKS.match(self.text, at).end()  # type: ignore[union-attr] # matches ""
            if self.text[blanks : blanks + 1] not in {"", "\n", "\r"}:
                width = blanks - at
                if columns > 0:
                    self.edits.insert(at, " " * columns)
                else:
                    self.edits.replace(at, at + min(width, -columns), "")
            at = self.next_line(at)

    def remove_from_flow(self, parts: list[tuple[int, int]], index: int) -> None:
        """Take away one of the parts of what is written in brackets or braces, and its comma."""
        start, end = parts[index]
        if index + 1 < len(parts):
            self.edits.replace(start, parts[index + 1][0], "")
        else:
            self.edits.replace(parts[index - 1][1] if index else start, end, "")

    def remove_lines(self, start: int, end: int, inside: tuple[Scalar, ...]) -> None:
        """Take away the lines from that of `start` to that of `end`; the comments stay."""
        if not self.begins_line(start):
            raise ClashError
        indent = " " * self.column(start)
        kept = self.comments(start, self.line_end(end), inside)
        self.edits.replace(
            self.line_start(start),
            self.next_line(end),
            "".join(indent + one + self.newline for one in kept),
        )


def nodes_of(root: Node) -> list[Node]:
    """Return a node and all below it, each once."""
    found: dict[int, Node] = {}
    waiting: list[Node] = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in found:
            continue
        found[id(one)] = one
        if isinstance(one, Sequence):
            waiting.extend(one.items)
        elif isinstance(one, Mapping):
            waiting.extend(part for entry in one.entries for part in entry)
    return list(found.values())


def scalars(root: Node) -> tuple[Scalar, ...]:
    """Return the scalars of a tree, each once."""
    return tuple(one for one in nodes_of(root) if isinstance(one, Scalar))


def is_short(text: str, node: Scalar) -> bool:
    """Say whether a scalar is written on one line, and not as a block."""
    if node.style in {Style.LITERAL, Style.FOLDED}:
        return False
    return not _LINE_END.search(text, node.start, node.end)
