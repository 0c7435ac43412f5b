"""A workflow of Attune in two files, as one text: the graph, and then the action that it is of.

The graph comes first, so that its lines are those of its file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from posixpath import dirname, join, normpath
from typing import Final

from segue.language.findings import Finding, Span
from segue.language.loading import compose
from segue.language.nodes import Mapping, Scalar
from segue.language.source import Source

_BETWEEN: Final = "--- # the action of this graph"
_LINE: Final = re.compile(rf"^{re.escape(_BETWEEN)}(?:: (?P<file>[^\r\n]*))?\r?$", re.MULTILINE)
_KEY: Final = "workflow_file"
#: The byte order mark, which may stand before any text.
_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both parts of such a text. `file` is the action's, as seen from the folder of the graph.

    In `action` there are empty lines where the graph was, so that its places are those of the
    whole; `lines` is how many.
    """

    graph: str
    action: str
    file: str | None
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The findings of one file, with its text."""

    file: str
    text: str
    findings: tuple[Finding, ...]


def join_pair(graph: str, action: str, file: str | None = None) -> str:
    """Return the text of both files as one; `file` is as in `Pair`."""
    ended = graph if graph.endswith("\n") or not graph else f"{graph}\n"
    named = f": {file}" if file and file.isprintable() else ""
    return f"{ended}{_BETWEEN}{named}\n{action.removeprefix(_MARK)}"


def split_pair(text: str) -> Pair | None:
    """Return both parts of a text; None: it is the text of one file."""
    if _BETWEEN not in text:
        return None
    found = _LINE.search(text)
    if found is None:
        return None
    lines = Source(text[: found.end()]).line_count
    return Pair(
        graph=text[: found.start()],
        action="\n" * (lines - 1) + text[found.end() :],
        file=found["file"],
        lines=lines,
    )


def graph_part(text: str) -> str:
    """Return the text of the graph, of one file or of two."""
    pair = split_pair(text)
    return text if pair is None else pair.graph


def placed(text: str, file: str, findings: Iterable[Finding]) -> tuple[Placed, ...]:
    """Return findings by the file that they are in, with the lines that they have there.

    `file` is the one that the text was read from, or its graph.
    """
    pair, each = split_pair(text), tuple(findings)
    if pair is None:
        return (Placed(file=file, text=text, findings=each),)
    of_graph = tuple(one for one in each if one.span.line <= pair.lines)
    of_action = tuple(
        replace(one, span=_moved(one.span, pair.lines))
        for one in each
        if one.span.line > pair.lines
    )
    action = normpath(join(dirname(file), pair.file)) if pair.file else f"{file} (its action)"
    return (
        Placed(file=file, text=pair.graph, findings=of_graph),
        Placed(file=action, text=pair.action[pair.lines :], findings=of_action),
    )


def _moved(span: Span, lines: int) -> Span:
    return Span(span.line - lines, span.column, span.end_line - lines, span.end_column)


def graph_file(text: str) -> str | None:
    """Return the file in which the graph is of the action that a text is; None: it is no such."""
    if _KEY not in text or split_pair(text) is not None:
        return None
    root = compose(Source(text.removeprefix(_MARK))).root
    if not isinstance(root, Mapping):
        return None
    keys = {key.text: value for key, value in root.entries if isinstance(key, Scalar)}
    named = keys.get(_KEY)
    if "tasks" in keys or not isinstance(named, Scalar) or not named.text.strip():
        return None
    return named.text.strip()
