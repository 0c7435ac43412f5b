"""Workflows that a workflow calls: whether they are there, and take what they are given."""

import pytest

from segue.checking import check
from segue.checking.calls import Callee
from segue.language.codes import Code
from segue.language.findings import Finding

CHILD = """
segue: 1
input:
  host: string
  port: {type: integer, minimum: 1}
  tags: {type: array, items: {type: string}, default: []}
tasks: {a: {action: core.noop}}
"""


def find(action: str) -> Callee | None:
    if not action.endswith(".yaml"):
        return None
    if action != "./child.yaml":
        return Callee(file=action, workflow=None, problem="there is no such file")
    return Callee(file=action, workflow=check(CHILD).workflow)


def findings(text: str) -> list[Finding]:
    checked = check(text, find_callee=find)
    return [
        one for one in checked.findings if one.code in {Code.UNUSABLE_WORKFLOW, Code.WRONG_CALL}
    ]


def of_call(keys: str) -> list[str]:
    """The messages about a call with these keys, without what they all begin with."""
    found = findings(f"segue: 1\nvars: {{x: 1}}\ntasks:\n  call: {{action: ./child.yaml{keys}}}\n")
    return [one.message.removeprefix("`./child.yaml`: ") for one in found]


def test_a_call_that_fits_has_no_finding() -> None:
    assert of_call(", input: {host: a, port: 80, tags: [b]}") == []


def test_nothing_is_looked_at_where_nobody_finds_files() -> None:
    assert check("segue: 1\ntasks: {a: {action: ./nowhere.yaml}}\n").findings == ()


@pytest.mark.parametrize(
    "action", ["core.noop", '"{{ ctx.x }}.yaml"', '"./{{ ctx.x }}.yaml"', "pack.name"]
)
def test_what_is_no_workflow_or_is_known_only_later_is_let_be(action: str) -> None:
    assert findings(f"segue: 1\nvars: {{x: 1}}\ntasks:\n  call: {{action: {action}}}\n") == []


def test_a_task_without_action_calls_nothing() -> None:
    assert findings("segue: 1\ntasks: {a: {}}\n") == []


def test_a_file_that_is_not_there_is_told_at_the_action() -> None:
    [found] = findings("segue: 1\ntasks:\n  call:\n    action: ./nowhere.yaml\n")
    assert found.code is Code.UNUSABLE_WORKFLOW
    assert found.message == "the workflow `./nowhere.yaml` can't be used: there is no such file"
    assert (found.span.line, found.span.column, found.path) == (4, 13, "tasks.call.action")


def test_required_inputs_that_are_missing_are_told_at_the_action() -> None:
    assert of_call("") == [
        "the input `host` is required and was not given",
        "the input `port` is required and was not given",
    ]
    [found] = findings(
        "segue: 1\ntasks:\n  call:\n    action: ./child.yaml\n    input: {host: a}\n"
    )
    assert (found.code, found.span.line, found.span.column) == (Code.WRONG_CALL, 4, 13)
    assert found.path == "tasks.call.input"


def test_unknown_and_wrong_inputs_are_told_where_they_stand() -> None:
    text = (
        "segue: 1\ntasks:\n  call:\n    action: ./child.yaml\n    input:\n"
        "      hots: a\n      host: b\n      port: 0\n"
    )
    found = findings(text)
    assert [(one.span.line, one.span.column) for one in found] == [(6, 7), (8, 7)]
    assert found[0].message == "`./child.yaml`: the workflow has no input `hots`"
    assert found[0].hint == "did you mean `host`?"
    assert "the input `port` is not what it must be: 0 is less than" in found[1].message


def test_what_expressions_give_is_not_known_and_what_is_beside_them_is() -> None:
    assert of_call(', input: {host: "{{ ctx.x }}", port: "{{ ctx.x }}"}') == []
    assert of_call(', input: "{{ ctx.x }}"') == []
    assert of_call(', input: {"{{ ctx.x }}": a, port: 80}') == [], "it may be the host"
    [message] = of_call(', input: {host: a, port: 80, tags: ["{{ ctx.x }}", 5]}')
    assert message.startswith("the input `tags` is not what it must be: [1]: 5 is not of type")
    [message] = of_call(', input: {host: a, port: "{{ 2 - 2 }}"}')
    assert message.startswith("the input `port`")


def test_orquesta_files_are_looked_at_as_well() -> None:
    found = findings(
        "version: 1.0\ntasks:\n  call:\n    action: ./child.yaml host='a' prot=<% 1 + ctx().x %>\n"
        "  other:\n    action: ./child.yaml\n    input:\n      host: a\n      port: 1\n"
    )
    assert [(one.span.line, one.message.partition(": ")[2]) for one in found] == [
        (4, "the input `port` is required and was not given"),
        (4, "the workflow has no input `prot`"),
    ]
