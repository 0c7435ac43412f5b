"""YAML text to nodes by libyaml, within limits. Nothing here knows what the words mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import yaml

from segue.language import syntax
from segue.language.codes import Code
from segue.language.findings import Finding, Severity, Span
from segue.language.nodes import Mapping, Node, Scalar, Sequence, Style
from segue.language.source import Source

#: A definition is something a person reads. These bound what a file can make us do.
MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NODES: Final = 50_000

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)


@dataclass(frozen=True, slots=True)
class Composed:
    """What loading gave: the root (None where there is none, or it is unreadable), or why not."""

    root: Node | None
    finding: Finding | None = None


class _RefusedError(Exception):
    """Reading stops here. Carries the finding that says why; never leaves this module."""

    def __init__(self, code: Code, message: str, span: Span, hint: str | None = None) -> None:
        super().__init__(message)
        self.finding = Finding(
            code=code, severity=Severity.ERROR, message=message, span=span, hint=hint
        )


def compose(source: Source) -> Composed:
    """Read one document. Never raises for any text: what is wrong comes back as a finding."""
    try:
        _refuse_unreadable(source)
        return Composed(_Composer(source).compose())
    except yaml.YAMLError as error:
        return Composed(None, syntax.finding(source, error))
    except _RefusedError as refused:
        return Composed(None, refused.finding)


def _refuse_unreadable(source: Source) -> None:
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise _RefusedError(
            Code.TOO_LARGE,
            f"the file is too large: at most {MAX_BYTES:,} bytes are read",
            source.span(0, 0),
            "split it into workflows that start one another, or keep data in files of its own",
        )
    if found := _UNPRINTABLE.search(source.text):
        name = f"U+{ord(found.group()):04X}"
        raise _RefusedError(
            Code.NOT_YAML,
            f"the character {name} can't stand in a YAML file",
            source.span(found.start(), found.end()),
            'write it as an escape between double quotes, such as "\\u001b"',
        )


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    mapping: bool
    start: int
    tag: str | None
    anchor: str | None
    block: bool
    children: list[Node] = field(default_factory=list)


class _Mark(Protocol):
    """A place as the parser gives it; the C one and the Python one share no base."""

    @property
    def index(self) -> int: ...


def _at(mark: _Mark | None) -> int:
    assert mark is not None, "the parser marks every event"
    return mark.index


class _Composer:
    """Builds the tree from libyaml's events: its own builder can't bound depth or aliases."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._anchors: dict[str, Node | None] = {}
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0
        self._written = 0

    def compose(self) -> Node | None:
        for event in self._events():
            if isinstance(event, yaml.DocumentStartEvent):
                self._begin_document(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._place(self._scalar(event), event.anchor)
            elif isinstance(event, yaml.AliasEvent):
                self._place(self._aliased(event), None)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(event)
        return self._root

    def _events(self) -> Iterator[yaml.Event]:
        events: Iterator[yaml.Event] = yaml.parse(self._source.text, Loader=yaml.CSafeLoader)
        return events

    def _begin_document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            start = _at(event.start_mark)
            raise _RefusedError(
                Code.SEVERAL_DOCUMENTS,
                "a second document begins here; a file holds one workflow",
                self._source.span(start, start + 3),
                "put it into a file of its own",
            )

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        mark = _at(event.start_mark)
        self._bound_depth(len(self._stack) + 1, self._source.span(mark, mark + 1))
        self._count(1, self._source.span(mark, mark + 1))
        start = self._content_start(event)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(
            _Open(mapping, start, event.tag, event.anchor, block=not event.flow_style)
        )
        if event.anchor:
            self._anchors[event.anchor] = None

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        opened = self._stack.pop()
        children = opened.children
        # libyaml ends a block where the next token begins, beyond blank lines and comments.
        end = _at(event.end_mark)
        if opened.block:
            end = children[-1].end if children else opened.start
            end = max(end, opened.start)
        size = 1 + sum(child.size for child in children)
        depth = 1 + max((child.depth for child in children), default=0)
        if opened.mapping:
            entries = tuple(zip(children[::2], children[1::2], strict=True))
            node: Node = Mapping(
                start=opened.start, end=end, tag=opened.tag, size=size, depth=depth, entries=entries
            )
        else:
            node = Sequence(
                start=opened.start,
                end=end,
                tag=opened.tag,
                size=size,
                depth=depth,
                items=tuple(children),
            )
        self._place(node, opened.anchor)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        style = Style(event.style or "")
        text = self._source.text
        start = self._content_start(event)
        end = max(_at(event.end_mark), start)
        if style in {Style.LITERAL, Style.FOLDED}:
            end = start + len(text[start:end].rstrip())
        return Scalar(start=start, end=end, tag=event.tag, text=event.value, style=style)

    def _content_start(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> int:
        start = _at(event.start_mark)
        if event.anchor or event.tag:
            end = _at(event.end_mark) if isinstance(event, yaml.ScalarEvent) else start
            return max(start, syntax.skip_properties(self._source.text, start, end))
        return start

    def _aliased(self, event: yaml.AliasEvent) -> Node:
        name = event.anchor
        span = self._source.span(_at(event.start_mark), _at(event.end_mark))
        if name not in self._anchors:
            raise _RefusedError(
                Code.BAD_ALIAS,
                f"`*{name}` refers to an anchor that is not defined before it",
                span,
                f"mark the value with `&{name}` further up, or quote the text if a star is meant",
            )
        node = self._anchors[name]
        if node is None:
            raise _RefusedError(Code.BAD_ALIAS, f"`*{name}` refers to what contains it", span)
        self._count(node.size, span)
        self._bound_depth(len(self._stack) + node.depth, span)
        return node

    def _place(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if isinstance(node, Scalar):
            self._count(1, self._source.span(node.start, node.end))
        if not self._stack:
            self._root = node
            return
        self._stack[-1].children.append(node)

    @staticmethod
    def _bound_depth(depth: int, span: Span) -> None:
        if depth > MAX_DEPTH:
            raise _RefusedError(
                Code.TOO_LARGE, f"nested too deeply: at most {MAX_DEPTH} levels are read", span
            )

    def _count(self, nodes: int, span: Span) -> None:
        self._written += nodes
        if self._written > MAX_NODES:
            raise _RefusedError(
                Code.TOO_LARGE,
                f"more than {MAX_NODES:,} values, those that aliases repeat included",
                span,
            )
