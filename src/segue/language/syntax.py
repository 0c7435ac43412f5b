"""Where YAML itself is wrong: what libyaml says, in words that say what to do."""

import re
from collections.abc import Callable
from typing import Final

import yaml

from segue.language.codes import Code
from segue.language.findings import START_OF_FILE, Finding, Severity, Span
from segue.language.source import Source

_PROPERTY: Final = re.compile(r"[&!]\S*")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")


def skip_properties(text: str, start: int, end: int) -> int:
    """Return where a node's content begins, after an anchor and a tag; `end` bounds a scalar.

    With `start == end` the node is a collection, whose properties end before its content does.
    """
    limit = len(text) if start == end else end
    while start < limit and (found := _PROPERTY.match(text, start)):
        start = _BLANK.match(text, found.end()).end()  # type: ignore[union-attr] # matches ""
    return min(start, limit)


def finding(source: Source, error: yaml.YAMLError) -> Finding:
    """Return what to tell about an error of libyaml."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return _finding(f"not YAML: {error}", START_OF_FILE, None)
    mark = error.problem_mark or error.context_mark
    at = mark.index if mark else 0
    opened = error.context_mark.index if error.context_mark else at
    problem = error.problem or "this can't be read"
    for start, explain in _EXPLANATIONS:
        if problem.startswith(start):
            return explain(source, at, opened, error.context or "")
    context = f", {error.context}" if error.context else ""
    return _finding(f"not YAML: {problem}{context}", _character(source, at), None)


def _finding(message: str, span: Span, hint: str | None) -> Finding:
    return Finding(
        code=Code.NOT_YAML, severity=Severity.ERROR, message=message, span=span, hint=hint
    )


def _character(source: Source, at: int) -> Span:
    """The character at an offset, or the last one before it when that is the end of a line."""
    at = min(at, len(source.text))
    while at and (at == len(source.text) or source.text[at] in "\r\n"):
        at -= 1
    return source.span(at, at + 1)


def _expression_before(source: Source, at: int) -> Span | None:
    """An expression without quotes that stands on the line of an error, or the line before it."""
    line, _ = source.position(at)
    for number in (line, line - 1):
        if found := re.search(r"(?<![\"'\w])\{\{.*?(\}\}|$)", source.line(number)):
            start = source.offset(number, found.start() + 1)
            return source.span(start, start + len(found.group()))
    return None


def _unquoted(source: Source, at: int) -> Finding | None:
    if span := _expression_before(source, at):
        return _finding(
            "an expression needs quotes around it: YAML reads `{` as the start of a mapping",
            span,
            'write "{{ ... }}", or put the text below a `|`',
        )
    return None


def _second_colon(source: Source, at: int, _opened: int, _context: str) -> Finding:
    return _unquoted(source, at) or _finding(
        "`: ` begins a value, and none can begin here",
        _character(source, at),
        "put quotes around a text that contains `: `, and check the indentation",
    )


def _no_token(source: Source, at: int, _opened: int, _context: str) -> Finding:
    character = source.text[at : at + 1]
    if character == "\t":
        return _finding("a tab can't indent", _character(source, at), "use spaces")
    return _finding(
        f"a value can't begin with `{character}`",
        _character(source, at),
        "put quotes around it",
    )


def _unclosed_quote(source: Source, _at: int, opened: int, _context: str) -> Finding:
    return _finding(
        "the quote that opens here is never closed",
        _character(source, opened),
        "close it, and double a quote that belongs to the text",
    )


def _unclosed_flow(source: Source, at: int, opened: int, context: str) -> Finding:
    same_line = source.position(at)[0] == source.position(opened)[0]
    if same_line and source.text.startswith(": ", at):
        return _second_colon(source, at, opened, context)
    opening = source.text[opened : opened + 1]
    closing = "]" if opening == "[" else "}"
    return _unquoted(source, at) or _finding(
        f"`,` or `{closing}` is missing",
        _character(source, at),
        f"the `{opening}` is on line {source.position(opened)[0]}",
    )


def _no_colon(source: Source, at: int, opened: int, _context: str) -> Finding:
    start = min(opened, at)
    line, _ = source.position(start)
    end = source.offset(line, len(source.line(line)) + 1)
    return _finding(
        "this is neither a key with its `:` nor part of the value before it",
        source.span(start, max(end, start + 1)),
        "write `key: value`, and check the indentation",
    )


def _wrong_indentation(source: Source, at: int, opened: int, context: str) -> Finding:
    what = "list" if "sequence" in context or "collection" in context else "mapping"
    return _unquoted(source, at) or _finding(
        f"this line is indented as no part of the {what} it stands in",
        _character(source, at),
        f"the {what} begins on line {source.position(opened)[0]}; align its entries with that",
    )


def _bad_escape(source: Source, at: int, _opened: int, _context: str) -> Finding:
    return _finding(
        "between double quotes a backslash begins an escape, and this is none",
        source.span(at, at + 1),
        "double the backslash, or use single quotes, where it means itself",
    )


def _no_name(source: Source, _at: int, opened: int, _context: str) -> Finding:
    return _no_token(source, opened, opened, "")


_EXPLANATIONS: tuple[tuple[str, Callable[[Source, int, int, str], Finding]], ...] = (
    ("mapping values are not allowed", _second_colon),
    ("found character that cannot start any token", _no_token),
    ("found a tab character", _no_token),
    ("did not find expected alphabetic", _no_name),
    ("found unexpected end of stream", _unclosed_quote),
    ("found unexpected document indicator", _unclosed_quote),
    ("did not find expected ',' or", _unclosed_flow),
    ("could not find expected ':'", _no_colon),
    ("did not find expected key", _wrong_indentation),
    ("did not find expected '-' indicator", _wrong_indentation),
    ("found unknown escape character", _bad_escape),
)
