"""Defaults with expressions: what is known of them is held against the schema of the input."""

import pytest
from tests.checking.found import native

from segue.language.codes import Code


@pytest.mark.parametrize(
    ("schema", "default", "message"),
    [
        ("type: integer", "\"{{ 'x' }}\"", '"x" is not of type "integer"'),
        ("type: integer", '"{{ 10 / 4 }}"', '2.5 is not of type "integer"'),
        ("type: integer", '"<% 1 %>0"', '"10" is not of type "integer"'),
        ("type: integer, maximum: 50", '"{{ 60 * 60 }}"', "3600 is greater than the maximum of 50"),
        ("items: {type: integer}", '[x, "{{ ctx.n }}"]', '[0]: "x" is not of type "integer"'),
        (
            "properties: {a: {type: integer}}",
            '{b: "{{ ctx.n }}", a: x}',
            'a: "x" is not of type "integer"',
        ),
    ],
)
def test_what_is_known_of_a_default_must_fit(schema: str, default: str, message: str) -> None:
    text = f"input: {{n: integer, x: {{{schema}, default: {default}}}}}\ntasks: {{a: {{}}}}\n"
    [found] = native(text).findings
    assert found.code is Code.BAD_DEFAULT
    assert found.message == f"the default of `x` is not what it must be: {message}"
    assert found.path == "input[1]"
    assert found.span.line == 2


@pytest.mark.parametrize(
    ("schema", "default"),
    [
        ("type: integer", '"{{ 60 * 60 }}"'),
        ("type: integer", '"{{ ctx.n }}"'),
        ("type: integer", '"{{ now() }}"'),
        ("type: integer", '"{{ 1 / 0 }}"'),
        ("type: integer", '"{% if 1 %}1{% endif %}"'),
        ("items: {type: integer}", '[1, "{{ ctx.n }}"]'),
        ("maxItems: 1", '[1, "{{ ctx.n }}"]'),
        ("items: {type: object}", '[{"{{ ctx.n }}": 1}]'),
        ("properties: {a: {required: [b]}}", '{a: {"{{ ctx.n }}": 1}}'),
        ("", '"{{ ctx.n }}"'),
    ],
)
def test_what_is_known_only_later_is_let_be(schema: str, default: str) -> None:
    text = f"input: {{n: integer, x: {{{schema}, default: {default}}}}}\ntasks: {{a: {{}}}}\n"
    assert native(text.replace("{, ", "{")).findings == ()
