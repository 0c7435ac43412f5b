"""Expressions that can't be compiled, or that call what is not there, at their own column."""

import pytest
from tests.checking.found import coded, native, orquesta, places

from segue.language.codes import Code
from segue.language.findings import Severity

FRAME = "vars: {{x: 1}}\ntasks:\n  a:\n    action: core.echo\n    input: {{m: {}}}\n"


def framed(value: str) -> str:
    """Return a file with an expression in line 6, whose text begins at column 17."""
    return FRAME.format(value)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ('"{{ 1 + }}"', "SEG301 6:22"),
        ('"text {{ 1 + }}"', "SEG301 6:27"),
        ('"<% 1 + %>"', "SEG301 6:24"),
        ('"{{ nofunc() }}"', "SEG302 6:20"),
        ('"<% nofunc() %>"', "SEG302 6:20"),
        ('"{{ ctx.x | nofilter }}"', "SEG302 6:28"),
        ('"{{ ctx.x }} <% ctx().x %>"', "SEG303 6:17"),
        ("\"{{ ctx('__x') }}\"", "SEG305 6:24"),
        ('"{{ ctx.x"', "SEG301 6:17"),
        ('["{{ ctx.x }}", "{{ 1 + }}"]', "SEG301 6:38"),
    ],
)
def test_expressions_that_are_wrong_are_found_at_their_own_column(value: str, place: str) -> None:
    assert places(native(framed(value))) == [place]


def test_what_is_meant_is_asked_in_the_hint() -> None:
    (found,) = coded(native(framed('"{{ suceeded() }}"')), Code.UNKNOWN_FUNCTION)
    assert found.hint == "did you mean `succeeded`?"
    assert "suceeded" in found.message


def test_an_expression_that_ends_too_early_says_so_in_words() -> None:
    (found,) = coded(native(framed('"{{ ctx.x and }}"')), Code.EXPRESSION_SYNTAX)
    assert found.message == "the expression ends where more is needed"
    assert (found.span.column, found.span.end_column) == (26, 29)


def test_what_is_never_closed_stays_text_and_is_warned_of() -> None:
    (found,) = native(framed('"{{ ctx.x"')).findings
    assert found.severity is Severity.WARNING
    assert found.message == "`{{` is never closed, so this stays text"


@pytest.mark.parametrize(
    "place",
    [
        'vars: {y: "{{ 1 + }}"}',
        'input: {y: {default: "{{ 1 + }}"}}',
        'output: {y: "{{ 1 + }}"}',
    ],
)
def test_expressions_outside_of_tasks_are_looked_at(place: str) -> None:
    assert coded(native(place + "\ntasks: {a: {}}\n"), Code.EXPRESSION_SYNTAX)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ('timeout: "{{ 1 + }}"', "tasks.a.timeout"),
        ('delay: "{{ 1 + }}"', "tasks.a.delay"),
        ('action: "{{ 1 + }}"', "tasks.a.action"),
        ('input: "{{ 1 + }}"', "tasks.a.input"),
        ('retry: {count: "{{ 1 + }}"}', "tasks.a.retry.count"),
        ('retry: {count: 1, delay: "{{ 1 + }}"}', "tasks.a.retry.delay"),
        ('retry: {count: 1, max_delay: "{{ 1 + }}"}', "tasks.a.retry.max_delay"),
        ("retry: {count: 1, when: 1 +}", "tasks.a.retry.when"),
        ("next: [{when: 1 +}]", "tasks.a.next[0].when"),
        ('next: [{publish: {x: "{{ 1 + }}"}}]', "tasks.a.next[0].publish[0]"),
        ('with: {items: "{{ 1 + }}"}', "tasks.a.with.items"),
        ('with: {items: {x: [1], y: "{{ 1 + }}"}}', "tasks.a.with.items"),
        ('with: {items: [1], concurrency: "{{ 1 + }}"}', "tasks.a.with.concurrency"),
        ('with: {items: [1], batch: "{{ 1 + }}"}', "tasks.a.with.batch"),
        ('with: {items: [1], max_failures: "{{ 1 + }}"}', "tasks.a.with.max_failures"),
    ],
)
def test_every_part_of_a_task_is_looked_at(field: str, path: str) -> None:
    (found,) = coded(native(f"tasks: {{a: {{{field}}}}}\n"), Code.EXPRESSION_SYNTAX)
    assert found.path == path


def test_orquesta_does_not_look_for_functions_so_they_are_a_warning_there() -> None:
    checked = orquesta("tasks: {a: {action: x, input: {m: '<% nofunc() %>'}}}\n")
    (found,) = checked.findings
    assert (found.code, found.severity) == (Code.UNKNOWN_FUNCTION, Severity.WARNING)
    assert checked.workflow is not None


def test_private_variables_are_refused_in_orquesta_files() -> None:
    checked = orquesta("vars: [{__x: 1}]\ntasks: {a: {action: x, input: {m: '<% ctx(__x) %>'}}}\n")
    assert Code.PRIVATE_VARIABLE in [each.code for each in checked.findings]
    (found,) = coded(checked, Code.PRIVATE_VARIABLE)
    assert found.variable == "__x"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('{"{{ 1 + }}": "{{ 2 + }}"}', ["SEG301 6:23", "SEG301 6:36"]),
        ('[{"k{{ nofunc() }}": 1}]', ["SEG302 6:23"]),
        ('{"<% ctx().y %>": "{{ ctx.z }}"}', ["SEG304 6:27", "SEG304 6:42"]),
        ('{"{{ item() }}": 1}', ["SEG306 6:21"]),
        ('{"{{ ctx.x }}": 1, "{{ ctx.x": 2}', ["SEG301 6:36"]),
    ],
)
def test_keys_are_looked_at_as_values_are(value: str, found: list[str]) -> None:
    assert places(native(framed(value))) == found


def test_keys_are_looked_at_in_orquesta_files() -> None:
    value = '{"<% 1 + %>": "<% ctx().y %>", "<% ctx().z %>": 1}'
    assert places(orquesta(framed(value).replace("vars: {x: 1}", "vars: [{x: 1}]"))) == [
        "SEG301 6:25",
        "SEG304 6:40",
        "SEG304 6:57",
    ]
