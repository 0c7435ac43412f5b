"""Reading nodes as values: the part of a front end that is the same for every language."""

from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from segue.language.codes import Code, severity_of
from segue.language.findings import Finding, Severity, Span
from segue.language.model import Template
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.placing import offsets
from segue.language.scalars import Dialect, Unusable, resolve
from segue.language.source import Source
from segue.language.suggestions import did_you_mean
from segue.values import JsonValue

#: A path into a value or into the definition: keys and indices.
Path = tuple[str | int, ...]

_MERGE = "<<"

_DELIMITERS = ("{{", "<%", "{%")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping: its key as text, and both nodes."""

    key: str
    key_node: Node
    value: Node


def holds_expression(text: str) -> bool:
    """Say whether a text has the beginning of an expression in it."""
    return any(delimiter in text for delimiter in _DELIMITERS)


def written(path: Path) -> str:
    """Return a path in the words of the definition: `tasks.probe.next[0].do`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


class Reader:
    """Gives nodes meaning in one dialect of YAML, and collects what is wrong with them."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self.source = source
        self.dialect = dialect
        self._findings: list[Finding] = []
        self._entries: dict[Node, dict[str, Entry]] = {}
        self._values: dict[Node, JsonValue] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found so far, each once, in the order of the file."""
        unique = dict.fromkeys(self._findings)
        return tuple(sorted(unique, key=lambda found: (found.span.line, found.span.column)))

    def span(self, node: Node) -> Span:
        """Return where a node stands."""
        return self.source.span(node.start, node.end)

    def report(
        self,
        code: Code,
        where: Node | Span,
        message: str,
        *,
        hint: str | None = None,
        path: Path = (),
        severity: Severity | None = None,
    ) -> None:
        """Add a finding."""
        span = where if isinstance(where, Span) else self.span(where)
        self._findings.append(
            Finding(
                code=code,
                severity=severity or severity_of(code),
                message=message,
                span=span,
                hint=hint,
                path=written(path),
            )
        )

    def key_text(self, node: Node) -> str | None:
        """Return a key as text; None where it can't be one."""
        if not isinstance(node, Scalar):
            return None
        if self.dialect is Dialect.YAML_1_2:
            return node.text
        value = resolve(node, self.dialect)
        if isinstance(value, str):
            return value
        if isinstance(value, Unusable):
            return None
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        return repr(value)

    def entries(self, node: Mapping, path: Path) -> dict[str, Entry]:
        """Return the entries of a mapping by key, merge keys resolved.

        Repeated keys are reported at the second one; natively that is an error, while YAML 1.1
        as PyYAML reads it lets the last one win, so there it is a warning and does.
        """
        if node in self._entries:
            return self._entries[node]
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key_node, value in node.entries:
            key = self.key_text(key_node)
            if key is None:
                self._refuse_key(key_node, path)
            elif key == _MERGE and self._is_plain(key_node):
                for name, entry in self._merged(value, path).items():
                    merged.setdefault(name, entry)
            else:
                if key in own:
                    self._report_duplicate(own[key], key_node, path)
                own[key] = Entry(key, key_node, value)
        entries = {**{k: v for k, v in merged.items() if k not in own}, **own}
        self._entries[node] = entries
        return entries

    @staticmethod
    def _is_plain(node: Node) -> bool:
        return isinstance(node, Scalar) and not node.style

    def _refuse_key(self, node: Node, path: Path) -> None:
        if self.source.text.startswith("{", node.start):
            message = "an expression needs quotes around it: YAML reads `{` as a mapping"
            start = max(node.start - 1, 0)
            self.report(
                Code.KEY_NOT_TEXT,
                self.source.span(start, node.end + 1),
                message,
                hint='write "{{ ... }}"',
                path=path,
            )
            return
        self.report(Code.KEY_NOT_TEXT, node, "a key must be text", path=path)

    def _report_duplicate(self, first: Entry, second: Node, path: Path) -> None:
        line = self.span(first.key_node).line
        tolerant = self.dialect is Dialect.YAML_1_1
        self.report(
            Code.DUPLICATE_KEY,
            second,
            f"the key `{first.key}` is here for the second time; the first is on line {line}",
            hint="this one counts" if tolerant else "remove one of them",
            path=(*path, first.key),
            severity=Severity.WARNING if tolerant else None,
        )

    def _merged(self, node: Node, path: Path) -> dict[str, Entry]:
        """Return what `<<: value` brings in: a mapping, or several of which the first wins."""
        parts = node.items if isinstance(node, Sequence) else (node,)
        found: dict[str, Entry] = {}
        for part in parts:
            if not isinstance(part, Mapping):
                self.report(
                    Code.WRONG_TYPE,
                    part,
                    f"`<<` merges mappings, and this is {self.describe(part)}",
                    path=path,
                )
                continue
            for name, entry in self.entries(part, path).items():
                found.setdefault(name, entry)
        return found

    def value(self, node: Node, path: Path) -> JsonValue:
        """Return the JSON value of a node; what has none is reported, and null in the result."""
        if node in self._values:
            return self._values[node]
        value: JsonValue
        if isinstance(node, Scalar):
            value = self._scalar(node, path)
        elif isinstance(node, Sequence):
            self._refuse_tag(node, path)
            value = [self.value(item, (*path, index)) for index, item in enumerate(node.items)]
        else:
            assert isinstance(node, Mapping), "there are three kinds of nodes"
            self._refuse_tag(node, path)
            value = {
                key: self.value(entry.value, (*path, key))
                for key, entry in self.entries(node, path).items()
            }
        self._values[node] = value
        return value

    def _scalar(self, node: Scalar, path: Path) -> JsonValue:
        value = resolve(node, self.dialect)
        if isinstance(value, Unusable):
            self.report(
                Code.UNUSABLE_VALUE,
                node,
                f"`{_shortened(node.text)}` can't be used: {value.reason}",
                hint="quote it if it is meant as text",
                path=path,
            )
            return None
        return value

    def _refuse_tag(self, node: Node, path: Path) -> None:
        kinds = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!", None}
        if node.tag in kinds:
            return
        tag = (node.tag or "").replace("tag:yaml.org,2002:", "!!")
        self.report(
            Code.UNUSABLE_VALUE,
            node,
            f"the tag `{tag}` is not supported: values are plain lists and mappings",
            path=path,
        )

    def text(self, node: Node) -> str | None:
        """Return the text of a node, or None where it is not text."""
        value = resolve(node, self.dialect) if isinstance(node, Scalar) else None
        return value if isinstance(value, str) else None

    def is_null(self, node: Node) -> bool:
        """Say whether a node is null."""
        return isinstance(node, Scalar) and resolve(node, self.dialect) is None

    def is_unusable(self, node: Node) -> bool:
        """Say whether a node is a scalar that has no value."""
        return isinstance(node, Scalar) and isinstance(resolve(node, self.dialect), Unusable)

    def describe(self, node: Node) -> str:
        """Return what a node is, in words: "a list", "the number 5", "nothing"."""
        if isinstance(node, Sequence):
            return "a list" if node.items else "an empty list"
        if isinstance(node, Mapping):
            return "a mapping" if node.entries else "an empty mapping"
        assert isinstance(node, Scalar), "there are three kinds of nodes"
        value = resolve(node, self.dialect)
        if value is None:
            return "nothing (null)"
        if isinstance(value, bool):
            return f"`{str(value).lower()}`"
        if isinstance(value, int | float):
            return f"the number {_shortened(node.text)}"
        if value == "":
            return "empty text"
        return f"the text `{_shortened(node.text)}`"

    def template(self, node: Node, path: Path) -> Template:
        """Return a value that may hold expressions, with the place of each."""
        value = self.value(node, path)
        places: dict[Path, Span] = {}
        keys: dict[Path, Span] = {}
        self._find_places(node, (), places, keys)
        return Template(value=value, span=self.span(node), places=places, keys=keys)

    def fragment(self, node: Scalar, start: int, end: int) -> Template:
        """Return part of a text as a template of its own, with its own place."""
        text = node.text[start:end]
        span = self.content_span(node, start, end)
        places: dict[Path, Span] = {(): span} if holds_expression(text) else {}
        return Template(value=text, span=span, places=places)

    def _find_places(
        self, node: Node, at: Path, places: dict[Path, Span], keys: dict[Path, Span]
    ) -> None:
        if isinstance(node, Scalar):
            if holds_expression(node.text) and isinstance(resolve(node, self.dialect), str):
                places[at] = self.content_span(node)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                self._find_places(item, (*at, index), places, keys)
        else:
            assert isinstance(node, Mapping), "there are three kinds of nodes"
            for key, entry in self.entries(node, ()).items():
                if holds_expression(key) and isinstance(entry.key_node, Scalar):
                    keys[*at, key] = self.content_span(entry.key_node)
                self._find_places(entry.value, (*at, key), places, keys)

    def content_span(self, node: Scalar, start: int = 0, end: int | None = None) -> Span:
        """Return where part of a scalar's content is written, by offsets into the content."""
        written_at = offsets(self.source.text, node)
        last = len(node.text) if end is None else end
        finish = written_at[last - 1] + 1 if last > start else written_at[start]
        return self.source.span(written_at[start], max(finish, written_at[start]))

    def check_keys(
        self, entries: ReadOnly[str, Entry], known: Iterable[str], owner: str, path: Path
    ) -> None:
        """Report the keys that `owner` ("a task", "the workflow") does not have."""
        words = tuple(known)
        for key, entry in entries.items():
            if key in words:
                continue
            hint = did_you_mean(key, words)
            self.report(
                Code.UNKNOWN_KEY,
                entry.key_node,
                f"`{key}` is not a key of {owner}",
                hint=hint or f"{owner} has {_listed(words)}",
                path=(*path, key),
            )


def _listed(words: Iterable[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:37]}..."
