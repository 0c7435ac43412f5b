"""What a failure does: nothing if a transition deals with it, else the execution fails fast."""

from tests.support.conducted import Conducted

from segue.core.status import Status


def test_an_unhandled_failure_fails_the_execution_at_once_and_lets_what_runs_finish() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop}
          b: {action: core.noop, next: [{publish: {x: 1}, do: c}]}
          c: {action: core.noop}
          d: {action: core.noop, delay: 60}
        """
    )
    assert run.running == ["a", "b"]
    run.fail("a", "boom")
    assert run.status() is Status.FAILED
    assert not run.settled()
    assert run.errors == [("action_failed", "a", False)]
    assert [task.status for task in run.view.tasks] == ["failed", "running", "canceled"]
    run.succeed("b")
    assert run.settled()
    assert run.visits("c") == 0


def test_a_failure_that_a_transition_handles_is_kept_and_marked() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: failed(), do: repair}]}
          repair: {action: core.noop}
        """
    )
    run.fail("a", "boom")
    assert run.running == ["repair"]
    run.succeed("repair")
    assert run.status() is Status.SUCCEEDED
    assert run.errors == [("action_failed", "a", True)]


def test_noop_handles_a_failure_and_continue_does_not() -> None:
    text = """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: failed(), publish: {x: 1}, do: COMMAND}]}
        output: {x: "{{ ctx.x }}"}
        """
    handled = Conducted(text.replace("COMMAND", "noop"))
    handled.fail("a")
    assert handled.status() is Status.SUCCEEDED
    assert handled.output == {"x": 1}
    unhandled = Conducted(text.replace("COMMAND", "continue"))
    unhandled.fail("a")
    assert unhandled.status() is Status.FAILED
    assert unhandled.output == {"x": 1}


def test_tasks_beside_fail_still_run_and_what_follows_them_does_not() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [cleanup, fail]}]}
          cleanup: {action: core.noop, retry: {count: 1}, next: [{do: after}]}
          after: {action: core.noop}
        """
    )
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.running == ["cleanup"]
    run.fail("cleanup")
    assert run.running == ["cleanup"]
    run.succeed("cleanup")
    assert run.settled()
    assert run.visits("after") == 0
    assert run.errors == [("fail_command", "a", False)]


def test_a_failure_that_leads_to_fail_is_unhandled_whatever_cleans_up_after_it() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [cleanup, fail]}]}
          cleanup: {action: core.noop}
        """
    )
    run.fail("a")
    run.succeed("cleanup")
    assert run.errors == [("action_failed", "a", False), ("fail_command", "a", False)]


def test_a_join_beside_fail_is_not_waited_for() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [j, fail]}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.succeed("a")
    run.succeed("b")
    assert run.settled()
    assert run.visits("j") == 0


def test_branches_are_finished_where_the_workflow_says_so() -> None:
    run = Conducted(
        """
        segue: 1
        unhandled_failure: finish_branches
        tasks:
          a: {action: core.noop}
          b: {action: core.noop, next: [{do: c}]}
          c: {action: core.noop}
        """
    )
    run.fail("a", "boom")
    assert run.status() is Status.RUNNING
    run.succeed("b")
    run.succeed("c")
    assert run.status() is Status.FAILED
    assert run.errors == [("action_failed", "a", False)]


def test_an_error_in_a_condition_fails_the_task_and_never_falls_through() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a:
            action: core.noop
            next: [{when: result().nokey == 1, do: b}, {do: c}]
          b: {action: core.noop}
          c: {action: core.noop}
        """
    )
    run.succeed("a", {"x": 1})
    assert run.status() is Status.FAILED
    assert run.errors == [("expression_failed", "a", False)]
    assert "nokey" in run.message
    assert run.visits("c") == 0
    assert [task.status for task in run.view.tasks] == ["failed"]


def test_an_error_in_a_publish_fails_the_task_and_publishes_nothing() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {x: 0}
        tasks:
          a:
            action: core.noop
            next: [{publish: [{x: 1}, {y: "{{ 1 / 0 }}"}], do: b}]
          b: {action: core.noop}
        output: {x: "{{ ctx.x }}"}
        """
    )
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.output == {"x": 0}


def test_a_condition_must_be_a_boolean_natively() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: result(), do: b}]}
          b: {action: core.noop}
        """
    )
    run.succeed("a", "yes")
    assert run.status() is Status.FAILED
    assert run.message == "a condition must be true or false, not 'yes'"


def test_an_input_that_can_not_be_rendered_fails_the_task_which_may_be_handled() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {n: 0}
        tasks:
          a:
            action: core.echo
            input: {x: "{{ 1 / ctx.n }}"}
            next: [{when: failed(), do: b}]
          b: {action: core.noop}
        """
    )
    assert run.running == ["b"]
    run.succeed("b")
    assert run.status() is Status.SUCCEEDED
    assert run.errors == [("expression_failed", "a", True)]
    assert run.view.tasks[0].attempts == 0


def test_what_can_not_be_an_action_or_an_input_is_an_error_of_the_task() -> None:
    text = "segue: 1\nvars: {n: 5}\ntasks: {a: {action: ACTION, input: INPUT}}\n"
    no_name = Conducted(text.replace("ACTION", '"{{ ctx.n }}"').replace("INPUT", "{}"))
    assert no_name.message == "an action must be a name, not 5"
    no_mapping = Conducted(text.replace("ACTION", "core.noop").replace("INPUT", '"{{ ctx.n }}"'))
    assert no_mapping.message == "the input must be a mapping, not 5"
    nothing = Conducted(text.replace("ACTION", "core.noop").replace("INPUT", '"{{ none }}"'))
    assert nothing.input_of("a") == {}


def test_a_cycle_of_tasks_that_can_not_be_rendered_is_stopped() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {n: 0}
        start: [a]
        tasks:
          a:
            action: core.echo
            input: {x: "{{ 1 / ctx.n }}"}
            next: [{when: failed(), do: a}]
        """,
        max_visits=None,
        check=False,
    )
    assert run.status() is Status.FAILED
    assert run.errors[-1][0] == "cycle_of_failures"


def test_an_outcome_for_an_attempt_that_is_closed_is_dropped() -> None:
    run = Conducted("segue: 1\ntasks: {a: {action: core.noop}, b: {action: core.noop}}\n")
    run.succeed("a", 1)
    assert run.fail("a", visit=1) == []
    run.succeed("b")
    assert run.settled()
    assert run.fail("b", visit=1) == []


def test_an_action_that_ends_itself_has_failed() -> None:
    run = Conducted("segue: 1\ntasks: {a: {action: core.noop}}\n")
    run.end_canceled("a")
    assert run.status() is Status.FAILED
    assert run.errors == [("action_canceled", "a", False)]


ORQUESTA = """
version: 1.0
vars: [{x: 0}]
tasks:
  a:
    action: core.noop
    next:
      - when: <% WHEN %>
        publish: [{p: <% 1 / 0 %>}]
        do: b
      - do: d
  b: {action: core.noop}
  d: {action: core.noop}
output: [{x: <% ctx().x %>}]
"""


def test_in_orquesta_files_a_failed_expression_fails_the_execution_and_not_the_task() -> None:
    run = Conducted(ORQUESTA.replace("WHEN", "succeeded()"))
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.view.tasks[0].status is Status.SUCCEEDED
    assert run.errors == [("expression_failed", "a", False)]
    assert run.visits("d") == 0
    assert run.output == {"x": 0}


def test_in_orquesta_files_a_rendering_error_offers_nothing() -> None:
    run = Conducted(
        "version: 1.0\ntasks:\n  a: {action: core.echo, input: {x: <% 1 / 0 %>}}\n"
        "  b: {action: core.noop}\n"
    )
    assert run.status() is Status.FAILED
    assert run.errors == [("expression_failed", "a", False)]
    assert run.running == []


def test_in_orquesta_files_a_condition_is_taken_for_its_truth() -> None:
    run = Conducted(
        "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{when: 'false', do: b}]}\n"
        "  b: {action: core.noop}\n"
    )
    run.succeed("a")
    assert run.running == ["b"]


def test_a_task_that_leads_to_itself_beside_fail_runs_once_more_and_no_further() -> None:
    run = Conducted(
        "segue: 1\nstart: [a]\ntasks: {a: {action: core.noop, next: [{do: [a, fail]}]}}\n"
    )
    run.succeed("a")
    assert run.status() is Status.FAILED
    run.succeed("a")
    assert run.settled()
    assert run.visits("a") == 2


def test_what_the_action_failed_with_is_kept_beside_the_condition_that_failed_on_it() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a:
            action: core.http
            next: [{when: result().status_code == 200, do: b}]
          b: {action: core.noop}
        """
    )
    run.fail("a", "connection refused")
    assert run.errors == [("action_failed", "a", False), ("expression_failed", "a", False)]
    assert run.view.tasks[0].note is None
