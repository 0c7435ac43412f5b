"""Running again: what comes again beside loops, joins and `fail`; and what was changed for it."""

import pytest
from tests.support.operated import Operated

from segue.core import stimuli as s
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.values import JsonValue

LINE = """
    segue: 1
    input: {n: {type: integer, default: 1}}
    vars: {share: "{{ 12 // ctx.n }}"}
    tasks:
      a: {action: core.noop, next: [{do: b}]}
      b: {action: core.echo, input: {share: "{{ ctx.share }}"}}
    output: {share: "{{ ctx.share }}"}
    """


def over(text: str = LINE) -> Operated:
    """Return an execution all of whose tasks have succeeded."""
    run = Operated(text)
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    return run


def test_a_task_and_what_followed_from_it_come_again_as_new_visits() -> None:
    run = over()
    run.rerun("a")
    assert run.running == ["a"]
    run.run_all()
    assert run.lineage == [
        ("a", 1, None, True),
        ("b", 1, None, True),
        ("a", 2, 1, False),
        ("b", 2, None, False),
    ]


def test_variables_are_written_before_what_is_run_again() -> None:
    run = over()
    run.give(s.Rerun(plan=run.plan("b", variables={"share": 5})))
    assert run.input_of("b", 2) == {"share": 5}
    run.fail("b")
    run.rerun()
    assert run.input_of("b", 3) == {"share": 5}, "a second rerun goes on from them"
    run.run_all()
    assert run.output == {"share": 5}


def test_a_rerun_from_before_a_former_one_does_not_begin_with_what_that_had_written() -> None:
    run = Operated(
        """
        segue: 1
        input: {top: {default: 2}}
        vars: {n: 0}
        start: [a]
        tasks:
          a:
            action: core.echo
            input: {n: "{{ ctx.n }}", top: "{{ ctx.top }}"}
            next:
              - {when: ctx.n < ctx.top, publish: {n: "{{ ctx.n + 1 }}"}, do: a}
              - {do: b}
          b: {action: core.noop}
        """
    )
    for task in ("a", "a", "a", "b"):
        run.succeed(task)
    run.give(s.Rerun(plan=run.plan(("a", 2), inputs={"top": 9}, variables={"n": 9})))
    assert run.input_of("a", 4) == {"n": 9, "top": 9}
    run.run_all()
    run.rerun(("a", 4))
    assert run.input_of("a", 5) == {"n": 9, "top": 9}, "it had begun with that"
    run.fail("a")
    assert run.running == ["b"]
    run.succeed("b")
    run.rerun(("a", 1))
    assert run.input_of("a", 6) == {"n": 0, "top": 9}, "inputs stay changed"


# -- all of it -------------------------------------------------------------------------------------


def test_all_of_it_is_run_again_with_other_inputs_and_what_depends_on_them() -> None:
    run = over()
    run.rerun_all({"n": 3})
    assert run.view.inputs == {"n": 3}
    run.succeed("a")
    assert run.input_of("b", 2) == {"share": 4}
    run.fail("b")
    run.rerun()
    assert run.input_of("b", 3) == {"share": 4}, "a second rerun goes on from those inputs"
    run.run_all()
    assert run.output == {"share": 4}
    assert run.lineage[2:] == [("a", 2, None, False), ("b", 2, None, True), ("b", 3, 2, False)]


def test_variables_are_written_over_a_beginning_with_other_inputs() -> None:
    run = over()
    plan = run.plan(from_start=True, inputs={"n": 3}, variables={"share": 5, "more": 6})
    run.give(s.Rerun(plan=plan))
    run.succeed("a")
    assert run.input_of("b", 2) == {"share": 5}
    run.succeed("b")
    assert run.output == {"share": 5}


def test_a_rerun_from_the_start_evaluates_variables_anew_with_the_inputs_of_the_last_one() -> None:
    run = over()
    run.give(s.Rerun(plan=run.plan("b", inputs={"n": 2})))
    assert run.input_of("b", 2) == {"share": 12}, "that was evaluated before"
    run.succeed("b")
    run.rerun_all()
    run.succeed("a")
    assert run.input_of("b", 3) == {"share": 6}


def failed_to_begin() -> Operated:
    """Return an execution of which a variable could not be evaluated."""
    run = Operated(LINE, {"n": 0})
    assert (run.errors[0], run.settled()) == (("expression_failed", None, False), True)
    return run


def test_an_execution_that_could_not_begin_is_not_run_without_what_is_missing() -> None:
    run = failed_to_begin()
    for from_start in (False, True):
        with pytest.raises(RequestError) as refused:
            run.give(s.Rerun(plan=run.plan(from_start=from_start)))
        assert (refused.value.code, refused.value.field) == ("inputs_unusable", "inputs")
        assert refused.value.message.startswith("the variable `share` can't be evaluated: Zero")
        assert refused.value.hint == "give other inputs, or a value for what can't be evaluated"


@pytest.mark.parametrize(
    ("inputs", "variables", "share"), [({"n": 4}, {}, 3), ({}, {"share": 7}, 7)]
)
def test_an_execution_that_could_not_begin_begins_with_what_was_missing(
    inputs: dict[str, JsonValue], variables: dict[str, JsonValue], share: int
) -> None:
    run = failed_to_begin()
    run.give(s.Rerun(plan=run.plan(inputs=inputs, variables=variables)))
    run.run_all()
    assert (run.status(), run.output, run.errors) == (Status.SUCCEEDED, {"share": share}, [])


def test_visits_that_count_no_more_are_not_held_against_the_limit() -> None:
    run = Operated(
        """
        segue: 1
        start: [a]
        limits: {visits: 2}
        tasks:
          a: {action: core.noop, next: [{when: result() == 'more', do: a}, {do: b}]}
          b: {action: core.noop}
        """
    )
    run.succeed("a", "more")
    run.succeed("a")
    run.fail("b")
    run.rerun_all()
    assert run.succeed("a", "more"), "it is the fourth visit, but the second that counts"
    assert run.running == ["a"]
    run.succeed("a", "more")
    assert run.message == (
        "task `a` came to visit 5, and the limit on visits is 2 (2 of them count no more)"
    )


# -- items -----------------------------------------------------------------------------------------


ITEMS = """
    segue: 1
    tasks:
      a: {with: [x, y, z], action: core.echo, input: {message: "{{ item() }}"}}
    """


def test_items_that_were_all_run_again_are_those_that_a_further_rerun_goes_on_with() -> None:
    run = Operated(ITEMS)
    for item in range(3):
        run.fail_item("a", item)
    run.rerun("a", reset_items=True)
    for item in range(2):
        run.succeed_item("a", item, f"second {item}")
    run.fail_item("a", 2)
    run.rerun()
    assert run.open_items("a") == [2]
    run.succeed_item("a", 2, "third 2")
    assert run.result_of("a", 3) == ["second 0", "second 1", "third 2"]


def test_items_that_were_never_begun_as_another_task_failed_go_on_and_are_shown() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          a: {with: {items: [x, y], concurrency: 1}, action: core.noop}
          b: {action: core.noop}
        """
    )
    run.fail("b")
    run.succeed_item("a", 0, "X")
    assert [(one.task, one.status) for one in run.view.tasks] == [
        ("a", Status.CANCELED),
        ("b", Status.FAILED),
    ]
    run.rerun()
    assert run.lineage == [("a", 1, None, False), ("b", 1, None, True), ("b", 2, 1, False)]
    assert (run.items_of("a").succeeded, run.open_items("a")) == (1, [1])
    run.succeed_item("a", 1, "Y")
    run.succeed("b")
    assert (run.status(), run.result_of("a")) == (Status.SUCCEEDED, ["X", "Y"])


# -- joins -----------------------------------------------------------------------------------------


JOIN = """
    segue: 1
    tasks:
      a: {action: core.noop, next: [{do: j}]}
      b: {action: core.noop, next: [{do: j}]}
      j: {join: any, delay: DELAY, action: core.noop}
    """


def test_a_branch_that_is_run_again_comes_late_to_a_join_that_has_fired_without_it() -> None:
    run = Operated(JOIN.replace("DELAY", "0"))
    run.succeed("a")
    run.succeed("j")
    run.fail("b")
    run.rerun("b")
    assert run.running == ["b"]
    assert "arrival_absorbed" in run.succeed("b")
    assert run.status() is Status.SUCCEEDED
    assert run.lineage == [
        ("a", 1, None, False),
        ("b", 1, None, True),
        ("j", 1, None, False),
        ("b", 2, 1, False),
    ]


def test_a_join_that_a_branch_still_came_into_is_run_again_with_that_branch() -> None:
    run = Operated(JOIN.replace("DELAY", "5"))
    run.succeed("a")
    assert "join_arrived" in run.succeed("b"), "it waits for its delay, so b takes part"
    run.give(s.DelayPassed(task="j", visit=1))
    run.succeed("j")
    assert run.plan("b").superseded == (("b", 1), ("j", 1))
    run.rerun("b")
    assert "join_fired" in run.succeed("b")
    run.give(s.DelayPassed(task="j", visit=2))
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED


def test_a_join_that_came_to_the_limit_on_visits_is_nothing_that_was_superseded() -> None:
    run = Operated(
        """
        segue: 1
        start: [j]
        limits: {visits: 1}
        tasks:
          j: {join: all, action: core.noop, next: [{do: j}]}
        """
    )
    run.succeed("j")
    assert run.errors == [("visit_limit", "j", False)]
    run.rerun("j")
    assert run.lineage == [("j", 1, None, True), ("j", 2, 1, False)]


LOOP = """
    segue: 1
    start: [probe]
    tasks:
      probe: {action: core.noop, next: [{do: [a, b, wait]}]}
      wait: {action: core.noop, next: [{when: result() != 'stop', do: probe}]}
      a: {action: core.noop, next: [{do: j}]}
      b: {action: core.noop, next: [{when: result() == 'join', do: j}, {do: noop}]}
      j: {join: all, action: core.noop}
    """


def turns(*waits: str) -> Operated:
    """Return an execution after turns of the loop in which b never came to the join."""
    run = Operated(LOOP)
    for wait in waits:
        for task in ("probe", "a", "b"):
            run.succeed(task)
        run.succeed("wait", wait)
    return run


def test_the_last_turn_of_a_loop_is_run_again_and_the_turns_before_it_stay_superseded() -> None:
    run = turns("on", "on", "stop")
    assert run.errors == [("join_unsatisfied", "j", False)]
    run.rerun(("b", 3))
    assert run.errors == []
    run.succeed("b", "join")
    assert run.running == ["j"]
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert [one[1] for one in run.lineage if one[0] == "j"] == [1]


def test_a_former_turn_that_is_run_again_does_not_hide_that_the_last_one_lost_its_join() -> None:
    run = turns("on", "stop")
    run.rerun(("a", 1))
    assert (run.status(), run.running) == (Status.FAILED, ["a"])
    assert run.errors == [("join_unsatisfied", "j", False)]
    run.succeed("a")
    assert run.settled()


def test_a_round_of_a_former_turn_that_is_run_again_is_superseded_again() -> None:
    run = turns("on", "stop")
    run.rerun(("a", 1), ("b", 2))
    run.succeed("b", "join")
    run.succeed("a")
    assert run.running == ["j"]
    run.run_all()
    assert (run.status(), run.errors) == (Status.SUCCEEDED, [])


# -- beside `fail` ---------------------------------------------------------------------------------


CLEANING = """
    segue: 1
    tasks:
      check: {action: core.noop, next: [{do: [clean, fail]}]}
      clean: {action: core.noop, delay: 5}
      work: {action: core.noop}
    """


def test_what_was_named_beside_fail_still_runs_when_another_task_fails_after_a_rerun() -> None:
    run = Operated(CLEANING)
    for task in ("check", "work"):
        run.succeed(task)
    run.give(s.DelayPassed(task="clean", visit=1))
    run.succeed("clean")
    run.rerun("clean", "work")
    run.fail("work")
    assert (run.status(), run.settled()) == (Status.FAILED, False), "it waits for its delay"
    run.give(s.DelayPassed(task="clean", visit=2))
    assert run.running == ["clean"]
    run.succeed("clean")
    assert run.settled()


@pytest.mark.parametrize("leads_to", ["fail", "[noop, fail]", "[clean, fail]"])
def test_without_targets_what_led_to_fail_is_run_again(leads_to: str) -> None:
    run = Operated(
        f"""
        segue: 1
        tasks:
          check: {{action: core.noop, next: [{{when: failed(), do: {leads_to}}}]}}
          clean: {{action: core.noop}}
        """,
        start=("check",),
    )
    run.fail("check")
    run.run_all()
    assert run.errors[-1] == ("fail_command", "check", False)
    run.rerun()
    assert (run.running, run.errors) == (["check"], [])
    run.succeed("check")
    assert run.status() is Status.SUCCEEDED


def test_a_rerun_of_another_task_does_not_hide_that_fail_was_reached() -> None:
    run = Operated(CLEANING)
    for task in ("check", "work"):
        run.succeed(task)
    run.give(s.DelayPassed(task="clean", visit=1))
    run.succeed("clean")
    run.rerun("work")
    assert run.status() is Status.RUNNING
    run.succeed("work")
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.errors == [("fail_command", "check", False)]
