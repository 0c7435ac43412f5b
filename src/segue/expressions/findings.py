"""What can be said of expressions without evaluating them."""

from dataclasses import dataclass

from segue.expressions.errors import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionFinding:
    """Something wrong with an expression.

    `path` says where its string stands inside the template (keys and indices; for an expression
    in a key, the path of its entry); `start` and `end` are offsets in characters into that
    string. `name` is the name that is not known, if that is what is wrong.
    """

    message: str
    reason: Reason
    path: tuple[str | int, ...]
    start: int
    end: int
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A variable of the context that an expression reads.

    `path`, `start` and `end` as in a finding; they cover the name. `optional`: the expression
    itself deals with its absence (`is defined`, `default`).
    """

    name: str
    path: tuple[str | int, ...]
    start: int
    end: int
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemUse:
    """A call of `item()` or `index()` (which of the two is `function`) in an expression.

    `path`, `start` and `end` as in a finding; they cover the function's name. `part` is the part
    of the item that is read, if its name is known.
    """

    function: str
    path: tuple[str | int, ...]
    start: int
    end: int
    part: Reference | None = None
