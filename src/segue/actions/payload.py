"""The JSON that goes into an action and comes out of it.

What goes in may be made of persistent mappings; schema validators, HTTP clients and people's
functions want dicts and lists (`plain`). What comes out may be anything that a Python function
returns; the log wants JSON (`to_payload`).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from pathlib import PurePath

import msgspec

from segue.values import JsonValue

#: What is larger than this, as JSON, is refused unless whoever asks has another limit. Bytes.
MAX_RESULT = 16 * 1024 * 1024

#: Values nested deeper than this are refused: whoever reads them recurses.
MAX_DEPTH = 200


class NotJsonError(Exception):
    """A value that has no JSON form. The message says where in it ("$.a[3]") and why."""


class TooLargeError(Exception):
    """A value whose JSON is larger than it may be. Both sizes are in bytes."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size
        self.most = most


def plain(value: JsonValue) -> JsonValue:
    """Return a JSON value as fresh dicts and lists that its receiver may change."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [plain(inner) for inner in value]
    return value


def to_text(value: JsonValue) -> str:
    """Return a scalar as text: numbers and booleans as JSON spells them."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def too_large_words(size: int, most: int) -> str:
    """Return what is said of a result that is too large; both sizes are in bytes of JSON."""
    return (
        f"the result is {size / 2**20:.1f} MiB of JSON, more than the "
        f"{most / 2**20:.3g} MiB that a result may have"
    )


def to_payload(value: object, most: int | None = None) -> JsonValue:
    """Return the JSON form of a value: a copy that shares nothing with it.

    Dataclasses, msgspec structs, named tuples, sets, enums, dates, UUIDs, decimals, bytes and
    paths have one. `most` is how large it may be as JSON, in bytes (None: `MAX_RESULT`). Raises
    `NotJsonError` for what has none (NaN and infinities, too) and
    `TooLargeError`.
    """
    try:
        data = _encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJsonError(_explain(value) or str(error)) from error
    most = MAX_RESULT if most is None else most
    if len(data) > most:
        raise TooLargeError(len(data), most)
    # The encoder writes NaN and infinities as null: only a value with a null can hide one.
    suspicious = b"null" in data or data.count(b"[") + data.count(b"{") > MAX_DEPTH
    if suspicious and (reason := _explain(value)):
        raise NotJsonError(reason)
    payload: JsonValue = msgspec.json.decode(data)
    return payload


def parsed(data: bytes | str) -> JsonValue:
    """Return what JSON says that is to be a field of a result.

    Raises `NotJsonError` for what is none, and for what is nested too deep for a result: how deep
    it has to be until it can't be read at all is another matter in each release of Python.
    """
    try:
        value: JsonValue = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJsonError(str(error)) from error
    if _is_too_deep_for_a_field(value):
        raise NotJsonError(f"it is nested deeper than {MAX_DEPTH} levels")
    return value


def _is_too_deep_for_a_field(value: JsonValue) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH - 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_in_other_words)


def _in_other_words(value: object) -> object:
    """Return the encodable form of what the encoder doesn't know."""
    if isinstance(value, dict | list | tuple):
        raise TypeError("a key is text")  # only as a key does one of these get here
    if isinstance(value, PurePath):
        return str(value)
    for kind in (str, int, float):  # subclasses; exact ones never get here
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{_kind(value)} has no JSON form")


def _explain(value: object) -> str:
    """Return what in a value has no JSON form, and where; "" if everything has."""
    waiting = [("$", value, 1)]
    while waiting:
        path, found, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return f"{path[:80]}… is nested deeper than {MAX_DEPTH} levels, or contains itself"
        inner = list(_children(found))
        if reason := _refuse(found, leaf=not inner):
            return f"{path}{reason}"
        waiting.extend((path + step, child, depth + 1) for step, child in reversed(inner))
    return ""


def _refuse(value: object, *, leaf: bool) -> str:
    """Return why this value, not what is inside it, has no JSON form."""
    if isinstance(value, float) and not math.isfinite(value):
        return f" is {value}: JSON has finite numbers only"
    if isinstance(value, Mapping):
        for key in value:
            if isinstance(key, bool) or not isinstance(key, str | int | float):
                try:
                    _encode({key: 0})
                except TypeError:
                    return f" has the key {key!r}: keys are text"
    if leaf or isinstance(value, Mapping):
        try:
            _encode(dict.fromkeys(value, 0) if isinstance(value, Mapping) else value)
        except UnicodeEncodeError:
            return " has a lone surrogate: it is not valid text"
        except (TypeError, ValueError):
            return f" is {_kind(value)}: it has no JSON form"
    return ""


def _children(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((_step(key), inner) for key, inner in value.items())
    elif isinstance(value, str | bytes | bytearray | memoryview | PurePath):
        return
    elif isinstance(value, Sequence | AbstractSet):
        yield from ((f"[{index}]", inner) for index, inner in enumerate(value))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((f".{field.name}", getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, msgspec.Struct):
        yield from ((f".{name}", getattr(value, name)) for name in value.__struct_fields__)


def _step(key: object) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def _kind(value: object) -> str:
    return f"a `{type(value).__qualname__}`"
