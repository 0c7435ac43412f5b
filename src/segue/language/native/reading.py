"""The shapes of native values: one reader for every key, driven by the table in `grammar`."""

from segue.expressions.segments import segments
from segue.language.codes import Code
from segue.language.durations import LONGEST, parse_duration
from segue.language.findings import Span
from segue.language.grammar import Is, Key, Section
from segue.language.model import Publish, Template, Variable
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.reading import Entry, Path, Reader, holds_expression
from segue.language.scalars import Dialect, resolve
from segue.language.source import Source
from segue.language.suggestions import did_you_mean


class NativeReader(Reader):
    """A reader of YAML 1.2 that knows the shapes of the native language."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, Dialect.YAML_1_2)

    def kind(self, node: Node) -> Is:
        """Return what a node is."""
        if isinstance(node, Mapping):
            return Is.MAPPING
        if isinstance(node, Sequence):
            return Is.LIST
        assert isinstance(node, Scalar), "there are three kinds of nodes"
        value = resolve(node, self.dialect)
        if value is None:
            return Is.NULL
        # A bool is an int, so it is asked for first.
        for kind, known in ((Is.BOOLEAN, bool), (Is.INTEGER, int), (Is.NUMBER, float)):
            if isinstance(value, known):
                return kind
        return Is.TEXT

    def section(self, node: Node, section: Section, path: Path) -> dict[str, Entry]:
        """Return the entries of a mapping whose shape is right; report all that is not."""
        if not isinstance(node, Mapping):
            self.wrong_type(node, section.owner, "a mapping", path)
            return {}
        entries = self.entries(node, path)
        built = [name for name, key in section.keys.items() if key.built]
        known = {name: entry for name, entry in entries.items() if name in section.keys}
        unknown = {name: entry for name, entry in entries.items() if name not in section.keys}
        self.check_keys(unknown, built, section.owner, path)
        for key in section.keys.values():
            if key.required and key.name not in entries:
                self.report(
                    Code.MISSING_KEY,
                    self.head(node),
                    f"{section.owner} needs `{key.name}`: {key.shape.words}",
                    path=path,
                )
        return {
            name: entry
            for name, entry in known.items()
            if self.fits(section.keys[name], entry, path)
        }

    def fits(self, key: Key, entry: Entry, path: Path) -> bool:
        """Say whether a value is of the type of its key; report one that is not."""
        if not key.built:
            self.report(
                Code.NOT_BUILT,
                entry.key_node,
                f"`{key.name}` is part of the language, but this release can't do it yet",
                path=(*path, key.name),
            )
        if self.is_unusable(entry.value):
            self.value(entry.value, (*path, key.name))  # says so
            return False
        if self.kind(entry.value) in key.shape.kinds:
            return True
        at = (*path, key.name)
        self.wrong_type(entry.value, f"`{key.name}`", key.shape.words, at, hint=key.hint)
        return False

    def head(self, node: Node) -> Span:
        """Return the first line of a node: enough to point at a large one."""
        line, _ = self.source.position(node.start)
        end = self.source.offset(line, len(self.source.line(line)) + 1)
        return self.source.span(node.start, min(end, max(node.end, node.start + 1)))

    def wrong_type(
        self, node: Node, what: str, wanted: str, path: Path, *, hint: str | None = None
    ) -> None:
        """Report a value of the wrong type."""
        if isinstance(node, Mapping) and self.source.text.startswith("{{", node.start):
            hint = 'put quotes around an expression: "{{ ... }}"'
        span = self.head(node) if node.end > node.start else self.line_of(node)
        self.report(
            Code.WRONG_TYPE,
            span,
            f"{what} must be {wanted}, not {self.describe(node)}",
            hint=hint,
            path=path,
        )

    def line_of(self, node: Node) -> Span:
        """Return the text of the line before an empty value, where its key is."""
        line, column = self.source.position(node.start)
        indent = len(self.source.line(line)) - len(self.source.line(line).lstrip(" -"))
        start = min(indent + 1, column)
        return Span(line, start, line, max(column, start))

    def word(self, entry: Entry, known: tuple[str, ...], path: Path) -> str | None:
        """Return one of a few words, or None when it is another one."""
        text = self.text(entry.value) or ""
        if text in known:
            return text
        self.report(
            Code.WRONG_VALUE,
            entry.value,
            f"`{entry.key}` is {' or '.join(f'`{word}`' for word in known)}, not `{text}`",
            hint=did_you_mean(text, known),
            path=path,
        )
        return None

    def name(self, node: Node, what: str, path: Path) -> str | None:
        """Return text that is not empty; report anything else."""
        text = self.text(node)
        if text is None:
            self.wrong_type(node, what, "text", path)
        elif not text:
            self.report(Code.EMPTY, node, f"{what} must not be empty", path=path)
            return None
        return text

    def stripped(self, entry: Entry, path: Path) -> tuple[Scalar, str, int] | None:
        """Return a text without the blanks around it, and how many come first; report an empty one.

        The shape of the entry has been checked.
        """
        node = entry.value
        text = self.text(node)
        assert isinstance(node, Scalar), "the shape was checked"
        assert text is not None, "the shape was checked"
        if not text.strip():
            self.report(Code.EMPTY, node, f"`{entry.key}` must not be empty", path=path)
            return None
        return node, text.strip(), len(text) - len(text.lstrip())

    def condition(self, entry: Entry, path: Path) -> Template | None:
        """Return a `when`: one whole expression, with the braces that may be left out."""
        found = self.stripped(entry, path)
        if found is None:
            return None
        node, written, leading = found
        whole = _is_whole(written)
        if segments(written) and not whole:
            self.report(
                Code.WRONG_VALUE,
                node,
                f"`{entry.key}` is one expression; text with expressions in it is never a boolean",
                hint="write all of it between one pair of braces, or without any",
                path=path,
            )
            return None
        value = written if whole else f"{{{{ {written} }}}}"
        return Template(
            value=value,
            span=self.span(node),
            places={(): self.content_span(node)},
            prefix=(0 if whole else 3) - leading,
        )

    def expression(self, node: Scalar, start: int = 0) -> Template | None:
        """Return the one expression that a text is from `start` on, or None where it is more.

        Blanks around it, such as a block of YAML ends with, would make text of its value.
        """
        start += len(node.text[start:]) - len(node.text[start:].lstrip())
        end = len(node.text.rstrip())
        return self.fragment(node, start, end) if _is_whole(node.text[start:end]) else None

    def duration(self, entry: Entry, path: Path) -> Template | None:
        """Return seconds, as a number or as an expression that gives one."""
        node = entry.value
        text = self.text(node)
        if text is not None and holds_expression(text):
            assert isinstance(node, Scalar), "it has text"
            return self.expression(node) or self.template(node, path)
        seconds = self.seconds(entry, path)
        return None if seconds is None else Template(value=seconds, span=self.span(node))

    def seconds(self, entry: Entry, path: Path) -> float | None:
        """Return the seconds that a duration without expressions means; report a bad one."""
        value = self.value(entry.value, path)
        if isinstance(value, str):
            seconds = parse_duration(value)
            if seconds is None:
                hint = "units are ms, s, m, h and d: `500ms`, `10s`, `1h30m`"
                bare = value.strip()
                if bare.replace(".", "", 1).isdigit():
                    hint = f"write `{bare}s`, or {bare} without quotes, for seconds"
                self.report(
                    Code.BAD_DURATION,
                    entry.value,
                    f"`{value}` is not a duration",
                    hint=hint,
                    path=path,
                )
                return None
        else:
            assert isinstance(value, int | float), "the shape was checked"
            seconds = float(value)
        if not 0 <= seconds <= LONGEST:
            self.report(
                Code.BAD_DURATION,
                entry.value,
                "a duration is not negative" if seconds < 0 else "a duration is at most 36500d",
                path=path,
            )
            return None
        return seconds

    def count(self, entry: Entry, path: Path, *, least: int = 0) -> Template | None:
        """Return a whole number, `least` or more, or an expression that gives one."""
        value = self.value(entry.value, path)
        if isinstance(value, str):
            assert isinstance(entry.value, Scalar), "it is text"
            template = self.expression(entry.value)
            if template is not None:
                return template
            self.wrong_type(entry.value, f"`{entry.key}`", "a whole number or an expression", path)
            return None
        if isinstance(value, int) and value >= least:
            return Template(value=value, span=self.span(entry.value))
        self.report(Code.WRONG_VALUE, entry.value, f"`{entry.key}` is {least} or more", path=path)
        return None

    def variables(self, entry: Entry, path: Path) -> tuple[Variable, ...]:
        """Return the entries of a mapping, or of a list of mappings with one entry each."""
        return tuple(
            Variable(
                name=each.key,
                value=self.template(each.value, at),
                span=self.source.span(each.key_node.start, max(each.value.end, each.key_node.end)),
            )
            for each, at in self._assignments(entry, path)
        )

    def publishes(self, entry: Entry, path: Path) -> tuple[Publish, ...]:
        """Return what a transition publishes; it is written as variables are."""
        return tuple(
            Publish(name=each.name, value=each.value, span=each.span)
            for each in self.variables(entry, path)
        )

    def _assignments(self, entry: Entry, path: Path) -> list[tuple[Entry, Path]]:
        node = entry.value
        if isinstance(node, Mapping):
            entries = self.entries(node, path)
            found = [(each, (*path, name)) for name, each in entries.items()]
        else:
            assert isinstance(node, Sequence), "the shape was checked"
            found = []
            for index, item in enumerate(node.items):
                found.extend(self._assignment(item, (*path, index)))
        return [pair for pair in found if self._is_named(*pair)]

    def _assignment(self, item: Node, path: Path) -> list[tuple[Entry, Path]]:
        if not isinstance(item, Mapping) or len(self.entries(item, path)) != 1:
            self.wrong_type(item, "an entry of this list", "a mapping with one entry", path)
            return []
        return [(each, path) for each in self.entries(item, path).values()]

    def _is_named(self, entry: Entry, path: Path) -> bool:
        if entry.key:
            return True
        self.report(Code.EMPTY, entry.value, "a variable needs a name", path=path)
        return False


def _is_whole(text: str) -> bool:
    """Say whether a text is one expression, from its first character to its last."""
    parts = segments(text)
    return len(parts) == 1 and (parts[0].start, parts[0].end) == (0, len(text))


def names(
    read: NativeReader, entry: Entry, what: str, path: Path, *, hint: str | None = None
) -> list[tuple[str, Node]]:
    """Return the names in a text or a list of texts, with their nodes; report what is wrong.

    `hint` says why none can be there twice.
    """
    node = entry.value
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        read.report(Code.EMPTY, node, f"{what} must not be empty", path=path)
    found: list[tuple[str, Node]] = []
    for index, item in enumerate(items):
        at = (*path, index) if isinstance(node, Sequence) else path
        name = read.name(item, f"a name under {what}" if len(items) > 1 else what, at)
        if name is None:
            continue
        if name in (known for known, _ in found):
            read.report(
                Code.REPEATED_ENTRY,
                item,
                f"`{name}` is named twice under {what}",
                hint=hint,
                path=at,
            )
            continue
        found.append((name, item))
    return found
