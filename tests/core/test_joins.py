"""Joins: rounds are told apart by what the branches have in common, never by counting."""

import pytest
from tests.support.conducted import Conducted

from segue.core import events as e
from segue.core.status import Status
from segue.core.stimuli import DelayPassed

THREE = """
segue: 1
tasks:
  s: {action: core.noop, next: [{do: [a, b, c]}]}
  a: {action: core.noop, next: [{publish: {x: a}, do: j}]}
  b: {action: core.noop, next: [{publish: {x: b}, do: j}]}
  c: {action: core.noop, next: [{publish: {x: c}, do: j}]}
  j: {join: JOIN, action: core.echo, input: {x: "{{ ctx.x }}"}}
"""


def three(join: str) -> Conducted:
    run = Conducted(THREE.replace("JOIN", join))
    run.succeed("s")
    return run


def test_join_all_waits_for_every_source() -> None:
    run = three("all")
    run.succeed("a")
    run.succeed("c")
    assert run.running == ["b"]
    (waiting,) = run.view.joins
    assert (waiting.arrived, waiting.missing, waiting.needed) == (("a", "c"), ("b",), 3)
    run.succeed("b")
    assert run.running == ["j"]
    assert run.input_of("j") == {"x": "b"}
    assert run.view.joins == ()


def test_join_of_two_takes_both() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: 2, action: core.noop}
        """
    )
    run.succeed("b")
    assert run.running == ["a"]
    run.succeed("a")
    assert run.running == ["j"]
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED


def test_two_of_three_fires_once_and_the_third_is_absorbed() -> None:
    run = three("2")
    run.succeed("a")
    run.succeed("b")
    assert run.running == ["c", "j"]
    assert run.succeed("c") == [
        "attempt_succeeded",
        "task_succeeded",
        "transition_taken",
        "arrival_absorbed",
        "join_round_ended",
    ]
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED
    assert run.visits("j") == 1
    note = next(task.note for task in run.view.tasks if task.task == "c")
    assert note == "it came late to the join j, which had fired: without effect"


def test_any_fires_with_the_first() -> None:
    run = three("any")
    run.succeed("c")
    assert run.running == ["a", "b", "j"]
    run.run_all()
    assert run.visits("j") == 1
    assert run.status() is Status.SUCCEEDED


def test_what_a_late_arrival_published_is_without_effect() -> None:
    run = Conducted(THREE.replace("JOIN", "any") + "output: {x: '{{ ctx.x }}'}\n")
    run.succeed("s")
    run.succeed("b")
    run.succeed("a")
    run.run_all()
    assert run.output == {"x": "b"}


def test_until_it_is_handed_off_a_fired_round_still_merges_what_arrives() -> None:
    run = Conducted(THREE.replace("JOIN", "2, delay: 5"))
    run.succeed("s")
    run.succeed("a")
    run.succeed("b")
    assert run.running == ["c"]
    assert "join_arrived" in run.succeed("c")
    assert run.view.joins == (), "nothing waits any more"
    run.now += 5
    run.give(DelayPassed(task="j", visit=1))
    assert run.input_of("j") == {"x": "c"}
    run.run_all()
    assert run.status() is Status.SUCCEEDED


def test_a_source_counts_once_however_many_of_its_transitions_lead_there() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a:
            action: core.noop
            match: all
            next: [{when: succeeded(), do: j}, {when: completed(), do: j}]
          b: {action: core.noop, next: [{do: j}]}
          j: {join: 2, action: core.noop}
        """
    )
    run.succeed("a")
    assert run.running == ["b"]
    assert [join.arrived for join in run.view.joins] == [("a",)]
    run.succeed("b")
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED
    assert run.visits("j") == 1


BESIDE = """
segue: 1
vars: {n: 0}
start: [probe]
tasks:
  probe:
    action: core.noop
    match: all
    next:
      - do: [a, b]
      - when: ctx.n < 2
        publish: {n: "{{ ctx.n + 1 }}"}
        do: wait
  wait: {action: core.noop, next: [{do: probe}]}
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.echo, input: {n: "{{ ctx.n }}"}}
"""


def test_a_loop_that_feeds_a_join_without_passing_through_it_makes_rounds_that_overlap() -> None:
    run = Conducted(BESIDE)
    run.succeed("probe")
    run.succeed("wait")
    run.succeed("probe")
    run.succeed("wait")
    run.succeed("probe")
    assert run.running == ["a", "b", "a", "b", "a", "b"]
    run.succeed("a", visit=1)
    run.succeed("a", visit=2)
    run.succeed("b", visit=3)
    assert run.visits("j") == 0
    run.succeed("b", visit=2)
    assert run.input_of("j", 1) == {"n": 1}
    run.succeed("b", visit=1)
    assert run.input_of("j", 2) == {"n": 0}
    run.succeed("a", visit=3)
    assert run.input_of("j", 3) == {"n": 2}
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("j") == 3


SKIPPED = """
segue: 1
vars: {n: 0}
start: [probe]
tasks:
  probe:
    action: core.noop
    match: all
    next:
      - do: [a, b]
      - when: ctx.n < 1
        publish: {n: "{{ ctx.n + 1 }}"}
        do: wait
  wait: {action: core.noop, next: [{do: probe}]}
  a: {action: core.noop, next: [{do: j}]}
  b:
    action: core.noop
    next: [{when: "result() == 'join'", do: j}, {do: s}]
  s: {action: core.noop}
  j: {join: all, action: core.noop}
"""


def test_a_round_in_which_a_branch_is_skipped_is_superseded_by_a_later_one() -> None:
    run = Conducted(SKIPPED)
    run.succeed("probe")
    run.succeed("a")
    run.succeed("b", "skip")
    assert run.status() is Status.RUNNING
    run.succeed("wait")
    run.succeed("probe")
    run.succeed("a")
    run.succeed("b", "join")
    (ended,) = run.of_type(e.JoinRoundEnded)
    assert isinstance(ended, e.JoinRoundEnded)
    assert (ended.outcome, ended.missing) == ("superseded", ("b",))
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("j") == 1


def test_a_round_in_which_a_branch_is_skipped_is_an_error_if_no_later_one_can_fire() -> None:
    run = Conducted(SKIPPED)
    run.succeed("probe")
    run.succeed("wait")
    run.succeed("probe")
    run.succeed("a", visit=1)
    run.succeed("b", "skip", visit=1)
    assert run.status() is Status.RUNNING
    run.succeed("b", "skip", visit=2)
    assert run.status() is Status.FAILED
    assert run.errors[-1] == ("join_unsatisfied", "j", False)


def test_a_join_that_can_not_be_satisfied_is_found_at_once_and_names_what_it_needs() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{when: failed(), do: j}, {do: long}]}
          long: {action: core.noop}
          j: {join: all, action: core.noop}
        """
    )
    run.succeed("b")
    assert run.status() is Status.RUNNING
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.running == ["long"]
    assert run.message == (
        "the join `j` can't be satisfied: it needs all of a, b; a arrived, and b can't any more"
    )
    run.succeed("long")
    assert run.settled()


def test_a_join_that_nothing_reached_is_no_error() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: failed(), do: j}]}
          b: {action: core.noop, next: [{when: failed(), do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.run_all()
    assert run.status() is Status.SUCCEEDED


RE_ENTERED = """
segue: 1
vars: {n: 0}
start: [s]
tasks:
  s: {action: core.noop, next: [{do: [a, b]}]}
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  j:
    join: all
    action: core.noop
    next:
      - when: ctx.n < 2
        publish: {n: "{{ ctx.n + 1 }}"}
        do: [a, b]
"""


def test_two_tasks_re_entered_from_the_join_are_joined_once_a_round() -> None:
    run = Conducted(RE_ENTERED)
    run.succeed("s")
    for turn in range(1, 4):
        run.succeed("a")
        assert run.running == ["b"]
        run.succeed("b")
        assert run.running == ["j"]
        run.succeed("j")
        assert run.visits("j") == turn
    assert run.status() is Status.SUCCEEDED


def test_an_if_inside_one_arm_arrives_either_way() -> None:
    text = """
        segue: 1
        tasks:
          s: {action: core.noop, next: [{do: [a, b]}]}
          a: {action: core.noop, next: [{when: result(), do: a1}, {do: a2}]}
          a1: {action: core.noop, next: [{do: a3}]}
          a2: {action: core.noop, next: [{do: a3}]}
          a3: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop}
        """
    for way, task in ((True, "a1"), (False, "a2")):
        run = Conducted(text)
        run.succeed("s")
        run.succeed("a", way)
        run.succeed("b")
        assert run.running == [task]
        run.run_all()
        assert run.visits("j") == 1
        assert run.status() is Status.SUCCEEDED


def test_a_split_before_the_fork_makes_a_round_for_each_of_its_branches() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{publish: {from: a}, do: s}]}
          b: {action: core.noop, next: [{publish: {from: b}, do: s}]}
          s: {action: core.noop, next: [{do: [p, q]}]}
          p: {action: core.noop, next: [{do: j}]}
          q: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.echo, input: {from: "{{ ctx.from }}"}}
        """
    )
    run.succeed("a")
    run.succeed("b")
    run.succeed("s", visit=1)
    run.succeed("s", visit=2)
    run.succeed("p", visit=1)
    run.succeed("q", visit=2)
    assert run.visits("j") == 0
    run.succeed("q", visit=1)
    assert run.input_of("j", 1) == {"from": "a"}
    run.succeed("p", visit=2)
    assert run.input_of("j", 2) == {"from": "b"}
    run.run_all()
    assert run.status() is Status.SUCCEEDED


TWO_OF_THREE_IN_LOOP = """
segue: 1
vars: {n: 0}
start: [s]
tasks:
  s: {action: core.noop, next: [{do: [a, b, c]}]}
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  c: {action: core.noop, next: [{when: succeeded(), do: j}, {do: noop}]}
  j:
    join: 2
    action: core.noop
    next:
      - when: ctx.n < 2
        publish: {n: "{{ ctx.n + 1 }}"}
        do: s
"""


def test_two_of_three_in_a_loop_never_takes_a_late_arrival_for_the_next_round() -> None:
    run = Conducted(TWO_OF_THREE_IN_LOOP)
    run.succeed("s")
    run.succeed("a")
    run.succeed("b")
    run.succeed("j")
    run.succeed("s")
    run.succeed("c", visit=1)
    assert run.visits("j") == 1
    run.succeed("a", visit=2)
    assert run.visits("j") == 1
    run.fail("c", visit=2)
    run.succeed("b", visit=2)
    assert run.visits("j") == 2
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("j") == 3
    assert len(run.state.fired) == 0


def test_two_joins_that_only_wait_for_one_another_are_an_error() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [j, k]}]}
          j: {join: all, action: core.noop, next: [{do: k}]}
          k: {join: all, action: core.noop, next: [{do: j}]}
        """
    )
    run.succeed("a")
    assert run.status() is Status.FAILED
    assert run.errors == [("join_unsatisfied", "j", False), ("join_unsatisfied", "k", False)]


def test_a_join_that_waits_for_another_join_is_not_given_up() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [b, c, k]}]}
          b: {action: core.noop, next: [{do: j}]}
          c: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop, next: [{do: k}]}
          k: {join: all, action: core.noop}
        """
    )
    run.succeed("a")
    run.succeed("b")
    assert run.status() is Status.RUNNING
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("k") == 1


def test_a_join_that_has_fired_waits_for_what_comes_by_way_of_another_join() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [b, c, any_of]}]}
          b: {action: core.noop, next: [{do: all_of}]}
          c: {action: core.noop, next: [{do: all_of}]}
          all_of: {join: all, action: core.noop, next: [{do: any_of}]}
          any_of: {join: any, action: core.noop}
        """
    )
    run.succeed("a")
    run.succeed("any_of")
    run.succeed("b")
    assert run.of_type(e.JoinRoundEnded) == []
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("any_of") == 1


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_handled_failure_is_an_arrival_in_whatever_order(order: tuple[str, str]) -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: failed(), do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    for task in order:
        if task == "a":
            run.fail("a")
        else:
            run.succeed("b")
    assert run.running == ["j"]
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED
    assert run.errors == [("action_failed", "a", True)]


def test_starting_at_a_join_runs_it() -> None:
    run = Conducted(THREE.replace("JOIN", "all").replace("{{ ctx.x }}", "1"), start=("j",))
    assert run.running == ["j"]
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED


@pytest.mark.parametrize("arrives", [True, False])
def test_in_orquesta_a_join_all_of_whose_sources_were_begun_is_lost_once_another_task_fails(
    *, arrives: bool
) -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          c: {action: core.noop}
          j: {join: all, action: core.noop}
        """
    )
    if arrives:
        run.succeed("a")
    run.fail("c")
    lost = [("join_unsatisfied", "j", False)] if arrives else []
    assert sorted(run.errors) == [("action_failed", "c", False), *lost]
    run.run_all()
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert sorted(run.errors) == [("action_failed", "c", False), *lost]
    assert run.visits("j") == 0, "nothing is begun any more"
