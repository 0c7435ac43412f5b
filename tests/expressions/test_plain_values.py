"""What the evaluation is built of: plain values, bounded operators, steps."""

from typing import Any

import pytest
from tests.expressions.evaluating import SCOPE

from segue.expressions import Reason
from segue.expressions.jinja.program import compile_jinja, sandbox
from segue.expressions.jinja.sandbox import Variety
from segue.expressions.limits import MAX_STEPS, Budget, EvaluationError, MisspeltError
from segue.expressions.operators import OPERATORS
from segue.expressions.plain import plain
from segue.expressions.yaql.language import compile_yaql


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, (2,)), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2, 1}), [1, 2]),
        ({1: 2}.keys(), [1]),
        ({1: 2}.items(), [[1, 2]]),
        (iter([1, 2]), [1, 2]),
        (range(2), [0, 1]),
        (
            {1: "a", 1.5: "b", None: "c", False: "e"},
            {"1": "a", "1.5": "b", "null": "c", "false": "e"},
        ),
        (type("Marked", (str,), {})("a"), "a"),
    ],
)
def test_what_libraries_give_becomes_plain_json(value: object, expected: object) -> None:
    got = plain(value, Budget())

    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        {"\ud800": 1},
        b"a",
        object(),
        print,
        1 + 2j,
        float("nan"),
        float("-inf"),
        {(1, 2): 3},
        [object()],
    ],
)
def test_what_json_can_not_hold_is_refused(value: object) -> None:
    with pytest.raises(EvaluationError):
        plain(value, Budget())


@pytest.mark.parametrize(
    "value", [2**64, -(2**63) - 1, 2**5_000, ["x" * 6_000_000] * 2, list(range(1_000_000))]
)
def test_a_result_that_is_too_large_is_refused(value: object) -> None:
    with pytest.raises(EvaluationError) as caught:
        plain(value, Budget())

    assert caught.value.reason is Reason.LIMIT


def test_steps_run_out() -> None:
    budget = Budget()
    budget.spend(MAX_STEPS)

    with pytest.raises(EvaluationError, match="1,000,000 steps"):
        budget.spend(1)


def test_a_value_weighs_all_that_it_holds_as_often_as_it_holds_it() -> None:
    budget = Budget()
    budget.weigh({"a": ["x" * 640, (1, None)]})
    assert MAX_STEPS - budget.left == 2 + 3 + 11 + 3

    doubled: list[Any] = [1]
    for _ in range(30):
        doubled = [doubled, doubled]
    with pytest.raises(EvaluationError):
        budget.weigh(doubled)


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("+", "a", "b", "ab"),
        ("+", [1], [2], [1, 2]),
        ("+", (1,), (2,), (1, 2)),
        ("+", 1, 2, 3),
        ("+", 1.5, 1, 2.5),
        ("-", 3, 1, 2),
        ("*", 2, 3, 6),
        ("*", 2, "a", "aa"),
        ("*", "a", 2, "aa"),
        ("*", [1], 2, [1, 1]),
        ("*", 2, [1], [1, 1]),
        ("*", 2, 1.5, 3.0),
        ("*", 1.5, 2, 3.0),
        ("*", 1.5, 1.5, 2.25),
        ("/", 3, 2, 1.5),
        ("//", 3, 2, 1),
        ("%", 7, 4, 3),
        ("%", "%s-%5d", ("a", 1), "a-    1"),
        ("%", "100", (), "100"),
        ("**", 2, 3, 8),
        ("**", 4, 0.5, 2.0),
    ],
)
def test_operators_give_what_they_give_in_python(
    operator: str, left: Any, right: Any, expected: Any
) -> None:
    assert OPERATORS[operator](Budget(), left, right) == expected


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [
        ("+", "x" * 6_000_000, "x" * 6_000_000),
        ("+", [0] * 60_000, [0] * 60_000),
        ("+", 2**4_097, 1),
        ("*", 2**4_000, 2**4_000),
        ("*", "x", 10**9),
        ("*", 10**9, [0]),
        ("**", 2, 10**9),
        ("%", "%9999s", "a"),
        ("%", "%*s", (5, "a")),
        ("%", "%.9999f", 1.0),
    ],
)
def test_operators_refuse_what_would_be_large(operator: str, left: Any, right: Any) -> None:
    with pytest.raises(EvaluationError):
        OPERATORS[operator](Budget(), left, right)


@pytest.mark.parametrize("source", ["1 * 1.5", "1.5 * 1", "pow(1.5, 2)", "'a' * 2", "2 * 'a'"])
def test_the_checks_of_yaql_let_through_what_is_small(source: str) -> None:
    assert compile_yaql(source)(SCOPE, Budget()) is not None


@pytest.mark.parametrize("source", ["ctx().nope ~ 'a'", "'a' ~ ctx().nope", "ctx().nope + 1"])
def test_what_is_absent_is_no_text_and_no_number(source: str) -> None:
    with pytest.raises(EvaluationError, match="no key 'nope'"):
        compile_jinja(source, statements=False)(SCOPE, Budget())


def test_a_sum_too_long_to_be_compiled_is_misspelt() -> None:
    with pytest.raises(MisspeltError, match="nested too deep"):
        compile_jinja("1" + "+1" * 9_000, statements=False)


def test_what_a_template_sets_comes_before_the_functions() -> None:
    context = sandbox().from_string("").new_context({})
    assert isinstance(context, Variety)
    context.vars["result"] = 1

    assert context.resolve_or_missing("result") == 1
    assert (
        compile_jinja("{% set result = 1 %}{{ result }}", statements=True)(SCOPE, Budget()) == "1"
    )
