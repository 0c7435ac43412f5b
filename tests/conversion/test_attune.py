"""What becomes of Attune's files: expressions, tasks, comments, and what has no native form."""

import pytest

from segue.conversion.attune.expressions import UnlikeError, translated
from segue.conversion.changes import Change
from segue.conversion.converting import convert
from segue.language.attune_pair import join_pair
from segue.language.workflows import load_workflow
from segue.values import JsonValue

FILE = """\
# Builds something.
ref: demo.build
label: Demo
tags: [web]
timeout_seconds: 90
# what it takes
parameters:
  who: {type: string, required: true}
  times: {type: integer}
  how: {type: string, default: well}
vars: {seen: 0}
tasks:
  # first of all
  - name: build
    action: core.echo
    input: {message: "{{ parameters.who }} {{ workflow.seen }}"}
    publish:
      - passed: "{{ result().passed }}"
      - one: 1
    on_success:
      - when: "{{ passed == one }}"
        do: ship
    on_failure: tell
    retry: {count: 3, delay: 1, backoff: exponential, max_delay: 1.5, on_error: "{{ 1 }}"}
  # then
  - name: mend
    action: core.noop
    with_items: "{{ parameters.who | split(',') }}"
    batch_size: 2
    next:
      - when: "{{ succeeded() and workflow.seen }}"
        publish: [{seen: "{{ workflow.seen + 1 }}"}]
        do: [tell, ship]
      - {do: build}
  - {name: ship, action: core.noop}
  - {name: tell, action: core.noop, timeout: 60, delay: "{{ parameters.times }}"}
output_map:
  x: "{{ task.build.result.a | default('none') }}"
  y: 5
"""

NATIVE = """\
# Builds something.
segue: 1
match: all

name: demo.build

description: Demo

tags: [web]

# what it takes
input:
  who:
    type: string
  times:
    type: [integer, "null"]
    default: null
  how:
    type: string
    default: well

vars:
  seen: 0

limits:
  duration: 90.0

unhandled_failure: finish_branches

on_cancel: finish

tasks:
  # first of all
  build:
    action: core.echo
    input:
      message: "{{ ctx.who }} {{ ctx.seen }}"
    retry:
      count: 3
      delay: 1
      backoff: exponential
      max_delay: 1.5
      when: "{{ true if ((not succeeded()) and 1) else false }}"
    next:
      - when: "{{ succeeded() and ((result().passed) == 1) }}"
        publish:
          passed: "{{ result().passed }}"
          one: 1
        do: ship
      - when: "{{ (failed() and not timed_out()) }}"
        do: tell
      - when: "{{ succeeded() and (not ((result().passed) == 1)) }}"
        publish:
          passed: "{{ result().passed }}"
          one: 1

  # then
  mend:
    with:
      items: "{{ ctx.who.split(',') }}"
      concurrency: 1
      batch: 2
      on_item_failure: continue
    action: core.noop
    next:
      - when: "{{ true if (succeeded() and ctx.seen) else false }}"
        publish:
          seen: "{{ ctx.seen + 1 }}"
        do: [tell, ship]
      - do: build

  ship:
    join: any
    action: core.noop

  tell:
    join: any
    delay: "{{ ctx.times }}"
    timeout: 60
    action: core.noop

output:
  x: "{{ task('build').result.a | default('none') }}"
  y: 5
"""


def test_a_file_becomes_native() -> None:
    result = convert(FILE, "build.yaml")

    assert result.text is not None, (result.findings, result.stricter)
    assert result.text == NATIVE
    assert [one.code for one in result.findings] == ["errors-in-output"]
    assert load_workflow(result.text).workflow is not None


def test_an_action_and_its_graph_become_one_file() -> None:
    graph = "version: 1.0.0\ntasks:\n  # go\n  - name: a  # yes\n    action: core.noop\n"
    action = "ref: d.a\nlabel: A\nworkflow_file: a.workflow.yaml\nparameters: {x: {type: string}}\n"

    result = convert(join_pair(graph, action, "a.yaml"), "a.workflow.yaml")

    assert result.text is not None
    assert "name: d.a\n" in result.text
    assert "  # go\n  a:\n    action: core.noop\n" in result.text
    assert [one.message for one in result.findings] == [
        "the result is written anew: 1 of 2 comments are not there"
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{ parameters.a.b }}", "{{ ctx.a.b }}"),
        ("{{ vars.a['x-y'] }}", "{{ ctx.a['x-y'] }}"),
        ("{{ workflow.class }}", "{{ ctx['class'] }}"),
        ("{{ a }} and {{ b }}", "{{ ctx.a }} and {{ ctx.b }}"),
        ("{{ a[0] }}", "{{ ctx.a[0] }}"),
        ("{{ task.t.status }}", "{{ task('t').status }}"),
        ("{{ task.t.succeeded }}", "{{ (task('t').status == 'succeeded') }}"),
        ("{{ task.t.result.x }}", "{{ task('t').result.x }}"),
        ("{{ tasks.t.x }}", "{{ task('t').result.x }}"),
        ("{{ task.t.results }}", "{{ task('t').result }}"),
        ("{{ config.a }}", "{{ key('config.a') }}"),
        ("{{ keystore.a }}", "{{ key('a') }}"),
        ("{{ item.x }}{{ index }}", "{{ item().x }}{{ index() }}"),
        ("{{ result().x }}", "{{ result().x }}"),
        ("{{ timed_out() }}", "{{ timed_out() }}"),
        ("{{ -a }}", "{{ -ctx.a }}"),
        ("{{ not (a and b) }}", "{{ not (ctx.a and ctx.b) }}"),
        ("{{ a and b }}", "{{ true if (ctx.a and ctx.b) else false }}"),
        (
            "{{ (a == 1 and 'x' or b) == true }}",
            "{{ (true if (((ctx.a == 1) and 'x') or ctx.b) else false) == true }}",
        ),
        ("{{ a < 1 or not b or true }}", "{{ ((ctx.a < 1) or (not ctx.b)) or true }}"),
        ("{{ a and b ? 1 : 2 }}", "{{ 1 if ctx.a and ctx.b else 2 }}"),
        ("{{ a ? 1 : null }}", "{{ 1 if ctx.a else none }}"),
        ("{{ [1, 2.5, true, 'it\\'s'] }}", "{{ [1, 2.5, true, 'it\\'s'] }}"),
        ("{{ length(a) > 1 }}", "{{ (ctx.a | length) > 1 }}"),
        ("{{ a | lower | length }}", "{{ (ctx.a | lower) | length }}"),
        ("{{ (a | first).x }}", "{{ (ctx.a | first).x }}"),
        ("{{ contains(a, 1) == true }}", "{{ (1 in ctx.a) == true }}"),
        ("{{ starts_with(a, 'x') }}", "{{ ctx.a.startswith('x') }}"),
        ("{{ replace(a, 'x', 'y') }}", "{{ ctx.a | replace('x', 'y') }}"),
        ("{{ zip(a, b) }}", "{{ zip(ctx.a, ctx.b) }}"),
        ("{{ now() }}", "{{ now() }}"),
        ("{{ a | map(attribute='x') }}", "{{ ctx.a | map(attribute='x') | list }}"),
        ("{{ (a | first)[0] }}", "{{ (ctx.a | first)[0] }}"),
        ("no expression", "no expression"),
        (["{{ a }}", {"k": "{{ b }}"}, 5], ["{{ ctx.a }}", {"k": "{{ ctx.b }}"}, 5]),
    ],
)
def test_expressions_become_jinja(before: JsonValue, after: JsonValue) -> None:
    assert translated(before) == after


@pytest.mark.parametrize(
    "value",
    [
        "{{ 1 / 2 }}",
        "{{ a % 2 }}",
        "{{ parameters }}",
        "{{ system.workflow_start }}",
        "{{ config.a.b }}",
        "{{ task.t.data }}",
        "{{ round(1.5) }}",
        "{{ slice(a, 1, 2) }}",
        "{{ filter(a, x=1) }}",
        "{{ parameters[a] }}",
        "{{ 1 + }}",
        "<% 1 %>",
        "{% if a %}",
    ],
)
def test_what_means_something_else_is_refused(value: str) -> None:
    with pytest.raises(UnlikeError):
        translated(value)


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({"a": "{{ result() }}"}, "{{ (result()) }}"),
        ({"a": "text"}, "{{ 'text' }}"),
        ({"a": None}, "{{ none }}"),
        ({"a": "{{ b }}", "b": 1}, "{{ (1) }}"),
    ],
)
def test_conditions_see_what_is_published_with_them(
    given: dict[str, JsonValue], after: str
) -> None:
    assert translated("{{ a }}", given) == after


@pytest.mark.parametrize("value", ["x {{ b }}", [1], {"k": 1}])
def test_some_of_what_is_published_can_not_be_seen(value: JsonValue) -> None:
    with pytest.raises(UnlikeError):
        translated("{{ a }}", {"a": value})


def of_task(body: str, more: str = "") -> list[tuple[str, str]]:
    found = convert(f"ref: a.b\n{more}tasks:\n  - {{name: a, {body}}}\n").findings
    return [(one.code, one.message) for one in found]


def test_when_of_a_task_has_no_native_form() -> None:
    assert of_task('action: core.noop, when: "{{ 1 == 1 }}"') == [
        (
            Change.NO_NATIVE_FORM,
            "`when` of `a` has no native form: conditions are of transitions",
        )
    ]


def test_an_expression_without_native_form_is_told_with_its_place() -> None:
    assert of_task('action: core.echo, input: {message: "{{ 1 / 2 }}"}') == [
        (Change.NO_NATIVE_FORM, "`/` of whole numbers and negative ones differs natively")
    ]


def test_a_parameter_that_is_published_is_noted() -> None:
    body = "action: core.noop, publish: [{x: 1}]"

    found = of_task(body, "parameters: {x: {type: integer, required: true}}\n")

    assert [code for code, _ in found] == [Change.PARAMETER_WRITTEN]


def test_a_single_chain_needs_no_settings() -> None:
    text = (
        "ref: a.b\ncancellation_policy: cancel_running\ntasks:\n"
        "  - {name: a, action: core.noop, on_success: b}\n  - {name: b, action: core.noop}\n"
    )

    assert convert(text, "a.b.yaml").text == (
        "segue: 1\n\ntasks:\n  a:\n    action: core.noop\n    next:\n"
        '      - when: "{{ succeeded() }}"\n        do: b\n\n  b:\n    action: core.noop\n'
    )


def test_a_parallel_task_has_no_native_form() -> None:
    text = (
        "ref: a.b\ntasks:\n  - {name: p, type: parallel, tasks: [{name: x, action: core.noop}]}\n"
    )

    assert [one.message for one in convert(text).findings] == [
        "`type: parallel` has no native form: fork to its tasks and join them"
    ]


def test_items_and_parameters_as_they_are_written() -> None:
    text = (
        "ref: a.b\nparameters: {x: {}, y: {type: 'null'}}\ntasks:\n"
        "  - {name: a, action: core.noop, with_items: [1, 2]}\n"
        "output_map: {n: 1, m: '{{ x }}'}\n"
    )

    result = convert(text).text

    assert result is not None
    assert "      items: [1, 2]\n" in result
    assert 'input:\n  x:\n    default: null\n  y:\n    type: "null"\n    default: null\n' in result
