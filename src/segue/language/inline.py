"""Parameters inside a text, as Orquesta has them: `core.echo message="hi" times=3`."""

import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from segue.values import JsonValue

_QUOTED: Final = r'"[^"]*"\s*|' + r"'[^']*'\s*"
_PARAMETER: Final = re.compile(
    r"(\w+)=("
    r"\[.*\]\s*"
    rf"|{_QUOTED}"
    r"|-?\d*\.\d+|-?\d+"
    r"|(?i:true)|(?i:false)|null"
    r"|<%.*?%>|\{\{.*?\}\}"
    r")",
)
_HAS_QUOTES: Final = re.compile(_QUOTED)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `name=value`. `start` and `end` are the offsets of the value in the text."""

    name: str
    value: JsonValue
    start: int
    end: int


def parse_inline(text: str) -> tuple[Parameter, ...]:
    """Return the parameters in a text; what is none is passed over, as Orquesta does."""
    return tuple(_parameter(found) for found in _PARAMETER.finditer(text))


def _parameter(found: re.Match[str]) -> Parameter:
    raw = found[2].strip()
    start = found.start(2)
    has_quotes = _HAS_QUOTES.search(raw) is not None
    for quote in ('"', "'"):
        if raw.startswith(quote):
            raw = raw[1:]
            start += 1
        raw = raw.removesuffix(quote)
    braced = raw.startswith("{") and raw.endswith("}")
    value = raw if has_quotes and raw and not braced else _json(raw)
    return Parameter(found[1], value, start, start + len(raw))


def _json(text: str) -> JsonValue:
    """Return what a text is as JSON, and the text itself when it is none."""
    lowered = text.lower()
    try:
        value: JsonValue = json.loads(
            lowered if lowered in {"true", "false"} else text, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        return text
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
