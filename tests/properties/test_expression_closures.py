"""What we compile to closures gives what the libraries give, in value and in type."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from segue.expressions.jinja.program import compile_jinja
from segue.expressions.limits import Budget, EvaluationError
from segue.expressions.plain import plain
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.expressions.simple import jinja as simple_jinja
from segue.expressions.simple import yaql as simple_yaql
from segue.expressions.simple.tree import Closure, UnsureError
from segue.expressions.yaql.language import compile_yaql
from segue.values import JsonValue

Run = Callable[[Scope, Budget], object]

_JINJA_SIGNS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or"]
_JINJA_SIGNS += ["in", "not in", "and not"]
_YAQL_SIGNS = ["+", "-", "*", "/", "mod", "=", "!=", "<", ">", "<=", ">=", "in", "and", "or"]
_YAQL_SIGNS += ["and not"]
_NAMES = ["a", "b", "count", "items", "x", "missing", "get"]
_TEXTS = ["", "a", "b", "0", "17", "x y", "é", "True", "null", "{{ 1 }}", "<% 1 %>"]

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([0.0, 0.5, -2.5, 1.0, 1e300]),
    st.sampled_from([2**40, 2**63 - 1, -(2**62)]),
    st.sampled_from(_TEXTS),
)
_values: st.SearchStrategy[JsonValue] = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
_statuses = st.sampled_from([None, "running", "succeeded", "failed", "timeout", "canceled"])


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    """Return any circumstances, often without what an expression asks for."""
    context = draw(st.dictionaries(st.sampled_from(_NAMES[:-2]), _values, max_size=5))
    status = draw(_statuses)
    return Scope(
        context=context,
        facts=Facts(
            now=1_700_000_000.25,
            random=0.5,
            env={"a": "set", "b": None},
            keys={"a": draw(_values), "b": None, "17": "x"},
        ),
        task="t" if status else None,
        status=status,
        result=draw(_values) if status else None,
        tasks={"a": TaskRecord(status="succeeded", result=draw(_values))},
        item=draw(st.none() | st.builds(CurrentItem, value=_values, index=st.integers(0, 3))),
        visit=draw(st.none() | st.just(2)),
        attempt=draw(st.none() | st.just(1)),
    )


def _literals(texts: list[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(["0", "1", "2", "17", "0.5", "2.50", "123456789012345"]),
        st.sampled_from(texts),
        st.sampled_from(_TEXTS).map(lambda text: f"'{text}'"),
        st.sampled_from(_TEXTS).map(lambda text: f'"{text}"'),
    )


_names = st.sampled_from(_NAMES)
_calls = st.sampled_from(
    [
        "result()",
        "succeeded()",
        "failed()",
        "timed_out()",
        "completed()",
        "item()",
        "index()",
        "visit()",
        "attempt()",
        "now()",
        "task('a')",
        "task_status('a')",
        "task_status('b')",
        "env('a')",
        "env('b')",
        "key('a')",
        "key('b')",
        "st2kv('a')",
        "task()",
        "item('a')",
    ]
)
_shared_starts = st.one_of(
    _names.map(lambda name: f"ctx().{name}"),
    _names.map(lambda name: f"ctx('{name}')"),
    _names.map(lambda name: f"ctx()['{name}']"),
    _calls,
    _calls,
)


def _grown(inner: st.SearchStrategy[str], signs: list[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(signs), inner).map(" ".join),
        st.tuples(inner, st.sampled_from(signs), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"not {one}"),
        inner.map(lambda one: f"-{one}"),
        st.tuples(inner, _names).map(".".join),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}[{two[1]}]"),
        st.lists(inner, max_size=2).map(lambda some: f"[{', '.join(some)}]"),
    )


_jinja = st.recursive(
    st.one_of(
        _literals(["true", "false", "none", "True", "None"]),
        _shared_starts,
        _names.map(lambda name: f"ctx.{name}"),
    ),
    lambda inner: st.one_of(
        _grown(
            inner,
            _JINJA_SIGNS,
        ),
        st.tuples(
            inner,
            st.sampled_from(
                ["int", "length", "lower", "upper", "trim", "string", "count", "default('d')"]
            ),
        ).map("|".join),
        st.tuples(inner, inner, inner).map(lambda three: "{} if {} else {}".format(*three)),
        st.tuples(inner, inner).map(lambda two: "{} if {}".format(*two)),
        st.tuples(_names, inner).map(lambda two: "{{'{}': {}}}".format(*two)),
    ),
    max_leaves=6,
)
_yaql = st.recursive(
    st.one_of(
        _literals(["true", "false", "null", "word", "True"]),
        _shared_starts,
        _names.map(lambda name: f"ctx({name})"),
    ),
    lambda inner: st.one_of(
        _grown(inner, _YAQL_SIGNS),
        st.tuples(
            inner,
            st.sampled_from(["len()", "toLower()", "toUpper()", "get(a)", "get(b, 1)", "keys()"]),
        ).map(".".join),
        st.tuples(st.sampled_from(["str", "int", "len"]), inner).map(
            lambda two: "{}({})".format(*two)
        ),
        st.tuples(_names, inner).map(lambda two: "{{{} => {}}}".format(*two)),
    ),
    max_leaves=6,
)


def _outcome(run: Callable[[], object]) -> tuple[str, object]:
    """Return what came of it, comparable with its types: 1, 1.0 and true differ."""
    try:
        return "value", repr(plain(run(), Budget()))
    except UnsureError:
        return "unsure", None
    except EvaluationError as error:
        # Which of two errors is met first is left open: YAQL looks for a fitting function in an
        # order of its own, which is not the same in each process.
        return "error", error.reason
    except Exception:  # noqa: BLE001 - a library raises anything
        return "library error", None


def _agree(
    source: str, closure: Closure | None, compile_: Callable[[str], Run], scope: Scope
) -> None:
    if closure is None:
        return
    library = compile_(source)  # what we accept, the library can read
    ours = _outcome(lambda: closure(scope))
    if ours[0] != "unsure":
        assert ours == _outcome(lambda: library(scope, Budget())), source


@settings(max_examples=500, deadline=None, derandomize=True)
@given(source=_jinja, scope=scopes())
def test_a_simple_jinja_expression_gives_what_jinja_gives(source: str, scope: Scope) -> None:
    _agree(
        source,
        simple_jinja.compile_simple(source),
        lambda one: compile_jinja(one, statements=False),
        scope,
    )


@settings(max_examples=400, deadline=None, derandomize=True)
@given(source=_yaql, scope=scopes())
def test_a_simple_yaql_expression_gives_what_yaql_gives(source: str, scope: Scope) -> None:
    _agree(source, simple_yaql.compile_simple(source), compile_yaql, scope)


_WORDS = [
    *("ctx", "ctx()", "ctx().a", "ctx(a)", "result()", "(", ")", "[", "]", "{", "}", ".", ",", "|"),
    *("+", "-", "*", "/", "//", "%", "~", "==", "!=", "=", "<", ">", "<=", "in", "not", "not in"),
    *("and", "or", "if", "else", "is", "mod", "true", "none", "None", "null", "1", "2.5", "'a'"),
    *('"b"', "a", ":", "=>", "int", "length", "default('x')", "len()", "get(a)", "str(", "__a"),
    *("1.", "07", "1e5", "\\", "'", "é", "$", "@", "`a`", "-}}", "\n"),
]


@settings(max_examples=600, deadline=None, derandomize=True)
@given(words=st.lists(st.sampled_from(_WORDS), min_size=1, max_size=7), blank=st.sampled_from(" |"))
def test_what_we_take_for_an_expression_the_libraries_do_too(words: list[str], blank: str) -> None:
    source = blank.replace("|", "").join(words)
    if simple_jinja.compile_simple(source) is not None:
        compile_jinja(source, statements=False)
    if simple_yaql.compile_simple(source) is not None:
        compile_yaql(source)
