"""Functions that read and write JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import (
    MAX_DIGITS,
    Budget,
    EvaluationError,
    check_text,
    check_width,
)
from segue.expressions.plain import describe

#: Between items, and between a key and its value, where nothing else is asked for.
_SEPARATORS: Final = (",", ": ")
_LONGEST_SEPARATOR: Final = 20


def read_json(budget: Budget, function: str, text: Any) -> Any:
    """Return a text as what it says. Raises `EvaluationError`."""
    if not isinstance(text, str):
        raise EvaluationError(f"{function}() takes text, not {describe(text)}")
    budget.handle(text)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise EvaluationError(f"the text is not JSON: {error}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not in JSON")


def _json(budget: Budget, expression: Any) -> Any:
    return expression if isinstance(expression, Mapping) else read_json(budget, "json", expression)


def _from_json_string(budget: Budget, value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value  # as the text of it would be
    return read_json(budget, "from_json_string", value)


def _to_json_string(
    budget: Budget,
    value: Any,
    indent: Any = None,
    sort_keys: Any = False,  # noqa: FBT002 - StackStorm's signature
    separators: Any = _SEPARATORS,
) -> str:
    separators = _SEPARATORS if separators is None else separators
    if not isinstance(separators, list | tuple) or [type(one) for one in separators] != [str] * 2:
        raise EvaluationError("separators are two texts: between items, and behind a key")
    if max(map(len, separators)) > _LONGEST_SEPARATOR:
        raise EvaluationError(f"a separator has at most {_LONGEST_SEPARATOR} characters")
    if isinstance(indent, bool) or not isinstance(indent, int | None):
        raise EvaluationError(f"indent is a number of blanks, not {describe(indent)}")
    check_width(indent, MAX_DIGITS)
    return _written(budget, value, indent, (separators[0], separators[1]), sort=bool(sort_keys))


def _to_complex(budget: Budget, value: Any) -> str:
    return _written(budget, value, None, (", ", ": "))


def _json_escape(budget: Budget, value: Any) -> str:
    written = _written(budget, value, None, (", ", ": "))
    return written[1:-1] if isinstance(value, str) else written


def _written(
    budget: Budget,
    value: Any,
    indent: int | None,
    separators: tuple[str, str],
    *,
    sort: bool = False,
) -> str:
    budget.weigh(value)
    encoder = json.JSONEncoder(indent=indent, separators=separators, sort_keys=sort)
    pieces = []
    length = 0
    for piece in encoder.iterencode(value):
        length += len(piece)
        check_text(length)
        pieces.append(piece)
    return "".join(pieces)


JSON_FUNCTIONS: Final = (
    Function.of("json", _json, helper=True),
    Function.of("from_json_string", _from_json_string, helper=True),
    Function.of("json_parse", _from_json_string, helper=True),
    Function.of("to_json_string", _to_json_string, helper=True),
    Function.of("json_dump", _to_json_string, helper=True),
    Function.of("json_escape", _json_escape, helper=True),
    Function.of("to_complex", _to_complex, helper=True),
)
