"""Actions that a workflow calls: whether they are there, and take what they are given."""

import pytest

from segue.checking import check
from segue.checking.actions import KnownAction
from segue.language.codes import Code
from segue.language.findings import Finding, Severity
from segue.values import JsonObject

COPY: JsonObject = {
    "type": "object",
    "properties": {
        "from": {"type": "string"},
        "to": {"type": "array", "items": {"type": "string"}},
        "mode": {"enum": ["fast", "safe"]},
    },
    "required": ["from"],
    "additionalProperties": False,
}
OPEN: JsonObject = {"type": "object", "required": ["a"], "additionalProperties": True}


def find(action: str) -> KnownAction | None:
    if action == "x.copy":
        return KnownAction(parameters=COPY)
    if action == "x.open":
        return KnownAction(parameters=OPEN)
    if action == "x.gone":
        return KnownAction(parameters={}, problem="there is no action `x.gone`", hint="go")
    return None


def findings(text: str) -> list[Finding]:
    codes = {Code.WRONG_INPUT, Code.UNKNOWN_ACTION}
    return [one for one in check(text, find_action=find).findings if one.code in codes]


def of_call(keys: str, action: str = "x.copy") -> list[str]:
    """What is said of a call with these keys."""
    text = f"segue: 1\nvars: {{x: 1}}\ntasks:\n  a: {{action: {action}{keys}}}\n"
    return [one.message.removeprefix(f"`{action}`: ") for one in findings(text)]


def test_a_call_that_fits_has_no_finding() -> None:
    assert of_call(", input: {from: a, to: [b], mode: fast}") == []


def test_what_is_missing_is_told_at_the_action_and_what_is_unknown_where_it_stands() -> None:
    found = findings("segue: 1\ntasks:\n  a:\n    action: x.copy\n    input: {form: a}\n")
    assert [(one.message, one.span.line, one.span.column, one.hint) for one in found] == [
        ("`x.copy`: `from` is missing", 4, 13, None),
        ("`x.copy`: there is no parameter `form`", 5, 13, "did you mean `from`?"),
    ]
    assert {one.severity for one in found} == {Severity.ERROR}


def test_values_are_held_against_their_schemas_as_far_as_they_are_known() -> None:
    assert of_call(', input: {from: 1, to: [a, 2], mode: "{{ ctx.x }}"}') == [
        '`from` is not what it must be: 1 is not of type "string"',
        '`to` is not what it must be: [1]: 2 is not of type "string"',
    ]


@pytest.mark.parametrize(
    "given", ['"{{ ctx.x }}"', '{"{{ ctx.x }}": 1}', '{from: "{{ ctx.x }}", to: "{{ ctx.x }}"}']
)
def test_what_expressions_give_is_looked_at_when_the_task_runs(given: str) -> None:
    assert of_call(f", input: {given}") == []


def test_an_action_may_take_what_it_does_not_declare() -> None:
    assert of_call(", input: {a: 1, b: 2}", "x.open") == []
    assert of_call("", "x.open") == ["`a` is missing"]


def test_an_action_that_is_not_there_is_told() -> None:
    [found] = findings("segue: 1\ntasks: {a: {action: x.gone}}\n")
    assert (found.code, found.message, found.hint) == (
        Code.UNKNOWN_ACTION,
        "there is no action `x.gone`",
        "go",
    )


@pytest.mark.parametrize("action", ["y.any", '"{{ ctx.x }}"', "null"])
def test_what_is_known_only_later_is_let_be(action: str) -> None:
    assert of_call("", action) == []


def test_in_files_of_orquesta_they_are_warnings() -> None:
    text = "version: 1.0\ntasks:\n  a: {action: x.copy form=1}\n  b: {action: x.gone}\n"
    found = findings(text)
    assert [one.severity for one in found] == [Severity.WARNING] * 3
    assert check(text, find_action=find).valid
