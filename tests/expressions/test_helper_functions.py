"""The helpers that StackStorm gives its workflows, by the same names, in both languages."""

import pytest
from tests.expressions.evaluating import BARE, SCOPE, error, value

from segue.expressions import Reason, patterns
from segue.expressions.scope import Facts, Scope
from segue.values import JsonValue

BOTH = pytest.mark.parametrize("delimiters", ["{{ %s }}", "<%% %s %%>"], ids=["jinja", "yaql"])


def seeing(**context: JsonValue) -> Scope:
    return Scope(context=context, facts=Facts(now=0.0))


def same(delimiters: str, call: str, scope: Scope = SCOPE) -> JsonValue:
    return value(delimiters % call, scope)


# -- JSON ------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("function", ["from_json_string", "json_parse"])
def test_json_is_read(delimiters: str, function: str) -> None:
    scope = seeing(text='{"a": [1, 2.5, null, "é"]}', number=7)

    assert same(delimiters, f"{function}(ctx().text)", scope) == {"a": [1, 2.5, None, "é"]}
    assert same(delimiters, f"{function}(ctx().text).a[0]", scope) == 1
    assert same(delimiters, f"{function}(ctx().number)", scope) == 7, "as its text would be"


@BOTH
@pytest.mark.parametrize("function", ["to_json_string", "json_dump"])
def test_json_is_written_with_the_separators_of_stackstorm(delimiters: str, function: str) -> None:
    scope = seeing(d={"b": [1, True, None], "a": "é"})

    assert same(delimiters, f"{function}(ctx().d)", scope) == (
        '{"b": [1,true,null],"a": "\\u00e9"}'
    )


def test_json_is_written_as_asked_for() -> None:
    scope = seeing(d={"b": 1, "a": [2]})

    assert value("{{ to_json_string(ctx().d, sort_keys=true) }}", scope) == '{"a": [2],"b": 1}'
    assert value("{{ to_json_string(ctx().d, 1) }}", scope) == ('{\n "b": 1,\n "a": [\n  2\n ]\n}')
    assert value("<% to_json_string(ctx().d, indent => 1, sort_keys => true) %>", scope) == (
        '{\n "a": [\n  2\n ],\n "b": 1\n}'
    )
    assert value("{{ ctx().d | to_json_string(separators=(',', ':')) }}", scope) == (
        '{"b":1,"a":[2]}'
    )
    assert value("<% to_json_string(ctx().d, separators => [', ', '='] ) %>", scope) == (
        '{"b"=1, "a"=[2]}'
    )
    assert value("{{ to_json_string(ctx().d, separators=none) }}", scope) == '{"b": 1,"a": [2]}'


@BOTH
def test_to_complex_writes_json_as_python_does(delimiters: str) -> None:
    assert same(delimiters, "to_complex(ctx().d)", seeing(d={"a": [1, 2]})) == '{"a": [1, 2]}'


@BOTH
def test_json_escape_leaves_out_the_quotes_around_and_only_those(delimiters: str) -> None:
    scope = seeing(text='say "hi"\n', list=["a"])

    assert same(delimiters, "json_escape(ctx().text)", scope) == 'say \\"hi\\"\\n'
    assert same(delimiters, "json_escape(ctx().list)", scope) == '["a"]'


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("from_json_string('{')", "not JSON"),
        ("from_json_string(ctx().d)", "takes text, not a mapping"),
        ("from_json_string(true)", "takes text, not a boolean"),
        ("json_parse('[Infinity]')", "not in JSON"),
        ("to_json_string(ctx().d, 'x')", "indent is a number of blanks"),
        ("to_json_string(ctx().d, true)", "indent is a number of blanks"),
        ("to_json_string(ctx().d, 1000)", "more than 30"),
        ("to_json_string(ctx().d, 1, false, 'ab')", "separators are two texts"),
        ("to_json_string(ctx().d, 1, false, [',', 1])", "separators are two texts"),
        ("to_json_string(ctx().d, 1, false, [ctx().x, ':'])", "at most 20 characters"),
        ("to_json_string()", "takes 1 to 4 arguments (value, indent, sort_keys, separators)"),
    ],
)
def test_json_that_can_not_be_is_an_error(delimiters: str, call: str, message: str) -> None:
    scope = seeing(d={"a": 1}, x="x" * 21)

    assert message in error(delimiters % call, scope).message


# -- YAML ------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("function", ["from_yaml_string", "yaml_parse"])
def test_yaml_is_read(delimiters: str, function: str) -> None:
    text = "a: [1, yes, ~]\nb: &x {c: 2020-01-02}\nd: *x\n1: {<<: [*x, {e: 1}], c: own}\n"
    scope = seeing(text=text, list=[1])

    assert same(delimiters, f"{function}(ctx().text)", scope) == {
        "a": [1, True, None],
        "b": {"c": "2020-01-02"},
        "d": {"c": "2020-01-02"},
        "1": {"c": "own", "e": 1},
    }
    assert same(delimiters, f"{function}('')", scope) is None
    assert same(delimiters, f"{function}(ctx().list)", scope) == [1]


@BOTH
@pytest.mark.parametrize("function", ["to_yaml_string", "yaml_dump"])
def test_yaml_is_written(delimiters: str, function: str) -> None:
    scope = seeing(d={"b": [1, True, None], "a": "é: 1", "c": {}})

    assert same(delimiters, f"{function}(ctx().d)", scope) == (
        "a: 'é: 1'\nb:\n- 1\n- true\n- null\nc: {}\n"
    )


def test_yaml_is_written_as_asked_for() -> None:
    scope = seeing(d={"a": {"b": "é"}})

    assert value("{{ ctx().d | to_yaml_string(indent=4) }}", scope) == "a:\n    b: é\n"
    assert value("<% to_yaml_string(ctx().d, allow_unicode => false) %>", scope) == (
        'a:\n  b: "\\xE9"\n'
    )


@BOTH
def test_what_is_there_twice_is_written_twice(delimiters: str) -> None:
    call = "to_yaml_string([ctx().d, ctx().d])"

    assert same(delimiters, call, seeing(d={"a": 1})) == "- a: 1\n- a: 1\n"


@BOTH
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML: did not find expected node content"),
        ("!!python/object:os.system {}", "not YAML: could not determine a constructor"),
        ("a: !!timestamp 2020-99-99", "not YAML"),
        ("a: !!binary aGk=", "not a value"),
        ("a: .nan", "JSON has no number"),
        ("a: {<<: 1}", "not YAML: expected a mapping or list"),
        ("a: {<<: [1]}", "not YAML: expected a mapping for merging"),
        ("? [a]\n: 1", "not YAML: found unhashable key (line 1, column 3)"),
        ("&a [*a]", "steps"),
    ],
)
def test_yaml_that_can_not_be_is_an_error(delimiters: str, text: str, message: str) -> None:
    raised = error(delimiters % "from_yaml_string(ctx().text)", seeing(text=text))

    assert message in raised.message
    assert "\n" not in raised.message


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 50_000 + "a", "{a: " * 50_000])
def test_yaml_that_is_nested_too_deep_is_refused(text: str) -> None:
    raised = error("{{ from_yaml_string(ctx().text) }}", seeing(text=text))

    assert raised.reason is Reason.LIMIT
    assert "nested deeper than 200" in raised.message


def test_yaml_that_is_nested_deep_is_read() -> None:
    given = value("{{ from_yaml_string(ctx().text) }}", seeing(text="[" * 150 + "]" * 150))

    assert str(given) == "[" * 150 + "]" * 150


def test_an_indent_of_yaml_is_a_number_of_blanks() -> None:
    assert "number of blanks" in error("{{ to_yaml_string(1, 'x') }}").message
    assert "number of blanks" in error("{{ to_yaml_string(1, true) }}").message
    assert "more than 30" in error("{{ to_yaml_string(1, 31) }}").message


def bomb(levels: int, reference: str) -> str:
    lines = ["a0: &a0 {x: 1, y: 2}"]
    lines += [f"a{n}: &a{n} {reference.format(f'*a{n - 1}')}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize("reference", ["[{0}, {0}, {0}]", "{{<<: [{0}, {0}, {0}]}}"])
def test_yaml_that_grows_when_it_is_read_is_refused(reference: str) -> None:
    raised = error("{{ from_yaml_string(ctx().text) }}", seeing(text=bomb(60, reference)))

    assert raised.reason is Reason.LIMIT


# -- JSONPath --------------------------------------------------------------------------------

PEOPLE: JsonValue = {
    "people": [
        {"first": "James", "last": "d", "age": {"years": 34}},
        {"first": "Jacob", "last": "e"},
    ],
    "foo": {"bar": "baz", "people": [{"first": "Jayden"}]},
}


@BOTH
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("foo.bar", ["baz"]),
        ("$.foo.bar", ["baz"]),
        ("people[*].first", ["James", "Jacob"]),
        ("people[0].last", ["d"]),
        ("people[-1].last", ["e"]),
        ("people[0:1].first", ["James"]),
        ("$..first", ["James", "Jacob", "Jayden"]),
        ("people.*.last", ["d", "e"]),
        ("foo.*", ["baz", [{"first": "Jayden"}]]),
        ("(foo.bar) | (people[1].first)", ["baz", "Jacob"]),
        ("$..years.`parent`", [{"years": 34}]),
        ("people[?(@.first)]", None),
        ("nothing.here", None),
        ("people[7]", None),
    ],
)
def test_jsonpath_gives_the_list_of_what_it_finds(
    delimiters: str, query: str, expected: JsonValue
) -> None:
    scope = seeing(d=PEOPLE, query=query)
    if "?" in query:
        assert (
            "can't be read"
            in error(delimiters % "jsonpath_query(ctx().d, ctx().query)", scope).message
        )
        return

    assert same(delimiters, "jsonpath_query(ctx().d, ctx().query)", scope) == expected


def test_jsonpath_is_a_filter_and_has_names_for_its_arguments() -> None:
    scope = seeing(d=PEOPLE)

    assert value("{{ ctx().d | jsonpath_query('foo.bar') | first }}", scope) == "baz"
    assert value("{{ jsonpath_query(ctx().d, query='foo.bar') }}", scope) == ["baz"]
    assert value("<% jsonpath_query(ctx().d, query => 'foo.bar') %>", scope) == ["baz"]
    assert value("{{ jsonpath_query(value=ctx().d, query='foo.bar') }}", scope) == ["baz"]


@BOTH
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("$.[", "can't be read"),
        ("a b", "can't be read"),
        ("", "can't be read"),
        ("x" * 501, "at most 500 characters"),
        (7, "must be text, not a number"),
    ],
)
def test_a_jsonpath_that_can_not_be_is_an_error(
    delimiters: str, query: JsonValue, message: str
) -> None:
    scope = seeing(d=PEOPLE, query=query)

    assert message in error(delimiters % "jsonpath_query(ctx().d, ctx().query)", scope).message


def test_a_jsonpath_that_goes_over_everything_again_and_again_is_refused() -> None:
    deep: JsonValue = 1
    for _ in range(60):
        deep = {"a": [deep, 1]}
    wide: JsonValue = list(range(1_000))
    again = ".`parent`.*" * 4

    assert error("{{ jsonpath_query(ctx().d, '$..*..*..*..*..*') }}", seeing(d=deep)).reason is (
        Reason.LIMIT
    )
    assert error(
        "{{ jsonpath_query(ctx().d, ctx().q) }}", seeing(d=wide, q=f"$.*{again}")
    ).reason is (Reason.LIMIT)


# -- regular expressions ---------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("regex_match('v0.10.1', 'v[0-9.]+$')", True),
        ("regex_match('the v0.10.1', 'v[0-9.]+$')", False),
        ("regex_match('ABC', 'abc')", False),
        ("regex_match('ABC', 'abc', true)", True),
        ("regex_search('the v0.10.1', 'v[0-9.]+$')", True),
        ("regex_search('xyz', 'v')", False),
        ("regex_search('xyz', 'Y', true)", True),
        ("regex_search(1234, '23')", True),
        ("regex_search(true, 'rue')", True),
        ("regex_replace('v0.10.1', 'v(.*)', '\\\\1')", "0.10.1"),
        ("regex_replace('aAa', 'a', 'b')", "bAb"),
        ("regex_replace('aAa', 'a', 'b', true)", "bbb"),
        ("regex_replace('abc', 'x*', '-')", "-a-b-c-"),
        ("regex_replace('a-b', '(?P<x>\\\\w)-(?P<y>\\\\w)', '\\\\g<y>-\\\\g<x>')", "b-a"),
        ("regex_replace('foobar', 'foo(?=bar)', '')", "bar"),
        ("regex_substring('565 Main St, 12 Elm Ave', '[0-9]+ \\\\w+')", "565 Main"),
        ("regex_substring('565 Main St, 12 Elm Ave', '[0-9]+ \\\\w+', 1)", "12 Elm"),
        ("regex_substring('565 Main St, 12 Elm Ave', '[0-9]+ (\\\\w+)', -1)", "Elm"),
        ("regex_substring('a1 b2', '(\\\\w)(\\\\d)?', 1)", ["b", "2"]),
        ("regex_substring('a', '(x)?a')", ""),
        ("regex_substring('ABC', 'b', 0, true)", "B"),
    ],
)
def test_patterns_are_those_of_python(delimiters: str, call: str, expected: JsonValue) -> None:
    assert same(delimiters, call, BARE) == expected


def test_flags_are_given_by_name_too() -> None:
    assert value("{{ regex_match('ABC', 'abc', ignorecase=true) }}") is True
    assert value("<% regex_match('ABC', 'abc', ignorecase => true) %>") is True
    assert value("{{ 'ABC' | regex_replace('b', '-', ignorecase=true) }}") == "A-C"
    assert value("{{ 'a b' | regex_substring('\\\\w', result_index=1) }}") == "b"


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("regex_match('a', '(')", "the pattern '(' can't be read"),
        ("regex_match('a', 1)", "the pattern must be text, not a number"),
        ("regex_match('a')", "takes 2 to 3 arguments (value, pattern, ignorecase)"),
        ("regex_replace('a', 'a', 1)", "the replacement must be text, not a number"),
        ("regex_replace('a', 'a', '\\\\g<nope>')", "the replacement can't be read"),
        ("regex_replace('a', 'a', '\\\\7')", "the replacement can't be read"),
        ("regex_substring('a', 'b')", "no match number 0"),
        ("regex_substring('a', 'a', 1)", "no match number 1"),
        ("regex_substring('a', 'a', -2)", "no match number -2"),
        ("regex_substring('a', 'a', '1')", "result_index is a whole number"),
        ("regex_substring('a', 'a', 100001)", "longer than 100,000 items"),
        ("regex_search('a', ctx().long)", "at most 1,000 characters"),
        ("regex_search(ctx().text, 'a')", "1,000,000 characters can't be searched"),
    ],
)
def test_a_search_that_can_not_be_is_an_error(delimiters: str, call: str, message: str) -> None:
    scope = seeing(long="x" * 1_001, text="x" * 1_000_001)

    assert message in error(delimiters % call, scope).message


@pytest.mark.parametrize("function", ["match", "search", "replace", "substring"])
def test_a_search_that_would_take_for_ever_is_given_up(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "_SECONDS", 0.01)
    more = ", ''" if function == "replace" else ""
    call = f"{{{{ regex_{function}(ctx().text, '(a|aa)+$'{more}) }}}}"
    raised = error(call, seeing(text="a" * 64 + "b"))

    assert raised.reason is Reason.LIMIT
    assert "takes too long" in raised.message


def test_there_are_not_too_many_searches_in_one_evaluation() -> None:
    loop = "{% for n in range(9999) %}{{ regex_search('a', 'b') }}{% endfor %}"

    assert error(loop).reason is Reason.LIMIT


@pytest.mark.parametrize(
    "pattern", ["((((a{1000}){1000}){1000}){1000})", "a{100001}", "(?:ab{2,}){1,99999}"]
)
def test_a_pattern_that_is_too_wide_written_out_is_refused(pattern: str) -> None:
    raised = error("{{ regex_search('a', ctx().p) }}", seeing(p=pattern))

    assert raised.reason is Reason.LIMIT
    assert "repeats too much" in raised.message


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", "www.example.com"),
        (r"^([0-9A-F]{2}[:-]){5}([0-9A-F]{2})$", "00:1A:2B:3C:4D:5E"),
        (r"^(\d{1,3}\.){3}\d{1,3}$", "10.0.0.255"),
        (r"(?i)^[[:alpha:]]{,8}\{[^\]}]{1,}[]}]\)?$", "Name{x}"),
        (r"a){0}|\{x,y\}|[^]{9}]|x{,}|x{}", "z"),
    ],
)
def test_patterns_as_people_write_them_are_searched_for(pattern: str, text: str) -> None:
    scope = seeing(p=pattern, t=text)
    if pattern.startswith("a)"):
        assert "can't be read" in error("{{ regex_search(ctx().t, ctx().p) }}", scope).message
        return

    assert value("{{ regex_search(ctx().t, ctx().p) }}", scope) is True


def test_a_replacement_can_not_grow_beyond_what_a_text_may_have() -> None:
    scope = seeing(text="a" * 10_000, put="x" * 10_000)

    assert error("{{ regex_replace(ctx().text, 'a', ctx().put) }}", scope).reason is Reason.LIMIT


def test_what_a_later_version_may_read_differently_is_read_without_a_word() -> None:
    assert value("{{ regex_search('[', '[[a]') }}") is True


# -- versions --------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("version_compare('0.10.1', '0.9.0')", 1),
        ("version_compare('0.9.0', '0.10.1')", -1),
        ("version_compare('1.0.0', '1.0.0')", 0),
        ("version_compare('1.0.0-rc.1', '1.0.0')", -1),
        ("version_more_than('1.1.0', '1.0.9')", True),
        ("version_less_than('1.1.0', '1.0.9')", False),
        ("version_equal('1.1.0', '1.1.0')", True),
        ("version_match('1.4.2', '>=1.4.0')", True),
        ("version_match('1.4.2', '<1.4.0')", False),
        ("version_match('1.4.2', '!=1.4.2')", False),
        ("version_bump_major('0.10.1')", "1.0.0"),
        ("version_bump_minor('0.10.1')", "0.11.0"),
        ("version_bump_patch('0.10.1')", "0.10.2"),
        ("version_strip_patch('0.10.1')", "0.10"),
    ],
)
def test_versions_are_compared_and_raised(delimiters: str, call: str, expected: JsonValue) -> None:
    got = same(delimiters, call, BARE)

    assert (got, type(got)) == (expected, type(expected))


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("version_compare('1.0', '1.0.0')", "'1.0' is no version such as 1.2.3"),
        ("version_bump_patch(1)", "a version must be text, not a number"),
        ("version_bump_patch(ctx().long)", "at most 256 characters"),
        ("version_match('1.0.0', '~1.0')", "'~1.0' is no condition such as >=1.2.3"),
        ("version_match('1.0.0', 1)", "must be text"),
    ],
)
def test_what_is_no_version_is_an_error(delimiters: str, call: str, message: str) -> None:
    assert message in error(delimiters % call, seeing(long="1" * 300)).message


# -- times and paths -------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0s"),
        (0.5, "0.5s"),
        (1, "1s"),
        (56.4, "56s"),
        (59.6, "1m0s"),
        (3600, "1h0m0s"),
        (3665, "1h1m5s"),
        (86_400, "1d0h0m0s"),
        (40 * 86_400 + 61, "40d0h1m1s"),
        (366 * 86_400, "1y1d0h0m0s"),
    ],
)
def test_a_duration_is_written_for_people(delimiters: str, seconds: float, expected: str) -> None:
    scope = seeing(s=seconds)

    assert same(delimiters, "to_human_time_from_seconds(ctx().s)", scope) == expected


@BOTH
@pytest.mark.parametrize(
    ("given", "message"),
    [("x", "takes seconds, not a text"), (-1, "no duration"), (10**16, "no duration")],
)
def test_what_is_no_duration_is_an_error(delimiters: str, given: JsonValue, message: str) -> None:
    call = delimiters % "to_human_time_from_seconds(ctx().s)"

    assert message in error(call, seeing(s=given)).message


@BOTH
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("basename('/opt/pack/a.tar.gz')", "a.tar.gz"),
        ("basename('/opt/pack/')", ""),
        ("dirname('/opt/pack/a.tar.gz')", "/opt/pack"),
        ("dirname('a')", ""),
    ],
)
def test_paths_are_taken_apart(delimiters: str, call: str, expected: str) -> None:
    assert same(delimiters, call, BARE) == expected


@BOTH
def test_a_path_is_text(delimiters: str) -> None:
    assert "takes text, not null" in error(delimiters % "basename(ctx().none)").message


# -- the rest --------------------------------------------------------------------------------


@BOTH
def test_null_stays_null(delimiters: str) -> None:
    assert same(delimiters, "use_none(ctx().none)") is None
    assert same(delimiters, "use_none(ctx().n)") == 3


def test_helpers_get_plain_values_of_whatever_jinja_makes() -> None:
    assert value("{{ ctx().d.items() | to_json_string }}", seeing(d={"a": 1})) == '[["a",1]]'
    assert value("{{ range(3) | to_json_string }}") == "[0,1,2]"
    assert value("{{ ctx().list | map('string') | to_json_string }}") == '["3","1","2"]'
    assert error("{{ to_json_string([ctx().nope]) }}").reason is Reason.UNDEFINED
    assert error("{{ ctx().nope | to_json_string }}").reason is Reason.UNDEFINED
