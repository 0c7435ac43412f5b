"""Where each character of a scalar's content is written, whatever the quotes and folds.

YAML changes what is written: quotes go, escapes become characters, line breaks become blanks,
indentation disappears. The characters that remain keep their order, so walking through the
content and through the file side by side tells where each of them comes from.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence as Items
from functools import lru_cache
from typing import Final

from segue.language.attune_pair import graph_part
from segue.language.findings import Span
from segue.language.loading import compose
from segue.language.model import Template
from segue.language.nodes import Mapping, Node, Scalar, Sequence, Style
from segue.language.source import Source

_BLOCK_HEADER: Final = re.compile(r"[|>][0-9+-]*[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)?")
_ESCAPE_LENGTHS: Final = {"x": 4, "u": 6, "U": 10}


def offsets(text: str, node: Scalar) -> tuple[int, ...]:
    """Return the offset of each character of `node.text`, and one more for its end.

    Where the file does not give what the node has (which no file of ours shows), all characters
    are said to be at the start of the scalar.
    """
    walk = _Walk(text, node)
    found: list[int] = []
    for character in node.text:
        at = walk.step(character)
        if at is None:
            return (node.start,) * (len(node.text) + 1)
        found.append(at)
    return (*found, walk.at)


class _Walk:
    """A position in the file that follows the content of one scalar."""

    def __init__(self, text: str, node: Scalar) -> None:
        self._text = text
        self._style = node.style
        self.at = node.start
        self._end = node.end
        if node.style in {Style.SINGLE, Style.DOUBLE}:
            self.at += 1
        elif node.style in {Style.LITERAL, Style.FOLDED}:
            header = _BLOCK_HEADER.match(text, node.start)
            self.at = header.end() if header else node.start

    def step(self, character: str) -> int | None:
        """Return where the next character of the content is written; None if it is not there."""
        self._skip_folds(blank_wanted=character.isspace())
        here = self._text[self.at : self.at + 1]
        start = self.at
        if self._style is Style.DOUBLE and here == "\\":
            self.at += _ESCAPE_LENGTHS.get(self._text[start + 1 : start + 2], 2)
            return start
        if here == character:
            quoted = self._style is Style.SINGLE and here == "'"
            self.at += 2 if quoted else 1
            return start
        if character.isspace():
            # A fold: the blank stands for a line break, or for one at the scalar's very end.
            self.at += 1 if here.isspace() else 0
            return start
        return None

    def _skip_folds(self, *, blank_wanted: bool) -> None:
        while self.at < self._end:
            if self._text[self.at].isspace() and not blank_wanted:
                self.at += 1
            elif self._continues_line():
                self.at += 1
                while self.at < self._end and self._text[self.at].isspace():
                    self.at += 1
            else:
                return

    def _continues_line(self) -> bool:
        after = self._text[self.at + 1 : self.at + 2]
        return self._style is Style.DOUBLE and self._text[self.at] == "\\" and after in {"\n", "\r"}


def place(source: Source, node: Scalar, start: int, end: int) -> Span:
    """Return where characters `start` to `end` of a scalar's content are written."""
    return _span(source, offsets(source.text, node), start, end)


def _span(source: Source, at: Items[int], start: int, end: int) -> Span:
    last = len(at) - 1
    start = min(max(start, 0), last)
    end = min(max(end, start), last)
    begin = at[start]
    # The character before the end, not the end itself, which may be on a later line.
    finish = at[end - 1] + 1 if end > start else begin
    return source.span(begin, max(finish, begin))


def locate(
    text: str, template: Template, path: tuple[str | int, ...], start: int, end: int
) -> Span:
    """Return where part of a string inside a template is written.

    `text` is the file that the template was read from; `path` and the offsets (in characters,
    the end not included) are those that expression errors carry. Where nothing better is known
    the place of the nearest enclosing value is returned.
    """
    placed = template.places.get(path)
    if placed is None:
        return template.span
    source, starts, scalars = _scalars(text)
    first = source.offset(placed.line, placed.column)
    node = _covering(starts, scalars, first)
    if node is None:
        return placed
    at = offsets(source.text, node)
    base = at.index(first) if first in at else 0
    shift = base - template.prefix
    return _span(source, at, start + shift, end + shift)


def locate_entry(text: str, template: Template, key: str) -> Span:
    """Return where the key of an entry of a mapping is written.

    Where the template is not written as a mapping, or has no such key, its own place is returned.
    """
    source = Source(graph_part(text))
    start = source.offset(template.span.line, template.span.column)
    waiting: list[Node | None] = [compose(source).root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting.extend(node.items)
        if not isinstance(node, Mapping) or id(node) in seen:
            continue
        seen.add(id(node))
        for name, value in node.entries:
            if node.start == start and isinstance(name, Scalar) and name.text == key:
                return source.span(name.start, name.end)
            waiting.append(value)
    return template.span


def _covering(starts: Items[int], scalars: Items[Scalar], offset: int) -> Scalar | None:
    index = bisect_right(starts, offset) - 1
    if index < 0 or scalars[index].end < offset:
        return None
    return scalars[index]


@lru_cache(maxsize=4)
def _scalars(text: str) -> tuple[Source, tuple[int, ...], tuple[Scalar, ...]]:
    """Return the scalars of a file in the order in which they are written, after their starts."""
    source = Source(graph_part(text))
    root = compose(source).root
    found: dict[int, Scalar] = {}
    waiting: list[Node] = [root] if root else []
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            found[node.start] = node
        elif isinstance(node, Sequence):
            waiting.extend(node.items)
        else:
            assert isinstance(node, Mapping), "there are three kinds of nodes"
            waiting.extend(part for entry in node.entries for part in entry)
    starts = tuple(sorted(found))
    return source, starts, tuple(found[start] for start in starts)
