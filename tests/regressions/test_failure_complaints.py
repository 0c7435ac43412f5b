"""What users of other engines complained about failures, transitions and retries. The table is in
`test_user_complaints`."""

import pytest
from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.checking import check
from segue.core.status import Status
from segue.core.stimuli import RetryDue
from segue.language import load_workflow
from segue.values import JsonValue


@pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])
def test_a_transition_that_only_publishes_does_not_make_a_failure_good(language: str) -> None:
    """Whatever stood under `next`, a failed task counted as dealt with and the rest went on.

    There are no handlers for a whole workflow: each task says what follows its failure.
    """
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{publish: [{{x: 1}}]}}]}}
        """
    )
    run.fail("a")
    assert run.status() is Status.FAILED
    refused = check("segue: 1\non_error: [{do: a}]\ntasks: {a: {}}\n")
    assert [found.code for found in refused.findings] == ["SEG101"]


@pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])
def test_after_an_unhandled_failure_what_runs_is_let_finish_and_nothing_new_starts(
    language: str,
) -> None:
    """Branches stopped where they were, and nobody could tell what had become of them."""
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop}}
          b: {{action: core.noop, next: [{{publish: [{{x: 1}}], do: c}}]}}
          c: {{action: core.noop}}
        """
    )
    run.fail("a")
    assert (run.status(), run.settled(), run.running) == (Status.FAILED, False, ["b"])
    run.succeed("b", "done")
    assert run.settled()
    assert [(one.task, one.status, one.result) for one in run.view.tasks] == [
        ("a", Status.FAILED, None),
        ("b", Status.SUCCEEDED, "done"),
    ]


@pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])
def test_a_task_named_beside_fail_is_run(language: str) -> None:
    """`do: [cleanup, fail]` failed the workflow and left the cleaning up.

    There is no `finally`: what is to run after a failure is named beside `fail`.
    """
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{do: [cleanup, fail]}}]}}
          cleanup: {{action: core.noop}}
        """
    )
    run.fail("a")
    assert (run.status(), run.running) == (Status.FAILED, ["cleanup"])
    run.succeed("cleanup")
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    refused = check("segue: 1\nfinally: [a]\ntasks: {a: {}}\n")
    assert [found.code for found in refused.findings] == ["SEG101"]


@pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])
def test_an_error_that_was_handled_is_told_from_one_that_was_not(language: str) -> None:
    """An execution that had succeeded listed errors, and nothing said that they were dealt with."""
    when = "failed()" if language == "segue: 1" else "<% failed() %>"
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{action: core.noop, next: [{{when: {when}, do: b}}]}}
          b: {{action: core.noop}}
        """
    )
    run.fail("a")
    run.succeed("b")
    assert run.status() is Status.SUCCEEDED
    assert run.errors == [("action_failed", "a", True)]


def test_an_error_in_a_condition_is_shown_and_does_not_hide_the_other_transitions() -> None:
    """One condition that could not be evaluated failed everything, and the rest was skipped."""
    run = Conducted(
        """
        version: 1.0
        tasks:
          a:
            action: core.noop
            next: [{when: <% result().nothing.at.all > 1 %>, do: b}, {do: c}]
          b: {action: core.noop}
          c: {action: core.noop}
        """
    )
    run.succeed("a", {})
    assert run.status() is Status.FAILED
    assert run.errors == [("expression_failed", "a", False)]
    assert [one.status for one in run.view.tasks if one.task == "a"] == [Status.SUCCEEDED]


def test_natively_an_error_in_a_condition_is_one_of_the_task_and_takes_no_other_way() -> None:
    """A condition that could not be evaluated was passed over as if it did not hold."""
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: "result().nothing > 1", do: b}, {do: c}]}
          b: {action: core.noop}
          c: {action: core.noop}
        """
    )
    run.succeed("a", {})
    assert (run.status(), run.running) == (Status.FAILED, [])
    assert run.errors == [("expression_failed", "a", False)]


@pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])
def test_two_transitions_to_one_task_run_it_once_for_each(language: str) -> None:
    """That it ran twice was documented nowhere."""
    match = "match: all, " if language == "segue: 1" else ""
    run = Conducted(
        f"""
        {language}
        tasks:
          a: {{{match}action: core.noop, next: [{{do: b}}, {{do: b}}]}}
          b: {{action: core.noop}}
        """
    )
    run.succeed("a")
    assert run.running == ["b", "b"]
    run.run_all()
    assert run.status() is Status.SUCCEEDED


@pytest.mark.parametrize("language", ["segue: 1", "version: 1.0"])
def test_the_transitions_see_the_last_attempt_only(language: str) -> None:
    """The way for a failure was taken, and the task was retried as well."""
    words = ("failed()", "succeeded()")
    if language == "version: 1.0":
        words = ("<% failed() %>", "<% succeeded() %>")
    run = Conducted(
        f"""
        {language}
        tasks:
          a:
            action: core.noop
            retry: {{count: 1}}
            next: [{{when: {words[0]}, do: bad}}, {{when: {words[1]}, do: good}}]
          bad: {{action: core.noop}}
          good: {{action: core.noop}}
        """
    )
    run.fail("a")
    assert run.running == ["a"]
    run.succeed("a")
    assert run.running == ["good"]


def test_what_retry_asks_is_evaluated_after_the_attempt() -> None:
    """The delay and the condition of a retry could not look at what the attempt had given."""
    run = Conducted(
        """
        segue: 1
        tasks:
          a:
            action: core.noop
            retry:
              count: 3
              delay: "{{ result().wait }}"
              when: "failed() or result().wait > 0"
        """
    )
    run.succeed("a", {"wait": 7})
    (task,) = run.view.tasks
    assert (task.status, task.due) == (Status.RETRYING, run.now + 7)
    run.now += 7
    run.give(RetryDue(task="a", visit=1, attempt=2))
    run.succeed("a", {"wait": 0})
    assert run.status() is Status.SUCCEEDED


def test_a_retry_that_waits_can_be_canceled() -> None:
    """Canceling did nothing until the waiting for the next attempt was over."""
    run = Operated(
        """
        segue: 1
        tasks:
          a: {action: core.noop, retry: {count: 3, delay: 1h}}
        """
    )
    run.fail("a")
    assert run.running == []
    run.cancel()
    assert (run.status(), run.settled()) == (Status.CANCELED, True)
    assert run.give(RetryDue(task="a", visit=1, attempt=2)) == []


ENDINGS = {
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
    "timeout": Status.TIMEOUT,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_there_is_an_output_on_every_ending(ending: str) -> None:
    """Of an execution that did not succeed there was no output, or it was rendered too early."""
    run = Operated(
        """
        segue: 1
        limits: {duration: 60}
        tasks:
          a: {action: core.noop, next: [{publish: {x: 1}, do: b}]}
          b: {action: core.noop}
        output: {x: "{{ ctx.x }}"}
        """
    )
    run.succeed("a")
    if ending == "succeeded":
        run.succeed("b")
    elif ending == "failed":
        run.fail("b")
    elif ending == "canceled":
        run.cancel()
        run.end_canceled("b")
    else:
        run.pass_deadline()
        run.end_canceled("b")
    assert (run.status(), run.settled()) == (ENDINGS[ending], True)
    assert run.output == {"x": 1}


def test_an_output_that_can_not_be_evaluated_is_an_error_and_not_a_missing_key() -> None:
    """A part of the output that could not be evaluated was left out, and nobody was told."""
    for language, expression in (("segue: 1", '"{{ ctx.l[7] }}"'), ("version: 1.0", "<% 1 / 0 %>")):
        run = Conducted(
            f"""
            {language}
            vars: [{{l: []}}]
            tasks: {{a: {{action: core.noop}}}}
            output: [{{good: 1}}, {{bad: {expression}}}]
            """
        )
        run.run_all()
        assert run.status() is Status.FAILED, language
        assert run.output == {"good": 1}
        assert [code for code, _, _ in run.errors] == ["expression_failed"]
        assert "`bad`" in run.message


def loaded_error(text: str) -> tuple[str, int, int, str | None]:
    loaded = load_workflow(text)
    assert loaded.workflow is None
    found = loaded.findings[0]
    return str(found.code), found.span.line, found.span.column, found.hint


def test_a_key_that_is_there_twice_is_found_with_its_place() -> None:
    """The second of two keys of one name took the place of the first without a word."""
    code, line, column, _ = loaded_error("segue: 1\ntasks:\n  a: {}\n  a: {}\n")
    assert (code, line, column) == ("SEG002", 4, 3)
    orquesta = load_workflow("version: 1.0\ntasks:\n  a: {action: core.noop}\n  a: {action: x}\n")
    assert [(str(one.code), one.span.line) for one in orquesta.findings] == [("SEG002", 4)]


def test_a_task_that_is_indented_wrongly_is_found_with_its_place() -> None:
    """An action a level too far out was taken for something else, and the message was no help."""
    found = load_workflow("segue: 1\ntasks:\n  a:\n    input: {}\n  action: core.noop\n").findings
    assert (found[0].span.line, found[0].span.column) == (5, 11)
    assert found[0].message == "a task must be a mapping, not the text `core.noop`"


@pytest.mark.parametrize(
    "expression",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ctx.__class__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for x in ().__class__.__bases__ %}{{ x }}{% endfor %}",
    ],
)
def test_expressions_do_not_reach_the_host(expression: str) -> None:
    """An expression in a workflow could run anything on the machine of the engine."""
    text = f'segue: 1\ntasks: {{a: {{action: core.noop}}}}\noutput: {{x: "{expression}"}}\n'
    checked = check(text)
    if checked.workflow is None:
        return
    run = Conducted(text)
    run.run_all()
    assert run.status() is Status.FAILED
    output: JsonValue = run.output
    assert not output
