"""Where the expressions are in a text, and in which language."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The language of an expression."""

    JINJA = "jinja"
    YAQL = "yaql"
    ATTUNE = "attune"


@dataclass(frozen=True, slots=True)
class Segment:
    """An expression inside a text: `text[start:end]`, delimiters included.

    `source` is what stands between the delimiters, from offset `offset` of the text on.
    """

    kind: Kind
    source: str
    start: int
    end: int
    offset: int


_YAQL = re.compile(r"<%.*?%>", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_OPENING = {Kind.JINJA: "{{", Kind.YAQL: "<%"}
_PAIRS = {"{": "}", "[": "]", "(": ")"}


def has_expression(text: str) -> bool:
    """Tell whether there is an expression in a text, of either language."""
    if "{" not in text and "<%" not in text:
        return False
    return bool(_YAQL.search(text) or _JINJA.search(text) or _STATEMENT.search(text))


def is_mixed(text: str) -> bool:
    """Tell whether a text has expressions of both languages: then only Jinja's are evaluated."""
    if "<%" not in text or not _YAQL.search(text):
        return False
    return bool(_JINJA.search(text) or _STATEMENT.search(text))


def has_statement(text: str) -> bool:
    """Tell whether a text has Jinja's statements, so that all of it is one template."""
    return "{%" in text and _STATEMENT.search(text) is not None


def segments(text: str) -> tuple[Segment, ...]:
    """Return the inline expressions of a text in order: `{{ ... }}`, or else `<% ... %>`.

    Of a text with both, those of YAQL are plain text, as they are in Orquesta.
    """
    kind = Kind.JINJA if _JINJA.search(text) or has_statement(text) else Kind.YAQL
    mark = _OPENING[kind]
    found = []
    position = 0
    while (start := text.find(mark, position)) >= 0:
        end = _end(text, start + 2, kind)
        if end is None:
            position = start + 2
            continue
        found.append(Segment(kind, text[start + 2 : end - 2], start, end, start + 2))
        position = end
    return tuple(found)


def attune_segments(text: str) -> tuple[Segment, ...]:
    """Return the expressions of a text of Attune, in which there are none but `{{ ... }}`."""
    return tuple(
        replace(part, kind=Kind.ATTUNE) for part in segments(text) if part.kind is Kind.JINJA
    )


def _end(text: str, start: int, kind: Kind) -> int | None:
    """Return the offset behind the closing delimiter: one in a string or braces closes nothing."""
    mark = "}}" if kind is Kind.JINJA else "%>"
    first = text.find(mark, start)
    if first < 0:
        return None
    pending: list[str] = []
    position = start
    while position < len(text):
        character = text[position]
        if not pending and text.startswith(mark, position):
            return position + 2
        if character in "'\"":
            string = _STRING.match(text, position)
            if string is None:
                break
            position = string.end()
            continue
        if kind is Kind.JINJA and character in _PAIRS:
            pending.append(_PAIRS[character])
        elif pending and character == pending[-1]:
            pending.pop()
        position += 1
    return first + 2  # whatever is wrong with it, it begins inside these delimiters
