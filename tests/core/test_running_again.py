"""Running again: what comes again beside loops, joins and `fail`; and what was changed for it."""

from tests.support.operated import Operated

from segue.core import stimuli as s
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


def test_items_that_were_withdrawn_half_way_go_on_where_they_were() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          many: {with: {items: [1, 2, 3], concurrency: 1}, action: core.noop}
          other: {action: core.noop}
        """
    )
    run.fail("other")
    run.succeed_item("many", 0, "one")
    assert run.settled(), "it is not begun what has not begun"
    run.rerun("other")
    assert run.open_items("many") == [1]
    items = run.items_of("many")
    assert (items.total, items.succeeded) == (3, 1)
    run.succeed_item("many", 1)
    run.succeed_item("many", 2)
    run.succeed("other")
    assert run.result_of("many") == ["one", None, None]
    assert run.status() is Status.SUCCEEDED
