"""Functions that give something else than those of Orquesta and StackStorm."""

import pytest

from segue.expressions import ExpressionError, compile_template
from segue.expressions.scope import Facts, Scope, TaskRecord
from segue.values import JsonValue

SCOPE = Scope(
    context={"d": {"items": [1], "keys": "k", "get": 3}},
    facts=Facts(now=0.0, random=0.0),
    task="a",
    status="succeeded",
    result={"items": [1, 2]},
    tasks={"a": TaskRecord(status="succeeded", result={"items": [1, 2]})},
)


def value(template: str) -> JsonValue:
    return compile_template(template).evaluate(SCOPE)


def test_a_key_is_found_by_its_name_whatever_the_name_is() -> None:
    assert value("{{ result().items }}") == [1, 2]
    assert value("{{ ctx().d.keys }} {{ ctx().d.get }}") == "k 3"


def test_task_gives_status_and_result_and_nothing_internal() -> None:
    assert value("{{ task('a').status }}") == "succeeded"
    assert value("{{ task('a').result }}") == {"items": [1, 2]}
    with pytest.raises(ExpressionError, match="no key 'route'"):
        value("{{ task('a').route }}")


def test_use_none_gives_null_as_it_is() -> None:
    assert value("<% use_none(null) %>") is None


def test_json_escape_keeps_the_quotes_that_belong_to_the_text() -> None:
    assert value("<% json_escape('\"') %>") == '\\"'


def test_times_for_people_keep_months_and_fractions() -> None:
    assert value("<% to_human_time_from_seconds(0.5) %>") == "0.5s"
    assert value("<% to_human_time_from_seconds(5000000) %>") == "57d20h53m20s"


def test_what_reaches_beyond_data_is_left_out() -> None:
    with pytest.raises(ExpressionError, match="there is no function format"):
        value("<% format('{0}', 1) %>")
    with pytest.raises(ExpressionError, match="there are no namespaces"):
        value("{% set n = namespace(x=1) %}{% set n.x = 2 %}{{ n.x }}")


def test_dates_in_yaml_stay_text() -> None:
    assert value("<% from_yaml_string('2024-01-02') %>") == "2024-01-02"
