"""What an expression of Attune was parsed to. `start` and `end` are offsets into its source."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, true, false or null as written."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Items:
    """A list as written."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Name:
    """A namespace, or a variable by its name alone."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Field:
    """`target.name`. The place is that of the name."""

    target: "Node"
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Element:
    """`target[key]`."""

    target: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`name(...)`, or `first|name(...)` where it is a `filter`. The place is that of the name."""

    name: str
    arguments: "tuple[Node, ...]"
    named: "tuple[tuple[str, Node], ...]"
    start: int
    end: int
    filter: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    """`-` or `not` before something."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two things."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? this : that`."""

    condition: "Node"
    this: "Node"
    that: "Node"


Node: TypeAlias = Literal | Items | Name | Field | Element | Call | Unary | Binary | Choice
