"""Running again: what comes again, what counts no more, and what stays as it was."""

import pytest
from tests.support.operated import Operated

from segue.core import stimuli as s
from segue.core.errors import RequestError
from segue.core.rerun_plan import RerunPlan
from segue.core.status import Status

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


def refused(run: Operated, *targets: str | tuple[str, int]) -> RequestError:
    """Return how a rerun of these is refused."""
    with pytest.raises(RequestError) as caught:
        run.plan(*targets)
    return caught.value


def refused_plan(run: Operated, plan: RerunPlan) -> RequestError:
    """Return how a plan is refused, which must not have any effect."""
    before = run.state
    with pytest.raises(RequestError) as caught:
        run.give(s.Rerun(plan=plan))
    assert run.state == before
    return caught.value


# -- what can be run again -------------------------------------------------------------------------


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


def test_a_task_that_was_never_run_can_not_be_run_again() -> None:
    error = refused(over(), "c")
    assert (error.code, error.field) == ("unknown_task_execution", "targets")
    assert error.message == "`c` was never run in this execution"
    assert error.hint == "these tasks were: a, b"


def test_a_visit_that_there_was_not_or_that_counts_no_more_can_not_be_run_again() -> None:
    run = over()
    run.rerun("a")
    run.run_all()
    for visit in (1, 3):
        error = refused(run, ("b", visit))
        assert error.message == f"`b` has no visit {visit} that counts"
        assert error.hint == "its visits are 2; what a rerun has superseded counts no more"


def test_a_task_that_still_runs_can_not_be_run_again() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop}, b: {action: core.noop}}}")
    run.fail("a")
    assert (run.status(), run.running) == (Status.FAILED, ["b"])
    error = refused(run, "b")
    assert (error.code, error.message) == ("not_finished", "visit 1 of `b` is not over")


def test_an_execution_that_is_not_over_can_not_be_run_again() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop}, b: {action: core.noop}}}")
    run.fail("a")
    error = refused_plan(run, run.plan("a"))
    assert error.code == "not_finished"
    assert error.message == "the execution can't be run again: it is failed"


def test_a_plan_that_others_were_faster_with_is_refused() -> None:
    run = over()
    plan = run.plan("a")
    run.rerun("b")
    run.run_all()
    error = refused_plan(run, plan)
    assert error.code == "moved_on"
    assert error.message == "the execution has gone on since the rerun was planned"


def test_without_targets_what_was_canceled_is_run_again() -> None:
    run = Operated(LINE)
    run.succeed("a")
    run.cancel()
    run.end_canceled("b")
    run.rerun()
    assert run.lineage == [("a", 1, None, False), ("b", 1, None, True), ("b", 2, 1, False)]
    run.run_all()
    assert run.status() is Status.SUCCEEDED


def test_variables_are_written_before_what_is_run_again() -> None:
    run = over()
    run.give(s.Rerun(plan=run.plan("b", variables={"share": 5})))
    assert run.input_of("b", 2) == {"share": 5}
    run.fail("b")
    run.rerun()
    assert run.input_of("b", 3) == {"share": 5}, "a second rerun goes on from them"
    run.run_all()
    assert run.output == {"share": 5}


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


def test_inputs_with_which_it_can_not_begin_are_refused() -> None:
    run = over()
    error = refused_plan(run, run.plan(from_start=True, inputs={"n": 0}))
    assert (error.code, error.field) == ("inputs_unusable", "inputs")
    assert error.message.startswith("the variable `share` can't be evaluated: ZeroDivisionError")


# -- items -----------------------------------------------------------------------------------------


ITEMS = """
    segue: 1
    tasks:
      a: {with: [x, y, z], action: core.echo, input: {message: "{{ item() }}"}}
    """


def test_items_that_failed_can_be_run_again_as_often_as_they_fail() -> None:
    run = Operated(ITEMS)
    run.succeed_item("a", 0, "X")
    run.fail_item("a", 1)
    run.succeed_item("a", 2, "Z")
    for visit in (2, 3):
        run.rerun()
        assert run.inputs_of_items("a", visit) == [(1, {"message": "y"})]
        run.fail_item("a", 1)
    run.rerun()
    run.succeed_item("a", 1, "Y")
    assert run.status() is Status.SUCCEEDED
    assert run.result_of("a", 4) == ["X", "Y", "Z"]


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
