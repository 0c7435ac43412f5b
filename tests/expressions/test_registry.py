"""What a function of the registry is, and that all which people's files use is there."""

from typing import Any

import pytest
from tests.expressions.evaluating import SCOPE, value

from segue.expressions import inspect_template
from segue.expressions.functions.function import Function
from segue.expressions.functions.registry import FUNCTIONS
from segue.expressions.limits import Budget, EvaluationError
from segue.values import JsonValue


def _none(_scope: object) -> str:
    return "none"


def _one(_scope: object, first: Any) -> Any:
    return first


def _several(_scope: object, first: Any, second: Any = 2, *, last: Any = 3) -> Any:
    return [first, second, last]


def _any(_budget: Budget, *values: Any) -> int:
    return len(values)


@pytest.mark.parametrize(
    ("run", "arity"),
    [
        (_none, "no arguments"),
        (_one, "1 argument"),
        (_several, "1 to 2 arguments (first, second, last)"),
        (_any, "any arguments"),
    ],
)
def test_a_function_says_what_it_takes(run: Any, arity: str) -> None:
    assert Function.of("f", run).arity == arity


@pytest.mark.parametrize(
    ("args", "named", "expected"),
    [
        ([1], {}, [1, 2, 3]),
        ([1, 0], {}, [1, 0, 3]),
        ([1], {"second": 0}, [1, 0, 3]),
        ([], {"first": 1}, [1, 2, 3]),
        ([], {"second": 0, "first": 1, "last": 9}, [1, 0, 9]),
        ([], {}, None),
        ([], {"second": 0}, None),
        ([1], {"first": 1}, None),
        ([1, 2, 3], {}, None),
        ([1], {"nonsense": 1}, None),
    ],
)
def test_arguments_are_given_by_place_or_by_name(
    args: list[int], named: dict[str, int], expected: list[int] | None
) -> None:
    function = Function.of("f", _several)
    if expected is None:
        with pytest.raises(EvaluationError, match=r"f\(\) takes 1 to 2 arguments"):
            function.call(SCOPE, Budget(), args, named)
    else:
        assert function.call(SCOPE, Budget(), args, named) == expected


def test_a_helper_takes_any_number_where_it_says_so() -> None:
    assert Function.of("f", _any, helper=True).call(SCOPE, Budget(), [1, 2, 3], {}) == 3


def test_every_function_is_there_under_its_own_name() -> None:
    assert all(name == function.name for name, function in FUNCTIONS.items())


YAQL: list[tuple[str, JsonValue]] = [
    ("ctx(n)", 3),
    ("str(ctx().n)", "3"),
    ("int('4')", 4),
    ("bool(ctx().n)", True),
    ("abs(-1)", 1),
    ("len(ctx().list)", 3),
    ("list(1, 2)", [1, 2]),
    ("dict(a => 1)", {"a": 1}),
    ("isEmpty(ctx().name)", False),
    ("switch(ctx().n > 2 => big, true => small)", "big"),
    ("zip([1], [2])", [[1, 2]]),
    ("list(range(2))", [0, 1]),
    ("random()", 0.25),
    ("ctx().d.get(a)", 1),
    ("ctx().d.get(nope, 0)", 0),
    ("'a,b'.split(',')", ["a", "b"]),
    ("ctx().hosts.select($.name)", ["a", "b"]),
    ("ctx().list.len()", 3),
    ("'AB'.toLower()", "ab"),
    ("'ab'.toUpper()", "AB"),
    ("ctx().hosts.where($.up).name", ["a"]),
    ("ctx().list.contains(2)", True),
    ("ctx().hosts.first().name", "a"),
    ("ctx().d.deep.values()", ["yes"]),
    ("ctx().d.containsKey(a)", True),
    ("ctx().list.count()", 3),
    ("ctx().name.isEmpty()", False),
    ("ctx().d.deep.set(b, 1)", {"er": "yes", "b": 1}),
    ("[1, 2].zip([3, 4])", [[1, 3], [2, 4]]),
    ("ctx().hosts.where($.name = a).select($.up).first()", True),
]


@pytest.mark.parametrize(("source", "expected"), YAQL)
def test_what_files_use_of_yaql_is_there(source: str, expected: JsonValue) -> None:
    assert value(f"<% {source} %>") == expected
    assert inspect_template(f"<% {source} %>") == ()


JINJA: list[tuple[str, JsonValue]] = [
    ("range(2) | list", [0, 1]),
    ("'7' | int", 7),
    ("'a-b' | replace('-', '+')", "a+b"),
    ("'AB' | lower", "ab"),
    ("' a ' | trim", "a"),
    ("ctx().list | join(',')", "3,1,2"),
    ("ctx().n | string", "3"),
    ("ctx().list | length", 3),
    ("'ab' | regex_match('a')", True),
    ("'{\"a\": 1}' | from_json_string", {"a": 1}),
    ("'a: 1' | from_yaml_string", {"a": 1}),
    ("ctx().d.deep | to_json_string", '{"er": "yes"}'),
    ("ctx().d.deep | to_yaml_string", "er: 'yes'\n"),
    ("ctx().hosts | map(attribute='name') | list", ["a", "b"]),
    ("ctx().hosts | selectattr('up') | list | length", 1),
    ("'a,b'.split(',')", ["a", "b"]),
    ("[1, 2].index(2)", 1),
    ("' a '.strip()", "a"),
    ("'AB'.lower()", "ab"),
    ("'a\\nb'.splitlines()", ["a", "b"]),
    ("'yes' if ctx().n > 2 else 'no'", "yes"),
]


@pytest.mark.parametrize(("source", "expected"), JINJA)
def test_what_files_use_of_jinja_is_there(source: str, expected: JsonValue) -> None:
    assert value(f"{{{{ {source} }}}}") == expected
    assert inspect_template(f"{{{{ {source} }}}}") == ()


def test_a_wrong_number_of_arguments_is_found_before_it_runs() -> None:
    def findings(source: str) -> list[str]:
        return [one.message for one in inspect_template(f"{{{{ {source} }}}}")]

    assert findings("regex_match('a')") == [
        "regex_match() takes 2 to 3 arguments (value, pattern, ignorecase)"
    ]
    assert findings("regex_match('a', pattern='b', ignorecase=true)") == []
    assert findings("regex_match('a', wrong='b')") != []
    assert findings("regex_match(*ctx().list)") == []
    assert findings("regex_match('a', **ctx().d)") == []
