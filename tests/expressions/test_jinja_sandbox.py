"""Jinja expressions reach data and the listed functions, nothing else, and never take long."""

import pytest
from tests.expressions.evaluating import error, value

from segue.expressions import Reason

ESCAPES = """
ctx().name.__class__
ctx().name['__class__']
ctx()['name']['__class__']['__mro__']
ctx().name|attr('__class__')
ctx().name|attr('upper')
ctx.__class__
ctx.__call__
ctx.scope
ctx.function
ctx.__init__.__globals__
result.__globals__
result.run
range.__class__
dict.__class__
dict.fromkeys([1])
ctx().list|map(attribute='__class__')|list
ctx().list|map('attr', '__class__')|list
ctx().list|sort(attribute='__class__')|list
ctx().list|unique(attribute='__class__')|list
ctx().name.format('a')
'{0.__class__}'.format(1)
'{a}'.format_map({'a': 1})
''.__class__.__mro__
().__class__.__bases__[0].__subclasses__()
{}.__class__
(1).__class__
none.__class__
true.__class__
'a'.__mul__(5)
ctx().n.__add__(1)
ctx().n.to_bytes(10, 'big')
ctx().n.real
ctx().name.encode('utf-8')
ctx().name.translate({})
[].append(1)
ctx().list.append(1)
ctx().list.sort()
ctx().d.update({'a': 2})
ctx().d.pop('a')
ctx().d.clear()
ctx().d.setdefault('z', 1)
self
self.__init__
super()
caller()
varargs
environment
config
loop
lipsum()
lipsum.__globals__
cycler('a')
joiner()
namespace()
__import__('os')
open('/etc/passwd')
ctx().list|random
ctx().d|pprint
ctx().d|xmlattr
ctx().text|urlize
ctx().nope()
ctx().name()
'a'()
(ctx().nope)|upper
','.join([1])
ctx().list[ctx().nope]
succeeded
ctx().name.upper
[ctx]
range(3).start
""".strip().splitlines()

BOMBS = (
    """
2 ** 63 * 4
zip(*[range(100000)] * 1000)
range(1000000)
range(10**12)|list
range(0, 10**30)
'x' * 100000000
100000000 * 'x'
[0] * 100000000
100000000 * [0]
[[0] * 1000] * 1000000
2 ** 100000
(-2) ** 99999
(2**4000) * (2**4000)
2 ** 4090 + 2 ** 4095 * 8
'%99999999d' % 1
'%*d' % (99999999, 1)
'%.99999999f' % 1.0
'%99999999d'|format(1)
'%(a)99999999d'|format(a=1)
'x'|center(100000000)
'x'.center(100000000)
'x'.ljust(100000000)
'x'.zfill(100000000)
'x\\t'.expandtabs(100000000)
'x'|indent(100000000)
'x'|truncate(100000000)
ctx().text.replace('x', ctx().text)
ctx().text|replace('x', ctx().text)
ctx().text|replace('', ctx().text)
ctx().text.join(ctx().text)
ctx().long|join(ctx().text)
[1]|batch(100000000, 0)|list
[1]|slice(100000000)|list
1.5|round(100000000)
1.5|round(precision=100000000)
1.5|round(-100000000, 'floor')
{'a': 1}|tojson(indent=100000000)
ctx().text ~ ctx().text ~ ctx().text ~ ctx().text ~ ctx().text ~ ctx().text ~ ctx().text ~ \
ctx().text ~ ctx().text ~ ctx().text ~ ctx().text
(ctx().text * 6) + (ctx().text * 6)
(ctx().long * 2) + (ctx().long * 2)
[(ctx().text * 6), (ctx().text * 6)]
[[ctx().long, ctx().long, ctx().long, ctx().long, ctx().long, ctx().long, ctx().long], \
[ctx().long, ctx().long, ctx().long, ctx().long, ctx().long, ctx().long, ctx().long]]|string|length
ctx().list|map('center', 9999999)|list
""".strip()
    .replace("\\\n", "")
    .splitlines()
)

STATEMENTS = """
{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}
{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}
{% for i in ctx().long %}{{ ctx().text }}{% endfor %}
{% for i in range(1000) %}{{ ctx().long|sum }}{% endfor %}
{% for i in range(100000) %}{{ ctx().text|upper|length }}{% endfor %}
{% for i in range(100000) %}{% set q = 99999 in ctx().long %}{% endfor %}
{% for i in range(100000) %}{% set q = 99999 is in(ctx().long) %}{% endfor %}
{% for i in range(100000) %}{% set q = 'b' in ctx().text %}{% endfor %}
{% for i in range(100000) %}{% set q = ctx().text == ctx().text ~ '' %}{% endfor %}
{% for i in range(100000) %}{% set q = ctx().long.count(-1) %}{% endfor %}
{% for i in range(100000) %}{% set q = ctx().long[::-1] %}{% endfor %}
{% for i in range(100000) %}{% set q = ctx().text.upper() %}{% endfor %}
{% for i in range(100000) %}{% set q = ctx().text.split('a') %}{% endfor %}
{% for i in range(100000) %}{% set q = 'a' * 8000000 %}{% endfor %}
{% filter center(100000000) %}a{% endfilter %}
{% set x %}{{ ctx().text }}{% endset %}{{ (x ~ x)|replace('x', x) }}
""".strip().splitlines()

DOUBLING = "{% set x = [1] %}" + "{% set x = [x, x] %}" * 40 + "{{ x }}"
DOUBLING_DICT = "{% set x = 1 %}" + "{% set x = dict(a=x, b=x) %}" * 40 + "{{ x == x }}"

REFUSED = """
{% for i in ctx().list recursive %}{{ loop([1]) }}{% endfor %}
{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}
{% include 'x' %}
{% import 'x' as x %}
{% from 'x' import y %}
{% extends 'x' %}
{% block a %}{% endblock %}
{% call a() %}{% endcall %}
{% set ns = namespace(a=1) %}{% set ns.a = 2 %}
{% set x.y = 1 %}
{% do ctx().list.append(1) %}
{% autoescape true %}{% endautoescape %}
{% with a = lipsum %}{{ a.__globals__ }}{% endwith %}
{{ ctx().name }}{% debug %}
{% trans %}a{% endtrans %}
""".strip().splitlines()


@pytest.mark.parametrize("source", ESCAPES)
def test_what_is_not_listed_does_not_exist(source: str) -> None:
    assert error("{{ " + source + " }}").reason in {
        Reason.UNDEFINED,
        Reason.EVALUATION,
        Reason.SYNTAX,
    }


@pytest.mark.parametrize("source", BOMBS)
def test_what_would_be_large_is_refused_before_it_is_made(source: str) -> None:
    assert error("{{ " + source + " }}").reason in {Reason.LIMIT, Reason.EVALUATION}


@pytest.mark.parametrize("text", [*STATEMENTS, DOUBLING, DOUBLING_DICT])
def test_a_template_that_would_take_long_or_much_ends(text: str) -> None:
    assert error(text).reason is Reason.LIMIT


@pytest.mark.parametrize("text", REFUSED)
def test_statements_that_reach_out_or_go_round_can_not_be_used(text: str) -> None:
    assert error(text).reason in {Reason.SYNTAX, Reason.UNDEFINED}


def test_an_expression_nested_too_deep_is_an_error_and_no_crash() -> None:
    for source in (
        "(" * 5_000 + "1" + ")" * 5_000,
        "not " * 4_000 + "1",
        "[" * 150 + "1" + "]" * 150 + "|list",
        "1" + "+1" * 9_000,
    ):
        assert error("{{ " + source + " }}").reason in {Reason.SYNTAX, Reason.LIMIT}


def test_an_expression_is_not_longer_than_anybody_would_write() -> None:
    assert "longer than 20,000 characters" in error("{{ '" + "x" * 20_000 + "' }}").message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("ctx().name.upper()", "WEB"),
        ("ctx().name.replace('w', 'W')", "Web"),
        ("ctx().name.replace('w', 'W', 0)", "web"),
        ("','.join(['a', 'b'])", "a,b"),
        ("'a' if ctx().yes", "a"),
        ("('a' if ctx().yes else 'b')|upper", "A"),
        ("zip()|length", 0),
        ("zip([1]|map('string'), [1]|map('string'))", [["1", "1"]]),
        ("('a' if not ctx().yes)|default('-')", "-"),
        ("2 is in([1, 2])", True),
        ("zip(['a', 'b']|map('upper'), [1])", [["A", 1], ["B", None]]),
        ("'a'.center(3)", " a "),
        ("'a'.zfill(3)", "00a"),
        ("'\\t'.expandtabs(2)", "  "),
        ("'a,b'.split(',')", ["a", "b"]),
        ("1.0.is_integer()", True),
        ("[1, 2].copy()", [1, 2]),
        ("(1, 2).count(1)", 1),
        ("ctx().list.index(2)", 2),
        ("ctx().d.get('nope', 5)", 5),
        ("ctx().d.keys()|sort", ["a", "deep", "items"]),
        ("ctx().list|sum", 6),
        ("[1.5, 2]|sum", 3.5),
        ("ctx().hosts|map(attribute='name')|list", ["a", "b"]),
        ("ctx().hosts|selectattr('up')|map(attribute='name')|join(', ')", "a"),
        ("(ctx().hosts|groupby('up')|first).grouper", False),
        ("(ctx().hosts|groupby('up')|first).list|length", 1),
        ("(ctx().hosts|groupby('up')|first).nope|default('-')", "-"),
        ("ctx().list|join", "312"),
        ("ctx().list|map('string')|join('-')", "3-1-2"),
        ("'a\\nb'|indent(2)", "a\n  b"),
        ("'a\\nb'|indent('> ')", "a\n> b"),
        ("'aaa'|replace('a', 'b', 2)", "bba"),
        ("[1, 2, 3]|batch(2)|list", [[1, 2], [3]]),
        ("[1, 2, 3]|batch(2, fill_with=0)|list", [[1, 2], [3, 0]]),
        ("[1, 2, 3]|batch(2, fill_with='-')|list", [[1, 2], [3, "-"]]),
        ("'a'|center(width=3)", " a "),
        ("[1, 2, 3]|slice(2)|list", [[1, 2], [3]]),
        ("1.256|round(2)", 1.26),
        ("1.256|round(precision=1, method='floor')", 1.2),
        ("'%s-%d'|format('a', 3)", "a-3"),
        ("'%(a)s'|format(a=3)", "3"),
        ("'%s of %s' % (1, 2)", "1 of 2"),
        ("7 % 4", 3),
        ("7 // 4", 1),
        ("7 / 4", 1.75),
        ("7 - 4", 3),
        ("2 ** 3", 8),
        ("2 ** 0.5 < 2", True),
        ("'ab' * 2", "abab"),
        ("2 * [1]", [1, 1]),
        ("1.5 * 2", 3.0),
        ("'a' + 'b'", "ab"),
        ("[1] + [2]", [1, 2]),
        ("1.5 + 1", 2.5),
        ("{'b': 1, 'a': '<'}|tojson", '{"a": "\\u003c", "b": 1}'),
        ("'{\"a\": 1}'|json", {"a": 1}),
        ("'{\"a\": 1}'|json|items|list", [["a", 1]]),
        ("'x' ~ 1 ~ none ~ true ~ [1]", "x1NoneTrue[1]"),
        ("range(3)", [0, 1, 2]),
        ("range(3)[1]", 1),
        ("dict(a=1)", {"a": 1}),
        ("ctx().name[0]", "w"),
        ("ctx().list[-1]", 2),
        ("ctx().list[1:]", [1, 2]),
        ("ctx().list|sort|first", 1),
        ("'<b>'|e", "&lt;b&gt;"),
        ("'<b>'|safe ~ '<'", "<b><"),
        ("ctx().hosts|map(attribute='name')|map('upper')|list", ["A", "B"]),
        ("ctx()|length", 12),
        ("[1, 2]|map('string')|string is string", True),
    ],
)
def test_what_is_listed_can_be_used(source: str, expected: object) -> None:
    assert value("{{ " + source + " }}") == expected


def test_a_key_comes_before_a_method_unless_it_is_called() -> None:
    assert value("{{ result().items }}") == [7]
    assert value("{{ ctx.items }}") == ["i"]
    assert value("{{ ctx().d.items }}") == [1, 2]
    assert value("{{ ctx().d.items()|length }}") == 3
    assert value("{{ ctx().d.items(*[])|length }}") == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% for i in ctx().list %}{{ loop.index }}={{ i }} {% endfor %}", "1=3 2=1 3=2 "),
        ("{% for i in ctx().list %}{{ loop.cycle('a', 'b') }}{% endfor %}", "aba"),
        ("{% for i in [1] %}{{ loop.nope|default('-') }}{% endfor %}", "-"),
        ("{% for h in ctx().hosts if h.up %}{{ h.name }}{% endfor %}", "a"),
        ("{% for k, v in ctx().d.deep.items() %}{{ k }}={{ v }}{% endfor %}", "er=yes"),
        ("{% if ctx().yes %}yes{% else %}no{% endif %}", "yes"),
        ("{% set x = ctx().n + 1 %}{{ x }}", "4"),
        ("{% set x = 'a' if ctx().yes else 'b' %}{{ x }}", "a"),
        ("{% set a, b = 1, 2 %}{{ a + b }}", "3"),
        ("{% with x = 1 %}{{ x }}{% endwith %}", "1"),
        ("{% filter upper %}a{% endfilter %}", "A"),
        ("{% raw %}{{ ctx().n }}{% endraw %} {{ ctx().n }}", "{{ ctx().n }} 3"),
        ("{% if 1 %}{{ [none, true, 'a'] }}{% endif %}", "[None, True, 'a']"),
        ("{% for i in ctx().list %}{{ ctx('n') }}{{ ctx().d.get('a') }}{% endfor %}", "313131"),
    ],
)
def test_statements_make_text(text: str, expected: str) -> None:
    assert value(text) == expected


def test_data_are_never_evaluated() -> None:
    assert value("{{ ctx().template }}") == "{{ ctx().n }} <% ctx().n %>"
    assert value("it: {{ ctx().template }}") == "it: {{ ctx().n }} <% ctx().n %>"
    assert value("{% if 1 %}{{ ctx().template }}{% endif %}") == "{{ ctx().n }} <% ctx().n %>"
