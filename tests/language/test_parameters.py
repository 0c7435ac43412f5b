"""What is wrong with what an action is given, said by the names of its parameters."""

import pytest

from segue.language.parameters import input_problems, unknown_parameter
from segue.values import JsonObject

TAKES: JsonObject = {
    "properties": {
        "url": {"type": "string"},
        "seconds": {"type": ["integer", "null"], "minimum": 1},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "argv": {"type": "array", "items": {"type": "string"}},
        "cmd": {"type": "string"},
        "body": {},
        "json": {},
    },
    "oneOf": [{"required": ["cmd"]}, {"required": ["argv"]}],
    "not": {"required": ["body", "json"]},
    "required": ["url"],
    "additionalProperties": False,
}
GOOD: JsonObject = {"url": "u", "cmd": "c"}


def test_an_input_that_is_what_an_action_takes_has_no_problem() -> None:
    assert input_problems(TAKES, GOOD) == ()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"cmd": "c"}, "`url` is missing"),
        ({**GOOD, "ur": 1}, "there is no parameter `ur`; did you mean `url`?"),
        ({**GOOD, "url": 5}, "`url` must be text, not 5"),
        ({**GOOD, "seconds": "x"}, '`seconds` must be null or a whole number, not "x"'),
        ({**GOOD, "seconds": 0}, "`seconds`: 0 is less than the minimum of 1"),
        ({**GOOD, "headers": {"Accept": 1}}, "`headers.Accept` must be text, not 1"),
        ({"url": "u", "argv": ["a", 2]}, "`argv[1]` must be text, not 2"),
        ({"url": "u"}, "give exactly one of `cmd` and `argv`"),
        ({**GOOD, "argv": []}, "give exactly one of `cmd` and `argv`"),
        ({**GOOD, "body": 1, "json": 2}, "`body` and `json` can't be given together"),
        ({**GOOD, "url": ["x" * 100]}, f'`url` must be text, not ["{"x" * 77}…'),
    ],
)
def test_a_problem_names_the_parameter(given: JsonObject, problem: str) -> None:
    assert input_problems(TAKES, given) == (problem,)


@pytest.mark.parametrize(
    ("takes", "given", "problem"),
    [
        ({"minProperties": 2}, {"a": 1}, 'the input: {"a":1} has less than 2 properties'),
        (
            {"properties": {}, "additionalProperties": False},
            {"a": 1},
            "there is no parameter `a`; this action takes none",
        ),
    ],
)
def test_a_problem_of_the_whole_input_is_told_as_one(
    takes: JsonObject, given: JsonObject, problem: str
) -> None:
    assert input_problems(takes, given) == (problem,)


def test_a_name_that_is_like_no_other_is_answered_with_all_there_are() -> None:
    takes: JsonObject = {"properties": {"a": {}, "b": {}}, "additionalProperties": False}
    assert (
        unknown_parameter(takes, "zzzzzz") == "there is no parameter `zzzzzz`; there are `a`, `b`"
    )
    assert unknown_parameter(takes, "a") is None
    assert unknown_parameter({"properties": {}}, "zzzzzz") is None, "it takes anything"
