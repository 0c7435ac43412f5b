"""Values as YAML 1.2 that people can read: what looks like something else is quoted."""

from typing import Final

import yaml

from segue.language.loading import MAX_DEPTH
from segue.language.nodes import Scalar
from segue.language.scalars import Dialect, resolve
from segue.values import JsonObject, JsonValue

_WIDTH: Final = 100


class NestedTooDeepError(ValueError):
    """A value is nested deeper than files of ours are read."""

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_DEPTH} levels deep")


class _Dumper(yaml.SafeDumper):
    """PyYAML writes YAML 1.1, in which other words than in 1.2 are no text."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (its name for it)
        """Write values out each time."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = resolve(Scalar(start=0, end=len(text), text=text), Dialect.YAML_1_2)
    lines = text.split("\n")
    style = None if plain == text else '"'
    if not all(line.isprintable() for line in lines):
        style = '"'  # there are more ends of lines than one, and YAML makes blanks of them
    elif len(lines) > 1:
        style = "|" if all(line == line.rstrip() for line in lines) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(content: JsonObject) -> str:
    """Return a value as the text of a YAML file. Raises `NestedTooDeepError`."""
    text: str = yaml.dump(
        _plain(content, 1), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return text


def _plain(value: JsonValue, depth: int) -> object:
    """Return a value of lists and dicts alone: PyYAML knows no others."""
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if depth > MAX_DEPTH:
        raise NestedTooDeepError
    if hasattr(value, "items"):
        return {str(key): _plain(one, depth + 1) for key, one in value.items()}
    return [_plain(one, depth + 1) for one in value]
