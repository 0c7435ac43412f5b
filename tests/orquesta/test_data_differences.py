"""Where Segue evaluates something else than Orquesta, or at another time, and why."""

from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.checking import check
from segue.core.status import Status
from segue.language import load_workflow
from segue.language.inputs import check_inputs


def test_the_result_of_an_expression_is_never_evaluated_again() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{publish: [{p: <% result() %>}], do: b}]}
          b: {action: core.echo message=<% ctx().p %>}
        output: [{jinja: "{{ ctx().p }}"}, {inside: "= <% ctx().p %>"}]
        """
    )
    run.succeed("a", "<% 1 + 1 %>")
    assert run.input_of("b") == {"message": "<% 1 + 1 %>"}
    run.succeed("b")
    assert run.output == {"jinja": "<% 1 + 1 %>", "inside": "= <% 1 + 1 %>"}


def test_inputs_given_at_run_time_are_never_evaluated() -> None:
    run = Conducted(
        """
        version: 1.0
        input: [name]
        tasks: {a: {action: core.noop}}
        output: [{name: <% ctx().name %>}]
        """,
        {"name": "<% 1 + 1 %>"},
    )
    run.run_all()
    assert run.output == {"name": "<% 1 + 1 %>"}


def test_inputs_that_are_not_declared_are_refused() -> None:
    workflow = load_workflow(
        """
        version: 1.0
        input: [host: localhost]
        tasks: {a: {action: core.noop}}
        """
    ).workflow
    assert workflow is not None
    (problem,) = check_inputs(workflow, {"hots": "web"})
    assert problem.message == "the workflow has no input `hots`"
    assert problem.hint == "did you mean `host`?"


def test_an_undefined_value_inside_a_mapping_is_an_error_where_it_stands() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{d: {a: 1}}]
        tasks: {a: {action: core.noop}}
        output: [{x: "{{ {'k': ctx().d.missing} }}"}]
        """
    )
    run.run_all()
    assert run.status() is Status.FAILED
    assert "the mapping has no key 'missing'" in run.message


def test_an_expression_may_hold_line_breaks_and_its_own_delimiters_in_quotes() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{sign: "<% '%>' %>"}]
        tasks:
          b: {action: core.echo, input: {message: "<% 1 +\\n 1 %>"}}
        output: [{sign: <% ctx().sign %>}]
        """
    )
    assert run.input_of("b") == {"message": 2}
    run.run_all()
    assert run.output == {"sign": "%>"}


def test_a_transition_to_several_tasks_is_evaluated_once() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          s: {action: core.noop, next: [{do: a}]}
          a: {action: core.noop, next: [{publish: [{n: <% random() %>}], do: [b, c]}]}
          b: {action: core.echo message=<% ctx().n %>}
          c: {action: core.echo message=<% ctx().n %>}
        """
    )
    run.random = 0.25
    run.succeed("s")
    run.succeed("a")
    assert run.input_of("b") == run.input_of("c") == {"message": 0.25}
    assert len([one for one in run.events if type(one.event).__name__ == "TransitionTaken"]) == 2


def test_what_orquesta_refuses_is_refused_with_its_place() -> None:
    found = check("version: 1.0\ntasks:\n  a: {action: core.noop, next: [{do: nowhere}]}\n")
    assert [(one.span.line, one.severity.value) for one in found.findings] == [(3, "error")]


def test_a_date_in_a_file_is_text() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{day: 2024-01-02}]
        tasks: {a: {action: core.noop}}
        output: [{day: <% ctx().day %>}]
        """
    )
    run.run_all()
    assert run.output == {"day": "2024-01-02"}
    found = check("version: 1.0\nvars: [{x: !!binary aGk=}]\ntasks: {a: {action: core.noop}}\n")
    assert [each.code for each in found.findings] == ["SEG006"]


def test_what_an_expression_may_make_is_bounded() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{n: 9223372036854775807}]
        tasks: {a: {action: core.noop}}
        output: [{more: <% ctx().n * 4 %>}]
        """
    )
    run.run_all()
    assert run.status() is Status.FAILED
    [failure] = run.view.errors
    assert "more than 64 bits" in failure.message
