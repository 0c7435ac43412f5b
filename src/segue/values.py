"""The values that travel inside: plain JSON, and what stands for a value that is kept elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec


class Reference(msgspec.Struct, frozen=True, tag_field="$segue", tag="value"):
    """Stands for a JSON value that is kept beside the log: by the hash of its JSON, and its size.

    `size` is in bytes. Written down it is `{"$segue": "value", "sha256": "...", "size": 1}`.
    """

    sha256: str
    size: int


if TYPE_CHECKING:
    #: A JSON value. Inside of an execution a `Reference` may stand in the place of any part of it:
    #: whoever looks at a value asks for what it stands for first. Mappings and sequences are
    #: read-only to whoever receives one: values are shared between contexts, events and states,
    #: and are never changed in place.
    JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
else:
    # msgspec builds its decoders from annotations and has no recursive aliases: any JSON value.
    JsonValue = Any

JsonObject = Mapping[str, JsonValue]


def references_in(value: JsonValue) -> Iterator[Reference]:
    """Give the references in a value, as often as they stand in it."""
    waiting: list[object] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Reference):
            yield one
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)


def with_values(value: JsonValue, known: Mapping[str, JsonValue]) -> JsonValue:
    """Return a value with what the references in it stand for; one that is not known stays."""
    one: object = value
    if isinstance(one, Reference):
        return known.get(one.sha256, value)
    if isinstance(value, Mapping):
        return {key: with_values(one, known) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [with_values(one, known) for one in value]
    return value
