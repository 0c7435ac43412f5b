"""What is said of Attune's files beyond their shape: names, transitions, expressions."""

from textwrap import dedent

import pytest
from tests.checking.found import places

from segue.checking import Checked, check
from segue.language.attune_pair import join_pair
from segue.language.findings import Severity


def attune(text: str) -> Checked:
    """Check a file in one piece whose `ref` is left out."""
    return check("ref: demo.it\n" + dedent(text))


def task(line: str, before: str = "") -> Checked:
    """Check a file with this task, on line 3, and a task `b` after it."""
    return attune(f"tasks:\n  - {line}\n  - {{name: b, action: p.b}}\n{before}")


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("{name: a, action: x, on_success: c}", "there is no task `c`", None),
        ("{name: a, action: x, next: [{do: fail}]}", "there is no task `fail`", None),
        ("{name: a, action: x, next: [{do: retry}]}", "there is no task `retry`", None),
        ("{name: a, action: x, on_success: 'b, b'}", "there is no task `b, b`", "several tasks"),
        ("{name: a, action: x, join: 2}", "`a` waits for 2 tasks, and no task leads to it", "each"),
        ("{name: a, action: x, join: 1}", "`join` of `a` waits for nothing: no task", "remove"),
        ("{name: a, action: x, when: '{{ 1 + }}'}", "something is missing at the end", None),
        ("{name: a, action: x, when: 'nothing(1)'}", "there is no function 'nothing'", None),
        ("{name: a, action: x, when: x}", "nothing defines the variable `x` before this", None),
        (
            "{name: a, action: x, input: {p: '{{ parameters.p }}'}}",
            "the workflow has no parameter `p`",
            None,
        ),
        (
            "{name: a, action: x, input: {p: '{{ task.c.result }}'}}",
            "there is no task `c`",
            None,
        ),
        ("{name: a, action: x, input: {p: '{{ item }}'}}", "`item` has no value here", "only the"),
        (
            "{name: a, action: x, with_items: '{{ [1] }}', publish: [{p: '{{ index }}'}]}",
            "`index` has no value here",
            "only the",
        ),
        (
            "{name: a, action: x, retry: {count: 1, on_error: item}}",
            "`item` has no value here",
            "only the",
        ),
        (
            "{name: a, action: x, input: {p: '{{ result() }}'}}",
            "no task has just completed here, so `result` has nothing to tell",
            "name the task, as in `task.NAME.result`",
        ),
        (
            "{name: a, action: x, input: {p: '{{ never'}}",
            "`{{` is never closed, so this stays text",
            None,
        ),
        (
            "{name: a, action: x, input: {p: '<% ctx() %>'}}",
            "`<%` begins no expression in Attune's files, so this stays text",
            None,
        ),
    ],
)
def test_what_is_wrong_with_a_task(line: str, message: str, hint: str | None) -> None:
    (found,) = task(line).findings
    assert found.message[: len(message)] == message
    assert (found.hint or "")[: len(hint or "")] == (hint or "")
    assert found.span.line == 3


def test_names_that_were_misspelt_come_with_what_was_meant() -> None:
    checked = attune(
        """\
        parameters: {url: {type: string}}
        vars: {seen: 0}
        tasks:
          - {name: probe, action: x, on_success: reprot}
          - name: report
            action: x
            input: {a: ["{{ parameters.ulr }}", "{{ task.prob.result }}", "{{ workflow.sen }}"]}
        """
    )
    assert [found.hint for found in checked.findings] == [
        "did you mean `report`?",
        "did you mean `url`?",
        "did you mean `probe`?",
        "did you mean `seen`?",
    ]
    assert places(checked)[1:] == ["SEG304 8:32", "SEG201 8:50", "SEG304 8:80"]


def test_what_an_expression_deals_with_itself_is_not_told() -> None:
    line = (
        "{name: a, action: x, input: {p: '{{ parameters.p | default(1) }}', "
        "q: '{{ result() | default(1) }}', r: '{{ config.x }}{{ task }}'}}"
    )
    assert task(line).findings == ()


def test_a_variable_called_result_goes_before_that_of_a_task() -> None:
    assert task("{name: a, action: x, input: {p: '{{ result }}'}}", "vars: {result: 1}\n").valid


def test_items_are_known_where_they_are_rendered() -> None:
    line = "{name: a, action: x, with_items: '{{ [1] }}', input: {p: '{{ item }}{{ index }}'}}"
    assert task(line).findings == ()


def test_a_transition_without_condition_is_meant() -> None:
    assert task("{name: a, action: x, next: [{do: b}]}").findings == ()


def test_conditions_see_what_their_task_publishes() -> None:
    line = "{name: a, action: x, publish: [{y: 1}], on_success: [{when: y == 1, do: b}]}"
    assert task(line).findings == ()


def test_a_file_in_which_nothing_begins_is_told_of() -> None:
    checked = attune(
        """\
        tasks:
          - {name: a, action: x, on_success: b}
          - {name: b, action: x, on_success: a}
        """
    )
    found = next(one for one in checked.findings if one.code == "SEG203")
    assert found.severity is Severity.WARNING
    assert found.hint == "add a task that leads into the loop, or start it with `--start TASK`"


def test_defaults_that_look_like_expressions_are_text() -> None:
    assert attune("parameters: {a: {default: '{{ x }'}}\ntasks: [{name: a, action: x}]\n").valid


def test_places_are_right_in_a_graph_beside_its_action() -> None:
    graph = (
        'tasks:\n  - name: a\n    action: x\n    input: {a: "{{ parameters.a + parameters.b }}"}\n'
    )
    checked = check(join_pair(graph, "ref: a.b\nworkflow_file: x\nparameters: {a: {}}\n"))
    assert places(checked) == ["SEG304 4:46"]


def test_an_output_can_not_ask_for_the_task_that_just_completed() -> None:
    checked = task("{name: a, action: x}", "output_map: {a: '{{ result() }}', b: '{{ item }}'}\n")
    assert places(checked) == ["SEG304 5:21", "SEG306 5:42"]
