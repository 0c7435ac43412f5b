"""Simple Jinja expressions, compiled by us: the same values as Jinja gives, and much sooner."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from segue.expressions.simple.closures import (
    SHORT,
    Compiler,
    Operation,
    concatenated,
    is_small,
)
from segue.expressions.simple.parser import Grammar, parse
from segue.expressions.simple.tree import Call, Closure, UnsureError

_COMPARING: Final = ("==", "!=", "<", ">", "<=", ">=", "in", "not in")


#: Longer whole numbers in text are left to Jinja.
_DIGITS: Final = 18


def _equal(left: object, right: object) -> object:
    return left == right


def _unequal(left: object, right: object) -> object:
    return left != right


def _ordered(compare: Callable[..., bool]) -> Operation:
    def operation(left: object, right: object) -> object:
        both_numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if both_numbers or (isinstance(left, str) and isinstance(right, str)):
            return compare(left, right)
        raise UnsureError

    return operation


def _contained(left: object, right: object) -> object:
    if isinstance(right, str):
        if isinstance(left, str):
            return left in right
    elif isinstance(right, list | tuple) or (
        isinstance(right, Mapping) and not isinstance(left, list | Mapping)
    ):
        return left in right
    raise UnsureError


def _not_contained(left: object, right: object) -> object:
    return not _contained(left, right)


def _arithmetic(calculate: Callable[..., object]) -> Operation:
    def operation(left: object, right: object) -> object:
        if is_small(left) and is_small(right):
            try:
                return calculate(left, right)
            except ArithmeticError:
                raise UnsureError from None
        raise UnsureError

    return operation


_sum: Final = _arithmetic(lambda left, right: left + right)


def _add(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return concatenated(left, right)
    return _sum(left, right)


def _concatenate(left: object, right: object) -> object:
    return concatenated(_string(left), _string(right))


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool) or is_small(value):
        return str(value)
    raise UnsureError


def _length(value: object) -> object:
    if isinstance(value, str | list | dict):
        return len(value)
    raise UnsureError


def _text(change: Callable[[str], str]) -> Callable[[object], object]:
    def filtered(value: object) -> object:
        if isinstance(value, str) and len(value) <= SHORT:
            return change(value)
        raise UnsureError

    return filtered


def _whole(value: object) -> object:
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return int(value)
    raise UnsureError


#: Filters that take nothing.
_FILTERS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "count": _length,
        "int": _whole,
        "length": _length,
        "lower": _text(str.lower),
        "string": _string,
        "trim": _text(str.strip),
        "upper": _text(str.upper),
    }
)

_GRAMMAR: Final = Grammar(
    binary={
        "or": 1,
        "and": 2,
        **dict.fromkeys(_COMPARING, 4),
        "+": 5,
        "-": 5,
        "~": 6,
        "*": 7,
        "/": 7,
        "//": 7,
        "%": 7,
    },
    prefix={"not": 3, "-": 8},
    single=frozenset(_COMPARING),
    constants={
        "true": True,
        "True": True,
        "false": False,
        "False": False,
        "none": None,
        "None": None,
    },
    reserved=frozenset({"and", "or", "not", "in", "is", "if", "else"}),
    arrow=":",
    names=frozenset({"ctx"}),
    filters=frozenset(_FILTERS) | {"d", "default"},
    jinja=True,
)


class _Jinja:
    """What Jinja means."""

    operations: Mapping[str, Operation] = MappingProxyType(
        {
            "==": _equal,
            "!=": _unequal,
            "<": _ordered(lambda left, right: left < right),
            ">": _ordered(lambda left, right: left > right),
            "<=": _ordered(lambda left, right: left <= right),
            ">=": _ordered(lambda left, right: left >= right),
            "in": _contained,
            "not in": _not_contained,
            "+": _add,
            "-": _arithmetic(lambda left, right: left - right),
            "~": _concatenate,
            "*": _arithmetic(lambda left, right: left * right),
            "/": _arithmetic(lambda left, right: left / right),
            "//": _arithmetic(lambda left, right: left // right),
            "%": _arithmetic(lambda left, right: left % right),
        }
    )

    def call(self, _node: Call) -> Closure | None:
        """Leave every function but ours to Jinja."""
        return None

    def method(self, target: Closure, name: str, arguments: list[Closure]) -> Closure | None:
        """Return what filters a value."""
        if name in {"d", "default"}:
            # What is there is given as it is; what is not, the library knows.
            return target if len(arguments) == 1 else None
        if arguments:
            return None
        filtered = _FILTERS[name]
        return lambda scope: filtered(target(scope))

    def negated(self, value: object) -> object:
        """Return `-value`."""
        if isinstance(value, int | float) and is_small(value):
            return -value
        raise UnsureError


_COMPILER: Final = Compiler(_Jinja())


def compile_simple(source: str) -> Closure | None:
    """Return what gives the value of an expression; None: it is not simple.

    Such a closure raises `UnsureError` where only the library knows what there is to say.
    """
    node = parse(source, _GRAMMAR)
    return None if node is None else _COMPILER.compile_whole(node)
