"""Functions that write times and durations for people."""

from datetime import UTC, datetime
from typing import Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import Budget, EvaluationError
from segue.expressions.plain import describe

_UNITS: Final = (("y", 365 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
#: More seconds than any clock will ever show.
_MOST: Final = 10**15


def iso_time(seconds: Any) -> str:
    """Return a time given in seconds since 1970 as text of ISO 8601. Raises `EvaluationError`."""
    try:
        at = datetime.fromtimestamp(_seconds("iso_time", seconds), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise EvaluationError(f"{seconds} seconds are no time of this calendar") from error
    return at.isoformat().replace("+00:00", "Z")


def _iso_time(_budget: Budget, seconds: Any) -> str:
    return iso_time(seconds)


def _human_time(_budget: Budget, seconds: Any) -> str:
    left = _seconds("to_human_time_from_seconds", seconds)
    if not 0 <= left < _MOST:
        raise EvaluationError(f"{seconds} seconds are no duration")
    if 0 < left < 1:
        return f"{left}s"
    left = round(left)
    written = ""
    for unit, length in _UNITS:
        count, left = divmod(left, length)
        if count or written or unit == "s":
            written += f"{count}{unit}"
    return written


def _seconds(function: str, seconds: Any) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise EvaluationError(f"{function}() takes seconds, not {describe(seconds)}")
    return seconds


TIME_FUNCTIONS: Final = (
    Function.of("iso_time", _iso_time, helper=True),
    Function.of("to_human_time_from_seconds", _human_time, helper=True),
)
