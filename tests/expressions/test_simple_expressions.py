"""What is compiled by us and what is left to the libraries."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from segue.expressions import compile_template
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.expressions.simple import jinja as simple_jinja
from segue.expressions.simple import yaql as simple_yaql
from segue.expressions.simple.tree import Closure, UnsureError

SCOPE = Scope(
    context={
        "name": "Ada",
        "count": 3,
        "ratio": 0.5,
        "ok": True,
        "nothing": None,
        "hosts": ["a", "b"],
        "digits": "17",
        "big": 2**63,
        "long": "x" * 100_001,
        "server": {"ports": [80, 443], "items": {"k": "v"}, "tags": {}},
    },
    facts=Facts(now=100.0, random=0.25, env={"HOME": "/home/ada"}),
    task="build",
    status="succeeded",
    result={"stdout": "done", "return_code": 0},
    tasks={"probe": TaskRecord(status="failed", result={"why": "slow"})},
    item=CurrentItem(value={"host": "a"}, index=1),
    visit=2,
    attempt=1,
)

JINJA = {
    "1": 1,
    " 2.5 ": 2.5,
    "'a b'": "a b",
    '"quoted"': "quoted",
    "true": True,
    "False": False,
    "none": None,
    "ctx().name": "Ada",
    "ctx.name": "Ada",
    "ctx('name')": "Ada",
    "ctx()['name']": "Ada",
    "ctx ( 'name' )": "Ada",
    "ctx().server.ports[1]": 443,
    "ctx().server.ports[-1]": 443,
    "ctx().server.items.k": "v",
    "ctx().server['items']['k']": "v",
    "result().stdout": "done",
    "task('probe').result.why": "slow",
    "task_status('probe')": "failed",
    "succeeded() and result().return_code == 0": True,
    "failed() or ctx().count > 2": True,
    "not succeeded()": False,
    "not ctx().count == 3": False,
    "item('host')": "a",
    "index()": 1,
    "visit() + attempt()": 3,
    "env('HOME')": "/home/ada",
    "now()": "1970-01-01T00:01:40Z",
    "ctx().count + 1": 4,
    "ctx().count - 1": 2,
    "ctx().count * ctx().ratio": 1.5,
    "ctx().count / 2": 1.5,
    "ctx().count // 2": 1,
    "ctx().count % 2": 1,
    "-ctx().count": -3,
    "- 1 + 2 * 3": 5,
    "(1 + 2) * 3": 9,
    "ctx().name + '!'": "Ada!",
    "ctx().name ~ ctx().count ~ none ~ true ~ 1.5": "Ada3NoneTrue1.5",
    "ctx().count != 3": False,
    "ctx().count < 4": True,
    "ctx().count <= 3": True,
    "ctx().count >= 4": False,
    "ctx().name > 'Aa'": True,
    "'a' in ctx().hosts": True,
    "'a' not in ctx().hosts": False,
    "'d' in ctx().name": True,
    "'ports' in ctx().server": True,
    "ctx().server == {'a': 1}": False,
    "'yes' if ctx().ok else 'no'": "yes",
    "'yes' if not ctx().ok else 'no' if ctx().ok else 'never'": "no",
    "[1, ctx().name, []]": [1, "Ada", []],
    "{'a': ctx().count, 'b': {}}": {"a": 3, "b": {}},
    "ctx().digits|int + 1": 18,
    "ctx().count|int": 3,
    "ctx().hosts|length": 2,
    "ctx().name|upper|lower": "ada",
    "ctx().name|trim|count": 3,
    "ctx().count|string": "3",
    "ctx().name|default('x')": "Ada",
}

YAQL = {
    "1": 1,
    "2.5": 2.5,
    "'a b'": "a b",
    "word": "word",
    "True": "True",
    "true": True,
    "false": False,
    "null": None,
    "ctx().name": "Ada",
    "ctx(name)": "Ada",
    "ctx('name')": "Ada",
    "ctx()[name]": "Ada",
    "ctx().server.ports[1]": 443,
    "ctx(server).items.k": "v",
    "result().stdout": "done",
    "task(probe).result.why": "slow",
    "task_status(probe) = failed": True,
    "succeeded() and result().return_code = 0": True,
    "failed() or ctx().count > 2": True,
    "not succeeded()": False,
    "not a in ctx().hosts": False,
    "item(host)": "a",
    "ctx().count + 1": 4,
    "ctx().count - 1": 2,
    "ctx().count * ctx().ratio": 1.5,
    "ctx().count / 2": 1,
    "ctx().count / 2.0": 1.5,
    "ctx().count mod 2": 1,
    "-ctx().count": -3,
    "(1 + 2) * 3": 9,
    "ctx().name + '!'": "Ada!",
    "ctx().count != 3": False,
    "ctx().count < 4": True,
    "ctx().count <= 3": True,
    "ctx().count >= 4": False,
    "ctx().name > Aa": True,
    "a in ctx().hosts": True,
    "d in ctx().name": True,
    "[1, ctx().name, []]": [1, "Ada", []],
    "{a => ctx().count, 'b' => {}}": {"a": 3, "b": {}},
    "ctx().server.get(ports)": [80, 443],
    "ctx().server.get(nothing)": None,
    "ctx().server.get(nothing, 1)": 1,
    "ctx().hosts.len()": 2,
    "len(ctx().name)": 3,
    "ctx().name.toUpper()": "ADA",
    "ctx().name.toLower()": "ada",
    "int(ctx().digits) + int(1)": 18,
    "str(ctx().count) + str(null) + str(true) + str(false) + str(x)": "3nulltruefalsex",
}

NOT_JINJA = [
    "",
    "ctx",
    "ctx()",
    "ctx().hosts[ctx()]",
    "name",
    "self",
    "ctx().name.upper()",
    "ctx().name is defined",
    "ctx().hosts|join(',')",
    "ctx().hosts|int(1)",
    "ctx().hosts|length.x",
    "ctx().hosts|ctx()",
    "ctx().name|default",
    "ctx().hosts[0:1]",
    "ctx().hosts[name]",
    "ctx()[name]",
    "ctx().__class__",
    "ctx().in",
    "ctx().true",
    "ctx().'a'",
    "ctx('a', 'b')",
    "ctx(name)",
    "1 < 2 < 3",
    "1 < 2 in 3",
    "1 not 2",
    "1 not in2",
    "1 == not 2",
    "- -1",
    "-1|int",
    "- not 1",
    "2 ** 3",
    "(1, 2)",
    "[1,]",
    "[1",
    "(1",
    "{'a': 1,}",
    "{1: 2}",
    "{ctx: 1}",
    "{'a' 1}",
    "range(3)",
    "json('1')",
    "secret('x')",
    "'a' 'b'",
    r"'a\n'",
    "'a",
    "1.",
    "01",
    "1e3",
    "12345678901234567890",
    "é",
    "1 if",
    "if 1",
    "1 if 2 if 3",
    "range(3) if true else 1",
    "1 if range(3) else 1",
    "1 if true else range(3)",
    "not range(3)",
    "-range(3)",
    "[range(3)]",
    "{'a': range(3)}",
    "range(3) + 1",
    "1 and range(3)",
    "range(3).x",
    "range(3)[0]",
    "range(3)|length",
    "=",
    "(" * 50 + "1" + ")" * 50,
]

NOT_YAQL = [
    "ctx()",
    "$",
    "$.name",
    "ctx ().name",
    "ctx().hosts.select($)",
    "ctx().hosts.len(1)",
    "ctx().hosts.len ()",
    "ctx().server.get()",
    "ctx().server.keys()",
    "ctx($)",
    "str()",
    "str(1, 2)",
    "str($)",
    "list(1)",
    "__a",
    "ctx().__a",
    "ctx().mod",
    "1 = 2 = 3",
    "1 in [1] in [2]",
    "{1 => 2}",
    "a.b()",
    "'a'|upper",
    "1 if 2 else 3",
    "1 == 1",
]

UNSURE_JINJA = [
    "ctx().nobody",
    "ctx('nobody')",
    "ctx(1)",
    "ctx('__private')",
    "ctx().name.first",
    "ctx().nothing.x",
    "ctx().hosts[2]",
    "ctx().hosts['a']",
    "ctx().hosts[true]",
    "ctx().name[0]",
    "1 + 'a'",
    "ctx().hosts + ctx().hosts",
    "1 / 0",
    "ctx().big * ctx().big",
    "ctx().big ~ ''",
    "ctx().hosts ~ ''",
    "ctx().long + 'x'",
    "ctx().long|upper",
    "1 < 'a'",
    "1 in 2",
    "1 in 'a'",
    "[] in {}",
    "-'a'",
    "-ctx().big",
    "1|length",
    "1|upper",
    "true|int",
    "'x'|int",
    "'1234567890123456789'|int",
    "1 if false",
]

UNSURE_YAQL = [
    "ctx().nobody",
    "ctx(nobody)",
    "ctx().hosts.name",
    "1 + true",
    "1 / 0",
    "1.5 / 0",
    "[] = []",
    "1 < true",
    "1 < a",
    "null < 1",
    "[] in [1]",
    "1 in abc",
    "1 in 2",
    "-true",
    "len(1)",
    "ctx().count.toUpper()",
    "ctx().long.toUpper()",
    "str([])",
    "int(true)",
    "int(a)",
    "name.get(a)",
    "{}.get(1)",
]


@pytest.mark.parametrize(("source", "value"), JINJA.items())
def test_a_simple_jinja_expression_has_its_value(source: str, value: object) -> None:
    given = _closure(simple_jinja.compile_simple, source)(SCOPE)

    assert (given, type(given)) == (value, type(value))


@pytest.mark.parametrize(("source", "value"), YAQL.items())
def test_a_simple_yaql_expression_has_its_value(source: str, value: object) -> None:
    given = _closure(simple_yaql.compile_simple, source)(SCOPE)

    assert (given, type(given)) == (value, type(value))


@pytest.mark.parametrize("source", NOT_JINJA)
def test_other_jinja_is_left_to_jinja(source: str) -> None:
    assert simple_jinja.compile_simple(source) is None


@pytest.mark.parametrize("source", NOT_YAQL)
def test_other_yaql_is_left_to_yaql(source: str) -> None:
    assert simple_yaql.compile_simple(source) is None


@pytest.mark.parametrize("source", UNSURE_JINJA)
def test_what_jinja_must_judge_is_not_guessed(source: str) -> None:
    closure = _closure(simple_jinja.compile_simple, source)

    with pytest.raises(UnsureError):
        closure(SCOPE)


@pytest.mark.parametrize("source", UNSURE_YAQL)
def test_what_yaql_must_judge_is_not_guessed(source: str) -> None:
    closure = _closure(simple_yaql.compile_simple, source)

    with pytest.raises(UnsureError):
        closure(SCOPE)


def test_the_library_answers_where_ours_is_unsure_and_is_compiled_once() -> None:
    template = compile_template("{{ ctx().hosts + ctx().hosts }}")

    assert template.evaluate(SCOPE) == ["a", "b", "a", "b"]
    assert template.evaluate(SCOPE) == ["a", "b", "a", "b"]


def test_simple_expressions_load_neither_library() -> None:
    program = (
        "import sys\n"
        "from segue.expressions import compile_template\n"
        "from segue.expressions.scope import Facts, Scope\n"
        "template = compile_template(['{{ ctx().a + 1 }}', '<% ctx(a) > 1 %>'])\n"
        "print(template.evaluate(Scope(context={'a': 2}, facts=Facts(now=0.0))))\n"
        "print([name for name in ('jinja2', 'yaql') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[3, True]\n[]\n"


def _closure(compile_simple: Callable[[str], Closure | None], source: str) -> Closure:
    closure = compile_simple(source)
    assert closure is not None, f"{source} is no simple expression"
    return closure
