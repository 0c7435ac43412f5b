"""Functions that search text by regular expressions."""

import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from segue.expressions.functions.function import Function
from segue.expressions.limits import Budget, EvaluationError, check_items, undefined
from segue.expressions.patterns import Pattern
from segue.expressions.plain import describe

T = TypeVar("T")

#: What a search is worth in steps, so that there are not too many in one evaluation.
_STEPS: Final = 200


def _match(
    budget: Budget,
    value: Any,
    pattern: Any,
    ignorecase: Any = False,  # noqa: FBT002 - StackStorm's signature
) -> bool:
    text, searched = _prepared(budget, value, pattern, ignorecase)
    return searched.match(text) is not None


def _search(
    budget: Budget,
    value: Any,
    pattern: Any,
    ignorecase: Any = False,  # noqa: FBT002 - as above
) -> bool:
    text, searched = _prepared(budget, value, pattern, ignorecase)
    return searched.search(text) is not None


def _replace(
    budget: Budget,
    value: Any,
    pattern: Any,
    replacement: Any,
    ignorecase: Any = False,  # noqa: FBT002 - as above
) -> str:
    text, searched = _prepared(budget, value, pattern, ignorecase)
    if not isinstance(replacement, str):
        raise EvaluationError(f"the replacement must be text, not {describe(replacement)}")
    return searched.sub(replacement, text)


def _substring(
    budget: Budget,
    value: Any,
    pattern: Any,
    result_index: Any = 0,
    ignorecase: Any = False,  # noqa: FBT002 - as above
) -> Any:
    text, searched = _prepared(budget, value, pattern, ignorecase)
    if type(result_index) is not int:
        raise EvaluationError(f"result_index is a whole number, not {describe(result_index)}")
    check_items(abs(result_index))
    match = _nth(searched.finditer(text), result_index)
    if match is None:
        raise undefined(f"the pattern {pattern!r} has no match number {result_index} in the text")
    groups = match.groups(default="")
    if not groups:
        return match.group()
    return groups[0] if len(groups) == 1 else list(groups)


def _nth(matches: Iterator[T], index: int) -> T | None:
    if index >= 0:
        return next(islice(matches, index, None), None)
    last = deque(matches, maxlen=-index)
    return last[0] if len(last) == -index else None


def _prepared(budget: Budget, value: Any, pattern: Any, ignorecase: Any) -> tuple[str, Pattern]:
    """Return the text to search, anything else being put as text, and what to search for."""
    budget.spend(_STEPS)
    if not isinstance(pattern, str):
        raise EvaluationError(f"the pattern must be text, not {describe(pattern)}")
    budget.weigh(value)
    return str(value), Pattern(pattern, re.IGNORECASE if ignorecase else 0)


REGEX_FUNCTIONS: Final = (
    Function.of("regex_match", _match, helper=True),
    Function.of("regex_replace", _replace, helper=True),
    Function.of("regex_search", _search, helper=True),
    Function.of("regex_substring", _substring, helper=True),
)
