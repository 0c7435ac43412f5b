"""Attune's `parameters`: a flat mapping with `required` beside each, or a JSON Schema."""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from segue.expressions import Dialect
from segue.language.attune.grammar import PARAMETER_OWN_KEYS
from segue.language.attune.reading import AttuneReader
from segue.language.codes import Code
from segue.language.flagged_schemas import flags_lifted
from segue.language.grammar import TYPE_WORDS
from segue.language.input_schemas import schema_problem, value_problems
from segue.language.model import Input, Template
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path
from segue.language.suggestions import did_you_mean
from segue.values import JsonObject, JsonValue

_PATH: Path = ("parameters",)


def read_parameters(read: AttuneReader, entry: Entry | None) -> tuple[Input, ...]:
    """Return the inputs. One that is not required, and has no default, is null if not given."""
    if entry is None:
        return ()
    assert isinstance(entry.value, Mapping), "the shape was checked"
    fields = read.entries(entry.value, _PATH)
    kind = fields.get("type")
    if kind is not None and "properties" in fields and read.text(kind.value) == "object":
        return _of_schema(read, fields)
    return tuple(_Parameter(read, each, (*_PATH, name)).read_it() for name, each in fields.items())


def _of_schema(read: AttuneReader, fields: ReadOnly[str, Entry]) -> tuple[Input, ...]:
    node = fields["properties"].value
    path = (*_PATH, "properties")
    if not isinstance(node, Mapping):
        read.wrong_type(node, "`properties`", "a mapping from names to JSON Schemas", path)
        return ()
    listed = fields.get("required")
    required: set[str] = set()
    if listed is not None:
        if isinstance(listed.value, Sequence):
            required = {text for item in listed.value.items if (text := read.text(item))}
        else:
            read.wrong_type(listed.value, "`required`", "a list of names", (*_PATH, "required"))
    return tuple(
        _Parameter(read, each, (*path, name), required=name in required).read_it()
        for name, each in read.entries(node, path).items()
    )


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One of them. `required`: what a list beside it says."""

    read: AttuneReader
    entry: Entry
    path: Path
    required: bool = False

    def read_it(self) -> Input:
        """Return the input; a text alone is the name of its type."""
        read, node = self.read, self.entry.value
        word = read.text(node)
        if word is not None or read.is_null(node):
            schema: JsonObject | None = {"type": word} if word else None
            return self._input(schema, node, None)
        if not isinstance(node, Mapping):
            read.wrong_type(node, "a parameter", "a mapping with a `type`", self.path)
            return self._input(None, node, None)
        fields = read.entries(node, self.path)
        schema = {
            name: read.value(field.value, (*self.path, name))
            for name, field in fields.items()
            if name not in PARAMETER_OWN_KEYS or self._lists(name, field)
        }
        secret = fields.get("secret")
        if secret is not None and read.value(secret.value, self.path) is True:
            read.report(
                Code.NOT_BUILT,
                secret.key_node,
                "`secret` is part of the language, but this release can't do it yet",
                path=(*self.path, "secret"),
            )
        return self._input(
            flags_lifted(schema), node, fields.get("default"), fields.get("required")
        )

    def _lists(self, name: str, field: Entry) -> bool:
        """Say whether `required` is JSON Schema's: a list of what a mapping must have."""
        return name == "required" and isinstance(field.value, Sequence)

    def _input(
        self,
        schema: JsonObject | None,
        node: Node,
        default: Entry | None,
        required: Entry | None = None,
    ) -> Input:
        read = self.read
        usable = schema or None
        if schema and not self._is_schema(schema, node):
            usable = None
        template = None
        if default is not None:
            value = read.value(default.value, (*self.path, "default"))
            # Attune's defaults are never rendered.
            span = read.span(default.value)
            template = Template(value=value, span=span, dialect=Dialect.PLAIN)
            if value is not None:
                self._check_default(usable, value, default)
        needed = self.required
        if required is not None and not isinstance(required.value, Sequence):
            needed = self._flag(required)
        if template is None and not needed:
            template = Template(value=None, span=read.span(self.entry.key_node))
        return Input(
            name=self.entry.key,
            required=template is None,
            default=template,
            schema=usable,
            span=read.span(self.entry.key_node),
        )

    def _flag(self, entry: Entry) -> bool:
        value = self.read.value(entry.value, (*self.path, entry.key))
        if isinstance(value, bool):
            return value
        path = (*self.path, entry.key)
        self.read.wrong_type(entry.value, f"`{entry.key}`", "`true` or `false`", path)
        return False

    def _is_schema(self, schema: JsonObject, node: Node) -> bool:
        problem = schema_problem(schema)
        if problem is None:
            return True
        word = schema.get("type")
        if isinstance(word, str) and word not in TYPE_WORDS:
            message, hint = f"`{word}` is not a type", did_you_mean(word, TYPE_WORDS)
            hint = hint or f"the types are {', '.join(TYPE_WORDS)}"
        else:
            message, hint = f"not a JSON Schema: {problem.message}", None
        self.read.report(Code.BAD_INPUT_SCHEMA, node, message, hint=hint, path=self.path)
        return False

    def _check_default(self, schema: JsonObject | None, value: JsonValue, default: Entry) -> None:
        for message in value_problems(schema, value):
            self.read.report(
                Code.BAD_DEFAULT,
                default.value,
                f"the default of `{self.entry.key}` is not what it must be: {message}",
                path=(*self.path, "default"),
            )
