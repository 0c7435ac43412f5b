"""The functions of Attune's expressions, and the filters of its older documentation."""

import pytest

from segue.expressions import Dialect, ExpressionError, compile_template
from segue.expressions.scope import Facts, Scope
from segue.values import JsonValue

CONTEXT: dict[str, JsonValue] = {
    "text": "  Äpfel, Birnen ",
    "list": [3, 1, 2],
    "hosts": [{"name": "a", "up": True}, {"name": "b", "up": False}, 5],
    "mapping": {"b": 2, "a": 1},
}


def evaluated(expression: str) -> JsonValue:
    scope = Scope(context=CONTEXT, facts=Facts(now=0))
    return compile_template("{{ " + expression + " }}", Dialect.ATTUNE).evaluate(scope)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("string(5)", "5"),
        ("string('a')", "a"),
        ("string(null)", "null"),
        ("string([1, true])", "[1,true]"),
        ("number('3.5')", 3.5),
        ("number(4)", 4),
        ("number(true)", 1.0),
        ("int('42')", 42),
        ("int('3.9')", 3),
        ("int(3.9)", 3),
        ("int(-3.9)", -3),
        ("int(true)", 1),
        ("bool('')", False),
        ("bool([0])", True),
        ("type_of(1.5)", "number"),
        ("type_of('')", "string"),
        ("type_of(true)", "bool"),
        ("type_of(null)", "null"),
        ("type_of([])", "array"),
        ("type_of(mapping)", "object"),
        ("length(text)", 16),
        ("length(list)", 3),
        ("length(mapping)", 2),
        ("keys(mapping)", ["b", "a"]),
        ("values(mapping)", [2, 1]),
        ("abs(-5)", 5),
        ("floor(-1.5)", -2),
        ("ceil(1.2)", 2),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(7)", 7),
        ("min(3, 2.5)", 2.5),
        ("max('a', 'b')", "b"),
        ("max(3, 2)", 3),
        ("sum([1, 2.5])", 3.5),
        ("sum([])", 0),
        ("lower('ÄB')", "äb"),
        ("upper('a')", "A"),
        ("trim(text)", "Äpfel, Birnen"),
        ("split('a,b', ',')", ["a", "b"]),
        ("split('ab', '')", ["", "a", "b", ""]),
        ("join(['a', 1, null], '-')", "a-1-null"),
        ("replace('aXbX', 'X', '')", "ab"),
        ("starts_with('hello', 'he')", True),
        ("ends_with('hello', 'he')", False),
        ("match('l+o$', 'hello')", True),
        ("match('^l', 'hello')", False),
        ("contains(list, 1)", True),
        ("contains('hello', 'ell')", True),
        ("contains(mapping, 'c')", False),
        ("reversed(list)", [2, 1, 3]),
        ("reversed('abc')", "cba"),
        ("sort(list)", [1, 2, 3]),
        ("sort(['b', 'a'])", ["a", "b"]),
        ("unique([1, 1.0, 'a', 'a', [1]])", [1, "a", [1]]),
        ("flat([1, [2, [3]]])", [1, 2, [3]]),
        ("zip([1, 2], ['a', 'b', 'c'])", [[1, "a"], [2, "b"]]),
        ("range(3)", [0, 1, 2]),
        ("range(2, 4)", [2, 3]),
        ("range(4, 2)", []),
        ("slice(list, 1)", [1, 2]),
        ("slice(list, 0, 2)", [3, 1]),
        ("slice('abc', 1, 9)", "bc"),
        ("slice(list, -1)", []),
        ("slice(list, 1, -1)", [1, 2]),
        ("index_of(list, 2)", 2),
        ("index_of(list, 9)", -1),
        ("index_of('hello', 'l')", 2),
        ("count(list, 1)", 1),
        ("count('hello', 'l')", 2),
        ("merge(mapping, mapping)", {"b": 2, "a": 1}),
        ("chunks(list, 2)", [[3, 1], [2]]),
    ],
)
def test_a_function_gives(expression: str, value: JsonValue) -> None:
    found = evaluated(expression)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("number('a')", "'a' is no number"),
        ("number(null)", "null is no number"),
        ("int([])", "a list is no number"),
        ("int('1_0')", "'1_0' is no number"),
        ("length(5)", "length() takes text, a list or a mapping, not a number"),
        ("keys([])", "keys() takes a mapping, not a list"),
        ("abs('a')", "abs() takes a number, not a text"),
        ("floor(true)", "floor() takes a number, not a boolean"),
        ("min(1, 'a')", "min() takes two numbers or two texts"),
        ("sum([1, 'a'])", "sum() takes a list of numbers, and a text is in it"),
        ("lower(5)", "lower() takes text, not a number"),
        ("join('ab', '')", "join() takes a list, not a text"),
        ("sort([1, 'a'])", "sort() takes a list of numbers or a list of texts"),
        ("range('a')", "range() takes a whole number, not a text"),
        ("range(0, 200000)", "a list would be longer than 100,000 items"),
        ("slice(5, 1)", "slice() takes a list or text, not a number"),
        ("chunks(list, 0)", "chunks() takes a size of 1 or more"),
        ("match('(', 'a')", "the pattern '(' can't be read"),
        ("5 | first", "the filter 'first' takes a list, not a number"),
        ("[] | first", "the filter 'first' finds nothing: a list is empty"),
        ("hosts | map(attribute=5)", "the filter 'map' takes attribute='NAME'"),
        ("hosts | batch(0)", "the filter 'batch' takes a size of 1 or more"),
        ("5 | from_json", "the filter 'from_json' takes text, not a number"),
        ("'{' | from_json", "this is not JSON"),
        ("5 | filter(a=1)", "the filter 'filter' takes a list, not a number"),
    ],
)
def test_a_function_refuses_what_it_can_not_take(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        evaluated(expression)
    assert message in raised.value.message


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("text | trim | upper", "ÄPFEL, BIRNEN"),
        ("list | length > 2", True),
        ("list | join(', ')", "3, 1, 2"),
        ("list | slice(start=1)", [1, 2]),
        ("list | first", 3),
        ("list | last", 2),
        ("'abc' | last", "c"),
        ("slice(hosts, 0, 2) | map(attribute='name') | list", ["a", "b"]),
        ("hosts | filter(up=true)", [{"name": "a", "up": True}]),
        ("list | batch(size=2)", [[3, 1], [2]]),
        ("'ab' | list", ["a", "b"]),
        ("mapping | list", ["b", "a"]),
        ("'a' | append('/b') | prepend('x:')", "x:a/b"),
        ("mapping | to_json", '{"b":2,"a":1}'),
        ("'a' | tojson", '"a"'),
        ("'[1]' | from_json", [1]),
        ("nothing | default('other')", "other"),
        ("mapping.c | default(mapping.a)", 1),
        ("mapping.a | default(5)", 1),
        ("list | sort | reversed", [3, 2, 1]),
        ("'v1.2.0' | regex_match('v[0-9]')", True),
    ],
)
def test_a_filter_gives(expression: str, value: JsonValue) -> None:
    assert evaluated(expression) == value


def test_the_default_is_for_what_is_not_there_and_for_no_other_error() -> None:
    with pytest.raises(ExpressionError, match="division by zero"):
        evaluated("1 / 0 | default(5) + (1 / 0 | default(2))")
    with pytest.raises(ExpressionError, match="division by zero"):
        evaluated("(1 / 0) | default(5)")


def test_what_a_function_makes_is_bounded() -> None:
    for expression in (
        "split(join(range(99999), 'xxxxxxxxx'), 'x')",
        "flat([range(99999), range(99999)])",
        "range(99999) + range(99999)",
        "chunks(" * 1 + "range(99999), 1) | map(attribute='a')",
    ):
        with pytest.raises(ExpressionError):
            evaluated(expression)
