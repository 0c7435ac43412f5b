"""The values that travel inside: plain JSON, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    #: A JSON value. Mappings and sequences are read-only to whoever receives one: values are
    #: shared between contexts, events and states, and are never changed in place.
    JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
else:
    # msgspec builds its decoders from annotations and has no recursive aliases: any JSON value.
    JsonValue = Any

JsonObject = Mapping[str, JsonValue]
