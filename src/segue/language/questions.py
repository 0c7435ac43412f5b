"""What a question asks, as `core.ask` takes it: in Segue's words, StackStorm's and Attune's."""

from collections.abc import Mapping
from typing import Final

from segue.language.flagged_schemas import flags_lifted
from segue.values import JsonObject, JsonValue

#: The action that asks people, and waits until one of them answers.
ASK: Final = "core.ask"


def message_asked(given: JsonObject) -> str:
    """Return what people are asked; without a message what the schema says of the answers."""
    for name in ("message", "prompt"):
        message = given.get(name)
        if isinstance(message, str):
            return message
    properties = (answer_schema(given) or {}).get("properties")
    if not isinstance(properties, Mapping):
        return ""
    descriptions = [
        said
        for each in properties.values()
        if isinstance(each, Mapping) and isinstance(said := each.get("description"), str)
    ]
    return "; ".join(descriptions)


def answer_schema(given: JsonObject) -> JsonObject | None:
    """Return the JSON Schema of an answer, or None where any will do.

    StackStorm and Attune write `required: true` beside each property; Attune's `response_schema`
    may be the properties alone.
    """
    schema = given.get("schema")
    if isinstance(schema, Mapping):
        return flags_lifted(schema)
    schema = given.get("response_schema")
    if not isinstance(schema, Mapping):
        return None
    is_whole = isinstance(schema.get("type"), str) or isinstance(schema.get("properties"), Mapping)
    return flags_lifted(schema if is_whole else {"type": "object", "properties": schema})


def users_asked(given: JsonObject) -> tuple[str, ...]:
    """Return who may answer; nobody in particular: anybody."""
    users = given.get("users")
    if isinstance(users, list):
        return tuple(str(user) for user in users)
    one: JsonValue = given.get("assigned_to")
    return () if one is None or one == "" else (str(one),)
