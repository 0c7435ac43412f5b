"""Rehearsal files as JSON Schema, draft 7, for editors: printed from the reader's own table."""

from typing import Final

from segue.language.schema import object_schema
from segue.rehearsal.grammar import FILE, SECTIONS
from segue.values import JsonObject, JsonValue

#: Changes with the version of the format, never with a release.
SCHEMA_ID: Final = "urn:segue:rehearsal:1"

_SEQUENCE: Final[JsonObject] = {
    "description": "Tasks (`probe`) or visits (`probe#2`); in a list inside they are in any order.",
    "type": "array",
    "items": {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/definitions/sequence"}]},
}


def rehearsal_schema() -> JsonObject:
    """Return the JSON Schema of native rehearsal files.

    It knows words, types and bounds. What it can't know, such as names of tasks, `segue rehearse`
    finds.
    """
    definitions: dict[str, JsonValue] = {
        section.name: object_schema(section) for section in SECTIONS if section is not FILE
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_ID,
        "title": "Segue rehearsal",
        **object_schema(FILE),
        "definitions": {**definitions, "sequence": _SEQUENCE},
    }
