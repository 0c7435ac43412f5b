"""Functions that search text by regular expressions, bounded in time.

A backtracking search can take for ever on a short text, however harmless the pattern looks. The
library `regex` reads Python's patterns, and gives up when a search takes too long; what it would
take to hold a pattern is looked at before.
"""

import re
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from segue.expressions.function import Function
from segue.expressions.limits import (
    Budget,
    EvaluationError,
    check_items,
    check_text,
    too_much,
    undefined,
)
from segue.expressions.plain import describe

if TYPE_CHECKING:
    from regex import Match, Pattern

T = TypeVar("T")

#: How long one search may take, in seconds of the processor.
_SECONDS: Final = 0.5
#: What a search is worth in steps, so that there are not too many in one evaluation.
_STEPS: Final = 200
_LONGEST_TEXT: Final = 1_000_000
_LONGEST_PATTERN: Final = 1_000
#: Places of a pattern with what is repeated so many times written out: the library may do that.
_WIDEST_PATTERN: Final = 100_000

_PLACES: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d*)(?:,(\d*))?\}|[()]|.", re.DOTALL
)


def _match(
    budget: Budget,
    value: Any,
    pattern: Any,
    ignorecase: Any = False,  # noqa: FBT002 - StackStorm's signature
) -> bool:
    text, found = _prepared(budget, value, pattern, ignorecase)
    return _bounded(lambda: found.match(text, timeout=_SECONDS)) is not None


def _search(
    budget: Budget,
    value: Any,
    pattern: Any,
    ignorecase: Any = False,  # noqa: FBT002 - as above
) -> bool:
    text, found = _prepared(budget, value, pattern, ignorecase)
    return _bounded(lambda: found.search(text, timeout=_SECONDS)) is not None


def _replace(
    budget: Budget,
    value: Any,
    pattern: Any,
    replacement: Any,
    ignorecase: Any = False,  # noqa: FBT002 - as above
) -> str:
    text, found = _prepared(budget, value, pattern, ignorecase)
    if not isinstance(replacement, str):
        raise EvaluationError(f"the replacement must be text, not {describe(replacement)}")
    length = len(text)

    def put(match: "Match[str]") -> str:
        nonlocal length
        written = match.expand(replacement)
        length += len(written)
        check_text(length)
        return written

    return _bounded(lambda: found.sub(put, text, timeout=_SECONDS))


def _substring(
    budget: Budget,
    value: Any,
    pattern: Any,
    result_index: Any = 0,
    ignorecase: Any = False,  # noqa: FBT002 - as above
) -> Any:
    text, found = _prepared(budget, value, pattern, ignorecase)
    if type(result_index) is not int:
        raise EvaluationError(f"result_index is a whole number, not {describe(result_index)}")
    check_items(abs(result_index))
    match = _bounded(lambda: _nth(found.finditer(text, timeout=_SECONDS), result_index))
    if match is None:
        raise undefined(f"the pattern {pattern!r} has no match number {result_index} in the text")
    groups = match.groups(default="")
    if not groups:
        return match.group()
    return groups[0] if len(groups) == 1 else list(groups)


def _nth(matches: "Iterator[Match[str]]", index: int) -> "Match[str] | None":
    if index >= 0:
        return next(islice(matches, index, None), None)
    last = deque(matches, maxlen=-index)
    return last[0] if len(last) == -index else None


def _prepared(
    budget: Budget, value: Any, pattern: Any, ignorecase: Any
) -> "tuple[str, Pattern[str]]":
    """Return the text to search, anything else being put as text, and what to search for."""
    budget.spend(_STEPS)
    if not isinstance(pattern, str):
        raise EvaluationError(f"the pattern must be text, not {describe(pattern)}")
    if len(pattern) > _LONGEST_PATTERN:
        raise too_much(f"a pattern has at most {_LONGEST_PATTERN:,} characters")
    budget.weigh(value)
    text = str(value)
    if len(text) > _LONGEST_TEXT:
        raise too_much(f"a text of more than {_LONGEST_TEXT:,} characters can't be searched")
    return text, _compiled(pattern, ignorecase=bool(ignorecase))


@lru_cache(maxsize=256)
def _compiled(pattern: str, *, ignorecase: bool) -> "Pattern[str]":
    import regex  # noqa: PLC0415 - loads slowly

    _check_width(pattern)
    try:
        with warnings.catch_warnings():  # of what later versions may read differently
            warnings.simplefilter("ignore")
            return regex.compile(pattern, regex.IGNORECASE if ignorecase else 0)
    except regex.error as error:
        raise EvaluationError(f"the pattern {pattern!r} can't be read: {error}") from error


def _check_width(pattern: str) -> None:
    widths = [0]  # of each open group
    last = 0  # of what a repetition would repeat
    for place in _PLACES.finditer(pattern):
        sign = place.group()
        if sign == "(":
            widths.append(0)
            continue
        if sign == ")" and len(widths) > 1:
            last = widths.pop()
            widths[-1] += last
        elif sign.startswith("{") and len(sign) > 1:
            times = max(int(place[2] or place[1] or 1), 1)
            widths[-1] += last * (times - 1)
            last *= times
        else:
            last = 1
            widths[-1] += 1
        if widths[-1] > _WIDEST_PATTERN:
            raise too_much("the pattern repeats too much")


def _bounded(run: Callable[[], T]) -> T:
    import regex  # noqa: PLC0415 - loads slowly

    try:
        return run()
    except TimeoutError:
        raise too_much("the search takes too long") from None
    except (regex.error, IndexError) as error:  # a group that the replacement names
        raise EvaluationError(f"the replacement can't be read: {error}") from error


REGEX_FUNCTIONS: Final = (
    Function.of("regex_match", _match, helper=True),
    Function.of("regex_replace", _replace, helper=True),
    Function.of("regex_search", _search, helper=True),
    Function.of("regex_substring", _substring, helper=True),
)
