"""What is written in drawings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.graph.sketches import sketch

from segue.graph.drawing.captions import cells, expression, shortened, visible, wrapped
from segue.language.findings import START_OF_FILE
from segue.language.model import Template


def test_what_cannot_be_seen_is_written_as_an_escape() -> None:
    assert visible("a b\n\t\x1b[31m\u202e\u200b") == "a b\\n\\t\\x1b[31m\\u202e\\u200b"
    assert visible("naïve 日本 →") == "naïve 日本 →"


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("→", 1), ("🚀", 2), ("", 0)]
)
def test_the_width_of_text_is_counted_in_columns(text: str, columns: int) -> None:
    assert cells(text) == columns


@given(text=st.text(), limit=st.integers(1, 20))
def test_shortened_text_fits_and_begins_as_it_did(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert cells(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))


@given(text=st.text("ab ", max_size=40), limit=st.integers(1, 20))
def test_wrapped_text_takes_two_lines_at_most(text: str, limit: int) -> None:
    lines = wrapped(text, limit)
    assert len(lines) <= 2
    assert all(cells(line) <= limit for line in lines)


def test_text_is_wrapped_between_words() -> None:
    assert wrapped("one two", 7) == ["one two"]
    assert wrapped("one two three", 9) == ["one two", "three"]
    assert wrapped("one two three four five", 9) == ["one two", "three fo…"]
    assert wrapped("incomprehensible", 9) == ["incompre…"]
    assert wrapped("incomprehensible words", 9) == ["incompre…"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{ a > 1 }}", "a > 1"),
        ("<% $.a %>", "$.a"),
        ("{{- a -}}", "a"),
        ("{{ a }} and {{ b }}", "{{ a }} and {{ b }}"),
        ("plain\n  text", "plain text"),
        (True, "True"),
    ],
)
def test_braces_around_a_whole_expression_are_left_out(written: str, shown: str) -> None:
    assert expression(Template(value=written, span=START_OF_FILE)) == shown


def test_the_sketches_of_these_tests_say_what_they_seem_to() -> None:
    task = sketch("a: act (2) * -> b x= ? c |\nb").tasks["a"]
    assert (task.join, task.next[0].publish[0].name, len(task.next)) == (2, "x", 1)
