"""JSON Schemas as StackStorm and Attune write them: `required: true` beside each property."""

from collections.abc import Mapping

from segue.values import JsonObject, JsonValue


def flags_lifted(schema: JsonObject) -> JsonObject:
    """Return a schema in which what must be there is listed where JSON Schema has it."""
    lifted = {key: _lifted_value(value) for key, value in schema.items()}
    inside = lifted.get("properties")
    if not isinstance(inside, Mapping):
        return lifted
    listed = lifted.get("required")
    needed = [
        *(listed if isinstance(listed, list) else ()),
        *(
            name
            for name, each in inside.items()
            if isinstance(each, Mapping) and each.get("required") is True
        ),
    ]
    lifted["properties"] = {name: _without_flag(each) for name, each in inside.items()}
    return {**lifted, "required": list(dict.fromkeys(needed))} if needed else lifted


def _lifted_value(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_lifted_value(each) for each in value]
    return flags_lifted(value) if isinstance(value, Mapping) else value


def _without_flag(schema: JsonValue) -> JsonValue:
    if not isinstance(schema, Mapping) or not isinstance(schema.get("required"), bool):
        return schema
    return {key: value for key, value in schema.items() if key != "required"}
