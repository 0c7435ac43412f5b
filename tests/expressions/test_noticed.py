"""The variables that Orquesta's inspection notices, and what it overlooks."""

import pytest

from segue.expressions import noticed_references


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<% ctx().a %> <% ctx(b) %>", ["a", "b"]),
        ("{{ ctx('a') }} {{ ctx(\"b\").c[0] }}", ["a", "b"]),
        ("<% 'ctx().a' %>", ["a"]),
        ("{% raw %}{{ ctx().a }}{% endraw %}", ["a"]),
        ("{{ ctx().a }} <% ctx().b %>", ["a", "b"]),
        ("<% ctx(a).where(ctx().b) %>", ["a", "b"]),
        ("<% ctx().a.where(ctx().b) %>", ["a"]),
        ("<% ctx().a-b %>", ["a"]),
        ("{{ ctx( 'a' ) }}", []),
        ("{{ ctx()['a'] }}", []),
        ("<% ctx().keys() %>", []),
        ("<% ctx('a-b') %>", []),
        ("<% ctx().é %>", []),
        ("<% ctx().a\n%>", []),
        ("{% if ctx().a %}yes{% endif %}", []),
        ("plain ctx().a", []),
    ],
)
def test_variables_are_noticed_by_the_letters_of_a_text(template: str, expected: list[str]) -> None:
    assert [one.name for one in noticed_references(template)] == expected


def test_a_noticed_variable_tells_its_place() -> None:
    (found,) = noticed_references({"k": ["at {{ ctx().a }}"]})
    assert (found.path, found.start, found.end) == (("k", 0), 12, 13)
