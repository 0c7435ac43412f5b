"""Parameters in a text, as Orquesta reads them."""

import pytest

from segue.language.inline import parse_inline, unread
from segue.values import JsonValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('x="two words"', "two words"),
        ("x='it is'", "it is"),
        ('x="5"', "5"),
        ('x=""', ""),
        ("x=5", 5),
        ("x=-1.5", -1.5),
        ("x=.5", ".5"),
        ("x=TRUE", True),
        ("x=false", False),
        ("x=null", None),
        ("x=[1, 2]", [1, 2]),
        ('x=["a"]', '["a"]'),
        ("x=[1, oops]", "[1, oops]"),
        ("x='{\"a\": [1]}'", {"a": [1]}),
        ("x='{\"a\": NaN}'", '{"a": NaN}'),
        ("x='{a}'", "{a}"),
        ('x=<% ctx("y") %>', '<% ctx("y") %>'),
        ("x={{ ctx().y }}", "{{ ctx().y }}"),
    ],
)
def test_values_are_text_json_or_expressions(text: str, value: JsonValue) -> None:
    (parameter,) = parse_inline(text)
    assert (parameter.name, parameter.value) == ("x", value)
    assert type(parameter.value) is type(value)


def test_what_is_no_parameter_is_passed_over() -> None:
    assert [each.name for each in parse_inline("core.echo a=1 bare=word b=2")] == ["a", "b"]
    assert parse_inline("core.noop") == ()


def test_places_are_those_of_the_value_without_its_quotes() -> None:
    text = 'act a="one"  b=<% x %>'
    assert [text[each.start : each.end] for each in parse_inline(text)] == ["one", "<% x %>"]


def test_json_that_is_nested_too_deeply_stays_text() -> None:
    text = "x='" + '{"a":' * 200_000 + "1" + "}" * 200_000 + "'"
    (parameter,) = parse_inline(text)
    assert isinstance(parameter.value, str)


@pytest.mark.parametrize(
    ("text", "passed_over"),
    [
        ("core.http method=GET timeout=5", [("method", "GET", None)]),
        ("host=10.0.0.1", [("host", "10.0.0.1", "10.0")]),
        ("n=5s x=word", [("n", "5s", "5"), ("x", "word", None)]),
        ("a=1, b='two words' c=<% x %> d={{ y }}  e=[1, 2] f=null", []),
        ("{{ f(x=y) }}", []),
        ("core.noop", []),
    ],
)
def test_what_looks_like_a_parameter_and_is_not_read_as_one_is_told(
    text: str, passed_over: list[tuple[str, str, str | None]]
) -> None:
    assert [(each.name, each.text, each.read) for each in unread(text)] == passed_over
