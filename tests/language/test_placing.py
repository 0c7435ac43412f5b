"""Where the characters of a scalar are written, whatever its style."""

import pytest
from tests.language.found import native, task_of

from segue.language import load_workflow
from segue.language.findings import Span
from segue.language.loading import compose
from segue.language.model import Template
from segue.language.nodes import Mapping, Scalar, Style
from segue.language.placing import locate, locate_entry, offsets, place
from segue.language.reading import holds_expression
from segue.language.source import Source


def scalar_of(text: str) -> Scalar:
    root = compose(Source(text)).root
    assert isinstance(root, Mapping)
    value = root.entries[0][1]
    assert isinstance(value, Scalar)
    return value


STYLES = [
    "a: one two X end\n",
    "a: one\n  two X\n\n  end\n",
    "a: 'one ''two'' X\n\n  end'\n",
    'a: "one \\"two\\" \\x41\\u0042\\U00000043 X end"\n',
    'a: "one \\\n   two X\\\n   end"\n',
    "a: |\n  one\n    two X\n  end\n",
    "a: |2-  # why\n    one\n  two X\n\n  end\n\n\n",
    "a: >\n  one\n  two X\n\n    more\n\n  end\n",
    "a: >+\n\n  one\n  X\n\n\n",
    "a: &x !!str one X\n",
    "a: 'é𝄞 X'\n",
    "a: |\r\n  one\r\n  two X\r\n",
]


@pytest.mark.parametrize("text", STYLES)
def test_characters_that_show_are_placed_exactly(text: str) -> None:
    node = scalar_of(text)
    at = offsets(text, node)
    assert len(at) == len(node.text) + 1
    for character, offset in zip(node.text, at, strict=False):
        if not character.isspace() and text[offset] != "\\":
            assert text[offset] == character
    assert text[at[node.text.index("X")]] == "X"
    assert list(at) == sorted(at)


def test_escapes_are_placed_at_their_backslash() -> None:
    text = r'a: "x\ty\u00e9z"'
    node = scalar_of(text)
    at = offsets(text, node)
    assert [text[offset] for offset in at[:-1]] == ["x", "\\", "y", "\\", "z"]


def test_what_does_not_fit_the_file_is_placed_at_its_start() -> None:
    odd = Scalar(start=3, end=6, text="other", style=Style.PLAIN)
    assert set(offsets("a: one", odd)) == {3}
    assert offsets("a: |", Scalar(start=0, end=1, text="a", style=Style.LITERAL)) == (0, 1)


def test_a_part_ends_after_its_last_character() -> None:
    text = "a: 'one two'\n"
    node = scalar_of(text)
    assert place(Source(text), node, 4, 7) == Span(1, 9, 1, 12)
    assert place(Source(text), node, 4, 4) == Span(1, 9, 1, 9)


def test_an_error_in_an_expression_is_found_in_its_own_line_and_column() -> None:
    text = (
        "segue: 1\ntasks:\n  a:\n    action: core.echo\n    input:\n      text: |\n"
        "        first\n        second {{ wrong }}\n"
    )
    template = task_of(native(text.removeprefix("segue: 1\n"))).input
    assert template is not None
    content = "first\nsecond {{ wrong }}\n"
    start = content.index("wrong")
    assert locate(text, template, ("text",), start, start + 5) == Span(8, 19, 8, 24)


def test_braces_that_were_left_out_do_not_shift_the_column() -> None:
    text = "segue: 1\ntasks: {a: {next: [{when: ' succeeded() ', do: noop}]}}\n"
    when = task_of(native(text.removeprefix("segue: 1\n"))).next[0].when
    assert when is not None
    assert when.value == "{{ succeeded() }}"
    assert locate(text, when, (), 3, 14) == Span(2, 29, 2, 40)


def test_parts_of_a_longer_text_are_found_in_it() -> None:
    text = "version: 1.0\ntasks: {a: {action: 'core.echo x=1 y=<% bad %>'}}\n"
    template = task_of(load_workflow(text)).input
    assert template is not None
    assert locate(text, template, ("y",), 3, 6) == Span(2, 41, 2, 44)


def test_the_template_stands_for_what_has_no_place_of_its_own() -> None:
    span = Span(2, 1, 2, 5)
    template = Template(value={"x": 1}, span=span)
    assert locate("a: b\nc: d\n", template, ("x",), 0, 1) == span


def test_a_place_outside_of_every_scalar_is_kept() -> None:
    outside = Span(2, 1, 2, 1)
    template = Template(value="x", span=outside, places={(): outside})
    assert locate("[a]\n\n", template, (), 0, 1) == outside
    assert locate("", template, (), 0, 1) == outside


def test_scalars_are_found_inside_lists_and_through_aliases() -> None:
    text = "segue: 1\nvars: {x: &x ['{{ a }}'], y: *x}\ntasks: {a: {}}\n"
    loaded = native(text.removeprefix("segue: 1\n"))
    assert loaded.workflow is not None
    template = loaded.workflow.vars[1].value
    assert locate(text, template, (0,), 3, 4) == Span(2, 19, 2, 20)


def test_text_of_any_kind_of_expression_is_recognised() -> None:
    assert all(holds_expression(text) for text in ("{{ x }}", "a <% b %>", "{% if x %}"))
    assert not holds_expression("plain {text}")


def test_lines_and_offsets_outside_of_the_text_are_those_nearest_inside() -> None:
    source = Source("one\ntwo")
    assert (source.line(0), source.line(2), source.line(9)) == ("", "two", "")
    assert (source.line_count, source.position(99), source.position(-5)) == (2, (2, 4), (1, 1))
    assert (source.offset(9, 9), source.offset(0, 0), source.offset(1, 99)) == (7, 0, 3)


def test_the_key_of_an_entry_is_found_and_where_it_can_not_be_the_whole_is() -> None:
    text = "a: [{x: 1}]\nb: &same\n  x: {y: 2}\n  'z': 3\nc: *same\n"
    mapping = Template(value={}, span=Span(3, 3, 4, 9))
    assert locate_entry(text, mapping, "x") == Span(3, 3, 3, 4)
    assert locate_entry(text, mapping, "z") == Span(4, 3, 4, 6)
    assert locate_entry(text, mapping, "y") == mapping.span
    assert locate_entry(text, Template(value={}, span=Span(1, 5, 1, 11)), "x") == Span(1, 6, 1, 7)
    assert locate_entry("", mapping, "x") == mapping.span
