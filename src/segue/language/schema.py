"""The native language as JSON Schema, draft 7, for editors: printed from the parser's own table."""

from typing import Final

from segue.language.grammar import SECTIONS, WORKFLOW, Key, Section
from segue.values import JsonObject, JsonValue

#: Changes with the version of the language, never with a release.
SCHEMA_ID: Final = "urn:segue:workflow:1"


def native_schema() -> JsonObject:
    """Return the JSON Schema of native workflow files.

    It knows words, types and bounds. What it can't know (names of tasks, expressions, joins)
    `segue check` finds.
    """
    definitions: dict[str, JsonValue] = {
        section.name: object_schema(section) for section in SECTIONS if section is not WORKFLOW
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_ID,
        "title": "Segue workflow",
        **object_schema(WORKFLOW),
        "definitions": definitions,
    }


def object_schema(section: Section) -> dict[str, JsonValue]:
    """Return the JSON Schema of one section; its parts are found under `definitions`."""
    keys = [key for key in section.keys.values() if key.built]
    schema: dict[str, JsonValue] = {
        "description": section.about,
        "type": "object",
        "properties": {key.name: _property(key) for key in keys},
        "additionalProperties": False,
    }
    required = [key.name for key in keys if key.required]
    if required:
        schema["required"] = required
    return schema


def _property(key: Key) -> dict[str, JsonValue]:
    schema = dict(key.shape.schema)
    if "$ref" in schema:  # draft 7 ignores whatever stands beside a reference
        return {"description": key.about, "allOf": [schema]}
    return {"description": key.about, **schema}
