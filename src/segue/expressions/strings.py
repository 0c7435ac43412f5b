"""The texts in a template, and where each of them stands."""

from collections.abc import Iterator, Mapping

from segue.values import JsonValue

Path = tuple[str | int, ...]


def strings(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Return the strings of a template with their paths; a key has the path of its entry."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield (*path, key), key
            yield from strings(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from strings(item, (*path, index))
