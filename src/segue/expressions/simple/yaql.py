"""Simple YAQL expressions, compiled by us: the same values as YAQL gives, and much sooner."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from segue.expressions.scope import Scope
from segue.expressions.simple.closures import SHORT, Compiler, Operation, concatenated, is_small
from segue.expressions.simple.parser import Grammar, parse
from segue.expressions.simple.tree import Call, Closure, UnsureError

_COMPARING: Final = ("=", "!=", "<", ">", "<=", ">=", "in")


#: Longer whole numbers in text are left to YAQL.
_DIGITS: Final = 18


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _equal(left: object, right: object) -> object:
    # A list is a tuple in there, or not, depending on where it is from.
    if _is_scalar(left) and _is_scalar(right):
        return left == right
    raise UnsureError


def _unequal(left: object, right: object) -> object:
    return not _equal(left, right)


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and is_small(value)


def _ordered(compare: Callable[..., bool]) -> Operation:
    def operation(left: object, right: object) -> object:
        if _is_number(left) and _is_number(right):
            return compare(left, right)
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        raise UnsureError

    return operation


def _contained(left: object, right: object) -> object:
    if isinstance(right, str):
        if isinstance(left, str):
            return left in right
    elif isinstance(right, list | tuple) and _is_scalar(left):
        return left in right
    raise UnsureError


def _arithmetic(calculate: Callable[..., object]) -> Operation:
    def operation(left: object, right: object) -> object:
        if _is_number(left) and _is_number(right):
            try:
                return calculate(left, right)
            except ArithmeticError:
                raise UnsureError from None
        raise UnsureError

    return operation


_sum: Final = _arithmetic(lambda left, right: left + right)
_fraction: Final = _arithmetic(lambda left, right: left / right)
_quotient: Final = _arithmetic(lambda left, right: left // right)


def _add(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return concatenated(left, right)
    return _sum(left, right)


def _divide(left: object, right: object) -> object:
    # Whole numbers divide to a whole number in YAQL.
    whole = isinstance(left, int) and isinstance(right, int)
    return _quotient(left, right) if whole else _fraction(left, right)


def _length(value: object) -> object:
    if isinstance(value, str | list | dict):
        return len(value)
    raise UnsureError


def _text(change: Callable[[str], str]) -> Callable[[object], object]:
    def changed(value: object) -> object:
        if isinstance(value, str) and len(value) <= SHORT:
            return change(value)
        raise UnsureError

    return changed


def _string(value: object) -> object:
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_number(value):
        return str(value)
    raise UnsureError


def _whole(value: object) -> object:
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return int(value)
    raise UnsureError


#: Functions that take one thing, and methods that take nothing.
_FUNCTIONS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {"int": _whole, "len": _length, "str": _string}
)
_METHODS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {"len": _length, "toLower": _text(str.lower), "toUpper": _text(str.upper)}
)

_GRAMMAR: Final = Grammar(
    binary={
        "or": 1,
        "and": 2,
        **dict.fromkeys(_COMPARING, 4),
        "+": 5,
        "-": 5,
        "*": 6,
        "/": 6,
        "mod": 6,
    },
    prefix={"not": 3, "-": 8},
    single=frozenset(_COMPARING),
    constants={"true": True, "false": False, "null": None},
    reserved=frozenset({"and", "or", "not", "in", "mod"}),
    arrow="=>",
    words=True,
    methods=True,
)


class _Yaql:
    """What YAQL means."""

    operations: Mapping[str, Operation] = MappingProxyType(
        {
            "=": _equal,
            "!=": _unequal,
            "<": _ordered(lambda left, right: left < right),
            ">": _ordered(lambda left, right: left > right),
            "<=": _ordered(lambda left, right: left <= right),
            ">=": _ordered(lambda left, right: left >= right),
            "in": _contained,
            "+": _add,
            "-": _arithmetic(lambda left, right: left - right),
            "*": _arithmetic(lambda left, right: left * right),
            "/": _divide,
            "mod": _arithmetic(lambda left, right: left % right),
        }
    )

    def call(self, node: Call) -> Closure | None:
        """Return what calls one of the few functions of YAQL's own."""
        function = _FUNCTIONS.get(node.name)
        argument = _COMPILER.compile_all(node.arguments)
        if function is None or argument is None or len(argument) != 1:
            return None
        value_of = argument[0]
        return lambda scope: function(value_of(scope))

    def method(self, target: Closure, name: str, arguments: list[Closure]) -> Closure | None:
        """Return what calls one of the few methods."""
        if name == "get" and len(arguments) in {1, 2}:
            return _getting(target, arguments)
        method = _METHODS.get(name)
        if method is None or arguments:
            return None
        return lambda scope: method(target(scope))

    def negated(self, value: object) -> object:
        """Return `-value`."""
        if isinstance(value, int | float) and _is_number(value):
            return -value
        raise UnsureError


def _getting(target: Closure, arguments: list[Closure]) -> Closure:
    def get(scope: Scope) -> object:
        value = target(scope)
        key, *default = [one(scope) for one in arguments]
        if isinstance(value, Mapping) and isinstance(key, str):
            return value.get(key, *default)
        raise UnsureError

    return get


_COMPILER: Final = Compiler(_Yaql())


def compile_simple(source: str) -> Closure | None:
    """Return what gives the value of an expression; None: it is not simple.

    Such a closure raises `UnsureError` where only the library knows what there is to say.
    """
    node = parse(source, _GRAMMAR)
    return None if node is None else _COMPILER.compile_whole(node)
