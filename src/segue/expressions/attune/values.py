"""What Attune's operators mean. Its values are those of JSON, and none is turned into another."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from segue.expressions.limits import (
    Budget,
    EvaluationError,
    check_bits,
    check_items,
    check_text,
    undefined,
)
from segue.expressions.names import suggested
from segue.expressions.plain import describe


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a task as expressions look at it: its own fields, and what is known of it.

    `known` are `status`, `error` and their like; a field of the result with one of these names
    comes before them. `data` and `result` are the result itself, as is what stands under `data`
    in a result that has it.
    """

    value: Any
    known: Mapping[str, Any]

    def field(self, name: str) -> Any:
        """Return a field. Raises `EvaluationError` where there is none."""
        value = self.value
        own = value if isinstance(value, Mapping) else {}
        if name == "result":
            return self
        if name in own:
            return Outcome(own[name], self.known) if name == "data" else own[name]
        if name in {"data", "output"}:
            return self
        data = own.get("data")
        if isinstance(data, Mapping) and name in data:
            return data[name]
        if name in self.known:
            return self.known[name]
        names = (*own, *(data if isinstance(data, Mapping) else ()), "data", *self.known)
        raise undefined(f"the result has no field {name!r}{suggested(name, names)}")


def value_of(one: Any) -> Any:
    """Return the value that an expression gave."""
    return one.value if isinstance(one, Outcome) else one


def is_number(value: Any) -> bool:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def truth(value: Any) -> bool:
    """Return whether a value counts as true: all but null, false, 0 and what is empty does."""
    return bool(value)


def text_of(value: Any) -> str:
    """Return a value as text within text: null is nothing, and lists are JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else _json(value)


def written(value: Any) -> str:
    """Return a value as `string()` gives it: null is written out, too."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def equal(left: Any, right: Any) -> bool:
    """Return whether two values are the same; 3 is 3.0, and 1 is not true."""
    return canonical(left) == canonical(right)


def canonical(value: Any) -> str:
    """Return a text that is the same for values that are equal."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return value


def field(target: Any, name: str) -> Any:
    """Return `target.name`."""
    if isinstance(target, Outcome):
        return target.field(name)
    if not isinstance(target, Mapping):
        raise EvaluationError(f"{describe(target)} has no fields, and so no {name!r}")
    if name not in target:
        raise undefined(f"there is no field {name!r}{suggested(name, target)}")
    return target[name]


def element(target: Any, key: Any) -> Any:
    """Return `target[key]`; a negative index counts from the end."""
    if isinstance(key, str) and isinstance(target, Outcome | Mapping):
        return field(target, key)
    target = value_of(target)
    if isinstance(target, Mapping):
        raise EvaluationError(f"a key of a mapping is text, not {describe(key)}")
    if not isinstance(target, list | tuple | str):
        raise EvaluationError(f"{describe(target)} has no elements")
    if type(key) is not int:
        raise EvaluationError(f"an index is a whole number, not {describe(key)}")
    if not -len(target) <= key < len(target):
        raise undefined(f"{describe(target)} of {len(target)} has no element {key}")
    return target[key]


def contains(budget: Budget, whole: Any, part: Any) -> bool:
    """Return whether a list has an item, a mapping a key, or a text a part."""
    budget.weigh(whole)
    if isinstance(whole, list | tuple):
        wanted = canonical(part)
        return any(canonical(one) == wanted for one in whole)
    if isinstance(whole, Mapping | str):
        if not isinstance(part, str):
            raise EvaluationError(f"{describe(whole)} can't hold {describe(part)}")
        return part in whole
    raise EvaluationError(f"{describe(whole)} holds nothing to look for")


def _add(budget: Budget, left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        check_text(len(left) + len(right))
        return left + right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        check_items(len(left) + len(right))
        budget.spend(len(left) + len(right))
        return [*left, *right]
    return _arithmetic("+", lambda one, other: one + other)(budget, left, right)


def _arithmetic(sign: str, run: Callable[[Any, Any], Any]) -> "Operator":
    def operate(_: Budget, left: Any, right: Any) -> Any:
        _require_numbers(sign, left, right)
        if isinstance(left, int) and isinstance(right, int):
            check_bits(left.bit_length() + right.bit_length())
        return run(left, right)

    return operate


def _require_numbers(sign: str, left: Any, right: Any) -> None:
    if not is_number(left) or not is_number(right):
        raise EvaluationError(f"{sign!r} can't be used on {describe(left)} and {describe(right)}")


def _divide(_: Budget, left: Any, right: Any) -> Any:
    _require_numbers("/", left, right)
    if right == 0:
        raise EvaluationError("division by zero")
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _remainder(_: Budget, left: Any, right: Any) -> Any:
    """Return what is left, with the sign of what is divided."""
    _require_numbers("%", left, right)
    if right == 0:
        raise EvaluationError("division by zero")
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return math.fmod(left, right)


def _ordered(sign: str, run: Callable[[Any, Any], bool]) -> "Operator":
    def operate(budget: Budget, left: Any, right: Any) -> bool:
        budget.weigh(left)
        for kinds in (str, list | tuple):
            if isinstance(left, kinds) and isinstance(right, kinds):
                return run(left, right)
        _require_numbers(sign, left, right)
        return run(left, right)

    return operate


Operator = Callable[[Budget, Any, Any], Any]

#: The operators between two values, but `and` and `or`.
OPERATORS: Final[Mapping[str, Operator]] = {
    "==": lambda _, left, right: equal(left, right),
    "!=": lambda _, left, right: not equal(left, right),
    "<": _ordered("<", lambda left, right: left < right),
    ">": _ordered(">", lambda left, right: left > right),
    "<=": _ordered("<=", lambda left, right: left <= right),
    ">=": _ordered(">=", lambda left, right: left >= right),
    "in": lambda budget, left, right: contains(budget, right, left),
    "+": _add,
    "-": _arithmetic("-", lambda left, right: left - right),
    "*": _arithmetic("*", lambda left, right: left * right),
    "/": _divide,
    "%": _remainder,
}
