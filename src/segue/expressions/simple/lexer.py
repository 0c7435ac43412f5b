"""The words of a simple expression, where both languages read them the same way.

Whatever a language reads in its own way (escapes in text, odd numbers, names that are not ASCII) is
no word here, and the expression is then left to the library.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Sort(Enum):
    """What a word is."""

    NAME = auto()
    NUMBER = auto()
    TEXT = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A word: names and signs as written, of text what is inside the quotes.

    `apart`: there is a blank before it.
    """

    sort: Sort
    text: str
    apart: bool


_WORD: Final = re.compile(
    r"""
    (?P<blank>[ \t\r\n]*)
    (?:
        (?P<NAME>[A-Za-z_][A-Za-z0-9_]*)(?![\w])
      | (?P<NUMBER>(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?)(?![\w.])
      | '(?P<TEXT>[^'\\\r\n]*)' | "(?P<TEXT2>[^"\\\r\n]*)"
      | (?P<SIGN>==|!=|<=|>=|=>|//|[-+*/%~<>=()\[\]{}.,:|])
    )
    """,
    re.VERBOSE,
)
_SORTS: Final = {
    "NAME": Sort.NAME,
    "NUMBER": Sort.NUMBER,
    "TEXT": Sort.TEXT,
    "TEXT2": Sort.TEXT,
    "SIGN": Sort.SIGN,
}
_END: Final = Word(Sort.END, "", apart=True)


def words(source: str) -> tuple[Word, ...] | None:
    """Return the words of a source and an end; None if something in it is no simple word."""
    found: list[Word] = []
    source = source.rstrip(" \t\r\n")
    at = 0
    while at < len(source):
        match = _WORD.match(source, at)
        if match is None:
            return None
        group = match.lastgroup
        assert group is not None
        found.append(Word(_SORTS[group], match.group(group), bool(match.group("blank"))))
        at = match.end()
    return (*found, _END)
