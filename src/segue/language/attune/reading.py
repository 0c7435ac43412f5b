"""The shapes that Attune's files are made of."""

from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace

from segue.expressions import Dialect
from segue.expressions.segments import attune_segments
from segue.language.attune.grammar import WITHOUT_EFFECT
from segue.language.codes import Code
from segue.language.findings import Span
from segue.language.grammar import Key, Section
from segue.language.model import Publish, Template
from segue.language.native.reading import NativeReader
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.reading import Entry, Path

#: The words that a name in an expression can begin with.
_SPACES = ("parameters.", "workflow.", "vars.", "variables.", "task.", "tasks.")


@dataclass(frozen=True, slots=True)
class Inner:
    """The one expression that a text is: what stands between its braces, and from where on."""

    node: Scalar
    source: str
    start: int


class AttuneReader(NativeReader):
    """A reader of YAML 1.2, which Attune reads, that knows the shapes of its files."""

    def template(self, node: Node, path: Path) -> Template:
        """Return a value that may hold expressions of Attune."""
        return replace(super().template(node, path), dialect=Dialect.ATTUNE)

    def fragment(self, node: Scalar, start: int, end: int) -> Template:
        """Return part of a text as a template of its own."""
        return replace(super().fragment(node, start, end), dialect=Dialect.ATTUNE)

    def fields(self, node: Node, section: Section, path: Path) -> dict[str, Entry]:
        """Return the entries of a mapping whose shape is right; what is null counts as left out."""
        fields = self.section(node, section, path)
        return {name: entry for name, entry in fields.items() if not self.is_null(entry.value)}

    def fits(self, key: Key, entry: Entry, path: Path) -> bool:
        """Say whether a value is of the type of its key, or null where that is left out as well."""
        left_out = self.is_null(entry.value) and not key.required
        return left_out or super().fits(key, entry, path)

    def check_keys(
        self, entries: ReadOnly[str, Entry], known: Iterable[str], owner: str, path: Path
    ) -> None:
        """Report keys that `owner` does not have; those without effect are not suggested."""
        words = [word for word in known if word not in WITHOUT_EFFECT]
        super().check_keys(entries, words, owner, path)

    def without_effect(
        self, fields: dict[str, Entry], keys: Iterable[str], why: str, path: Path
    ) -> None:
        """Warn of keys from which nothing comes."""
        for key in keys:
            if key in fields:
                self.report(
                    Code.NO_EFFECT,
                    fields[key].key_node,
                    f"`{key}` has no effect {why}",
                    path=(*path, key),
                )

    def inner(self, entry: Entry, path: Path) -> Inner | None:
        """Return the one expression that a text is, with braces or without."""
        found = self.stripped(entry, path)
        if found is None:
            return None
        node, written, start = found
        parts = attune_segments(written)
        if not parts:
            return Inner(node, written, start)
        if len(parts) > 1 or (parts[0].start, parts[0].end) != (0, len(written)):
            self.report(
                Code.WRONG_VALUE,
                node,
                f"`{entry.key}` is one expression; text with expressions in it is always true",
                hint="write all of it between one pair of braces, or without any",
                path=path,
            )
            return None
        source = parts[0].source
        blank = len(source) - len(source.lstrip())
        return Inner(node, source.strip(), start + parts[0].offset + blank)

    def around(self, inner: Inner, before: str = "", after: str = "") -> Template:
        """Return an expression with something before and behind it, as a template."""
        opening = "{{ " + before
        return Template(
            value=opening + inner.source + after + " }}",
            span=self.span(inner.node),
            places={(): self.content_span(inner.node)},
            prefix=len(opening) - inner.start,
            dialect=Dialect.ATTUNE,
        )

    def condition(self, entry: Entry, path: Path) -> Template | None:
        """Return a `when`."""
        inner = self.inner(entry, path)
        return self.around(inner) if inner else None

    def items(self, entry: Entry, path: Path) -> Template:
        """Return the list that `with_items` is; what is no list is the only item of one."""
        node = entry.value
        if not isinstance(node, Scalar):
            return self.template(node, path)
        parts = attune_segments(node.text.strip())
        whole = parts and node.text.strip() == node.text.strip()[parts[0].start : parts[0].end]
        inner = self.inner(entry, path) if whole else None
        if inner is not None:
            return self.around(inner, "flat([", "])")
        if not parts and node.text.strip().startswith(_SPACES):
            self.wrong_type(
                node,
                f"`{entry.key}`",
                "an expression that gives a list",
                path,
                hint=f"put braces around it: {{{{ {node.text.strip()} }}}}",
            )
        only = self.template(node, path)
        return replace(
            only, value=[only.value], places={(0, *at): span for at, span in only.places.items()}
        )

    def published(self, entry: Entry, path: Path) -> tuple[Publish, ...]:
        """Return what is published: a list of mappings or of names, or a mapping."""
        node = entry.value
        if isinstance(node, Mapping):
            return self._assigned(node, path)
        assert isinstance(node, Sequence), "the shape was checked"
        found: list[Publish] = []
        for index, item in enumerate(node.items):
            at = (*path, index)
            if isinstance(item, Mapping):
                found += self._assigned(item, at)
                continue
            name = self.name(item, "an entry of `publish`", at)
            if name is not None:
                span = self.span(item)
                found.append(Publish(name=name, value=expression("result()", span), span=span))
        return tuple(found)

    def _assigned(self, node: Mapping, path: Path) -> tuple[Publish, ...]:
        found = []
        for name, entry in self.entries(node, path).items():
            at = (*path, name)
            if not name:
                self.report(Code.EMPTY, entry.value, "a variable needs a name", path=at)
                continue
            span = self.source.span(entry.key_node.start, max(entry.value.end, entry.key_node.end))
            found.append(Publish(name=name, value=self.template(entry.value, at), span=span))
        return tuple(found)


def expression(source: str, span: Span) -> Template:
    """Return an expression that no file has, in the place of what it stands for."""
    return Template(value="{{ " + source + " }}", span=span, dialect=Dialect.ATTUNE)
