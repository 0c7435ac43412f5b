"""Templates: what is evaluated in a value, what it becomes, and where an error is said to be."""

import json

import pytest
from tests.expressions.evaluating import BARE, SCOPE, error, value

from segue.expressions import (
    ExpressionError,
    FactMissingError,
    Reason,
    compile_template,
    has_expression,
    inspect_template,
)
from segue.expressions.scope import Facts, Scope
from segue.expressions.segments import Kind, segments
from segue.values import JsonValue


@pytest.mark.parametrize(
    "template",
    [
        "text",
        "",
        1,
        1.5,
        None,
        True,
        [],
        {},
        ["a", {"b": [1]}],
        "{{ open",
        "<% open",
        "{% open",
        "100%",
    ],
)
def test_a_template_without_expressions_is_itself(template: JsonValue) -> None:
    compiled = compile_template(template)

    assert compiled.evaluate(SCOPE) is template


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ctx().n }}", 3),
        ("<% ctx().n %>", 3),
        ("{{ ctx().x }}", 1.5),
        ("{{ ctx().yes }}", True),
        ("{{ ctx().none }}", None),
        ("<% ctx().none %>", None),
        ("{{ ctx().list }}", [3, 1, 2]),
        ("<% ctx().d %>", {"a": 1, "items": [1, 2], "deep": {"er": "yes"}}),
    ],
)
def test_a_string_that_is_one_expression_keeps_its_type(template: str, expected: JsonValue) -> None:
    got = value(template)

    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (" {{ ctx().n }}", " 3"),
        ("{{ ctx().n }}\n", "3\n"),
        ("n={{ ctx().n }}, x={{ ctx().x }}", "n=3, x=1.5"),
        ("<% ctx().yes %> <% ctx().none %>", "True None"),
        ("{{ ctx().list }} {{ ctx().d.deep }}", "[3, 1, 2] {'er': 'yes'}"),
        ("<% ctx().list %> <% ctx().d.deep %>", "[3, 1, 2] {'er': 'yes'}"),
        ("{{ {'a': {'b': 1}} }}!", "{'a': {'b': 1}}!"),
        ("{{ '}}' }}!", "}}!"),
        ("<% '%>' %>!", "%>!"),
        ("{{ ctx()\n.n }}!", "3!"),
        ("{{ 1 }}{{ open", "1{{ open"),
    ],
)
def test_inside_longer_text_an_expression_becomes_text(template: str, expected: str) -> None:
    assert value(template) == expected


def test_every_string_of_a_value_is_evaluated_keys_too() -> None:
    template: JsonValue = {
        "{{ ctx().name }}": ["<% ctx().n %>", {"a": "{{ ctx().x }}"}],
        "k": "v",
        "{{ 1 }}": 0,
    }

    assert value(template) == {"web": [3, {"a": 1.5}], "k": "v", "1": 0}
    assert value(["a", ("<% 1 %>",)]) == ["a", [1]]


def test_a_result_of_the_libraries_is_plain_json() -> None:
    for template in (
        "<% ctx() %>",
        "{{ ctx() }}",
        "<% ctx().hosts.select($) %>",
        "{{ ctx().list|map('string') }}",
    ):
        got = value(template)
        assert json.loads(json.dumps(got)) == got


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ ctx().nope }}", "'nope'"),
        ("{{ [ctx().nope] }}", "'nope'"),
        ("{{ []|first }}", "No first item"),
        ("{{ 1 if 0 }}", "there is no `else`"),
        ("{{ [1 if 0]|list }}", "there is no `else`"),
        ("{{ (ctx().nope ~ 'a')|upper }}", "'nope'"),
        ("{{ (ctx().nope + 1)|abs }}", "'nope'"),
        ("{{ (1 + ctx().nope)|abs }}", "'nope'"),
        ("{{ json(ctx().nope)|length }}", "'nope'"),
        ("{{ ctx().list[ctx().nope]|string }}", "'nope'"),
        ("{{ (ctx().nope)()|string }}", "'nope'"),
        ("{{ {'a': [ctx().nope]} }}", "'nope'"),
        ("{{ ctx().d.nope }}", "'nope'"),
        ("{{ ctx().d.deep.eer }}", "did you mean 'er'?"),
        ("{{ ctx().nam }}", "did you mean 'name'?"),
        ("{{ ctx().list[7] }}", "7"),
        ("{{ ctx().name.nope }}", "'nope'"),
        ("{{ ctx('nope') }}", "'nope'"),
        ("{{ ctx.nope }}", "'nope'"),
        ("{{ ctx().nope.deeper|default(1) }}", "'nope'"),
        ("{{ nope }}", "'nope' is undefined"),
        ("{{ nope() }}", "'nope' is undefined"),
        ("{{ ctx().n|nope }}", "there is no filter 'nope'"),
        ("{{ ctx().n is nope }}", "there is no test 'nope'"),
        ("{% if ctx().nope %}{% endif %}", "'nope'"),
        ("{{ json(ctx().nope) }}", "'nope'"),
        ("{{ ctx().nope ~ 'a' }}", "'nope'"),
        ("{{ ctx().nope + 1 }}", "'nope'"),
        ("{{ 1 + ctx().nope }}", "'nope'"),
        ("{{ ctx().nope == 1 }}", "'nope'"),
        ("{{ not ctx().nope }}", "'nope'"),
        ("<% ctx().nope %>", "'nope'"),
        ("<% ctx(nope) %>", "'nope'"),
        ("<% [ctx().d.nope] %>", "'nope'"),
        ("a {{ ctx().nope }}", "'nope'"),
        ("{{ ctx().__private }}", "'__private'"),
        ("{{ ctx('__private') }}", "'__private'"),
        ("{{ ctx.__private }}", "'__private'"),
        ("{{ ctx()['__private'] }}", "'__private'"),
        ("<% ctx('__private') %>", "'__private'"),
    ],
)
def test_what_is_not_there_is_an_error(template: str, message: str) -> None:
    raised = error(template)

    assert raised.reason is Reason.UNDEFINED
    assert message in raised.message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ctx().nope|default(1) }}", 1),
        ("{{ ctx('nope')|default(1) }}", 1),
        ("{{ ctx.nope|d('x') }}", "x"),
        ("{{ ctx().nope is defined }}", False),
        ("{{ ctx('nope') is undefined }}", True),
        ("{{ ctx().n is defined }}", True),
        ("{{ ctx().d.nope|default(none) }}", None),
        ("{{ ctx().list[9]|default('-') }}", "-"),
        ("<% ctx().get(nope, 1) %>", 1),
    ],
)
def test_an_expression_can_deal_with_what_is_not_there(template: str, expected: JsonValue) -> None:
    assert value(template) == expected


@pytest.mark.parametrize("infinite", ["{{ 1e308 * 10 }}", "{{ [1e308 * 10 - 1e308 * 10] }}"])
def test_what_json_has_no_number_for_is_an_error(infinite: str) -> None:
    assert "JSON has no number" in error(infinite).message


def test_keys_become_text_as_json_writes_them() -> None:
    assert value("{{ {1: 'a', 1.5: 'b', true: 'c', none: 'd'} }}") == {
        "1": "c",  # as for Python, true and 1 are one key
        "1.5": "b",
        "null": "d",
    }
    assert value("{{ {true: 1, false: 0} }}") == {"true": 1, "false": 0}
    assert "keys are text" in error("{{ {(1, 2): 'a'} }}").message


def test_what_an_expression_gives_for_a_key_of_the_file_becomes_text_as_json_writes_it() -> None:
    template: JsonValue = {"{{ 1 > 0 }}": 1, "<% null %>": 2, "{{ 1.5 }}": 3, "<% 1 %>{{ 2 }}": 4}

    assert value(template) == {"true": 1, "null": 2, "1.5": 3, "<% 1 %>2": 4}


@pytest.mark.parametrize(("key", "what"), [("<% [1] %>", "a list"), ("{{ ctx() }}", "a mapping")])
def test_a_key_of_the_file_that_would_be_no_text_is_an_error(key: str, what: str) -> None:
    found = error({"a": {key: 1}})

    assert found.message == f"a key is {what}: keys are text"
    assert (found.expression, found.path) == (key, ("a", key))
    assert (found.start, found.end) == (0, len(key))


@pytest.mark.parametrize(
    ("template", "start", "end", "path"),
    [
        ("{{ 1 +/ 2 }}", 6, 7, ()),
        ("a {{ 1 +/ 2 }}", 8, 9, ()),
        ("<% 1 +/ 2 %>", 6, 7, ()),
        ("<% 'a' $a @ %>", 7, 8, ()),
        ("<% 1 + # %>", 7, 8, ()),
        ("{{ }}", 3, 4, ()),
        ("{{ 1 2 }}", 5, 6, ()),
        ("{{ 1 ; 2 }}", 5, 6, ()),
        ("{{ 'a }}", 3, 4, ()),
        ("{% if 1 %}{{ }}{% endif %}", 13, 14, ()),
        ('<% "\\N{foo}" %>', 2, 3, ()),
        ("<%  %>", 4, 5, ()),
        ("{{ {{ ctx().n }}", 12, 13, ()),
        ({"a": ["b", "{{ * }}"]}, 3, 4, ("a", 1)),
        ({"a": {"{{ * }}": 1}}, 3, 4, ("a", "{{ * }}")),
        ("{% for i in [1] %}{% foo %}{% endfor %}", 21, 22, ()),
    ],
)
def test_a_syntax_error_says_where_it_is(
    template: JsonValue, start: int, end: int, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_template(template)

    raised = caught.value
    assert raised.reason is Reason.SYNTAX
    assert (raised.path, raised.start, raised.end) == (path, start, end)


def test_an_evaluation_error_says_where_the_expression_is() -> None:
    raised = error({"a": ["b", "n: {{ ctx().nope }}"]})

    assert (raised.path, raised.start, raised.end) == (("a", 1), 3, 19)
    assert raised.expression == "{{ ctx().nope }}"


def test_of_both_languages_in_one_text_only_jinja_is_evaluated() -> None:
    assert value("<% ctx().n %> & {{ ctx().n }}") == "<% ctx().n %> & 3"
    assert value("{{ true }} <% true %>") == "True <% true %>"
    assert value("{{ [ctx().n, '<% 1 %>'] }}") == [3, "<% 1 %>"], "it is one expression of Jinja"
    assert value("<% '{{ ctx().n }}' %>") == "<% '3' %>"
    assert value("{% if 1 %}<% 1 %>{% endif %}") == "<% 1 %>"


def test_both_languages_in_one_text_are_a_finding() -> None:
    for text in ("<% ctx().n %> {{ ctx().n }}", "{% if 1 %}<% 1 %>{% endif %}", "{{ <% 1 %> }}"):
        [found] = inspect_template({"a": text})

        assert found.reason is Reason.SYNTAX
        assert "both languages" in found.message
        assert (found.path, found.start, found.end) == (("a",), 0, len(text))


def test_a_message_does_not_write_out_long_data() -> None:
    for template in (
        "{{ ctx().text|int + ctx().text }}",
        "<% int(ctx().text) %>",
        "{{ ctx()[ctx().text]|upper }}",
    ):
        assert len(error(template).message) < 600


def test_a_text_that_grows_too_long_is_an_error() -> None:
    assert error("{{ ctx().text }}" * 11).reason is Reason.LIMIT


def test_a_result_that_is_nested_too_deep_is_an_error() -> None:
    deep: JsonValue = 1
    for _ in range(2_000):
        deep = [deep]
    scope = Scope(context={"deep": deep}, facts=Facts(now=0.0))

    assert error("{{ [ctx().deep]|list }}", scope).reason is Reason.LIMIT


def test_a_fact_that_is_missing_is_asked_for() -> None:
    for template in ("{{ env('X') }}", "<% env('X') %>", "{% if env('X') %}{% endif %}"):
        with pytest.raises(FactMissingError) as caught:
            value(template, BARE)
        assert (caught.value.kind, caught.value.name) == ("env", "X")


def test_equal_texts_are_compiled_once() -> None:
    text = "{{ ctx().name|upper|lower }}"

    assert compile_template(text).evaluate(SCOPE) == compile_template(text).evaluate(SCOPE) == "web"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{ b }}", True),
        ("a <% b %>", True),
        ("{% if a %}{% endif %}", True),
        ("{{ a", False),
        ("<% a", False),
        ("{ a }", False),
        ("a %> b }}", False),
    ],
)
def test_has_expression_looks_for_whole_delimiters(
    text: str,
    expected: bool,  # noqa: FBT001 - what it returns
) -> None:
    assert has_expression(text) is expected


def test_segments_are_the_inline_expressions_with_their_places() -> None:
    text = "a {{ {'b': '}}'} }} <% '%>' %> {{ 'open }} {{ c"

    assert [(one.kind, text[one.start : one.end]) for one in segments(text)] == [
        (Kind.JINJA, "{{ {'b': '}}'} }}"),
        (Kind.JINJA, "{{ 'open }}"),
    ], "with Jinja in it, what looks like YAQL is text"

    text = "a <% '%>' %> {{ <% {a => 1} %><% b"

    assert [(one.kind, text[one.start : one.end]) for one in segments(text)] == [
        (Kind.YAQL, "<% '%>' %>"),
        (Kind.YAQL, "<% {a => 1} %>"),
    ]
