"""YAQL expressions call the listed functions, nothing else, and never take long."""

import pytest
from tests.expressions.evaluating import error, value

from segue.expressions import Reason, patterns

ESCAPES = """
__class__
ctx().__class__
ctx().name.__class__
'abc'.__class__
'abc'.format()
format('{0}', 1)
'abc'.upper()
ctx().name.name
$.__class__
$x.y
$#evaluation
def(f, f($)) -> f(1)
call(let, [1], {})
call('eval', ['1'], {})
lambda($)
now2()
datetime()
timespan()
localtz()
yaqlize(1)
set(1, 2)
[1].toSet()
let(a => 1)
with(1)
dict(a => let(b => 1))
regex('a')
{a => {b => regex('a')}}
{[1] => 2}
shiftBitsLeft(1, 1000000000)
bitwiseOr(1, 2)
sequence().len()
[1].cycle().len()
generate(1, true, $ + 1)
generateMany(1, [$, $])
memorize([1])
'x'.hex()
'aa'.replaceBy(regex('a'), $ + 'b')
assert(1, $ = 2)
1.assert($ = 2)
[1, 2].single()
[].first()
1 / 0
int('x')
float('nan')
1 < 'a'
regex('(')
ctx().long.nope
[1].select(nope($))
[1, 2].permutations()
'ab'.join([1], [2], [3])
ctx().list.join(ctx().list, true, [$1, $2])
""".strip().splitlines()

BOMBS = (
    """
'x' * 100000000
100000000 * 'x'
[0] * 100000000
100000000 * [0]
range(1000000000)
range(1000000000).len()
range(0, 1000000000, 1).where(false)
range(100000).select(range(100000).len())
range(100000).selectMany(range(100000))
range(100000).selectMany(range(100000)).len()
range(50000).selectMany(range(50000)).where(false)
range(50000).select(range(50000).where(false).len())
ctx().long.select($ in ctx().long)
1.repeat()
1.repeat(1000000000).len()
pow(2, 100000)
pow(9, pow(9, 9))
range(64).aggregate($1 * $1, 3)
range(64).aggregate($1 + $1, 'x')
range(64).aggregate($1 + $1, [1])
range(40).aggregate([$1, $1], [1])
range(40).aggregate({a => $1, b => $1}, 1).len()
range(40).aggregate($1.zip($1).toList(), [1]).distinct()
str(range(40).aggregate(dict(a => $1, b => $1), 1))
range(64).accumulate($1 + $1, 'x')
ctx().text.replace('x', ctx().text)
ctx().text.replace('', ctx().text)
ctx().long.join(ctx().text)
ctx().text.join(ctx().long)
concat(ctx().text, ctx().text, ctx().text, ctx().text, ctx().text, ctx().text, ctx().text, \
ctx().text, ctx().text, ctx().text, ctx().text)
round(123, -1000000000)
round(1.5, 1000000000)
'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' =~ '(a|aa)+$'
'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' !~ '(a|aa)+$'
'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' =~ regex('(a|aa)+$')
'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' !~ regex('(a|aa)+$')
'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('(a|aa)+$')
regex('(a|aa)+$').matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')
regex('(a|aa)+$').search('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')
regex('(a|aa)+$').searchAll('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')
regex('(a|aa)+$').split('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')
regex('(a|aa)+$').replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', 'x')
'a' =~ '((((a{1000}){1000}){1000}){1000})'
(ctx().text + 'x') =~ 'x'
regex('x').searchAll(ctx().text)
regex('x').replace(ctx().text, 'twelve chars')
""".strip()
    .replace("\\\n", "")
    .splitlines()
)


@pytest.mark.parametrize("source", ESCAPES)
def test_what_is_not_listed_does_not_exist(source: str) -> None:
    assert error(f"<% {source} %>").reason is not Reason.LIMIT


@pytest.mark.parametrize("source", BOMBS)
def test_what_would_be_large_or_long_is_refused(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "_SECONDS", 0.01)
    assert error(f"<% {source} %>").reason is Reason.LIMIT


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("ctx().list.select($ * 2)", [6, 2, 4]),
        ("ctx().hosts.where($.up).name", ["a"]),
        ("ctx().hosts.select($.name)", ["a", "b"]),
        ("ctx().hosts.name.join(', ')", "a, b"),
        ("', '.join(ctx().hosts.name)", "a, b"),
        ("ctx().list.orderBy($)", [1, 2, 3]),
        ("ctx().hosts.distinct($.up).len()", 2),
        ("ctx(list).sum()", 6),
        ("ctx().d.keys().orderBy($)", ["a", "deep", "items"]),
        ("ctx().d.get(nope, 5)", 5),
        ("ctx().d.containsKey(a)", True),
        ("ctx().len() > 3", True),
        ("ctx().containsKey(n)", True),
        ("'n' in ctx().keys()", True),
        ("ctx() = ctx()", True),
        ("[ctx(), ctx()].distinct().len()", 1),
        ("dict(ctx().hosts.select([$.name, $.up]))", {"a": True, "b": False}),
        ("dict(a => 1, b => [1, 2])", {"a": 1, "b": [1, 2]}),
        ("dict(1 => 2)", {"1": 2}),
        ("{a => 1}.set(b, 2)", {"a": 1, "b": 2}),
        ("{a => {b => 1}}.mergeWith({a => {c => 2}})", {"a": {"b": 1, "c": 2}}),
        ("switch(ctx().n > 1 => big, true => small)", "big"),
        ("let(a => 2) -> $a * 3", 6),
        ("[1, 2].unpack(a, b) -> $a + $b", 3),
        ("'abc'.replace('b', 'x')", "axc"),
        ("[1, 2].replace(0, 5)", [5, 2]),
        ("regex('b').replace('abc', 'x')", "axc"),
        ("'a,b'.split(',')", ["a", "b"]),
        ("'ab' * 2", "abab"),
        ("2 * [1]", [1, 1]),
        ("2.5 * 2", 5.0),
        ("pow(2, 3)", 8),
        ("pow(2, 0.5) < 2", True),
        ("round(1.26, 1)", 1.3),
        ("'web-01' =~ 'web-[0-9]+'", True),
        ("'web-01' !~ 'db.*'", True),
        ("'a' =~ regex('a')", True),
        ("'abc'.matches('a.c')", True),
        ("'abc'.matches(regexp => 'A')", False),
        ("regex('A', ignoreCase => true).matches('abc')", True),
        ("regex('^b', multiLine => true).search('a\\nb')", "b"),
        ("regex('(b)(c)?').search('abd', $2.value)", "b"),
        ("regex('[bc]').searchAll('abcb')", ["b", "c", "b"]),
        ("regex(',').split('a,b,c')", ["a", "b", "c"]),
        ("regex(',').split('a,b,c', 1)", ["a", "b,c"]),
        ("'a,b'.split(regex(','))", ["a", "b"]),
        ("'abcb'.replace(regex('b'), '-', 1)", "a-cb"),
        ("'(ab)*' =~ '\\\\(ab\\\\)\\\\*'", True),
        ("'abab' =~ '(ab)+'", True),
        ("range(3)", [0, 1, 2]),
        ("range(3).aggregate($1 + $2, 10)", 13),
        ("[3, 1].enumerate()", [[0, 3], [1, 1]]),
        ("[1, 2].zip([3, 4])", [[1, 3], [2, 4]]),
        ("zip([1, 2], [3], pad => 0)", [[1, 3], [2, 0]]),
        ("coalesce(null, 1)", 1),
        ("ctx().none?.name", None),
        ("str(ctx().yes)", "true"),
        ("item(host)", "a"),
        ("item().host", "a"),
        ("result().items.first()", 7),
        ("json('{\"a\": [1]}').a.first()", 1),
        ("[[1], [2, [3]]].flatten()", [1, 2, 3]),
        ("(1 + 2) * 3", 9),
        ('"\\x"', "\\x"),
    ],
)
def test_what_is_listed_can_be_used(source: str, expected: object) -> None:
    assert value(f"<% {source} %>") == expected


@pytest.mark.parametrize(
    ("source", "reason", "message"),
    [
        ("nope()", Reason.UNDEFINED, "there is no function nope()"),
        ("'a'.nope()", Reason.UNDEFINED, "there is no method nope() of such a value"),
        ("ctx().nope + 1", Reason.UNDEFINED, "nope"),
        ("ctx().d.nope.more()", Reason.UNDEFINED, "nope"),
        ("ctx().n.nope.more()", Reason.UNDEFINED, "there is no key 'nope'"),
        ("[1].select($ + 'a')", Reason.EVALUATION, "'+' can't be used with such values"),
        ("[].first()", Reason.UNDEFINED, "there is no such item"),
        ("[1, 2].single()", Reason.UNDEFINED, "more than one item"),
        ("range(3).select(1 / 0)", Reason.EVALUATION, "ZeroDivisionError"),
    ],
)
def test_errors_say_what_is_wrong(source: str, reason: Reason, message: str) -> None:
    raised = error(f"<% {source} %>")

    assert raised.reason is reason
    assert message in raised.message


def test_an_expression_nested_too_deep_is_an_error_and_no_crash() -> None:
    for source in ("(" * 3_000 + "1" + ")" * 3_000, "not " * 3_000 + "1", "1" + "+1" * 9_000):
        assert error(f"<% {source} %>").reason in {Reason.SYNTAX, Reason.LIMIT}


def test_data_are_never_evaluated() -> None:
    assert value("<% ctx().template %>") == "{{ ctx().n }} <% ctx().n %>"
    assert value("it: <% ctx().template %>") == "it: {{ ctx().n }} <% ctx().n %>"
