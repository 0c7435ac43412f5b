"""Regular expressions whose searches end: Python's patterns, bounded in time and in what they make.

A backtracking search can take for ever on a short text, however harmless the pattern looks. The
library `regex` reads Python's patterns, and gives up when a search takes too long; what it would
take to hold a pattern is looked at before.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from segue.expressions.limits import EvaluationError, check_text, too_much

if TYPE_CHECKING:
    import regex

T = TypeVar("T")

#: How long one search may take, in seconds of the processor.
_SECONDS: Final = 0.5
_LONGEST_TEXT: Final = 1_000_000
_LONGEST_PATTERN: Final = 1_000
#: Places of a pattern with what is repeated so many times written out: the library may do that.
_WIDEST_PATTERN: Final = 100_000
#: The flags that have the same meaning, and number, in Python and in the library.
_FLAGS: Final = re.IGNORECASE | re.MULTILINE | re.DOTALL

_PLACES: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d*)(?:,(\d*))?\}|[()]|.", re.DOTALL
)


class Pattern:
    """A regular expression. Its methods are Python's, and raise `EvaluationError` for too much."""

    __slots__ = ("_found",)

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._found = _compiled(pattern, flags & _FLAGS)

    def match(self, text: str) -> "regex.Match[str] | None":
        """Return what matches at the beginning of a text."""
        return _bounded(text, lambda: self._found.match(text, timeout=_SECONDS))

    def search(self, text: str) -> "regex.Match[str] | None":
        """Return the first that matches in a text."""
        return _bounded(text, lambda: self._found.search(text, timeout=_SECONDS))

    def finditer(self, text: str) -> "Iterator[regex.Match[str]]":
        """Return all that match in a text, one after the other."""
        matches = _bounded(text, lambda: self._found.finditer(text, timeout=_SECONDS))
        while (match := _bounded(text, lambda: next(matches, None))) is not None:
            yield match

    def split(self, text: str, most: int = 0) -> list[str | None]:
        """Return what stands between those that match, with the groups of each."""
        return list(_bounded(text, lambda: self._found.split(text, most, timeout=_SECONDS)))

    def sub(self, replacement: str, text: str, most: int = 0) -> str:
        """Return a text with others in the place of those that match."""
        length = len(text)

        def put(match: "regex.Match[str]") -> str:
            nonlocal length
            written = _expanded(match, replacement)
            length += len(written)
            check_text(length)
            return written

        return _bounded(text, lambda: self._found.sub(put, text, most, timeout=_SECONDS))


def _bounded(text: str, run: Callable[[], T]) -> T:
    if len(text) > _LONGEST_TEXT:
        raise too_much(f"a text of more than {_LONGEST_TEXT:,} characters can't be searched")
    try:
        return run()
    except TimeoutError:
        raise too_much("the search takes too long") from None


def _expanded(match: "regex.Match[str]", replacement: str) -> str:
    import regex  # noqa: PLC0415 - loads slowly

    try:
        return match.expand(replacement)
    except (regex.error, IndexError) as error:  # of a group that is not there
        raise EvaluationError(f"the replacement can't be read: {error}") from error


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: int) -> "regex.Pattern[str]":
    import regex  # noqa: PLC0415 - loads slowly

    if len(pattern) > _LONGEST_PATTERN:
        raise too_much(f"a pattern has at most {_LONGEST_PATTERN:,} characters")
    _check_width(pattern)
    try:
        with warnings.catch_warnings():  # of what later versions may read differently
            warnings.simplefilter("ignore")
            return regex.compile(pattern, flags)
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
