"""Expressions of Attune in Jinja, where they mean the same there."""

import keyword
from collections.abc import Callable, Mapping
from typing import Final

from segue.expressions.attune.language import path_of
from segue.expressions.attune.parser import parse
from segue.expressions.attune.tree import (
    Binary,
    Call,
    Choice,
    Element,
    Field,
    Items,
    Literal,
    Name,
    Node,
    Unary,
)
from segue.expressions.limits import MisspeltError
from segue.expressions.segments import attune_segments
from segue.values import JsonValue

_VARIABLES: Final = frozenset({"parameters", "workflow", "vars", "variables"})
_TASKS: Final = frozenset({"task", "tasks"})
_KEYS: Final = {"config": "config.", "keystore": ""}
_STATUS: Final = {
    "succeeded": "succeeded()",
    "failed": "(failed() and not timed_out())",
    "timed_out": "timed_out()",
    "result": "result()",
}
#: Functions and filters of one value that are filters of the same name, or another one.
_PIPED: Final = {
    **{name: name for name in ("length", "lower", "upper", "trim", "unique", "sort", "list")},
    **{name: name for name in ("first", "last", "abs", "sum")},
    "reversed": "reverse",
    "to_json": "tojson",
    "tojson": "tojson",
    "from_json": "json",
}
_ASKING: Final = frozenset({"succeeded", "failed", "timed_out"})
_JOINING: Final = frozenset({"and", "or"})
_COMPARING: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_METHODS: Final = {"starts_with": "startswith", "ends_with": "endswith", "split": "split"}
#: Functions that are there natively by the same name.
_CALLED: Final = frozenset({"now", "json", "env", "key", "zip"})


class UnlikeError(Exception):
    """There is no native expression that means the same. The message says of what."""


def translated(value: JsonValue, given: Mapping[str, JsonValue] | None = None) -> JsonValue:
    """Return a value with its expressions in Jinja. `given` are variables and what they stand for.

    Raises `UnlikeError`.
    """
    if isinstance(value, str):
        return _text(value, given or {})
    if isinstance(value, Mapping):
        return {str(_text(name, {})): translated(one, given) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [translated(one, given) for one in value]
    return value


def _text(text: str, given: Mapping[str, JsonValue]) -> str:
    parts = attune_segments(text)
    rest, at = "", 0
    for part in parts:
        rest += text[at : part.start] + "{{ " + jinja(part.source, given) + " }}"
        at = part.end
    rest += text[at:]
    outside = text[: parts[0].start] if parts else text
    if "<%" in text or "{%" in text or "{{" in outside:
        raise UnlikeError("this text has signs that natively begin an expression")
    return rest


def jinja(source: str, given: Mapping[str, JsonValue]) -> str:
    """Return an expression in Jinja. Raises `UnlikeError`."""
    try:
        node = parse(source)
    except MisspeltError as error:
        raise UnlikeError(str(error)) from error
    return _Translation(given).of(node)


class _Translation:
    def __init__(self, given: Mapping[str, JsonValue]) -> None:
        self._given = given

    def of(self, node: Node) -> str:
        match node:
            case Literal():
                return _literal(node.value)
            case Items():
                return "[" + ", ".join(self.of(one) for one in node.items) + "]"
            case Name() | Field() | Element():
                return self._path(node)
            case Call():
                return self._call(node)
            case Unary():
                inverts = node.operator == "not"
                operand = self._tight(node.operand, self._asked if inverts else self.of)
                return ("not " if inverts else node.operator) + operand
            case Choice():
                condition = self._asked(node.condition)
                return f"{self._tight(node.this)} if {condition} else {self._tight(node.that)}"
        if node.operator not in _JOINING or _is_boolean(node):
            return self._binary(node)
        return f"true if ({self._binary(node)}) else false"  # in Jinja it is one of its operands

    def _asked(self, node: Node) -> str:
        """Return what is asked only whether it is true."""
        if isinstance(node, Binary) and node.operator in _JOINING:
            return self._binary(node)
        return self.of(node)

    def _tight(self, node: Node, to_text: Callable[[Node], str] | None = None) -> str:
        """Return an operand, in parentheses where it needs some."""
        text = (to_text or self.of)(node)
        alone = not isinstance(node, Binary | Choice | Unary)
        joined = any(sign in text for sign in (" if ", " | ", " in "))
        return text if alone and not joined else f"({text})"

    def _binary(self, node: Binary) -> str:
        if node.operator in {"/", "%"}:
            message = f"`{node.operator}` of whole numbers and negative ones differs natively"
            raise UnlikeError(message)
        to_text = self._asked if node.operator in _JOINING else self.of
        left, right = (self._tight(one, to_text) for one in (node.left, node.right))
        return f"{left} {node.operator} {right}"

    # --- names

    def _path(self, node: Name | Field | Element) -> str:
        names = path_of(node)
        if names is not None:
            return self._known(names)
        if isinstance(node, Field):
            return self._tight(node.target) + _field(node.name)
        assert isinstance(node, Element), "a name alone is a path"
        return f"{self._tight(node.target)}[{self.of(node.key)}]"

    def _known(self, names: tuple[str, ...]) -> str:
        first, rest = names[0], names[1:]
        if first in _VARIABLES and rest:
            return self._variable(rest[0], given=first != "parameters") + _fields(rest[1:])
        if first in _TASKS and rest:
            return self._task(rest[0], rest[1:])
        if first in _KEYS:
            if len(rest) != 1:
                raise UnlikeError(f"which key `{'.'.join(names)}` is, only the key store shows")
            return f"key({_literal(_KEYS[first] + rest[0])})"
        if first in {"item", "index"}:
            return f"{first}(){_fields(rest)}"
        if first in _VARIABLES | _TASKS | {"system", "inquiry"}:
            raise UnlikeError(f"`{'.'.join(names)}` has no native form")
        return self._variable(first, given=True) + _fields(rest)

    def _variable(self, name: str, *, given: bool) -> str:
        if given and name in self._given:
            return self._standing_for(name)
        return f"ctx{_field(name)}"

    def _standing_for(self, name: str) -> str:
        value = self._given[name]
        if isinstance(value, str):
            parts = attune_segments(value)
            whole = len(parts) == 1 and (parts[0].start, parts[0].end) == (0, len(value))
            if not whole and parts:
                raise UnlikeError(f"`{name}` is text with expressions, seen before it is published")
            if whole:
                others = {key: one for key, one in self._given.items() if key != name}
                return f"({jinja(parts[0].source, others)})"
        if isinstance(value, Mapping | list | tuple):
            raise UnlikeError(f"`{name}` is a list or mapping, seen before it is published")
        return _literal(value)

    def _task(self, name: str, rest: tuple[str, ...]) -> str:
        record = f"task({_literal(name)})"
        if rest and rest[0] == "status":
            return f"{record}.status" + _fields(rest[1:])
        if rest == ("succeeded",):
            return f"({record}.status == 'succeeded')"
        fields = rest[1:] if rest and rest[0] in {"result", "results", "items"} else rest
        if fields and fields[0] in {"data", "output", "error"}:
            raise UnlikeError(f"what `{fields[0]}` of a result is depends on the result")
        return f"{record}.result" + _fields(fields)

    # --- calls

    def _call(self, node: Call) -> str:
        if not node.filter and not node.arguments and node.name in _STATUS:
            return _STATUS[node.name]
        if not node.named:
            made = self._plain(node.name, [self._tight(one) for one in node.arguments])
            if made is not None:
                return made
        if node.filter and node.name == "map" and len(node.named) == 1:
            attribute = self.of(node.named[0][1])
            return f"{self._tight(node.arguments[0])} | map(attribute={attribute}) | list"
        if node.name == "together":  # what the front end puts where parallel tasks meet
            raise UnlikeError(
                "`type: parallel` has no native form: fork to its tasks and join them"
            )
        raise UnlikeError(f"{node.name}() has no native form that is the same")

    def _plain(self, name: str, given: list[str]) -> str | None:
        if len(given) == 1 and name in _PIPED:
            return f"{given[0]} | {_PIPED[name]}"
        if len(given) == 2:
            return _of_two(name, given[0], given[1])
        if len(given) == 3 and name == "replace":
            return f"{given[0]} | replace({given[1]}, {given[2]})"
        return f"{name}({', '.join(given)})" if name in _CALLED else None


_OF_TWO: Final[Mapping[str, Callable[[str, str], str]]] = {
    "default": lambda value, other: f"{value} | default({other})",
    "contains": lambda whole, part: f"{part} in {whole}",
    "join": lambda values, separator: f"{values} | join({separator})",
    "min": lambda one, other: f"[{one}, {other}] | min",
    "max": lambda one, other: f"[{one}, {other}] | max",
    "range": lambda start, end: f"range({start}, {end}) | list",
}


def _of_two(name: str, one: str, other: str) -> str | None:
    if name in _METHODS:
        return f"{one}.{_METHODS[name]}({other})"
    if name in _OF_TWO:
        return _OF_TWO[name](one, other)
    return f"{name}({one}, {other})" if name in _CALLED else None


def _is_boolean(node: Node) -> bool:
    """Return whether an expression is certainly true or false."""
    match node:
        case Literal():
            return isinstance(node.value, bool)
        case Unary():
            return node.operator == "not"
        case Call():
            return node.name in _ASKING and not node.filter
        case Binary() if node.operator in _JOINING:
            return _is_boolean(node.left) and _is_boolean(node.right)
        case Binary():
            return node.operator in _COMPARING
    return False


def _literal(value: JsonValue) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
    return str(value)


def _field(name: str) -> str:
    usable = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    return f".{name}" if usable else f"[{_literal(name)}]"


def _fields(names: tuple[str, ...]) -> str:
    return "".join(_field(name) for name in names)
