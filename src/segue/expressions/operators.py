"""The operators of Jinja, bounded: what they make is measured before it is made."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from segue.expressions.limits import Budget, EvaluationError, check_bits, check_items, check_text

_FIELD: Final = re.compile(r"%(?:\([^)]*\))?[-+ #0]*(\*|\d*)(?:\.(\*|\d*))?")
_WIDEST: Final = 1_000


def add(budget: Budget, left: Any, right: Any) -> Any:
    """Return `left + right`."""
    if isinstance(left, str) and isinstance(right, str):
        check_text(len(left) + len(right))
    elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
        check_items(len(left) + len(right))
        budget.spend(len(left) + len(right))
    elif isinstance(left, int) and isinstance(right, int):
        check_bits(max(left.bit_length(), right.bit_length()))
    return left + right


def multiply(budget: Budget, left: Any, right: Any) -> Any:
    """Return `left * right`: also a text or a list repeated."""
    if isinstance(left, int) and isinstance(right, int):
        check_bits(left.bit_length() + right.bit_length())
    elif isinstance(left, int):
        _check_repetition(budget, right, left)
    elif isinstance(right, int):
        _check_repetition(budget, left, right)
    return left * right


def _check_repetition(budget: Budget, value: Any, times: int) -> None:
    if isinstance(value, str):
        check_text(len(value) * times)
    elif isinstance(value, list | tuple):
        check_items(len(value) * times)
        budget.spend(max(len(value) * times, 0))


def power(_: Budget, left: Any, right: Any) -> Any:
    """Return `left ** right`."""
    if isinstance(left, int) and isinstance(right, int):
        check_bits(left.bit_length() * abs(right))
    return left**right


def remainder(budget: Budget, left: Any, right: Any) -> Any:
    """Return `left % right`: the remainder, or a text with its fields filled in."""
    return fill_in(budget, left, right) if isinstance(left, str) else left % right


def fill_in(budget: Budget, text: str, values: Any) -> str:
    """Return a text with its fields (`%s` and kin) filled in. Wide fields are refused."""
    fields = 0
    for field in _FIELD.finditer(text):
        fields += 1
        for width in field.groups(default=""):
            if width == "*" or (width and int(width) > _WIDEST):
                raise EvaluationError("a field of the text is too wide")
    budget.weigh(values)
    check_text(len(text) + fields * (len(str(values)) + _WIDEST))
    return str(text % values)


def _unbounded(operate: Callable[[Any, Any], Any]) -> Callable[[Budget, Any, Any], Any]:
    return lambda _, left, right: operate(left, right)


OPERATORS: Final[Mapping[str, Callable[[Budget, Any, Any], Any]]] = {
    "+": add,
    "-": _unbounded(operator.sub),
    "*": multiply,
    "/": _unbounded(operator.truediv),
    "//": _unbounded(operator.floordiv),
    "%": remainder,
    "**": power,
}
