"""Lists of mappings with one entry each, which natively are better written as mappings."""

from dataclasses import dataclass

from segue.conversion.edits import ClashError
from segue.conversion.layout import Entry, Layout, is_short
from segue.conversion.scalars import reads_as, token
from segue.language.nodes import Mapping, Node, Scalar, Sequence, Style
from segue.language.scalars import Dialect, Unusable, resolve
from segue.values import JsonValue


@dataclass(frozen=True, slots=True)
class Item:
    """An item of such a list: a mapping with its one entry, or a name alone."""

    node: Node
    name: Scalar
    entry: Entry | None


def items_of(layout: Layout, node: Sequence) -> list[Item] | None:
    """Return the items; None where a name is there twice, or it is written in an unusual way."""
    if not layout.holds_its_items(node):
        return None
    try:
        found = [_item(layout, one, node) for one in node.items]
    except ClashError:
        return None
    names = [one.name.text for one in found]
    return found if len(set(names)) == len(names) else None


def _item(layout: Layout, node: Node, owner: Sequence) -> Item:
    if not layout.is_flow(owner):
        layout.dash(node)
    if isinstance(node, Scalar):
        return Item(node, node, None)
    assert isinstance(node, Mapping), "it was read"
    (entry,) = layout.entries(node)
    if entry.key.text == "<<" or not is_short(layout.text, entry.key):
        raise ClashError
    if layout.is_flow(node):
        around = (
            layout.text[node.start + 1 : entry.key.start] + layout.text[entry.end : node.end - 1]
        )
        if around.strip() or entry.colon == entry.key.end:
            raise ClashError
    return Item(node, entry.key, entry)


def as_mapping(layout: Layout, owner: Entry, items: list[Item], *, defaults: bool) -> None:
    """Write the list that is the value of `owner` as a mapping.

    `defaults`: the values become what is under `default`, as inputs have them.
    """
    node = owner.value
    if layout.is_flow(node):
        layout.edits.replace(node.start, node.start + 1, "{")
        layout.edits.replace(node.end - 1, node.end, "}")
        for item in items:
            _unwrap(layout, item)
            if defaults:
                _default(layout, item, 0)
        return
    parent = layout.column(owner.key.start)
    dashes = [layout.dash(item.node) for item in items]
    ends = [*(layout.line_start(dash) for dash in dashes[1:]), layout.next_line(node.end)]
    target = layout.column(dashes[0])
    if target <= parent:
        target = parent + 2
    for item, dash, end in zip(items, dashes, ends, strict=True):
        moved = target - layout.column(item.node.start)
        layout.edits.replace(layout.line_start(dash), item.node.start, " " * target)
        further = _default(layout, item, target) if defaults else 0
        last = max(item.node.end, item.entry.end if item.entry else 0)
        layout.shift(item.node.start, layout.next_line(last), moved + further)
        _shift_comments(layout, last, end, (dash, target, moved + further))
        _unwrap(layout, item)


def _shift_comments(layout: Layout, last: int, end: int, moves: tuple[int, int, int]) -> None:
    """Move the comments behind an item: deeper ones as it does, others as its dash."""
    dash, target, moved = moves
    at = layout.next_line(last)
    while at < end:
        following = layout.next_line(at)
        deep = layout.indent(at) > layout.column(dash)
        layout.shift(at - 1, following, moved if deep else target - layout.column(dash))
        at = following


def _unwrap(layout: Layout, item: Item) -> None:
    """Take away the braces around one entry."""
    if item.entry is not None and layout.is_flow(item.node):
        layout.edits.replace(item.node.start, item.entry.key.start, "")
        layout.edits.replace(item.entry.end, item.node.end, "")


def _default(layout: Layout, item: Item, target: int) -> int:
    """Put the value of an item under `default`; return how far its lines move to the right."""
    edits = layout.edits
    entry = item.entry
    if entry is None:
        edits.insert(item.node.end, ": {default: null}")
        return 0
    value = entry.value
    if entry.start == entry.end:
        edits.insert(entry.colon, " {default: null}")
        return 0
    if entry.is_alias:
        edits.insert(entry.start, "{default: ")
        edits.insert(entry.end, " }")
        return 0
    if isinstance(value, Scalar) and is_short(layout.text, value):
        edits.insert(entry.start, "{default: ")
        if value.style is Style.PLAIN and not _fits_flow(layout, value):
            edits.replace(value.start, value.end, token(value.text, flow=True))
        edits.insert(entry.end, "}")
        return 0
    if not isinstance(value, Scalar) and layout.is_flow(value):
        edits.insert(entry.start, "{default: ")
        edits.insert(entry.end, "}")
        return 0
    space = layout.newline + " " * (target + 2) + "default:"
    if layout.line_start(value.start) == layout.line_start(entry.key.start) or isinstance(
        value, Scalar
    ):
        edits.insert(entry.colon, space)
    else:
        edits.insert(layout.line_end(entry.colon), space)
    return 2


def _fits_flow(layout: Layout, value: Scalar) -> bool:
    written = layout.text[value.start : value.end]
    return reads_as(written, _core(value), flow=True)


def _core(value: Scalar) -> JsonValue:
    found = resolve(value, Dialect.YAML_1_2)
    return None if isinstance(found, Unusable) else found
