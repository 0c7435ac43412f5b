"""Inputs from the command line."""

import pytest

from segue.cli.inputs import parse_inputs
from segue.cli.problem import Problem
from segue.language.findings import START_OF_FILE
from segue.language.model import NATIVE, Input, Limits, Workflow
from segue.values import JsonObject, JsonValue

SCHEMAS: dict[str, JsonObject | None] = {
    "name": {"type": "string"},
    "count": {"type": "integer"},
    "flag": {"type": "boolean"},
    "either": {"type": ["string", "boolean"]},
    "items": {"type": "array"},
    "free": None,
    "odd:": None,
}
WORKFLOW = Workflow(
    name="w",
    description=None,
    inputs=tuple(
        Input(name=name, required=False, default=None, schema=schema, span=START_OF_FILE)
        for name, schema in SCHEMAS.items()
    ),
    vars=(),
    tasks={},
    output=(),
    start=(),
    limits=Limits(),
    semantics=NATIVE,
    span=START_OF_FILE,
)


def no_file(path: str) -> str:
    raise FileNotFoundError(2, "No such file or directory", path)


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("name=5", "5"),
        ("name=a=b", "a=b"),
        ("name=", ""),
        ("count=5", 5),
        ("count=five", "five"),
        ("flag=true", True),
        ("flag=yes", "yes"),
        ("either=5", "5"),
        ("either=true", True),
        ("either=null", "null"),
        ('items=["a", 1]', ["a", 1]),
        ("free=1.5", 1.5),
        ("free=text", "text"),
        ("free=NaN", "NaN"),
        ('free={"a": null}', {"a": None}),
    ],
)
def test_value_is_read_by_the_type_that_the_file_declares(pair: str, value: JsonValue) -> None:
    assert parse_inputs(WORKFLOW, [pair], None, no_file) == {pair.split("=", maxsplit=1)[0]: value}


def test_colon_equals_is_always_json() -> None:
    assert parse_inputs(WORKFLOW, ["name:=5"], None, no_file) == {"name": 5}
    assert parse_inputs(WORKFLOW, ["odd:=5"], None, no_file) == {"odd:": 5}, "a declared name wins"


def test_undeclared_inputs_are_passed_on_for_the_workflow_to_refuse() -> None:
    assert parse_inputs(WORKFLOW, ["other=1"], None, no_file) == {"other": 1}


def test_pairs_win_over_the_whole_and_later_over_earlier() -> None:
    whole = '{"name": "a", "count": 1}'
    given = parse_inputs(WORKFLOW, ["count=2", "count=3"], whole, no_file)
    assert given == {"name": "a", "count": 3}


def test_whole_comes_from_a_file() -> None:
    def read(path: str) -> str:
        assert path == "inputs.json"
        return '{"count": 4}'

    assert parse_inputs(WORKFLOW, [], "@inputs.json", read) == {"count": 4}


@pytest.mark.parametrize(
    ("pairs", "whole", "message"),
    [
        (["name"], None, "can't read 'name'"),
        (["=1"], None, "can't read '=1'"),
        ([":=1"], None, "can't read ':=1'"),
        (["count:=five"], None, "the value of 'count' is not JSON"),
        (["free:=NaN"], None, "the value of 'free' is not JSON"),
        (
            [f"free:={'[' * 100_000}"],
            None,
            "the value of 'free' is not JSON: it is nested too deep",
        ),
        ([], "{", "--inputs is not JSON"),
        ([], "[1]", "--inputs is not a JSON object"),
        ([], "@gone.json", "can't read --inputs from 'gone.json': No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_the_users_problem(
    pairs: list[str], whole: str | None, message: str
) -> None:
    with pytest.raises(Problem) as caught:
        parse_inputs(WORKFLOW, pairs, whole, no_file)
    assert caught.value.message.startswith(message)


def test_file_that_is_no_text_is_the_users_problem() -> None:
    def read(path: str) -> str:
        return b"\xff".decode()

    with pytest.raises(Problem, match="not UTF-8"):
        parse_inputs(WORKFLOW, [], "@a", read)
