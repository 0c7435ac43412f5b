"""Files that are written in unusual ways: what comes of them means the same, whatever they are."""

import pytest
from tests.conversion.given import converted, of_task

from segue.conversion.converting import convert
from segue.conversion.edits import ClashError, Edits
from segue.conversion.scalars import token
from segue.conversion.whole import whole
from segue.core.errors import InternalError
from segue.language.workflows import load_workflow
from segue.values import JsonValue

A = "tasks: {a: {action: core.noop}}\n"
NEXT = "tasks:\n  b: {join: 1, action: core.noop}\n  a:\n    action: core.noop\n    next:\n"
SCRIPT = """\
# top


# more
vars: [{a: 1}, {a: 2}]


# tasks
tasks:
  a: &a
    with: {items: 'i in <% [1] %>'}
    action: core.local
    input: {cmd: "one\\ntwo\\n", more: "x\\ny", l: [1, {k: 1}, [2]]}
  b: *a
"""
ODD = [
    f"input: [{{a}}]\n{A}",
    f"input:\n  -\n    a: 1\n{A}",
    f"input: [a, {{a: 1}}, b]\n{A}",
    f"input: [{{a: 1,}}]\n{A}",
    f"input:\n  - ? a\n    : 1\n{A}",
    f"input: [{{b: [1, {{c: 2}}, [3]]}}]\nvars: &v [{{a: 1}}]\noutput: *v\n{A}",
    f"vars: &v [{{a: 1}}]\ninput: *v\n{A}",
    f"vars: [{{a: &x {{b: 1}}}}]\noutput: [*x]\n{A}",
    f"vars: [{{a: 'say: \"x\"'}}, {{b: x}}]\n{A}",
    f"{A}input:\n- a:\n    b: 1",
    f"{A}vars:\n- a: 1\n- b:\n    c: 1",
    f"vars:\n  -  a: 1\n  -  b:\n       - 1\n{A}",
    f"vars: &v\n  - <<: {{a: 1}}\n{A}",
    "tasks:\n  a: {action: core.noop, with: {}}\n",
    "vars: &v [x: 1]\noutput: *v\ntasks:\n  a: {with: {}}\n",
    "tasks:\n  a: {with: {}, join: all}\n  b: {action: core.noop, next: [{do: a}]}\n",
    "tasks:\n  a: {action: core.noop, delay: 10s, retry: {count: 1, delay: 1m}}\n",
    f"{NEXT}      - &t {{do: b}}\n      - *t\n",
    f"{NEXT}      - {{when: &w <% failed() %>, do: b}}\n      - {{do: continue, when: *w}}\n",
    f"{NEXT}      - do: b, b\n",
    f"{NEXT}      - {{do: b, publish: none}}\n",
    f"{NEXT}      - do:\n        - retry\n        - b\n",
    f"{NEXT}      - publish: nothing\n        do: b\n",
    f"{NEXT}      - publish: nothing\n",
    f"{NEXT}      -\n        do: retry\n      - do: b\n",
    f"{NEXT}      - do: [b, retry]\n        publish: &p [x: 1]\n      - publish: *p\n",
    SCRIPT,
    "tasks:\n  a: {action: &a core.echo m=1}\n  b: {action: core.echo n=1, input: {m: *a}}\n",
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_that_is_written_in_an_unusual_way_is_converted(text: str, end: str) -> None:
    text = text.replace("\n", end)

    result = convert(f"version: 1.0{end}{text}", "w.yaml")

    assert result.text is not None, (result.findings, result.stricter, result.result)
    assert load_workflow(result.text, file="w.yaml").workflow is not None
    assert convert(result.text, "w.yaml").text == result.text


def test_several_lines_are_written_as_they_are() -> None:
    assert (
        "      cmd: |\n        one\n        two\n"
        "      more: |-\n        x\n        y\n"
        "      l:\n        - 1\n        - k: 1\n        - [2]\n"
    ) in converted(f"version: 1.0\n{SCRIPT}")


def test_what_is_added_stands_above_the_comments_of_what_follows() -> None:
    before = "action: core.noop\n# what follows\nnext:\n  - do: b\n  - do: c\n".replace(
        "\n", "\r\n"
    )

    assert of_task(before) == (
        "action: core.noop\nmatch: all\n# what follows\nnext:\n  - do: b\n  - do: c\n"
    )
    head = "version: 1.0\r\ntasks:\r\n  b: {action: core.noop}\r\n  a:\r\n"
    lines = "".join(f"    {line}\r\n" for line in before.splitlines()).replace("do: c", "do: b")
    assert "    match: all\r\n    # what follows\r\n" in converted(head + lines)


def test_an_input_that_is_there_twice_is_the_last_one() -> None:
    result = convert("version: 1.0\ninput: [a, {a: 1}]\n" + A, "w.yaml")

    assert result.text is not None
    assert "a:\n    default: 1\n" in result.text
    assert "never-used" in [one.code for one in result.findings]


def test_items_of_a_published_list_may_have_any_number_of_parts() -> None:
    text = (
        "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{publish: [l: [1]], do: b}]}\n"
        "  b: {with: 'i in <% ctx().l %>', action: core.noop}\n"
    )

    assert [one.code for one in convert(text).findings] == []


def test_changes_of_one_place_are_refused_unless_they_are_the_same() -> None:
    edits = Edits("abc")
    edits.replace(0, 2, "x")
    edits.replace(0, 2, "x")
    assert edits.applied() == "xc"

    edits.replace(1, 3, "y")
    with pytest.raises(ClashError):
        edits.applied()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ('say: "x"', "'say: \"x\"'"),
        ('it\'s: "x"', '"it\'s: \\"x\\""'),
        ("a\nb", '"a\\nb"'),
        ("1", '"1"'),
        ({"a": [1, None]}, "{a: [1, null]}"),
    ],
)
def test_values_are_written_as_plainly_as_may_be(value: JsonValue, written: str) -> None:
    assert token(value) == written


def test_only_text_is_an_expression() -> None:
    assert whole(5) is None
    assert whole("{{ a }} ") is None


def test_a_result_that_would_mean_something_else_is_never_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "segue.conversion.converting.written", lambda *_: "segue: 1\ntasks: {b: {}}\n"
    )

    with pytest.raises(InternalError, match=r"w\.yaml: what was written is not what was meant"):
        convert(f"version: 1.0\ninput:\n  -\n    a: 1\n{A}", "w.yaml")


@pytest.mark.parametrize("key", ["vars", "output"])
def test_what_natively_is_an_error_is_refused_as_such(key: str) -> None:
    result = convert(f"version: 1.0\n{key}: [{{'': 1}}]\n{A}", "w.yaml")

    assert result.text is None
    assert [each.message for each in result.stricter] == ["a variable needs a name"]
