"""The filters of Attune's older documentation, which are no functions of its expressions."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from segue.expressions.attune.values import canonical, field, text_of, written
from segue.expressions.functions.function import Function
from segue.expressions.limits import Budget, EvaluationError, check_text, undefined
from segue.expressions.plain import describe

#: The filter for what is not there: it alone is asked before its value is known.
DEFAULT: Final = "default"
#: The filter that takes arguments of any name.
FILTER: Final = "filter"


def _listed(name: str, value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    raise EvaluationError(f"the filter {name!r} takes a list, not {describe(value)}")


def _end(name: str, at: int) -> Callable[[Budget, Any], Any]:
    def found(_: Budget, values: Any) -> Any:
        items = values if isinstance(values, str) else _listed(name, values)
        if not items:
            raise undefined(f"the filter {name!r} finds nothing: {describe(values)} is empty")
        return items[at]

    return found


def _map(budget: Budget, values: Any, *, attribute: Any) -> list[Any]:
    items = _listed("map", values)
    budget.spend(len(items) * 4)
    if not isinstance(attribute, str):
        raise EvaluationError("the filter 'map' takes attribute='NAME'")
    return [field(one, attribute) for one in items]


def having(budget: Budget, values: Any, **wanted: Any) -> list[Any]:
    """Return the mappings of a list whose fields have these values: the filter `filter`."""
    items = _listed("filter", values)
    budget.weigh(values)
    sought = {name: canonical(value) for name, value in wanted.items()}
    return [
        one
        for one in items
        if isinstance(one, Mapping)
        and all(name in one and canonical(one[name]) == value for name, value in sought.items())
    ]


def _batch(budget: Budget, values: Any, size: Any) -> list[list[Any]]:
    items = _listed("batch", values)
    if type(size) is not int or size < 1:
        raise EvaluationError("the filter 'batch' takes a size of 1 or more")
    budget.spend(len(items))
    return [items[at : at + size] for at in range(0, len(items), size)]


def _list(budget: Budget, value: Any) -> list[Any]:
    budget.handle(value)
    return list(value) if isinstance(value, str | Mapping) else _listed("list", value)


def _append(budget: Budget, value: Any, text: Any) -> str:
    return _together(budget, value, text)


def _prepend(budget: Budget, value: Any, text: Any) -> str:
    return _together(budget, text, value)


def _together(budget: Budget, one: Any, other: Any) -> str:
    budget.weigh([one, other])
    texts = (text_of(one), text_of(other))
    check_text(sum(map(len, texts)))
    return "".join(texts)


def _to_json(budget: Budget, value: Any) -> str:
    budget.weigh(value)
    return written(value) if not isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_json(budget: Budget, value: Any) -> Any:
    if not isinstance(value, str):
        raise EvaluationError(f"the filter 'from_json' takes text, not {describe(value)}")
    budget.handle(value)
    try:
        return json.loads(value)
    except ValueError as error:
        raise EvaluationError(f"this is not JSON: {error}") from error


_ALL: Final[Mapping[str, Callable[..., Any]]] = {
    "first": _end("first", 0),
    "last": _end("last", -1),
    "map": _map,
    "batch": _batch,
    "list": _list,
    "append": _append,
    "prepend": _prepend,
    "to_json": _to_json,
    "tojson": _to_json,
    "from_json": _from_json,
}

#: Every one of them, by name, but `default` and `filter`.
ATTUNE_FILTERS: Final[Mapping[str, Function]] = MappingProxyType(
    {name: Function.of(name, run, helper=True) for name, run in _ALL.items()}
)
