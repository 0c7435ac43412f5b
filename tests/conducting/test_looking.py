"""What can be asked without a conductor."""

from typing import Any

import pytest
from tests.conducting.hosting import Host, RefusedByConductorError


def evaluated(statement: Any, **members: Any) -> Any:
    return Host().ask("expression", statement=statement, **members)["result"]


def test_expression_sees_what_the_request_says() -> None:
    statement = {"v": "<% ctx(a) %>", "r": "<% result() %>", "t": "{{ task_status('b') }}"}
    found = evaluated(
        statement,
        context={"a": [1]},
        task={"id": "t", "result": {"x": 2}},
        tasks={"t": "succeeded", "b": "failed"},
    )

    assert found == {"v": [1], "r": {"x": 2}, "t": "failed"}
    assert evaluated("<% succeeded() %>", task={"id": "t"}, tasks={"t": "succeeded"}) is True


def test_item_that_is_null_is_one() -> None:
    assert evaluated("<% item() %>", item=None) is None
    assert evaluated("<% item(x) %>", item={"x": 1}) == 1


def test_expression_that_fails_is_refused_so() -> None:
    with pytest.raises(RefusedByConductorError, match=r"expression: .* \(in <% ctx\(\)\.a %>\)"):
        evaluated("<% ctx().a %>")


def test_time_is_the_one_of_the_request() -> None:
    assert evaluated("{{ now() }}").startswith("2025-06-15")


@pytest.mark.parametrize("statement", ["{{ env('HOME') }}", "{{ st2kv('system.a') }}"])
def test_nothing_of_the_surroundings_is_there_that_was_not_told(statement: str) -> None:
    with pytest.raises(RefusedByConductorError, match="expression: "):
        evaluated(statement)


def test_surroundings_are_what_the_request_tells() -> None:
    facts = {"now": 0, "env": {"HOME": "/h"}, "keys": {"system.a": "v"}}
    statement = ["{{ now() }}", "{{ env('HOME') }}", "{{ st2kv('system.a') }}"]
    [now, home, value] = evaluated(statement, facts=facts)

    assert now.startswith("1970-01-01")
    assert (home, value) == ("/h", "v")


@pytest.mark.parametrize(
    ("statement", "context"),
    [
        ("{{ ctx('a') }}", {"a": "{{ ctx('b') }}"}),
        (["x", "y {{ ctx('a') }}"], {"a": "{{ 1 }}"}),
        ({"k": {"l": "{{ ctx('a') }}"}}, {"a": "{{ 1 }}"}),
    ],
)
def test_text_that_is_a_template_itself_is_refused(statement: Any, context: Any) -> None:
    with pytest.raises(
        RefusedByConductorError, match=r"expression: the result holds an expr.*\{\{"
    ):
        evaluated(statement, context=context)


def test_template_that_was_asked_for_is_given() -> None:
    raw = "{% raw %}{{ x }}{% endraw %}"

    assert evaluated([raw, "plain", "{{ [1] }}"]) == ["{{ x }}", "plain", [1]]
    assert evaluated("<% ctx(a) %>", context={"a": "<% 1 %>"}) == "<% 1 %>"


def test_validate_looks_at_the_syntax_only() -> None:
    host = Host()

    assert host.ask("validate", statement=["<% nosuch() %>", "{{ 1 }}"])["findings"] == []
    found = host.ask("validate", statement="<% 1 + %>")["findings"]
    assert [one["kind"] for one in found] == ["expressions"]


def test_inspect_tells_errors_with_their_place_and_no_warnings() -> None:
    text = "version: 1.0\ntasks:\n  a: {action: core.echo message=<% ctx(x) %>}\n  b: {join: all}\n"
    host = Host()
    found = host.ask("inspect", definition=text)["findings"]

    [context] = [one for one in found if one["kind"] == "context"]
    assert (context["path"], context["variable"], context["line"]) == ("tasks.a.input", "x", 3)
    assert host.ask("inspect", definition=text, context=["x"])["findings"] == [
        one for one in found if one["kind"] != "context"
    ]


def test_inspect_of_what_is_no_workflow_is_a_finding_and_no_refusal() -> None:
    [found] = Host().ask("inspect", definition="- 1")["findings"]

    assert (found["kind"], found["path"]) == ("contents", "")


def test_graph_tells_tasks_transitions_and_starts() -> None:
    found = Host().ask("graph", definition="""
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: [j, noop]}, {when: <% failed() %>, do: retry}, {publish: x=1}]}
  b: {action: core.noop, retry: {count: 2, delay: 3}, next: [{do: j}]}
  j: {join: all, action: core.noop, next: [{do: k}]}
  k: {join: 1, action: core.noop}
""")  # fmt: skip

    assert found["tasks"] == [
        {"task": "a", "retry": {"count": 3, "when": "<% failed() %>"}},
        {"task": "b", "retry": {"count": 2, "delay": 3}},
        {"task": "j", "join": "all"},
        {"task": "k", "join": 1},
    ]
    assert [tuple(one.values()) for one in found["transitions"]] == [
        ("a", "j", 0, None),
        ("a", "noop", 0, None),
        ("a", "continue", 2, None),
        ("b", "j", 0, None),
        ("j", "k", 0, None),
    ]
    assert found["start"] == ["a", "b"]


def test_graph_of_a_wrong_definition_is_refused() -> None:
    with pytest.raises(RefusedByConductorError, match="invalid-definition"):
        Host().ask("graph", definition="version: 1.0\ntasks: {}\n")


def test_conductor_is_not_touched_by_what_needs_none() -> None:
    host = Host("version: 1.0\ntasks:\n  a: {action: core.noop}\n")
    host.ask("expression", statement=1)
    host.ask("graph", definition="version: 1.0\ntasks:\n  b: {action: core.noop}\n")

    assert host.request("running") == "running"
    assert host.offered() == ["a"]


def test_what_statements_of_jinja_ask_for_need_not_be_defined() -> None:
    text = "'{% if ctx().x is defined %}{{ ctx().y }}{% endif %}'"
    definition = f"version: 1.0\ntasks:\n  a: {{action: core.echo, input: {{m: {text}}}}}\n"
    found = Host().ask("inspect", definition=definition)["findings"]
    assert [(one["kind"], one["variable"]) for one in found] == [("context", "y")]

    host = Host(definition.replace("{{ ctx().y }}", ""))
    host.request("running")
    assert host.next()[0]["actions"][0]["input"] == {"m": ""}
