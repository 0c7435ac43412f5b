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
_EXPRESSION: Final = re.compile(r"<%.*?%>|\{\{.*?\}\}")
_BARE: Final = re.compile(r"(?<!\S)(\w+)=(\S+)")
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


@dataclass(frozen=True, slots=True)
class Unread:
    """Something like `name=value` that is not read as it looks: `read` is what is, if anything."""

    name: str
    text: str
    read: str | None
    start: int
    end: int


def unread(text: str) -> tuple[Unread, ...]:
    """Return what looks like a parameter and is passed over, or is read in part only."""
    parameters = list(_PARAMETER.finditer(text))
    cut = [
        Unread(found[1], found[2] + rest, found[2], found.start(), found.end() + len(rest))
        for found in parameters
        if (rest := _rest(text, found))
    ]
    hidden = text
    for found in (*parameters, *_EXPRESSION.finditer(text)):
        hidden = hidden[: found.start()] + " " * len(found[0]) + hidden[found.end() :]
    bare = [
        Unread(found[1], found[2], None, found.start(), found.end())
        for found in _BARE.finditer(hidden)
    ]
    return tuple(sorted((*cut, *bare), key=lambda each: each.start))


def _rest(text: str, found: re.Match[str]) -> str:
    """Return what a value goes on with that is not read any more."""
    if found[0][-1].isspace():
        return ""
    following = text[found.end() :].split(maxsplit=1)
    goes_on = bool(following) and not text[found.end()].isspace()
    return following[0] if goes_on and following[0][0] not in ",;" else ""


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
