"""The shapes that Orquesta's files are made of, and what it says of those that are none.

What is refused here is exactly what Orquesta's own schema refuses, and what makes it fall over.
"""

import json
from collections.abc import Iterable

from segue.language.codes import Code
from segue.language.findings import Severity, Span
from segue.language.inline import parse_inline, unread
from segue.language.model import Template
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.reading import Entry, Path, Reader, holds_expression
from segue.language.scalars import Dialect
from segue.language.source import Source


class OrquestaReader(Reader):
    """A reader of YAML 1.1 that knows the shapes of Orquesta's files."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, Dialect.YAML_1_1)

    def wrong(self, node: Node, what: str, wanted: str, path: Path) -> None:
        """Report a value that is not what its key takes."""
        where = self.span(node)
        code = Code.WRONG_TYPE
        empty = isinstance(node, Sequence | Mapping) and node.size == 1
        if empty or self.text(node) == "":
            code = Code.EMPTY
        self.report(code, where, f"{what} must be {wanted}, not {self.describe(node)}", path=path)

    def nonempty(self, entry: Entry | None, path: Path) -> str | None:
        """Return text that is not empty."""
        if entry is None:
            return None
        text = self.text(entry.value)
        if not text:
            self.wrong(entry.value, f"`{entry.key}`", "text", (*path, entry.key))
            return None
        return text

    def text_template(self, entry: Entry | None, path: Path) -> Template | None:
        """Return a text that may hold expressions."""
        if entry is None or self.nonempty(entry, path) is None:
            return None
        return self.template(entry.value, (*path, entry.key))

    def number_template(self, entry: Entry | None, path: Path) -> Template | None:
        """Return a whole number, 0 or more, or text."""
        if entry is None:
            return None
        at = (*path, entry.key)
        value = self.value(entry.value, at)
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if whole or (isinstance(value, str) and value):
            return self.template(entry.value, at)
        self.wrong(entry.value, f"`{entry.key}`", "a whole number, 0 or more, or text", at)
        return None

    def unique(self, items: Iterable[Node], what: str, path: Path) -> bool:
        """Report a list in which a value is repeated; say whether there is none."""
        seen: set[str] = set()
        for item in items:
            shown = json.dumps(self.value(item, path), sort_keys=True)
            if shown in seen:
                self.report(
                    Code.REPEATED_ENTRY, item, f"this is in {what} for the second time", path=path
                )
                return False
            seen.add(shown)
        return True

    def one_entry(
        self, node: Node, path: Path, wanted: str = "a mapping with one entry"
    ) -> Entry | None:
        """Return the only entry of a mapping."""
        entries = self.entries(node, path) if isinstance(node, Mapping) else {}
        if len(entries) != 1:
            self.wrong(node, "an entry of this list", wanted, path)
            return None
        (entry,) = entries.values()
        if self.text(entry.key_node) is None:
            self.report(
                Code.KEY_NOT_TEXT,
                entry.key_node,
                f"the name of a variable must be text, and YAML 1.1 reads `{entry.key}` otherwise",
                hint="quote it",
                path=path,
            )
        return entry

    def assignments(self, entry: Entry, path: Path) -> list[tuple[Entry, Path]]:
        """Return the entries of a list of mappings with one entry each."""
        node = entry.value
        if not isinstance(node, Sequence) or not node.items:
            self.wrong(node, f"`{entry.key}`", "a list of mappings with one entry each", path)
            return []
        self.unique(node.items, f"`{entry.key}`", path)
        found = []
        for index, item in enumerate(node.items):
            at = (*path, index)
            only = self.one_entry(item, at)
            if only is not None:
                found.append((only, at))
        return found

    def inline(self, node: Scalar) -> list[tuple[str, Template]]:
        """Return the parameters inside a text, each as a template with its own place."""
        found = []
        for parameter in parse_inline(node.text):
            span = self.content_span(node, parameter.start, parameter.end)
            value = parameter.value
            expression = isinstance(value, str) and holds_expression(value)
            places: dict[Path, Span] = {(): span} if expression else {}
            found.append((parameter.name, Template(value=value, span=span, places=places)))
        return found

    def check_inline(self, node: Scalar, path: Path) -> None:
        """Warn of what looks like a parameter inside a text and is not read as one."""
        for each in unread(node.text):
            said = "is passed over" if each.read is None else f"is read as `{each.read}`"
            self.report(
                Code.WRONG_VALUE,
                self.content_span(node, each.start, each.end),
                f"`{each.name}={each.text}` {said}: text needs quotes",
                hint=f'write `{each.name}="{each.text}"`',
                path=path,
                severity=Severity.WARNING,
            )
