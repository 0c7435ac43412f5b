"""What is said of expressions without evaluating them."""

import pytest

from segue.expressions import (
    Reason,
    constant,
    inspect_template,
    item_uses,
    observed_tasks,
    references,
)
from segue.values import JsonValue


def found(template: JsonValue) -> list[tuple[str, int, int, str | None]]:
    return [(one.reason.value, one.start, one.end, one.name) for one in inspect_template(template)]


@pytest.mark.parametrize(
    "template",
    [
        "text",
        1,
        None,
        ["{{ ctx().a }}", {"{{ ctx().b }}": "<% ctx(c).select($.d) %>"}],
        "{% for i in ctx().list %}{{ i }}{{ loop.index }}{% endfor %}",
        "{% set x = 1 %}{{ x }}",
        "{{ ctx().a|default(1)|string is string }}",
        "<% let(a => 1) -> $a + len([1]) + (2).abs() %>",
        "{{ range(3)|list }} {{ dict(a=1) }}",
        "{% raw %}{{ nosuch() }}{% endraw %}",
    ],
)
def test_there_is_nothing_to_say_of_what_is_right(template: JsonValue) -> None:
    assert inspect_template(template) == ()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 1 +/ 2 }}", [("syntax", 6, 7, None)]),
        ("{{ 1 +/ 2 }} and {{ * }}", [("syntax", 6, 7, None), ("syntax", 20, 21, None)]),
        ("{{ 1 +/ 2 }} {{ 1 }} {{ 2 }}", [("syntax", 6, 7, None)]),
        ("<% 1 +/ 2 %> <% ctx( %>", [("syntax", 6, 7, None), ("syntax", 21, 22, None)]),
        ("<% 1 %> {{ 1 }}", [("syntax", 0, 15, None)]),
        ("{% foo %}{{ * }}", [("syntax", 3, 4, None)]),
        ("a {{ nosuch(1) }}", [("undefined", 5, 11, "nosuch")]),
        ("{{ name }}", [("undefined", 3, 7, "name")]),
        ("{{ 1|nofilter }}", [("undefined", 5, 13, "nofilter")]),
        ("{{ 1 is notest }}", [("undefined", 8, 14, "notest")]),
        ("{{ secret('a') }}", [("undefined", 3, 9, "secret")]),
        ("{{ result(1) }}", [("undefined", 3, 9, "result")]),
        ("{% macro a() %}{% endmacro %}", [("undefined", 3, 8, "macro")]),
        ("{% for i in [] recursive %}{% endfor %}", [("undefined", 3, 6, "for")]),
        ("{% set a.b = 1 %}", [("undefined", 7, 8, "a")]),
        ("<% nosuch(1) %>", [("undefined", 3, 9, "nosuch")]),
        (
            "<% (1).nosuch(a => [nope()]) %>",
            [("undefined", 20, 24, "nope"), ("undefined", 7, 13, "nosuch")],
        ),
        ("<% secret(a) %>", [("undefined", 3, 9, "secret")]),
        ("{{ ctx().__own }}", [("undefined", 9, 14, "__own")]),
        ("{{ ctx('__own') }}", [("undefined", 7, 14, "__own")]),
        ("<% ctx('__own') %>", [("undefined", 7, 14, "__own")]),
        ("{% if ctx.__own %}{% endif %}", [("undefined", 10, 15, "__own")]),
    ],
)
def test_everything_wrong_is_said_with_its_place(
    template: str, expected: list[tuple[str, int, int, str | None]]
) -> None:
    assert found(template) == expected


def test_findings_have_the_path_of_their_string() -> None:
    template: JsonValue = {"a": ["fine", "{{ * }}"], "{{ nosuch() }}": 1}

    assert [(one.path, one.reason) for one in inspect_template(template)] == [
        (("a", 1), Reason.SYNTAX),
        (("{{ nosuch() }}",), Reason.UNDEFINED),
    ]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ len(ctx().a) }}", "there is no function len(); it is a filter: value | length"),
        ("{{ join(ctx().a) }}", "there is no function join(); it is a filter: value | join"),
        ("{{ suceeded() }}", "there is no function suceeded(); did you mean 'succeeded'?"),
        ("<% suceeded() %>", "there is no function suceeded(); did you mean 'succeeded'?"),
        ("{{ resul }}", "'resul' is undefined; did you mean 'result'?"),
        ("{{ xyz }}", "'xyz' is undefined; a variable is read as ctx().xyz"),
        ("{{ xyz() }}", "there is no function xyz()"),
        ("{{ 1|uper }}", "there is no filter 'uper'; did you mean 'upper'?"),
    ],
)
def test_a_finding_says_what_may_have_been_meant(template: str, message: str) -> None:
    assert [one.message for one in inspect_template(template)] == [message]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ ctx().a }}", [("a", 9, 10, False)]),
        ("{{ ctx.a }}", [("a", 7, 8, False)]),
        ("{{ ctx('a') }}", [("a", 7, 10, False)]),
        ('{{ ctx("a").b }}', [("a", 7, 10, False)]),
        ("{{ ctx()['a'] }}", [("a", 9, 12, False)]),
        ("{{ ctx['a'] }}", [("a", 7, 10, False)]),
        (
            "<% ctx(a) + ctx('b') + ctx().c.d %>",
            [("a", 7, 8, False), ("b", 16, 19, False), ("c", 29, 30, False)],
        ),
        ("{{ ctx().a|default(1) }}", [("a", 9, 10, True)]),
        ("{{ ctx().a is defined }}", [("a", 9, 10, True)]),
        ("{{ ctx('a') is not defined }}", [("a", 7, 10, True)]),
        ("{{ ctx().a is none }}", [("a", 9, 10, False)]),
        ("{% if ctx().a %}{{ ctx().b }}{% endif %}", [("b", 25, 26, False), ("a", 12, 13, False)]),
        ("{% raw %}{{ ctx().a }}{% endraw %}", []),
        ("{{ ctx() }}", []),
        ("{{ ctx(a) }}", []),
        ("{{ ctx()[0] }}", []),
        ("{{ ctx().get('a') }}", []),
        ("{{ ctx(ctx().a) }}", [("a", 13, 14, False)]),
        ("<% ctx %>", []),
        ("{{ result().ctx.a }}", []),
        ("{{ 'ctx().a' }}", []),
        ("<% 1 # ctx().a %>", []),
        ("plain ctx().a", []),
    ],
)
def test_references_are_the_variables_that_are_read(
    template: str, expected: list[tuple[str, int, int, bool]]
) -> None:
    assert [
        (one.name, one.start, one.end, one.optional) for one in references(template)
    ] == expected


def test_references_have_the_path_of_their_string() -> None:
    assert [one.path for one in references({"a": ["{{ ctx().x }}"]})] == [("a", 0)]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ task_status('a') }} {{ task('b').result }}", {"a", "b"}),
        ("<% task_status(a) = task_status('b') %>", {"a", "b"}),
        ("{% if task('a') %}{% endif %}", {"a"}),
        (["plain", {"{{ task('k') }}": 1}], {"k"}),
        ("{{ ctx().task }} {{ ctx().d|task }}", set()),
        ("{{ 1 }}", set()),
        ("<% 1 # 2 %>", set()),
        ("{{ task_status(ctx().name) }}", None),
        ("{{ task_status(name) }}", None),
        ("{{ task_status('a' ~ 'b') }}", None),
        ("{{ task }}", None),
        ("<% task_status(a) # %>", None),
    ],
)
def test_observed_tasks_are_those_that_are_asked_about(
    template: JsonValue, expected: set[str] | None
) -> None:
    assert observed_tasks(template) == expected


@pytest.mark.parametrize(
    ("template", "uses"),
    [
        ("{{ item() }}", [("item", 3, None)]),
        ("{{ index() + 1 }} of {{ item('host') }}", [("index", 3, None), ("item", 24, "host")]),
        ("<% item(host) %>", [("item", 3, "host")]),
        ("<% item().host %>", [("item", 3, "host")]),
        ("{{ item()['host'] }}", [("item", 3, "host")]),
        ("{{ item(ctx.name) }}", [("item", 3, None)]),
        ("{% if index() %}x{% endif %}", [("index", 6, None)]),
        ("{{ ctx.item() }} {{ 'item()' }} item() {{ item }} {{ x | index() }}", []),
        ("{% raw %}{{ item() }}{% endraw %}", []),
        ("{{ item() ~ }} ; ä § }}", [("item", 3, None)]),
        ("{{ item() § }}", []),
    ],
)
def test_uses_of_the_item_are_found(template: str, uses: list[tuple[str, int, str | None]]) -> None:
    found = item_uses(["plain", {"key": template}])
    assert [(use.function, use.start, use.part and use.part.name) for use in found] == uses
    assert all(use.path == (1, "key") for use in found)
    assert all(template[use.start : use.end] == use.function for use in found)


def test_a_use_of_a_part_says_whether_its_absence_is_dealt_with() -> None:
    parts = [use.part for use in item_uses("{{ item().a }}{{ item('b') | default(1) }}")]
    assert [part and (part.name, part.optional) for part in parts] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ 60 * 60 }}", 3600),
        ("<% [1, true, null] %>", [1, True, None]),
        ("{{ {'a': none} }}", {"a": None}),
        ("a{{ 1 }}b", "a1b"),
        ("plain", "plain"),
    ],
)
def test_what_is_made_of_literals_has_its_value_everywhere(text: str, value: object) -> None:
    assert constant(text) == value


@pytest.mark.parametrize(
    "text",
    ["{{ ctx.x }}", "{{ now() }}", "<% $ %>", "{{ 1 / 0 }}", "{{ 1 + }}", "{% if 1 %}1{% endif %}"],
)
def test_all_else_stays_the_text_that_it_is(text: str) -> None:
    assert constant(text) == text
