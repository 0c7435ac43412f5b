"""How a JSON value differs from the one that was expected: line by line, by its place."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from segue.values import JsonValue

#: So many differences are told, and so much of each value.
MOST = 12
WIDEST = 120


def shown(value: JsonValue) -> str:
    """Return a value as JSON on one line, cut where it is long."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def same(one: JsonValue, other: JsonValue) -> bool:
    """Say whether two values are the same JSON. 1 and 1.0 are; 1 and true are not."""
    return next(_differences((), one, other), None) is None


def differences(name: str, expected: JsonValue, actual: JsonValue) -> tuple[str, ...]:
    """Return one line for each place at which they differ, the first few."""
    found = list(_differences((name,), expected, actual))
    more = len(found) - MOST
    return (*found[:MOST], f"... and {more} more") if more > 0 else tuple(found)


def _differences(
    path: tuple[str | int, ...], expected: JsonValue, actual: JsonValue
) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        yield from _of_mappings(path, expected, actual)
    elif _is_list(expected) and _is_list(actual):
        assert isinstance(expected, Sequence)
        assert isinstance(actual, Sequence)
        yield from _of_lists(path, expected, actual)
    elif not _equal(expected, actual):
        yield f"{_place(path)}: expected {shown(expected)}, came {shown(actual)}"


def _of_mappings(
    path: tuple[str | int, ...],
    expected: Mapping[str, JsonValue],
    actual: Mapping[str, JsonValue],
) -> Iterator[str]:
    for key, value in expected.items():
        if key in actual:
            yield from _differences((*path, key), value, actual[key])
        else:
            yield f"{_place((*path, key))}: expected {shown(value)}, is missing"
    for key, value in actual.items():
        if key not in expected:
            yield f"{_place((*path, key))}: not expected, came {shown(value)}"


def _of_lists(
    path: tuple[str | int, ...], expected: Sequence[JsonValue], actual: Sequence[JsonValue]
) -> Iterator[str]:
    for index in range(max(len(expected), len(actual))):
        place = (*path, index)
        if index >= len(actual):
            yield f"{_place(place)}: expected {shown(expected[index])}, is missing"
        elif index >= len(expected):
            yield f"{_place(place)}: not expected, came {shown(actual[index])}"
        else:
            yield from _differences(place, expected[index], actual[index])


def _is_list(value: JsonValue) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _equal(expected: JsonValue, actual: JsonValue) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return expected == actual


def _place(path: tuple[str | int, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text
