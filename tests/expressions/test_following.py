"""What expressions see of values that are kept beside the log, and what they have to fetch."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import msgspec
import pytest
from tests.expressions.evaluating import FACTS

from segue.expressions import ExpressionError, compile_template
from segue.expressions.dialect import Dialect
from segue.expressions.errors import FactMissingError, Reason
from segue.expressions.limits import MAX_FETCHED
from segue.expressions.scope import CurrentItem, References, Scope, TaskRecord
from segue.values import JsonValue, Reference


def reference(value: JsonValue, size: int | None = None) -> Any:
    data = msgspec.json.encode(value)
    return Reference(hashlib.sha256(data).hexdigest(), len(data) if size is None else size)


TEXT, ROWS, OTHER = "abc", [{"id": 1}, {"id": 2}], "other"
VALUES = {reference(one).sha256: one for one in cast("list[JsonValue]", [TEXT, ROWS])}


def scope(references: References = References.FOLLOWED, **changes: Any) -> Scope:
    return replace(
        Scope(
            context={
                "text": reference(TEXT),
                "inner": {"rows": reference(ROWS), "n": 1},
                "mixed": {"rows": reference(ROWS), "n": 1, "out": reference(OTHER)},
                "other": reference(OTHER),
                "__own": 1,
            },
            facts=replace(FACTS, values=VALUES, fetched=100),
            task="probe",
            status="succeeded",
            result={"code": 0, "text": reference(TEXT), "out": reference(OTHER)},
            tasks={"probe": TaskRecord(status="succeeded", result=reference(ROWS))},
            item=CurrentItem(value={"host": reference(TEXT)}, index=0),
            visit=1,
            attempt=1,
            references=references,
        ),
        **changes,
    )


def evaluated(
    template: JsonValue, given: Scope | None = None, dialect: Dialect = Dialect.MIXED
) -> JsonValue:
    return compile_template(template, dialect).evaluate(given or scope())


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ ctx.text }}", TEXT),
        ("{{ ctx('text') }}", TEXT),
        ("{{ ctx().text }}", TEXT),
        ("{{ ctx.inner.rows[1].id }}", 2),
        ("{{ ctx.text + '!' }}", "abc!"),
        ("{{ ctx.text == 'abc' }}", True),
        ("{{ ctx.text|length }}", 3),
        ("{{ ctx.text|replace('a', 'b') }}", "bbc"),
        ("{{ ctx().inner.rows|map(attribute='id')|list }}", [1, 2]),
        ("<% ctx().text %>", TEXT),
        ("<% ctx(text) %>", TEXT),
        ("<% ctx().inner.rows[0].id + 1 %>", 2),
        ("<% ctx().inner.rows.select($.id) %>", [1, 2]),
        ("<% ctx().text.len() %>", 3),
        ("{{ result().text }}", TEXT),
        ("<% result().code = 0 %>", True),
        ("{{ task('probe').result[0].id }}", 1),
        ("<% task(probe).result.len() %>", 2),
        ("{{ item().host }}", TEXT),
        ("<% item(host) %>", TEXT),
        ("text: {{ ctx.text }}", "text: abc"),
        ({"a": ["{{ ctx.text }}"]}, {"a": [TEXT]}),
        ("{% for row in ctx().inner.rows %}{{ row.id }} {% endfor %}", "1 2 "),
        ("{{ 'text' in ctx() }}", True),
        ("{{ ctx()|length }}", 4),
        ("<% ctx().keys().len() %>", 4),
    ],
    ids=str,
)
def test_expressions_see_what_references_stand_for(template: JsonValue, value: JsonValue) -> None:
    assert evaluated(template) == value


def test_attunes_expressions_see_what_references_stand_for() -> None:
    attune = Dialect.ATTUNE
    assert evaluated("{{ workflow.text }}", dialect=attune) == TEXT
    assert evaluated("{{ text|upper }}", dialect=attune) == "ABC"
    assert evaluated("{{ item.host }}", dialect=attune) == TEXT
    assert evaluated("{{ task.probe.result[0].id }}", dialect=attune) == 1
    short = scope(result={"text": reference(TEXT)})
    assert evaluated("{{ result().text }}", short, attune) == TEXT


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ ctx.text }}", reference(TEXT)),
        ("<% ctx(text) %>", reference(TEXT)),
        ("<% ctx().inner %>", {"rows": reference(ROWS), "n": 1}),
        ("{{ result().out }}", reference(OTHER)),
        ("{{ task('probe').result }}", reference(ROWS)),
        ("{{ item() }}", {"host": reference(TEXT)}),
        ({"a": "{{ ctx.other }}", "b": "x {{ ctx.text }}"}, {"a": reference(OTHER), "b": "x abc"}),
        ({"{{ ctx.text }}": "{{ ctx.text }}"}, {TEXT: reference(TEXT)}),
        ("{{ ctx.text ~ '!' }}", "abc!"),
        ("<% ctx().inner.rows[0].id %>", 1),
    ],
    ids=str,
)
def test_an_expression_that_only_names_a_value_can_hand_it_on(
    template: JsonValue, value: JsonValue
) -> None:
    assert evaluated(template, scope(References.HANDED_ON)) == value


@pytest.mark.parametrize(
    "template",
    [
        "{{ ctx.other }}",
        "<% ctx().mixed.select($) %>",
        "{{ result().out|upper }}",
        "{{ result() }}",
    ],
)
def test_what_was_not_fetched_is_asked_for(template: str) -> None:
    with pytest.raises(FactMissingError) as caught:
        evaluated(template)
    assert (caught.value.kind, caught.value.name) == ("value", reference(OTHER).sha256)


def test_all_that_is_missing_is_asked_for_at_once() -> None:
    given = scope(context={"list": [reference(TEXT), reference(OTHER), reference("third")]})
    with pytest.raises(FactMissingError) as caught:
        evaluated("{{ ctx.list }}", given)
    names = {caught.value.name, *caught.value.more}
    assert names == {reference(OTHER).sha256, reference("third").sha256}


def test_what_is_beside_what_an_expression_names_is_not_asked_for() -> None:
    assert evaluated("{{ result().code }}") == 0
    assert evaluated("<% ctx().mixed.n + 1 %>") == 2
    assert evaluated("{{ ctx.mixed.rows[1].id }}") == 2
    assert evaluated("<% ctx().mixed.n in [1] or ctx().text %>") is True


def test_more_than_one_decision_may_fetch_is_an_error_of_the_expression() -> None:
    huge = reference(OTHER, MAX_FETCHED // 2 + 1)
    given = scope(context={"one": huge, "two": [huge, reference("third", MAX_FETCHED // 2)]})
    with pytest.raises(FactMissingError):
        evaluated("{{ ctx.one }}", given)
    with pytest.raises(ExpressionError, match="128 MiB is the limit of one decision") as caught:
        evaluated("{{ ctx.two }}", given)
    assert caught.value.reason is Reason.LIMIT
    assert evaluated("{{ ctx.two }}", replace(given, references=References.HANDED_ON))


def test_where_there_are_no_references_nobody_looks_for_them() -> None:
    given = scope(References.NONE)
    assert given.with_references(References.HANDED_ON) is given
    assert evaluated("{{ ctx.inner.n }}", given) == 1


def test_templates_that_are_variables_follow_references_too() -> None:
    made = compile_template("{{ ctx.made }}", given=(("made", "{{ ctx.text ~ '!' }}"),))
    assert made.evaluate(scope(References.HANDED_ON)) == "abc!"


def test_a_variable_that_is_not_there_is_an_error_as_ever() -> None:
    with pytest.raises(ExpressionError, match="no variable 'nothing'"):
        evaluated("<% ctx().text + ctx(nothing) %>")
    known: Mapping[str, Any] = cast("Mapping[str, Any]", evaluated("{{ {'a': ctx('text')} }}"))
    assert known == {"a": TEXT}
