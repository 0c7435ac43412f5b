"""Values as blocks of YAML 1.2, for people to read: the lines of a key and what is under it."""

from collections.abc import Mapping

from segue.conversion.scalars import key, token
from segue.values import JsonValue


def block(name: str, value: JsonValue) -> list[str]:
    """Return the lines of `name: value`."""
    return _behind(f"{key(name)}:", value)


def item(value: JsonValue) -> list[str]:
    """Return the lines of an item of a list."""
    if isinstance(value, Mapping) and value:
        lines = [line for name, one in value.items() for line in block(name, one)]
        return ["- " + lines[0], *("  " + line if line else "" for line in lines[1:])]
    return _behind("-", value)


def indented(lines: list[str]) -> list[str]:
    """Return lines two columns further to the right."""
    return ["  " + line if line else "" for line in lines]


def _behind(head: str, value: JsonValue) -> list[str]:
    if isinstance(value, str) and _is_literal(value):
        body, ending = value, "-"
        if value.endswith("\n"):
            body, ending = value[:-1], ""
        return [f"{head} |{ending}", *indented(body.split("\n"))]
    if isinstance(value, Mapping) and value:
        lines = [line for name, one in value.items() for line in block(name, one)]
        return [head, *indented(lines)]
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping | list) for one in value):
        return [head, *indented([line for one in value for line in item(one)])]
    return [f"{head} {token(value)}"]


def _is_literal(text: str) -> bool:
    """Say whether a text is best written as it is, over several lines."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if len(lines) < 2 or not all(line.isprintable() and line == line.rstrip() for line in lines):
        return False
    return bool(lines[0].strip()) and not lines[0].startswith(" ") and bool(lines[-1])
