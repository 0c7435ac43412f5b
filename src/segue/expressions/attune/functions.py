"""The functions that Attune's expressions have: they look at nothing but their arguments."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from segue.expressions.attune.values import canonical, contains, is_number, truth, written
from segue.expressions.functions.function import Function
from segue.expressions.limits import Budget, EvaluationError, check_items, check_text
from segue.expressions.methods import replaced
from segue.expressions.patterns import Pattern
from segue.expressions.plain import describe

_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,300}")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]{1,300}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
#: What a search is worth in steps, so that there are not too many in one evaluation.
_STEPS: Final = 200

_TYPES: Final = (
    (bool, "bool"),
    ((int, float), "number"),
    (str, "string"),
    ((list, tuple), "array"),
    (Mapping, "object"),
)


def _text(function: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise EvaluationError(f"{function}() takes text, not {describe(value)}")


def _list(function: str, value: Any) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    raise EvaluationError(f"{function}() takes a list, not {describe(value)}")


def _mapping(function: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise EvaluationError(f"{function}() takes a mapping, not {describe(value)}")


def _whole(function: str, value: Any) -> int:
    if type(value) is int:
        return value
    raise EvaluationError(f"{function}() takes a whole number, not {describe(value)}")


def _string(budget: Budget, value: Any) -> str:
    budget.weigh(value)
    return written(value)


def _to_number(_: Budget, value: Any) -> float:
    if isinstance(value, bool):
        return float(value)
    if is_number(value):
        assert isinstance(value, int | float)
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    raise EvaluationError(f"{_shown(value)} is no number")


def _to_int(_: Budget, value: Any) -> int:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return math.trunc(value)
    if isinstance(value, str):
        if _WHOLE.fullmatch(value):
            return int(value)
        if _NUMBER.fullmatch(value):
            return math.trunc(float(value))
    raise EvaluationError(f"{_shown(value)} is no number")


def _shown(value: Any) -> str:
    return repr(value[:40]) if isinstance(value, str) else describe(value)


def _type_of(_: Budget, value: Any) -> str:
    return next((name for types, name in _TYPES if isinstance(value, types)), "null")


def _length(_: Budget, value: Any) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise EvaluationError(f"length() takes text, a list or a mapping, not {describe(value)}")


def _rounding(function: str, run: Callable[[float], int]) -> Callable[[Budget, Any], int]:
    def rounded(_: Budget, number: Any) -> int:
        if not is_number(number):
            raise EvaluationError(f"{function}() takes a number, not {describe(number)}")
        return number if isinstance(number, int) else run(number)

    return rounded


def _half_away(number: float) -> int:
    return math.trunc(number + math.copysign(0.5, number))


def _abs(_: Budget, number: Any) -> Any:
    if is_number(number):
        return abs(number)
    raise EvaluationError(f"abs() takes a number, not {describe(number)}")


def _least(_: Budget, one: Any, other: Any) -> Any:
    return other if _comparable("min", one, other) and other < one else one


def _most(_: Budget, one: Any, other: Any) -> Any:
    return other if _comparable("max", one, other) and other > one else one


def _comparable(function: str, one: Any, other: Any) -> bool:
    if (is_number(one) and is_number(other)) or (isinstance(one, str) and isinstance(other, str)):
        return True
    raise EvaluationError(f"{function}() takes two numbers or two texts")


def _sum(budget: Budget, numbers: Any) -> Any:
    found = _list("sum", numbers)
    budget.spend(len(found))
    for one in found:
        if not is_number(one):
            raise EvaluationError(f"sum() takes a list of numbers, and {describe(one)} is in it")
    return sum(found)


def _lower(_: Budget, value: Any) -> str:
    return _text("lower", value).lower()


def _upper(_: Budget, value: Any) -> str:
    return _text("upper", value).upper()


def _trim(_: Budget, value: Any) -> str:
    return _text("trim", value).strip()


def _split(budget: Budget, value: Any, separator: Any) -> list[str]:
    text, between = _text("split", value), _text("split", separator)
    parts = text.split(between) if between else ["", *text, ""]
    check_items(len(parts))
    budget.spend(len(parts))
    return parts


def _join(budget: Budget, values: Any, separator: Any) -> str:
    budget.weigh(values)
    texts = [written(one) for one in _list("join", values)]
    between = _text("join", separator)
    check_text(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _replace(budget: Budget, value: Any, old: Any, new: Any) -> str:
    text = _text("replace", value)
    budget.handle(text)
    return replaced(text, _text("replace", old), _text("replace", new))


def _starts_with(_: Budget, value: Any, prefix: Any) -> bool:
    return _text("starts_with", value).startswith(_text("starts_with", prefix))


def _ends_with(_: Budget, value: Any, suffix: Any) -> bool:
    return _text("ends_with", value).endswith(_text("ends_with", suffix))


def _match(budget: Budget, pattern: Any, value: Any) -> bool:
    budget.spend(_STEPS)
    searched = Pattern(_text("match", pattern))
    return searched.search(_text("match", value)) is not None


def _reversed(budget: Budget, value: Any) -> Any:
    budget.handle(value)
    return value[::-1] if isinstance(value, str) else list(reversed(_list("reversed", value)))


def _sort(budget: Budget, values: Any) -> list[Any]:
    found = _list("sort", values)
    budget.spend(len(found) * 4)
    if not all(is_number(one) for one in found) and not all(isinstance(o, str) for o in found):
        raise EvaluationError("sort() takes a list of numbers or a list of texts")
    return sorted(found)


def _unique(budget: Budget, values: Any) -> list[Any]:
    budget.weigh(values)
    return list({canonical(one): one for one in reversed(_list("unique", values))}.values())[::-1]


def _flat(budget: Budget, values: Any) -> list[Any]:
    made: list[Any] = []
    for one in _list("flat", values):
        inner = one if isinstance(one, list | tuple) else (one,)
        check_items(len(made) + len(inner))
        budget.spend(len(inner) + 1)
        made.extend(inner)
    return made


def _zip(budget: Budget, one: Any, other: Any) -> list[list[Any]]:
    pairs = [list(pair) for pair in zip(_list("zip", one), _list("zip", other), strict=False)]
    budget.spend(len(pairs) * 4)
    return pairs


def _range(budget: Budget, start: Any, end: Any = None) -> list[int]:
    first = 0 if end is None else _whole("range", start)
    last = _whole("range", start if end is None else end)
    check_items(last - first)
    budget.spend(max(last - first, 0))
    return list(range(first, last))


def _slice(budget: Budget, value: Any, start: Any, end: Any = None) -> Any:
    if not isinstance(value, str | list | tuple):
        raise EvaluationError(f"slice() takes a list or text, not {describe(value)}")
    budget.handle(value)
    first = _whole("slice", start)
    last = len(value) if end is None else _whole("slice", end)
    # A negative place is beyond the end, as it is in Attune.
    first, last = (at if at >= 0 else len(value) for at in (first, last))
    part = value[first:last]
    return part if isinstance(part, str) else list(part)


def _index_of(budget: Budget, whole: Any, part: Any) -> int:
    if isinstance(whole, str):
        return whole.find(_text("index_of", part))
    budget.weigh(whole)
    wanted = canonical(part)
    found = _list("index_of", whole)
    return next((at for at, one in enumerate(found) if canonical(one) == wanted), -1)


def _count(budget: Budget, whole: Any, part: Any) -> int:
    if isinstance(whole, str):
        return whole.count(_text("count", part))
    budget.weigh(whole)
    wanted = canonical(part)
    return sum(canonical(one) == wanted for one in _list("count", whole))


def _merge(budget: Budget, one: Any, other: Any) -> dict[str, Any]:
    made = {**_mapping("merge", one), **_mapping("merge", other)}
    budget.spend(len(made))
    return made


def _chunks(budget: Budget, values: Any, size: Any) -> list[list[Any]]:
    found, step = _list("chunks", values), _whole("chunks", size)
    if step < 1:
        raise EvaluationError("chunks() takes a size of 1 or more")
    budget.spend(len(found))
    return [list(found[at : at + step]) for at in range(0, len(found), step)]


def _keys(budget: Budget, mapping: Any) -> list[str]:
    budget.handle(mapping)
    return list(_mapping("keys", mapping))


def _values(budget: Budget, mapping: Any) -> list[Any]:
    budget.handle(mapping)
    return list(_mapping("values", mapping).values())


def _contains(budget: Budget, whole: Any, part: Any) -> bool:
    return contains(budget, whole, part)


def _bool(_: Budget, value: Any) -> bool:
    return truth(value)


_ALL: Final[Mapping[str, Callable[..., Any]]] = {
    "string": _string,
    "number": _to_number,
    "int": _to_int,
    "bool": _bool,
    "type_of": _type_of,
    "length": _length,
    "keys": _keys,
    "values": _values,
    "abs": _abs,
    "floor": _rounding("floor", math.floor),
    "ceil": _rounding("ceil", math.ceil),
    "round": _rounding("round", _half_away),
    "min": _least,
    "max": _most,
    "sum": _sum,
    "lower": _lower,
    "upper": _upper,
    "trim": _trim,
    "split": _split,
    "join": _join,
    "replace": _replace,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "match": _match,
    "contains": _contains,
    "reversed": _reversed,
    "sort": _sort,
    "unique": _unique,
    "flat": _flat,
    "zip": _zip,
    "range": _range,
    "slice": _slice,
    "index_of": _index_of,
    "count": _count,
    "merge": _merge,
    "chunks": _chunks,
}

#: Every one of them, by name.
ATTUNE_FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {name: Function.of(name, run, helper=True) for name, run in _ALL.items()}
)
