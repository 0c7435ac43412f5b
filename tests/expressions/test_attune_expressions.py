"""Expressions of Attune: what they mean, and what they can see."""

import pytest

from segue.expressions import Dialect, ExpressionError, FactMissingError, Reason, compile_template
from segue.expressions.attune.names import BEGINNING, KEPT
from segue.expressions.given import Given
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.values import JsonValue

CONTEXT: dict[str, JsonValue] = {
    "count": 3,
    "hosts": ["a", "b"],
    "nothing": None,
    KEPT: {"parameters": {"count": 1, "name": "Äpfel"}, "workflow_start": "then"},
}
TASKS = {
    "build": TaskRecord(status="succeeded", result={"id": 5, "status": "green"}),
    "fetch": TaskRecord(status="succeeded", result={"data": {"items": [1]}, "exit_code": 0}),
    "slow": TaskRecord(status="timeout"),
    "each": TaskRecord(status="failed", result=[1, None]),
}
KEYS: dict[str, JsonValue] = {
    "db": {"password": "s3cret"},
    "api": None,
    "api.token": "t",
    "config.url": "https://example.org",
    "gone": None,
    "gone.far": None,
}


def evaluated(template: JsonValue, **scope: object) -> JsonValue:
    given: dict[str, object] = {"context": CONTEXT, "tasks": TASKS, **scope}
    found = Scope(facts=Facts(now=1_000.0, keys=KEYS), **given)  # type: ignore[arg-type]
    return compile_template(template, Dialect.ATTUNE).evaluate(found)


def refused(template: JsonValue, **scope: object) -> ExpressionError:
    with pytest.raises(ExpressionError) as raised:
        evaluated(template, **scope)
    return raised.value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 - -3", 1),
        ("10 / 4", 2.5),
        ("10 / 5", 2),
        ("1 / 0.5", 2.0),
        ("1.5 * 3 - 1", 3.5),
        ("parameters == system", False),
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("7.5 % 2", 1.5),
        ("'a' + 'b'", "ab"),
        ("[1] + [2,]", [1, 2]),
        ("3 == 3.0", True),
        ("1 == true", False),
        ("null == false", False),
        ("[1] == [1.0]", True),
        ("1 != 2", True),
        ("1 < 2", True),
        ("2 > 2", False),
        ("2 <= 2.0", True),
        ("'b' >= 'a'", True),
        ("[1, 2] < [1, 3]", True),
        ("1 in [1.0]", True),
        ("'count' in workflow", True),
        ("'el' in 'hello'", True),
        ("'x' not in 'hello'", True),
        ("not 'x' in 'hello'", True),
        ("1 and 'a'", True),
        ("0 or ''", False),
        ("not []", True),
        ("true and not false or false", True),
        ("1 < 2 == true", True),
        ("count > 2 ? 'many' : 'few'", "many"),
        ("false ? 1 : true ? 2 : 3", 2),
        ("hosts[0]", "a"),
        ("hosts[-1]", "b"),
        ("'abc'[1]", "b"),
        (r"'a\n\t\r\\\'\d'", "a\n\t\r\\'\\d"),
        (r'"\"\'"', "\"\\'"),
        ("2.5", 2.5),
        ("[]", []),
    ],
)
def test_an_expression_gives(expression: str, value: JsonValue) -> None:
    found = evaluated("{{ " + expression + " }}")
    assert found == value
    assert type(found) is type(value)


def test_a_text_that_is_one_expression_keeps_its_type_with_blanks_around_it_too() -> None:
    assert evaluated("{{ hosts }}") == ["a", "b"]
    assert evaluated("  {{ count }}\n") == 3


def test_within_a_text_null_is_nothing_and_lists_are_json() -> None:
    text = "{{ nothing }}|{{ true }}|{{ 2.0 }}|{{ hosts }}|{{ task.build }}"
    assert evaluated(text) == '|true|2.0|["a","b"]|{"id":5,"status":"green"}'


def test_values_are_rendered_wherever_they_are() -> None:
    assert evaluated({"a": ["{{ count }}", 1], "b": {"c": "x{{ count }}"}, "d": None}) == {
        "a": [3, 1],
        "b": {"c": "x3"},
        "d": None,
    }


def test_what_is_no_expression_of_attune_stays_text() -> None:
    for text in ("<% ctx().count %>", "{% if count %}", "{{ never closed", "{# remark #}"):
        assert evaluated(text) == text


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("parameters.count", 1),
        ("parameters['name']", "Äpfel"),
        ("parameters", {"count": 1, "name": "Äpfel"}),
        ("workflow.count", 3),
        ("vars.count", 3),
        ("variables['count']", 3),
        ("count", 3),
        ("vars", {"count": 3, "hosts": ["a", "b"], "nothing": None}),
        ("task.build.result.id", 5),
        ("task.build.data.id", 5),
        ("task.build.output.id", 5),
        ("tasks['build'].id", 5),
        ("task.build.result", {"id": 5, "status": "green"}),
        ("task.build.status", "green"),
        ("task.build.succeeded", True),
        ("task.build['error']", None),
        ("task.fetch.status", "succeeded"),
        ("task.fetch.items", [1]),
        ("task.fetch.data.items", [1]),
        ("task.fetch.result.items", [1]),
        ("task.slow.error.type", "timeout"),
        ("task.each.error.type", "error"),
        ("task.each.results[0]", 1),
        ("task.each.result[0]", 1),
        ("'build' in task", True),
        ("keystore.db.password", "s3cret"),
        ("keystore['db'].password", "s3cret"),
        ("keystore.db", {"password": "s3cret"}),
        ("keystore.api.token", "t"),
        ("config.url", "https://example.org"),
        ("pack.config.url", "https://example.org"),
        ("system.workflow_start", "then"),
        ("system.timestamp", 1000.0),
    ],
)
def test_a_namespace_gives(expression: str, value: JsonValue) -> None:
    assert evaluated("{{ " + expression + " }}") == value


def test_parameters_are_what_was_given_before_anything_was_published() -> None:
    scope = {"context": {"a": 1, "b": 2}}
    kept = evaluated(BEGINNING, **scope)
    assert kept == {"parameters": {"a": 1, "b": 2}, "workflow_start": "1970-01-01T00:16:40Z"}
    later = {"context": {"a": 7, KEPT: kept}}
    assert evaluated("{{ parameters.a + workflow.a }}", **later) == 8


def test_parameters_are_known_while_variables_begin() -> None:
    assert evaluated("{{ parameters.a }}", context={"a": 1}) == 1
    assert evaluated("{{ parameters.a }}", context={"a": 1, KEPT: 5}) == 1


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("workflow.cuont", "there is no variable 'cuont'; did you mean 'count'?"),
        ("cuont", "there is no variable 'cuont'; did you mean 'count'?"),
        ("parameters.nmae", "there is no parameter 'nmae'; did you mean 'name'?"),
        ("task.biuld", "the task 'biuld' was not executed on this branch; did you mean 'build'?"),
        ("task.build.result.nope", "the result has no field 'nope'"),
        ("task.build.ids", "the result has no field 'ids'; did you mean 'id'?"),
        ("keystore.gone.far", "there is no key 'gone' or 'gone.far' in the key store"),
        ("item", "there is no current item here"),
        ("index", "there is no current item here"),
        ("hosts[5]", "a list of 2 has no element 5"),
        ("parameters.name.length", "a text has no fields, and so no 'length'"),
        ("system.identity", "there is no field 'identity'"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_so(expression: str, message: str) -> None:
    assert refused("{{ " + expression + " }}").message == message


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 + 'a'", "'+' can't be used on a number and a text"),
        ("true + 1", "'+' can't be used on a boolean and a number"),
        ("-'a'", "'-' can't be used on a text"),
        ("1 < 'a'", "'<' can't be used on a number and a text"),
        ("1 / 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("1 in 2", "a number holds nothing to look for"),
        ("1 in 'a'", "a text can't hold a number"),
        ("hosts['a']", "an index is a whole number, not a text"),
        ("hosts[true]", "an index is a whole number, not a boolean"),
        ("count[0]", "a number has no elements"),
        ("vars[0]", "a key of a mapping is text, not a number"),
        ("system[0]", "a key of a mapping is text, not a number"),
        ("config", "config is only looked into by name: config.NAME"),
        ("config[count]", "config is only looked into by name: config.NAME"),
        ("config[0]", "config is only looked into by name: config.NAME"),
        ("inquiry.a.response", "inquiries are not built: ask with core.ask"),
        ("keystore['\\n']", "'\\n' can't be the name of a key"),
        ("result()", "there is no task that just completed here"),
        ("result.a", "there is no task that just completed here"),
        ("vars.__attune", "the variable '__attune' is the engine's own"),
    ],
)
def test_what_means_nothing_is_an_error(expression: str, message: str) -> None:
    assert message in refused("{{ " + expression + " }}").message


def test_a_key_that_was_not_fetched_yet_is_asked_for() -> None:
    with pytest.raises(FactMissingError) as raised:
        evaluated("{{ keystore.other.thing }}")
    assert (raised.value.kind, raised.value.name) == ("key", "other")


@pytest.mark.parametrize(
    ("status", "holding"),
    [
        ("succeeded", {"succeeded"}),
        ("failed", {"failed"}),
        ("abandoned", {"failed"}),
        ("timeout", {"timed_out"}),
        ("canceled", {"cancelled", "canceled"}),
        (None, set()),
    ],
)
def test_a_timeout_is_no_failure_to_attune(status: str | None, holding: set[str]) -> None:
    asked = {"succeeded", "failed", "timed_out", "cancelled", "canceled"}
    found = {
        name for name in asked if evaluated("{{ " + name + "() }}", task="a", status=status) is True
    }
    assert found == holding


def test_the_result_is_of_the_task_that_just_completed() -> None:
    scope = {"task": "a", "status": "succeeded", "result": {"code": 200}}
    assert evaluated("{{ result().code == 200 and result().data.code == 200 }}", **scope) is True
    assert evaluated("{{ result() }}", **scope) == {"code": 200}
    assert evaluated("{{ result.code }}", **scope) == 200
    assert evaluated("{{ result }}", context={"result": 5}, **scope) == 5


def test_items_have_a_value_and_an_index() -> None:
    assert evaluated("{{ item.a }}/{{ index }}", item=CurrentItem(value={"a": 1}, index=4)) == "1/4"


def test_functions_of_segue_are_there_where_attune_has_none_of_that_name() -> None:
    assert evaluated("{{ now() }}") == "1970-01-01T00:16:40Z"
    assert evaluated("{{ visit() }}", visit=2) == 2


@pytest.mark.parametrize(
    ("text", "message", "start"),
    [
        ("{{ 1 + }}", "something is missing at the end", 7),
        ("{{ (1 }}", "something is missing at the end", 6),
        ("{{ }}", "something is missing at the end", 3),
        ("x {{ 1 2 }}", "unexpected '2'", 7),
        ("{{ [1 2] }}", "']' is missing before '2'", 6),
        ("{{ f(1 2) }}", "')' is missing before '2'", 7),
        ("{{ a. }}", "the name of a field is missing", 6),
        ("{{ a | 1 }}", "the name of a filter is missing", 7),
        ("{{ a = 1 }}", "unexpected '='", 5),
        ("{{ 'abc }}", "the text that begins here is never closed", 3),
        ("{{ a ~ b }}", "unexpected '~'", 5),
        ("{{ and }}", "unexpected 'and'", 3),
        ("{{ a ? b }}", "something is missing at the end", 9),
        ("{{ f(a=1, 2) }}", "an argument without a name stands behind one with", 10),
        ("{{ " + "9" * 301 + " }}", "a number with so many digits can't be used", 3),
        ("{{ " + "(" * 61 + "1" + ")" * 61 + " }}", "it is nested too deep", 63),
        ("{{ " + "not " * 61 + "1 }}", "it is nested too deep", 243),
        ("{{ " + "- " * 61 + "1 }}", "it is nested too deep", 123),
    ],
)
def test_what_is_misspelt_is_refused_with_its_place(text: str, message: str, start: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_template({"a": [text]}, Dialect.ATTUNE)
    found = raised.value
    assert (found.message, found.start, found.path) == (message, start, ("a", 0))
    assert found.reason is Reason.SYNTAX


def test_an_expression_without_end_is_refused() -> None:
    for text in ("{{ " + "1 + " * 4000 + "1 }}", "{{ a" + ".a" * 4000 + " }}"):
        with pytest.raises(ExpressionError):
            evaluated(text)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("lenght(hosts)", "there is no function 'lenght'; did you mean 'length'?"),
        ("hosts | lenght", "there is no filter 'lenght'; did you mean 'length'?"),
        ("length()", "length() takes 1 argument"),
        ("hosts | join", "join() takes 2 arguments (values, separator)"),
        ("ctx().a", "there is no function 'ctx'"),
        ("hosts | default", "the filter 'default' takes 1 argument"),
    ],
)
def test_what_can_not_be_called_is_an_error_when_it_is_evaluated(
    expression: str, message: str
) -> None:
    compiled = compile_template("{{ " + expression + " }}", Dialect.ATTUNE)
    with pytest.raises(ExpressionError) as raised:
        compiled.evaluate(Scope(context=CONTEXT, facts=Facts(now=0)))
    assert raised.value.message.startswith(message)


def test_templates_that_are_given_are_variables_and_see_those_before_them() -> None:
    given: tuple[tuple[str, JsonValue], ...] = (("a", "{{ a + 1 }}"), ("b", "{{ a * 10 }}"))
    compiled = compile_template(["{{ a }}", "{{ b }}", "{{ vars }}"], Dialect.ATTUNE, given)
    found = compiled.evaluate(Scope(context={"a": 1}, facts=Facts(now=0)))
    assert found == [2, 20, {"a": 2, "b": 20}]


def test_variables_and_those_that_are_given_are_one_mapping() -> None:
    scope = Scope(context={"a": 1, "b": 2}, facts=Facts(now=0))
    together = Given((("b", lambda _: 5), ("c", lambda _: 6)), scope)
    assert dict(together) == {"a": 1, "b": 5, "c": 6}
    assert len(together) == 3
    assert "d" not in together


def test_a_given_template_is_evaluated_only_where_it_is_asked_for() -> None:
    given = (("a", "{{ nowhere }}"),)
    scope = Scope(context={"c": 1}, facts=Facts(now=0))
    compiled = compile_template("{{ c == 2 and a }}", Dialect.ATTUNE, given)
    assert compiled.evaluate(scope) is False
    with pytest.raises(ExpressionError, match="the published 'a' can't be evaluated: there is no"):
        compile_template("{{ a }}", Dialect.ATTUNE, given).evaluate(scope)


def test_what_is_given_to_a_constant_changes_nothing() -> None:
    compiled = compile_template("text", Dialect.ATTUNE, (("a", 1),))
    assert compiled.evaluate(Scope(context={}, facts=Facts(now=0))) == "text"
