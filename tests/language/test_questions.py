"""What a question asks: in Segue's words, StackStorm's and Attune's."""

import pytest

from segue.language.questions import answer_schema, message_asked, users_asked
from segue.values import JsonObject

FLAGGED: JsonObject = {
    "type": "object",
    "required": ["b"],
    "properties": {
        "a": {"type": "boolean", "required": True, "description": "Sure?"},
        "b": {"type": "string", "required": False, "description": "Why?"},
        "c": True,
    },
}
LISTED: JsonObject = {
    "type": "object",
    "required": ["b", "a"],
    "properties": {
        "a": {"type": "boolean", "description": "Sure?"},
        "b": {"type": "string", "description": "Why?"},
        "c": True,
    },
}


def test_what_is_required_may_stand_beside_each_property() -> None:
    assert answer_schema({"schema": FLAGGED}) == LISTED


@pytest.mark.parametrize(
    ("given", "schema"),
    [
        ({}, None),
        ({"schema": LISTED}, LISTED),
        ({"response_schema": LISTED}, LISTED),
        ({"response_schema": {"properties": {}}}, {"properties": {}}),
        (
            {"response_schema": {"type": {"type": "string", "required": True}}},
            {
                "type": "object",
                "properties": {"type": {"type": "string"}},
                "required": ["type"],
            },
        ),
    ],
)
def test_a_schema_may_be_the_properties_alone(given: JsonObject, schema: JsonObject | None) -> None:
    assert answer_schema(given) == schema


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"message": "Deploy?"}, "Deploy?"),
        ({"prompt": "Deploy?"}, "Deploy?"),
        ({"schema": FLAGGED}, "Sure?; Why?"),
        ({"schema": {"type": "object"}}, ""),
        ({}, ""),
    ],
)
def test_without_a_message_the_answers_are_described(given: JsonObject, message: str) -> None:
    assert message_asked(given) == message


@pytest.mark.parametrize(
    ("given", "users"),
    [
        ({}, ()),
        ({"users": ["ann", "bob"]}, ("ann", "bob")),
        ({"assigned_to": "ann"}, ("ann",)),
        ({"assigned_to": 17}, ("17",)),
        ({"assigned_to": None}, ()),
        ({"assigned_to": ""}, ()),
    ],
)
def test_one_may_be_asked_or_several(given: JsonObject, users: tuple[str, ...]) -> None:
    assert users_asked(given) == users
