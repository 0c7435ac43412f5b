"""Everything of a task that may be an expression is one, in both languages, and may be wrong."""

import pytest
from tests.support.conducted import T0
from tests.support.operated import Operated

from segue.core import events as e
from segue.core.status import Status

VALUES = {
    "action": "core.echo",
    "given": {"message": "hello", "n": 1},
    "seconds": 90,
    "text": "1m30s",
    "two": 2,
    "always": True,
    "hosts": ["web", "db", "mail", "dns", "proxy"],
    "word": "soon",
    "nothing": None,
}
MARKS = {"native": "segue: 1", "native, YAQL": "segue: 1", "orquesta": "version: 1.0"}
BRACES = {
    "native": "{{ ctx.NAME }}",
    "native, YAQL": "<% ctx().NAME %>",
    "orquesta": "<% ctx(NAME) %>",
}
LANGUAGES = sorted(MARKS)

language = pytest.mark.parametrize("language", LANGUAGES)


def task(language: str, fields: str) -> Operated:
    """Begin a workflow of one task. In `fields`, `$name` is an expression that reads a variable."""
    for name in sorted(VALUES, key=len, reverse=True):
        expression = BRACES[language].replace("NAME", name)
        fields = fields.replace(f"${name}", f'"{expression}"')
    variables = ", ".join(f"{{{name}: {_written(value)}}}" for name, value in VALUES.items())
    return Operated(f"{MARKS[language]}\nvars: [{variables}]\ntasks:\n  a: {{{fields}}}\n")


def _written(value: object) -> str:
    known = {"True": "true", "None": "null"}
    return known.get(str(value), str(value))


def attempt(run: Operated) -> e.AttemptStarted:
    found = run.of_type(e.AttemptStarted)[-1]
    assert isinstance(found, e.AttemptStarted)
    return found


@language
def test_the_action_and_the_whole_of_its_input(language: str) -> None:
    started = attempt(task(language, "action: $action, input: $given"))
    assert started.action == "core.echo"
    assert started.input == {"message": "hello", "n": 1}


@language
def test_an_input_that_is_null_is_empty(language: str) -> None:
    assert attempt(task(language, "action: core.noop, input: $nothing")).input == {}


@pytest.mark.parametrize("value", ["$seconds", "$text"])
@language
def test_the_delay(language: str, value: str) -> None:
    run = task(language, f"action: core.noop, delay: {value}")
    [scheduled] = run.of_type(e.TaskScheduled)
    assert isinstance(scheduled, e.TaskScheduled)
    assert scheduled.due == T0 + 90


@language
def test_the_items_and_their_concurrency(language: str) -> None:
    run = task(language, "action: core.noop, with: {items: $hosts, concurrency: $two}")
    assert run.items_of("a").total == 5
    assert run.open_items("a") == [0, 1]


@language
def test_count_and_delay_and_condition_of_a_retry(language: str) -> None:
    run = task(language, "action: core.noop, retry: {count: $two, delay: $seconds, when: $always}")
    run.succeed("a")
    [scheduled] = run.of_type(e.RetryScheduled)
    assert isinstance(scheduled, e.RetryScheduled)
    assert scheduled.due == T0 + 90


@pytest.mark.parametrize("language", ["native", "native, YAQL"])
def test_what_only_the_native_language_has(language: str) -> None:
    run = task(
        language,
        "action: core.noop, timeout: $text, with: {items: $hosts, batch: $two, max_failures: $two},"
        " retry: {count: 1, delay: 1h, max_delay: $seconds}",
    )
    assert run.items_of("a").total == 3
    started = run.of_type(e.ItemStarted)
    assert {one.timeout for one in started if isinstance(one, e.ItemStarted)} == {90}
    for item in range(2):
        run.fail_item("a", item)
    run.succeed_item("a", 2)
    assert run.status() is Status.SUCCEEDED, "two may fail"


def test_the_longest_delay_of_a_retry() -> None:
    run = task("native", "action: core.noop, retry: {count: 1, delay: 1h, max_delay: $seconds}")
    run.fail("a")
    [scheduled] = run.of_type(e.RetryScheduled)
    assert isinstance(scheduled, e.RetryScheduled)
    assert scheduled.due == T0 + 90


WRONG = [
    ("action: $two", "an action must be a name, not 2"),
    ("action: core.noop, input: $word", "the input must be a mapping, not 'soon'"),
    ("action: core.noop, delay: $word", "the delay must be a duration, not 'soon'"),
    ("action: core.noop, with: $word", "the items must be a list, not 'soon'"),
    (
        "action: core.noop, with: {items: $hosts, concurrency: $word}",
        "the concurrency must be a whole number, not 'soon'",
    ),
]


@pytest.mark.parametrize(("fields", "message"), WRONG, ids=[one[1] for one in WRONG])
@language
def test_a_value_that_can_not_be_used_is_an_error_of_the_task(
    language: str, fields: str, message: str
) -> None:
    run = task(language, fields)
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.errors == [("expression_failed", "a", False)]
    assert run.message == message


@pytest.mark.parametrize(
    ("retry", "message"),
    [
        ("count: $word", "the count of `retry` must be a whole number, not 'soon'"),
        ("count: 1, delay: $word", "the delay of `retry` must be a duration, not 'soon'"),
    ],
)
@language
def test_so_is_one_of_a_retry(language: str, retry: str, message: str) -> None:
    run = task(language, f"action: core.noop, retry: {{{retry}}}")
    run.fail("a")
    assert run.status() is Status.FAILED
    assert message in [error.message for error in run.view.errors]
