"""A YAML document as a tree of frozen nodes that know where they stand in the text."""

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a scalar is written; the values are the indicators that YAML uses."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'
    LITERAL = "|"
    FOLDED = ">"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """Part of a document. `start` and `end` are offsets; `tag` is what was written, if anything.

    `size` counts the nodes below it and itself, each use of an alias as often as it is used;
    `depth` is how many levels there are below it, aliases included.
    Nodes are equal only to themselves: an alias gives the very node that its anchor marks.
    """

    start: int
    end: int
    tag: str | None = None
    size: int = 1
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scalar(Node):
    """Text, or what a plain scalar stands for. `text` is the content with its quotes resolved."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sequence(Node):
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mapping(Node):
    """Keys and values in the order of the file, as written: repeated keys and `<<` included."""

    entries: tuple[tuple[Node, Node], ...]
