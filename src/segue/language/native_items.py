"""Native `with`: nodes to `WithItems`."""

import re

from segue.language.codes import Code
from segue.language.grammar import ITEM_FAILURE_WORDS, WITH
from segue.language.model import OnItemFailure, Template, WithItems
from segue.language.native_reading import NativeReader, names
from segue.language.nodes import Mapping, Node, Scalar
from segue.language.reading import Entry, Path

#: "host in {{ ... }}", "host, port in <% ... %>": names, then the expression that gives the list.
_NAMED = re.compile(r"\s*(?P<names>\w+(\s*,\s*\w+)*)\s+in\s+(?=\{\{|<%)")


def read_with(read: NativeReader, entry: Entry, path: Path) -> WithItems | None:
    """Return the items of a task: a list, an expression that gives one, or a mapping with more."""
    node = entry.value
    if not isinstance(node, Mapping):
        items, found = _lists(read, node, path)
        return WithItems(items=items, names=found, concurrency=None, span=read.span(node))
    fields = read.section(node, WITH, path)
    if "items" not in fields:
        return None
    items, found = _lists(read, fields["items"].value, (*path, "items"))
    given = fields.get("as")
    if given is not None:
        found = _names(read, given, found, (*path, "as"))
    batch = fields.get("batch")
    if batch is not None and len(items) > 1:
        _refuse(read, batch.key_node, "`batch` can't cut several lists", (*path, "batch"))
    word = fields.get("on_item_failure")
    failure = read.word(word, ITEM_FAILURE_WORDS, (*path, "on_item_failure")) if word else None
    return WithItems(
        items=items,
        names=found,
        concurrency=_positive(read, fields.get("concurrency"), path),
        batch=_positive(read, batch, path),
        on_failure=OnItemFailure(failure) if failure else OnItemFailure.STOP,
        max_failures=_count(read, fields.get("max_failures"), path),
        span=read.span(node),
    )


def _lists(
    read: NativeReader, node: Node, path: Path
) -> tuple[tuple[Template, ...], tuple[str, ...]]:
    if isinstance(node, Mapping):
        entries = read.entries(node, path)
        if not entries:
            _refuse(read, node, "`items` names no list", path)
        lists = tuple(read.template(one.value, (*path, name)) for name, one in entries.items())
        return lists, tuple(entries)
    if isinstance(node, Scalar):
        text = read.text(node) or ""
        named = _NAMED.match(text)
        if named:
            found = tuple(name.strip() for name in named["names"].split(","))
            return (read.fragment(node, named.end(), len(text.rstrip())),), found
        if not text.lstrip().startswith(("{{", "<%")):
            words = "a list, or an expression that gives one"
            read.wrong_type(node, "`items` of `with`", words, path)
    return (read.template(node, path),), ()


def _names(read: NativeReader, entry: Entry, known: tuple[str, ...], path: Path) -> tuple[str, ...]:
    found = tuple(name for name, _ in names(read, entry, "`as`", path))
    if known:
        hint = "leave `as` out, or the names in `items`"
        _refuse(read, entry.key_node, "the items have names already", path, hint=hint)
        return known
    return found


def _positive(read: NativeReader, entry: Entry | None, path: Path) -> Template | None:
    template = _count(read, entry, path)
    if entry is not None and template is not None and template.value == 0:
        at = (*path, entry.key)
        _refuse(read, entry.value, f"`{entry.key}` is 1 or more", at)
    return template


def _count(read: NativeReader, entry: Entry | None, path: Path) -> Template | None:
    return None if entry is None else read.count(entry, (*path, entry.key))


def _refuse(
    read: NativeReader, node: Node, message: str, path: Path, *, hint: str | None = None
) -> None:
    read.report(Code.WRONG_VALUE, node, message, path=path, hint=hint)
