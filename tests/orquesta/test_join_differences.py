"""Where branches meet, turn and end otherwise than in Orquesta."""

from tests.support.conducted import Conducted
from tests.support.operated import Operated

from segue.core.status import Status


def test_an_old_value_never_comes_back_at_a_join() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{publish: [{x: old}], do: [b, c]}]}
          b: {action: core.noop, next: [{publish: [{x: new}], do: j}]}
          c: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.echo message=<% ctx().x %>}
        """
    )
    run.succeed("a")
    run.succeed("b")
    run.succeed("c")
    assert run.input_of("j") == {"message": "new"}


def test_a_join_runs_once_per_round_and_absorbs_late_arrivals() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          c: {action: core.noop, next: [{do: j}]}
          j: {join: 2, action: core.noop}
        """
    )
    run.succeed("a")
    run.succeed("b")
    assert run.running == ["c", "j"]
    assert "arrival_absorbed" in run.succeed("c")
    run.succeed("j")
    assert (run.visits("j"), run.status()) == (1, Status.SUCCEEDED)


def test_a_join_in_a_cycle_counts_each_round_for_itself() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          s: {action: core.noop, next: [{do: [a, b]}]}
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop, next: [{do: [a, b]}]}
        """
    )
    run.succeed("s")
    for turn in (1, 2, 3):
        run.succeed("a")
        assert run.running == ["b"], "`j` waits for `b` in each turn"
        run.succeed("b")
        run.succeed("j")
        assert run.visits("j") == turn


def test_a_join_that_can_not_be_satisfied_is_found_after_a_pause_too() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{when: <% failed() %>, do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.succeed("a")
    run.pause()
    run.succeed("b")
    assert run.status() in {Status.PAUSED, Status.FAILED}
    if run.status() is Status.PAUSED:
        run.resume()
    assert run.status() is Status.FAILED
    assert run.errors[-1] == ("join_unsatisfied", "j", False)


def test_two_arrivals_at_a_task_in_a_cycle_stay_two() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: poll}]}
          b: {action: core.noop, next: [{do: poll}]}
          poll: {action: core.noop, next: [{when: <% failed() %>, do: poll}]}
        """
    )
    run.succeed("a")
    run.succeed("b")
    assert run.running == ["poll", "poll"]
    run.succeed("poll", visit=1)
    assert run.running == ["poll"]
    run.fail("poll", visit=2)
    run.succeed("poll", visit=3)
    assert run.status() is Status.SUCCEEDED


def test_tasks_begin_in_the_order_of_the_file() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          s: {action: core.noop, next: [{do: [z, m, b]}]}
          b: {action: core.noop}
          z: {action: core.noop}
          m: {action: core.noop}
          a: {action: core.noop}
        """
    )
    assert run.running == ["s", "a"]
    run.succeed("a")
    run.succeed("s")
    assert run.running == ["z", "m", "b"]
