"""The functions of the registry, the same in both languages."""

from typing import Any

import pytest
from tests.expressions.evaluating import BARE, SCOPE, error, value

from segue.expressions import Reason
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.values import JsonValue

BOTH = pytest.mark.parametrize("delimiters", ["{{ %s }}", "<%% %s %%>"], ids=["jinja", "yaql"])


@BOTH
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("ctx('n')", 3),
        ("ctx('d').a", 1),
        ("ctx().name", "web"),
        ("result().code", 200),
        ("succeeded()", True),
        ("failed()", False),
        ("timed_out()", False),
        ("completed()", True),
        ("task_status('probe')", "succeeded"),
        ("task_status('never')", "null"),
        ("task('probe').status", "succeeded"),
        ("task('probe').result.ok", True),
        ("task('probe').task_name", "probe"),
        ("item('host')", "a"),
        ("item().host", "a"),
        ("index()", 4),
        ("visit()", 2),
        ("attempt()", 5),
        ("env('HOME')", "/home/ann"),
        ("now()", "1970-01-01T00:00:00.500000Z"),
        ("random()", 0.25),
        ("random(1, 4)", 2),
        ("iso_time(86400)", "1970-01-02T00:00:00Z"),
        ("json('[1, null]')", [1, None]),
        ("json(ctx().d.deep)", {"er": "yes"}),
        ("zip([1, 2], [3, 4])", [[1, 3], [2, 4]]),
        ("zip([1, 2], [3])", [[1, 3], [2, None]]),
        ("zip([1, 2], ctx().none)", [[1, None], [2, None]]),
        ("zip([1, 2])", [1, 2]),
    ],
)
def test_functions_give(delimiters: str, call: str, expected: JsonValue) -> None:
    got = value(delimiters % call)

    assert (got, type(got)) == (expected, type(expected))


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("ctx(1)", "must be text, not a number"),
        ("ctx('a', 'b')", "ctx() takes at most 1 argument"),
        ("result(1)", "result() takes no arguments"),
        ("task_status()", "takes 1 argument"),
        ("task_status(1)", "must be text, not a number"),
        ("task('never')", "'never' was not executed on this branch"),
        ("item('nope')", "no key 'nope'"),
        ("item(1)", "no key 1"),
        ("env('UNSET')", "'UNSET' is not set"),
        ("env(1)", "must be text"),
        ("secret('x')", "not built yet"),
        ("random(4, 1)", "two whole numbers"),
        ("random(1)", "two whole numbers"),
        ("iso_time('x')", "takes seconds, not a text"),
        ("iso_time(1000000000000000)", "no time of this calendar"),
        ("json('[')", "not JSON"),
        ("json('NaN')", "not in JSON"),
        ("json(1)", "takes text, not a number"),
        ("zip(1, [2])", "takes lists, not a number"),
        ("zip('ab', [2])", "takes lists, not a text"),
    ],
)
def test_functions_say_what_is_wrong(delimiters: str, call: str, message: str) -> None:
    assert message in error(delimiters % call).message


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("result()", "no current task"),
        ("succeeded()", "no current task"),
        ("failed()", "no current task"),
        ("completed()", "no current task"),
        ("timed_out()", "no current task"),
        ("item()", "no current item"),
        ("index()", "no current item"),
        ("visit()", "no current task"),
        ("attempt()", "no current task"),
    ],
)
def test_without_a_task_or_an_item_there_is_nothing_to_ask(
    delimiters: str, call: str, message: str
) -> None:
    assert message in error(delimiters % call, BARE).message


@BOTH
@pytest.mark.parametrize(
    ("status", "succeeded", "failed", "timed_out", "completed"),
    [
        ("succeeded", True, False, False, True),
        ("failed", False, True, False, True),
        ("timeout", False, True, True, True),
        ("abandoned", False, True, False, True),
        ("canceled", False, False, False, True),
        ("running", False, False, False, False),
    ],
)
def test_a_timeout_is_a_failure_and_every_end_is_a_completion(
    delimiters: str,
    status: str,
    succeeded: bool,  # noqa: FBT001 - each is what a function of that name gives
    failed: bool,  # noqa: FBT001
    timed_out: bool,  # noqa: FBT001
    completed: bool,  # noqa: FBT001
) -> None:
    scope = Scope(context={}, facts=Facts(now=0.0), task="t", status=status)
    expected = {
        "succeeded": succeeded,
        "failed": failed,
        "timed_out": timed_out,
        "completed": completed,
    }

    assert {name: value(delimiters % f"{name}()", scope) for name in expected} == expected


@BOTH
def test_an_item_that_is_no_mapping_has_no_keys(delimiters: str) -> None:
    scope = Scope(context={}, facts=Facts(now=0.0), item=CurrentItem(value=7, index=0))

    assert value(delimiters % "item()", scope) == 7
    assert "has no keys" in error(delimiters % "item('x')", scope).message


@BOTH
def test_a_record_is_of_the_latest_execution_on_this_branch(delimiters: str) -> None:
    records = {"t": TaskRecord(status="failed", result={"code": 1})}
    scope = Scope(context={}, facts=Facts(now=0.0), tasks=records)

    assert value(delimiters % "task('t')", scope) == {
        "task_id": "t",
        "task_name": "t",
        "status": "failed",
        "result": {"code": 1},
    }


@BOTH
def test_the_record_of_no_named_task_is_of_the_one_that_just_completed(delimiters: str) -> None:
    assert value(delimiters % "task().task_id") == "probe"
    assert value(delimiters % "task().result.code") == 200
    assert "no current task" in error(delimiters % "task()", BARE).message


def test_zip_can_be_given_what_fills_the_gaps() -> None:
    assert value("{{ zip([1, 2], [3], pad=0) }}") == [[1, 3], [2, 0]]
    assert value("<% zip([1, 2], [3], pad => 0) %>") == [[1, 3], [2, 0]]
    few = "[], " * 30
    assert "zip() would give more than" in error(f"{{{{ zip(ctx().long, {few} []) }}}}").message
    assert "zip() takes any arguments" in error("{{ zip([1], fill=0) }}").message


def test_a_variable_that_is_private_is_not_in_the_context() -> None:
    scope = Scope(context={"__own": 1, "a": 2}, facts=Facts(now=0.0))

    assert value("{{ ctx() }}", scope) == {"a": 2}
    assert value("<% ctx() %>", scope) == {"a": 2}


def test_the_empty_name_is_the_whole_context() -> None:
    assert value("{{ ctx('')|length }}") == len(SCOPE.context)
    assert value("<% ctx('').len() %>") == len(SCOPE.context)
    assert value("{{ item('') }}") == {"host": "a"}


def test_random_numbers_reach_both_ends_and_no_further() -> None:
    def drawn(random: float) -> Any:
        return value("{{ random(1, 3) }}", Scope(context={}, facts=Facts(now=0, random=random)))

    assert [drawn(0.0), drawn(0.5), drawn(0.999999999999)] == [1, 2, 3]


def test_wrong_numbers_of_arguments_are_evaluation_errors() -> None:
    assert error("{{ env() }}").reason is Reason.EVALUATION
