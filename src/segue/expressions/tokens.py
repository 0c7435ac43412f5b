"""The words of an expression, near enough the same in both languages to be read by one reader."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its sort ("name", "string", "number", "operator"), value, and place in the source.

    `value` of a string is what it stands for, of a number its number, of others their text.
    """

    sort: str
    value: str | int | float
    start: int
    end: int


_TOKENS = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>\d+\.\d+|\d+)(?![\w.])
    | (?P<name>[^\W\d]\w*)
    | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<operator>==|!=|<=|>=|=>|->|//|\*\*|=~|!~|\?\.|[-+*/%~<>=()\[\]{}.,:|!$`@])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(['\"\\nrt])")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def tokenize(source: str) -> list[Token] | None:
    """Return the words of a source; None if some part of it is none."""
    tokens = []
    position = 0
    while position < len(source):
        match = _TOKENS.match(source, position)
        if match is None:
            return None
        sort = match.lastgroup or ""
        if sort != "space":
            tokens.append(Token(sort, _value(sort, match.group()), position, match.end()))
        position = match.end()
    return tokens


def _value(sort: str, text: str) -> str | int | float:
    if sort == "number":
        return float(text) if "." in text else int(text)
    if sort == "string":
        return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text[1:-1])
    return text


def is_private(name: str) -> bool:
    """Tell whether a variable is one that no expression can read."""
    return name.startswith("__")
