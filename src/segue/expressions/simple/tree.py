"""What a simple expression of either language was parsed to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from segue.expressions.scope import Scope

#: Gives the value of an expression. Raises `UnsureError` where only the library knows.
Closure: TypeAlias = Callable[[Scope], object]


class UnsureError(Exception):
    """What we compiled does not know the answer, an error included: the library is to say."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, true, false or null as written."""

    value: object


@dataclass(frozen=True, slots=True)
class Name:
    """A name alone, which stands for something: `ctx` in Jinja."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by its name."""

    name: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target.name`."""

    target: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """`target[key]`."""

    target: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Method:
    """`target.name(...)` in YAQL, `target|name(...)` in Jinja."""

    target: "Node"
    name: str
    arguments: "tuple[Node, ...]"


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
    """`this if condition else that`; without `else` the library says what it is."""

    condition: "Node"
    this: "Node"
    that: "Node | None"


@dataclass(frozen=True, slots=True)
class Items:
    """A list as written."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping as written; the keys are text as written."""

    pairs: "tuple[tuple[str, Node], ...]"


Node: TypeAlias = (
    Literal | Name | Call | Attribute | Element | Method | Unary | Binary | Choice | Items | Pairs
)
