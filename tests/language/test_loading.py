"""YAML text to nodes: places, limits, and what is said when it is not YAML."""

import pytest
import yaml
from tests.language.found import brief, native, only

from segue.language import load_workflow
from segue.language.codes import Code
from segue.language.findings import START_OF_FILE
from segue.language.loading import MAX_BYTES, MAX_DEPTH, MAX_NODES, compose
from segue.language.nodes import Mapping, Scalar, Sequence, Style
from segue.language.source import Source
from segue.language.syntax import finding as finding_of


def root_of(text: str) -> Mapping:
    composed = compose(Source(text))
    assert isinstance(composed.root, Mapping), composed.finding
    return composed.root


def written(text: str, node: Scalar | Sequence | Mapping) -> str:
    return text[node.start : node.end]


def test_every_node_knows_what_it_is_written_as() -> None:
    text = 'a: [1, "two"]\nb:\n  c: |\n    lines\n    of text\n\n\n# a comment\nd: {e: f}\n'
    root = root_of(text)
    values = [value for _, value in root.entries]
    assert [written(text, value) for value in values] == [  # type: ignore[arg-type]
        '[1, "two"]',
        "c: |\n    lines\n    of text",
        "{e: f}",
    ]


def test_a_block_list_ends_with_its_last_element() -> None:
    text = "a:\n  - 1\n  - 2\n\n# said later\n\nb: 3\n"
    (_, value), _ = root_of(text).entries
    assert text[value.start : value.end] == "- 1\n  - 2"


@pytest.mark.parametrize(
    ("text", "style", "start"),
    [
        ("a: plain", Style.PLAIN, 3),
        ("a: 'single'", Style.SINGLE, 3),
        ('a: &x !!str "double"', Style.DOUBLE, 12),
        ("a: !!str\n  below", Style.PLAIN, 11),
        ("a: &x # why\n  below", Style.PLAIN, 14),
        ("a: &x", Style.PLAIN, 5),
        ("a:", Style.PLAIN, 2),
    ],
)
def test_a_scalar_begins_after_its_anchor_and_tag(text: str, style: Style, start: int) -> None:
    ((_, value),) = root_of(text).entries
    assert isinstance(value, Scalar)
    assert (value.style, value.start) == (style, start)


def test_a_list_begins_after_its_anchor() -> None:
    ((_, value),) = root_of("a: &x [1]").entries
    assert value.start == 6


def test_an_alias_gives_the_node_that_its_anchor_marks() -> None:
    (_, first), (_, second) = root_of("a: &x [1, 2]\nb: *x\n").entries
    assert first is second


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("segue: 1\ntasks: *nope\n", "2:8"),
        ("segue: 1\ntasks: &t {a: *t}\n", "2:15"),
    ],
)
def test_an_alias_to_nothing_or_to_what_contains_it_is_refused(text: str, place: str) -> None:
    assert brief(load_workflow(text).findings) == [f"SEG005 {place}"]


def test_a_file_that_is_too_large_is_refused() -> None:
    found = only(load_workflow("# " + "x" * MAX_BYTES))
    assert found.code == Code.TOO_LARGE
    assert "1,048,576 bytes" in found.message


def test_nesting_is_bounded() -> None:
    fits = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert compose(Source(fits)).finding is None
    found = compose(Source(f"[{fits}]")).finding
    assert found is not None
    assert (found.code, found.span.column) == (Code.TOO_LARGE, MAX_DEPTH + 1)


def test_the_number_of_values_is_bounded() -> None:
    found = compose(Source("[" + "x," * MAX_NODES + "]")).finding
    assert found is not None
    assert found.code == Code.TOO_LARGE
    found = compose(Source("[" + "[]," * MAX_NODES + "]")).finding
    assert found is not None
    assert found.code == Code.TOO_LARGE


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    found = compose(Source("\n".join(lines))).finding
    assert found is not None
    assert found.code == Code.TOO_LARGE
    assert found.span.line < 7


def test_aliases_in_aliases_can_not_be_nested_more_deeply_than_lists() -> None:
    nested = "[" * 40 + "{}" + "]" * 40
    text = f"a: &a {nested.format(1)}\nb: &b {nested.format('*a')}\n"
    found = compose(Source(text)).finding
    assert found is not None
    assert (found.code, found.span.line, found.span.column) == (Code.TOO_LARGE, 2, 47)


def test_a_second_document_is_refused() -> None:
    assert brief(load_workflow("segue: 1\ntasks: {a: {}}\n---\nx: 1\n").findings) == ["SEG004 3:1"]


def test_a_byte_order_mark_is_passed_over() -> None:
    loaded = load_workflow("\ufeffsegue: 1\ntasks: {a: {foo: 1}}\n")
    assert brief(loaded.findings) == ["SEG101 2:13"]


def test_windows_line_ends_count_as_one() -> None:
    loaded = load_workflow("segue: 1\r\ntasks:\r\n  a:\r\n    foo: 1\r\n")
    assert brief(loaded.findings) == ["SEG101 4:5"]


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a: b: c\n", "2:5", "`: ` begins a value", "quotes around a text"),
        ("a: 'x\n", "2:4", "the quote that opens here", "close it"),
        ("a: [1, 2\nb: 3\n", "3:2", "`,` or `]` is missing", "the `[` is on line 2"),
        ("a: {b: c: d}\n", "2:9", "`: ` begins a value", "quotes around a text"),
        ("a: {b: 2\n", "2:8", "`,` or `}` is missing", "the `{` is on line 2"),
        ("a:\n\t- b\n", "3:1", "a tab can't indent", "use spaces"),
        ("a: @x\n", "2:4", "a value can't begin with `@`", "quotes"),
        ("a: *.log\n", "2:4", "a value can't begin with `*`", "quotes"),
        ('a: "\\q"\n', "2:5", "a backslash begins an escape", "double the backslash"),
        ("a: 1\nb\nc: 2\n", "3:1", "neither a key with its `:`", "key: value"),
        ("a:\n  - 1\n - 2\n", "4:2", "indented as no part", "begins on line 1"),
        ("a:\n    b: 1\n  c: 2\n", "4:3", "indented as no part of the mapping", "line 1"),
        ("a: x {{ y }}: z\n", "2:6", "an expression needs quotes", '"{{ ... }}"'),
        ("a: {{ y }} b\n", "2:4", "an expression needs quotes", '"{{ ... }}"'),
        ("a: \x07\n", "2:4", "U+0007", "escape"),
        ("a: \ud800\n", "2:4", "U+D800", "escape"),
        ("a: !<tag b\n", "2:9", "not YAML: ", None),
    ],
)
def test_what_is_not_yaml_is_said_where_it_is(
    text: str, place: str, message: str, hint: str | None
) -> None:
    found = only(load_workflow("segue: 1\n" + text))
    assert brief((found,)) == [f"SEG001 {place}"]
    assert message in found.message
    assert hint is None or (found.hint is not None and hint in found.hint)


def test_an_error_of_the_parser_without_a_place_is_said_all_the_same() -> None:
    assert finding_of(Source(""), yaml.YAMLError("odd")).message == "not YAML: odd"
    bare = finding_of(Source(""), yaml.MarkedYAMLError())
    assert (bare.span, bare.message) == (START_OF_FILE, "not YAML: this can't be read")
    told = finding_of(Source("x"), yaml.MarkedYAMLError(context="while reading", problem="odd"))
    assert told.message == "not YAML: odd, while reading"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("- a\n- b\n", "a workflow is a mapping"),
        ("just text\n", "a workflow is a mapping"),
    ],
)
def test_a_file_that_is_no_mapping_is_no_workflow(text: str, message: str) -> None:
    found = only(load_workflow(text))
    assert found.code == Code.NOT_A_WORKFLOW
    assert message in found.message


def test_repeated_keys_are_refused_at_the_second_and_name_the_first() -> None:
    found = only(native("tasks:\n  a: {}\n  b: {}\n  a: {}\n"))
    assert brief((found,)) == ["SEG002 5:3"]
    assert "line 3" in found.message


def test_merge_keys_bring_in_what_is_not_there() -> None:
    loaded = native(
        """\
        vars:
          base: &base {x: 1, y: 2}
          more: &more {y: 3, z: 4}
          both: {<<: [*base, *more], x: 9}
          one: {<<: *base}
          text: {"<<": 5}
        tasks: {a: {}}
        """
    )
    assert loaded.workflow is not None
    values = {each.name: each.value.value for each in loaded.workflow.vars}
    assert values["both"] == {"y": 2, "z": 4, "x": 9}
    assert values["one"] == {"x": 1, "y": 2}
    assert values["text"] == {"<<": 5}


def test_only_mappings_can_be_merged() -> None:
    found = only(native("vars: {v: {<<: 5}}\ntasks: {a: {}}\n"))
    assert brief((found,)) == ["SEG103 2:16"]
    assert "the number 5" in found.message
