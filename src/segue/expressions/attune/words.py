"""The words of an expression of Attune."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from segue.expressions.limits import MisspeltError


class Sort(Enum):
    """What a word is."""

    NAME = auto()
    NUMBER = auto()
    TEXT = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, from character `start` to `end`. `value` is that of a number or text."""

    sort: Sort
    text: str
    start: int
    end: int
    value: str | int | float | None = None


_WORD: Final = re.compile(
    r"""
      (?P<NAME>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<NUMBER>[0-9]+(?:\.[0-9]+)?)
    | (?P<TEXT>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<SIGN>==|!=|<=|>=|[-+*/%<>()\[\],.|=?:])
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK: Final = re.compile(r"\s*")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
#: A number with more digits is no number that JSON's readers take.
_MOST_DIGITS: Final = 300


def words(source: str) -> tuple[Word, ...]:
    """Return the words of a source, and an end. Raises `MisspeltError`."""
    found: list[Word] = []
    at = _skipped(source, 0)
    while at < len(source):
        word = _word(source, at)
        found.append(word)
        at = _skipped(source, word.end)
    return (*found, Word(Sort.END, "", len(source), len(source)))


def _skipped(source: str, at: int) -> int:
    blank = _BLANK.match(source, at)
    assert blank is not None, "it matches nothing, too"
    return blank.end()


def _word(source: str, at: int) -> Word:
    match = _WORD.match(source, at)
    if match is None:
        if source[at] in "'\"":
            raise MisspeltError("the text that begins here is never closed", at)
        raise MisspeltError(f"unexpected {source[at]!r}", at)
    sort = Sort[match.lastgroup or ""]
    text = match.group()
    value: str | int | float | None = None
    if sort is Sort.TEXT:
        value = _ESCAPE.sub(lambda found: _unescaped(text[0], found), text[1:-1])
    elif sort is Sort.NUMBER:
        if len(text) > _MOST_DIGITS:
            raise MisspeltError("a number with so many digits can't be used", at)
        value = float(text) if "." in text else int(text)
    return Word(sort, text, at, match.end(), value)


def _unescaped(quote: str, found: "re.Match[str]") -> str:
    """Return what an escape stands for; one that means nothing stays, as in patterns."""
    character = found[1]
    return character if character == quote else _ESCAPED.get(character, found[0])
