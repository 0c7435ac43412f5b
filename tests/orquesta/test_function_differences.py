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


def test_default_deals_with_a_variable_asked_for_by_its_name() -> None:
    assert value("{{ ctx('nope') | default(1) }}") == 1
    assert value("{{ ctx('nope') is defined }}") is False


def test_a_pair_stands_in_a_text_as_a_list() -> None:
    assert value("{{ (1, 2) }} and {{ {1: 1} }}") == "[1, 2] and {'1': 1}"
    assert value("it is {{ zip([1], [2]) }}") == "it is [[1, 2]]"


def test_a_function_refuses_what_it_is_not_made_for() -> None:
    for template in ("<% ctx(0) %>", "{{ ctx(false) }}"):
        with pytest.raises(ExpressionError, match="the name of a variable must be text"):
            value(template)
    with pytest.raises(ExpressionError, match="takes lists, not a text"):
        value("{{ zip('ab') }}")


def test_json_gives_data_as_they_are() -> None:
    assert value("<% json(dict(a => 1)) %>") == {"a": 1}


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
