"""Running again what is over: what is refused, what counts no more, and what is kept."""

import pytest
from tests.support.operated import Operated

from segue.core import events as e
from segue.core import stimuli as s
from segue.core.errors import RequestError
from segue.core.status import Status

CHAIN = """
    segue: 1
    tasks:
      a: {action: x.a, next: [{when: succeeded(), do: b}]}
      b: {action: x.b, next: [{when: succeeded(), do: c}]}
      c: {action: x.c}
    """


def refused_code(run: Operated, stimulus: s.Stimulus) -> str:
    before = run.state
    with pytest.raises(RequestError) as refused:
        run.give(stimulus)
    assert run.state is before, "a refused request changes nothing"
    return refused.value.code


def planning_refused(run: Operated, *targets: str | tuple[str, int]) -> str:
    with pytest.raises(RequestError) as refused:
        run.plan(*targets)
    return str(refused.value)


def test_what_still_runs_is_not_run_again() -> None:
    run = Operated(CHAIN)
    run.succeed("a")
    plan = run.plan("a")
    assert refused_code(run, s.Rerun(plan=plan)) == "not_finished"


def test_a_plan_holds_for_the_moment_it_was_made_for_and_no_other() -> None:
    run = Operated(CHAIN)
    run.fail("a")
    plan = run.plan()
    run.rerun()
    run.fail("a")
    assert refused_code(run, s.Rerun(plan=plan)) == "moved_on"


def test_a_target_must_have_run_and_be_over() -> None:
    run = Operated(CHAIN)
    run.succeed("a")
    assert planning_refused(run, "c") == "`c` was never run in this execution"
    assert planning_refused(run, ("a", 4)) == "`a` has no visit 4 that counts"
    assert planning_refused(run, "b") == "visit 1 of `b` is not over"


def test_what_was_canceled_is_run_again_if_nothing_is_named() -> None:
    run = Operated(CHAIN)
    run.succeed("a")
    run.cancel()
    run.end_canceled("b")
    assert run.status() is Status.CANCELED
    run.rerun()
    assert run.running == ["b"]
    run.run_all()
    assert run.status() is Status.SUCCEEDED


WITH_DEFAULT = """
    segue: 1
    input:
      parts: {type: integer, default: 2}
      size: {default: "{{ 100 / ctx.parts }}"}
    tasks:
      a: {action: core.echo, input: {message: "{{ ctx.size }}"}}
    """


def test_inputs_that_can_not_be_used_are_refused_and_the_execution_stays_as_it_is() -> None:
    run = Operated(WITH_DEFAULT)
    run.fail("a")
    plan = run.plan(from_start=True, inputs={"parts": 0})
    assert refused_code(run, s.Rerun(plan=plan)) == "inputs_unusable"
    assert run.settled()


def test_a_rerun_from_the_start_evaluates_defaults_with_the_new_inputs() -> None:
    run = Operated(WITH_DEFAULT)
    run.fail("a")
    run.rerun_all({"parts": 4})
    assert run.input_of("a", 2) == {"message": 25.0}
    assert run.view.inputs == {"parts": 4, "size": 25.0}


@pytest.mark.parametrize("from_start", [True, False])
def test_new_inputs_are_checked_as_the_first_ones_were(*, from_start: bool) -> None:
    run = Operated(WITH_DEFAULT)
    run.fail("a")
    with pytest.raises(RequestError) as refused:
        run.plan(from_start=from_start, inputs={"parts": "four", "part": 4})
    assert (refused.value.code, refused.value.field) == ("invalid_inputs", "inputs.parts")
    assert "the workflow has no input `part`" in str(refused.value)
    assert refused.value.hint == "did you mean `parts`?"


def test_an_input_that_was_changed_stays_so_in_the_next_rerun() -> None:
    run = Operated(WITH_DEFAULT)
    run.fail("a")
    run.rerun_all({"parts": 4})
    run.fail("a")
    run.rerun_all({"size": 1})
    assert run.view.inputs == {"parts": 4, "size": 1}


def test_a_rerun_from_a_task_shows_the_inputs_that_were_changed_beside_the_others() -> None:
    run = Operated(WITH_DEFAULT)
    run.fail("a")
    run.give(s.Rerun(plan=run.plan(inputs={"size": 3})))
    assert run.view.inputs == {"parts": 2, "size": 3}
    assert run.input_of("a", 2) == {"message": 3}


def test_after_a_rerun_from_the_start_only_what_came_since_can_be_run_again() -> None:
    run = Operated(CHAIN)
    run.succeed("a")
    run.fail("b")
    run.rerun_all()
    run.fail("a")
    assert planning_refused(run, "b") == "`b` was never run in this execution"
    assert run.plan().targets == (("a", 2),)
    run.rerun()
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.lineage == [
        ("a", 1, None, True),
        ("b", 1, None, True),
        ("a", 2, None, True),
        ("a", 3, 2, False),
        ("b", 2, None, False),
        ("c", 1, None, False),
    ]


ITEMS = """
    segue: 1
    tasks:
      a: {with: "{{ [1, 2, 3] }}", action: core.echo, input: {message: "{{ item() }}"}}
    """


def test_items_that_succeeded_are_kept_over_any_number_of_reruns() -> None:
    run = Operated(ITEMS)
    run.succeed_item("a", 0, "first")
    run.fail_item("a", 1)
    run.succeed_item("a", 2, "third")
    run.rerun()
    assert run.open_items("a") == [1]
    run.fail_item("a", 1)
    run.rerun()
    assert run.open_items("a") == [1], "what the first of them did counts for the third"
    run.succeed_item("a", 1, "second")
    assert run.result_of("a", 3) == ["first", "second", "third"]


RACE = """
    segue: 1
    tasks:
      a: {action: x.a, next: [{when: succeeded(), do: j}]}
      b: {action: x.b, next: [{when: succeeded(), do: j}]}
      j: {join: 1, action: x.j, next: [{when: succeeded(), do: k}]}
      k: {action: x.k}
    """


def test_who_came_too_late_to_a_join_is_in_time_if_what_fired_it_is_run_again() -> None:
    run = Operated(RACE)
    run.succeed("a", "of a")
    run.succeed("j")
    run.succeed("b")
    run.fail("k")
    run.rerun("a")
    assert run.running == ["a"], "the round waits with what came late, and fires by what comes anew"
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert [run.started(task) for task in "abjk"] == [2, 1, 2, 2]


def test_a_rerun_of_who_only_met_a_firing_join_leaves_nothing_behind() -> None:
    run = Operated(RACE)
    run.succeed("a")
    run.succeed("b")
    run.fail("j")
    run.rerun("b")
    run.run_all()
    assert run.settled()
    assert not run.state.rounds
    assert not run.state.fired


def test_the_time_limit_of_an_execution_begins_again_with_a_rerun() -> None:
    run = Operated("segue: 1\nlimits: {duration: 60}\ntasks: {a: {action: x.a}}\n")
    run.fail("a")
    run.now += 1000
    run.rerun()
    assert run.state.deadline == run.now + 60
    rerun = run.of_type(e.ExecutionRerun)[-1]
    assert isinstance(rerun, e.ExecutionRerun)
    assert rerun.deadline == run.now + 60
