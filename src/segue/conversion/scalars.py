"""Values as one token of YAML 1.2: as plain as it may be."""

import json

from segue.language.loading import compose
from segue.language.nodes import Mapping, Node, Scalar
from segue.language.scalars import Dialect, resolve
from segue.language.source import Source
from segue.values import JsonValue


def token(value: JsonValue, *, flow: bool = False) -> str:
    """Return a value on one line. `flow`: it stands inside brackets or braces."""
    if isinstance(value, str):
        return _text(value, flow=flow)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if hasattr(value, "items"):
        return (
            "{"
            + ", ".join(f"{key(name)}: {token(one, flow=True)}" for name, one in value.items())
            + "}"
        )
    return "[" + ", ".join(token(one, flow=True) for one in value) + "]"


def key(name: str) -> str:
    """Return the key of an entry."""
    return _text(name, flow=True)


def reads_as(written: str, value: JsonValue, *, flow: bool) -> bool:
    """Say whether what is written is that scalar, where it stands behind a key."""
    node = _read("{x: " + written + "}" if flow else "x: " + written)
    found = resolve(node, Dialect.YAML_1_2) if isinstance(node, Scalar) else None
    return isinstance(node, Scalar) and type(found) is type(value) and found == value


def _read(text: str) -> Node | None:
    root = compose(Source(text)).root
    if not isinstance(root, Mapping) or len(root.entries) != 1:
        return None
    return root.entries[0][1]


def _text(value: str, *, flow: bool) -> str:
    if value.isprintable() and reads_as(value, value, flow=flow):
        return value
    if value.isprintable() and '"' in value and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
