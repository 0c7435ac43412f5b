"""Functions that put values together, whatever they are."""

from itertools import zip_longest
from typing import Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import MAX_STEPS, Budget, EvaluationError, too_much
from segue.expressions.plain import describe


def _zip(_budget: Budget, *lists: Any, pad: Any = None) -> Any:
    columns = [[] if one is None else one for one in lists]
    for one in columns:
        if not isinstance(one, list):
            raise EvaluationError(f"zip() takes lists, not {describe(one)}")
    if len(columns) == 1:
        return columns[0]
    if len(columns) * max(map(len, columns), default=0) > MAX_STEPS:
        raise too_much(f"zip() would give more than {MAX_STEPS:,} values")
    return [list(row) for row in zip_longest(*columns, fillvalue=pad)]


def _use_none(_budget: Budget, value: Any) -> Any:
    # StackStorm writes a mark in the place of null, since its actions get text. Ours get null.
    return value


DATA_FUNCTIONS: Final = (
    Function.of("zip", _zip, helper=True),
    Function.of("use_none", _use_none, helper=True),
)
