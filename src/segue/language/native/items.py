"""Native `with`: nodes to `WithItems`."""

import re
from itertools import zip_longest

from segue.language.codes import Code
from segue.language.grammar import ITEM_FAILURE_WORDS, WITH
from segue.language.model import OnItemFailure, Template, WithItems
from segue.language.native.reading import NativeReader, names
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.reading import Entry, Path

#: "host in {{ ... }}", "host, port in <% ... %>": names, then the expression that gives the list.
_NAMED = re.compile(r"\s*(?P<names>\w+(\s*,\s*\w+)*)\s+in\s+(?=\{\{|<%)")
#: "host in ctx.hosts", "ctx.hosts": an expression whose braces are missing.
_BARE = re.compile(r"((?:\w+(?:\s*,\s*\w+)*\s+in\s+)?)(\S*\bctx\b[^{}%]*)")


def read_with(read: NativeReader, entry: Entry, path: Path) -> WithItems | None:
    """Return the items of a task: a list, an expression that gives one, or a mapping with more."""
    node = entry.value
    if not isinstance(node, Mapping):
        items, found = _lists(read, node, path)
        _check_parts(read, items, found, path)
        return WithItems(items=items, names=found, concurrency=None, span=read.span(node))
    fields = read.section(node, WITH, path)
    if "items" not in fields:
        return None
    items, found = _lists(read, fields["items"].value, (*path, "items"))
    given = fields.get("as")
    if given is not None:
        found = _names(read, given, found, (*path, "as"))
    _check_parts(read, items, found, (*path, "items"))
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
        lists = tuple(
            _list(read, one.value, f"the list `{name}`", (*path, name))
            for name, one in entries.items()
        )
        return lists, tuple(entries)
    named = _NAMED.match(node.text) if isinstance(node, Scalar) else None
    if named is None:
        return (_list(read, node, "`items` of `with`", path),), ()
    found = tuple(name.strip() for name in named["names"].split(","))
    for name in dict.fromkeys(name for name in found if found.count(name) > 1):
        message = f"`{name}` names two parts of the item"
        read.report(Code.REPEATED_ENTRY, node, message, path=path)
    return (_list(read, node, "`items` of `with`", path, named.end()),), found


def _list(read: NativeReader, node: Node, what: str, path: Path, start: int = 0) -> Template:
    """Return a list, or the one expression that a text is from `start` on."""
    if isinstance(node, Sequence):
        return read.template(node, path)
    template = None
    if isinstance(node, Scalar) and read.text(node) is not None:
        template = read.expression(node, start)
    if template is None:
        bare = _BARE.fullmatch(node.text.strip()) if isinstance(node, Scalar) else None
        hint = f"put braces around the expression: {bare[1]}{{{{ {bare[2]} }}}}" if bare else None
        read.wrong_type(node, what, "a list, or one expression that gives one", path, hint=hint)
    return template or read.template(node, path)


def _check_parts(
    read: NativeReader, items: tuple[Template, ...], found: tuple[str, ...], path: Path
) -> None:
    """Find what can't be taken apart or walked in step, as far as it is written out."""
    literal = [
        (template, name, template.value)
        for template, name in zip_longest(items, found)
        if isinstance(template, Template) and isinstance(template.value, list)
    ]
    lengths = {len(value) for _, _, value in literal}
    if len(items) > 1 and len(lengths) > 1:
        told = ", ".join(f"`{name}` has {len(value)}" for _, name, value in literal)
        message = f"lists that are walked in step must be equally long: {told}"
        read.report(Code.WRONG_VALUE, items[1].span, message, path=path)
    if len(items) > 1 or len(found) < 2:
        return
    for template, _, value in literal:
        for index, item in enumerate(value):
            if index in {at[0] for at in template.places if len(at) == 1}:
                continue
            if not isinstance(item, list) or len(item) != len(found):
                message = f"item {index} is not a list of {len(found)}: {', '.join(found)}"
                read.report(Code.WRONG_VALUE, template.span, message, path=path)
                break


def _names(read: NativeReader, entry: Entry, known: tuple[str, ...], path: Path) -> tuple[str, ...]:
    hint = "each part of the item has a name of its own"
    found = tuple(name for name, _ in names(read, entry, "`as`", path, hint=hint))
    if known:
        hint = "leave `as` out, or the names in `items`"
        _refuse(read, entry.key_node, "the items have names already", path, hint=hint)
        return known
    return found


def _positive(read: NativeReader, entry: Entry | None, path: Path) -> Template | None:
    return None if entry is None else read.count(entry, (*path, entry.key), least=1)


def _count(read: NativeReader, entry: Entry | None, path: Path) -> Template | None:
    return None if entry is None else read.count(entry, (*path, entry.key))


def _refuse(
    read: NativeReader, node: Node, message: str, path: Path, *, hint: str | None = None
) -> None:
    read.report(Code.WRONG_VALUE, node, message, path=path, hint=hint)
