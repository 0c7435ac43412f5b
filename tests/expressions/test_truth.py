"""What can be said of the value of an expression before it is evaluated."""

import pytest

from segue.expressions.segments import segments
from segue.expressions.truth import Truth, may_be_mapping, truth


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ("<% succeeded() %>", Truth.BOOLEAN),
        ("<% not ctx().x %>", Truth.BOOLEAN),
        ("<% (succeeded() and ctx().a = 1) %>", Truth.BOOLEAN),
        ("<% 1 in [1] or 2 != 3 %>", Truth.BOOLEAN),
        ("<% ctx().x.any() %>", Truth.BOOLEAN),
        ("<% true %>", Truth.BOOLEAN),
        ("<% 5 %>", Truth.VALUE),
        ("<% ctx(x) %>", Truth.VALUE),
        ("<% ctx().x %>", Truth.VALUE),
        ("<% succeeded() and ctx().x %>", Truth.VALUE),
        ("<% result().rows %>", Truth.ROWS),
        ("<% ctx().x.where($ > 1) %>", Truth.ROWS),
        ("<% succeeded() and ctx().x.where($ > 1) %>", Truth.ROWS),
        ("<% $ %>", Truth.ROWS),
        ("{{ succeeded() }}", Truth.BOOLEAN),
        ("{{ not ctx.x }}", Truth.BOOLEAN),
        ("{{ ctx.x is defined and ctx.x > 1 }}", Truth.BOOLEAN),
        ("{{ true }}", Truth.BOOLEAN),
        ("{{ true if ctx.x else failed() }}", Truth.BOOLEAN),
        ("{{ true if ctx.x }}", Truth.VALUE),
        ("{{ ctx.x if true else false }}", Truth.VALUE),
        ("{{ ctx.x or failed() }}", Truth.VALUE),
        ("{{ 1 }}", Truth.VALUE),
        ("{{ result() }}", Truth.VALUE),
    ],
)
def test_booleans_are_told_from_other_values(expression: str, known: Truth) -> None:
    (part,) = segments(expression)

    assert truth(part) is known


@pytest.mark.parametrize(
    ("expression", "mapping"),
    [
        ("<% ctx().x %>", True),
        ("<% ctx().x + ctx().y %>", True),
        ("<% ctx().x.set(a, 1) %>", True),
        ("<% dict(a => 1) %>", True),
        ("<% (result()) %>", True),
        ("<% $ %>", True),
        ("<% ctx().x + 1 %>", False),
        ("<% 'a' %>", False),
        ("<% failed() %>", False),
        ("<% len(ctx().x) %>", False),
        ("<% ctx().x.where($ > 1) %>", False),
        ("{{ ctx.x }}", True),
        ("{{ {'a': 1} }}", True),
        ("{{ result() }}", True),
        ("{{ result() or 1 }}", True),
        ("{{ ctx.x | default({}) }}", True),
        ("{{ ctx.x | length }}", False),
        ("{{ ctx.x + 1 }}", False),
        ("{{ 1 and 'a' }}", False),
        ("{{ 'a' ~ 'b' }}", False),
        ("{{ [1] }}", False),
        ("{{ now() }}", False),
    ],
)
def test_what_can_be_no_mapping_is_known(expression: str, *, mapping: bool) -> None:
    (part,) = segments(expression)

    assert may_be_mapping(part) is mapping
