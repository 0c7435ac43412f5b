"""Shapes that are rare, large or long: what holds for the small ones holds for them."""

import json

import pytest
from tests.support.conducted import Conducted

from segue.core import context as contexts
from segue.core import events as e
from segue.core import stimuli as s
from segue.core.status import Status
from segue.values import JsonValue

SKIPPING = """
segue: 1
start: [probe]
limits: {visits: unlimited}
tasks:
  probe: {action: core.noop, next: [{do: [a, b, wait]}]}
  wait: {action: core.noop, next: [{when: result() != 'stop', do: probe}]}
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{when: result() == 'join', do: j}, {do: noop}]}
  j: {join: all, action: core.noop}
"""


def turn(run: Conducted, *, b: JsonValue = None, wait: JsonValue = None) -> None:
    run.succeed("probe")
    run.succeed("a")
    run.succeed("b", b)
    run.succeed("wait", wait)


def test_rounds_that_are_lost_turn_after_turn_do_not_pile_up() -> None:
    run = Conducted(SKIPPING, check=False)
    for _ in range(50):
        turn(run)
        assert len(run.state.rounds) == 1
    outcomes = [
        one.outcome for one in run.of_type(e.JoinRoundEnded) if isinstance(one, e.JoinRoundEnded)
    ]
    assert outcomes == ["superseded"] * 49
    assert run.status() is Status.RUNNING


def test_the_last_of_several_lost_rounds_decides_for_all() -> None:
    for last, status in (("join", Status.SUCCEEDED), (None, Status.FAILED)):
        run = Conducted(SKIPPING)
        turn(run)
        turn(run)
        turn(run, b=last, wait="stop")
        run.run_all()
        assert run.status() is status
        codes = [code for code, _, _ in run.errors]
        assert codes == ([] if last else ["join_unsatisfied"])


def test_a_lost_round_is_an_error_though_late_branches_of_one_that_fired_still_come() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          x: {action: core.noop, next: [{do: s}]}
          y: {action: core.noop, next: [{do: s}]}
          s: {action: core.noop, next: [{do: [a, b, c, d]}]}
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{when: result() != 'skip', do: j}, {do: noop}]}
          c: {action: core.noop, next: [{when: result() != 'skip', do: j}, {do: noop}]}
          d: {action: core.noop, next: [{when: result() != 'skip', do: j}, {do: noop}]}
          j: {join: 2, action: core.noop}
        """
    )
    for task in ("x", "y", "s", "s"):
        run.succeed(task)
    run.succeed("a", visit=1)
    run.succeed("b", visit=1)
    run.succeed("a", visit=2)
    for task in ("b", "c"):
        run.succeed(task, "skip", visit=2)
    assert run.status() is Status.RUNNING
    run.succeed("d", "skip", visit=2)
    assert run.running == ["c", "d", "j"]
    assert run.status() is Status.FAILED


@pytest.mark.parametrize("value", ["{{ 10 ** 12 }}", "{{ 1.7e308 }}"])
@pytest.mark.parametrize("place", ["delay: VALUE", "timeout: VALUE"])
def test_a_duration_beyond_a_century_is_an_error_of_the_task(place: str, value: str) -> None:
    place = place.replace("VALUE", f'"{value}"')
    run = Conducted(f"segue: 1\ntasks: {{a: {{action: core.noop, {place}}}}}\n")
    assert run.settled()
    assert run.message.endswith("is longer than a century")


def test_a_backoff_never_waits_for_longer_than_a_century() -> None:
    run = Conducted(
        "segue: 1\ntasks: {a: {action: core.noop, "
        "retry: {count: 100, delay: 36000d, backoff: exponential}}}\n"
    )
    for attempt in (2, 3):
        run.fail("a")
        (task,) = run.view.tasks
        assert task.due is not None
        assert task.due - run.now <= 36_500 * 86_400
        run.give(s.RetryDue(task="a", visit=1, attempt=attempt))


BAD_INPUT: dict[str, JsonValue] = {"action": "core.echo", "input": {"n": "{{ ctx.s + 1 }}"}}
MANY = [f"t{number}" for number in range(1100)]


@pytest.mark.parametrize("beside", [[], ["fail"]])
def test_many_tasks_that_can_not_be_rendered_are_no_cycle(beside: list[str]) -> None:
    handled: dict[str, JsonValue] = BAD_INPUT | {"next": [{"when": "failed()", "do": "noop"}]}
    tasks: dict[str, JsonValue] = {"s": {"action": "core.noop", "next": [{"do": [*MANY, *beside]}]}}
    tasks |= {name: dict(handled) for name in MANY}
    text = json.dumps({"segue": 1, "vars": {"s": "text"}, "tasks": tasks})
    run = Conducted(text, check=False)
    run.succeed("s")
    assert run.settled()
    assert run.status() is (Status.FAILED if beside else Status.SUCCEEDED)
    assert {code for code, task, _ in run.errors if task != "s"} == {"expression_failed"}


def test_a_cycle_of_tasks_whose_delay_can_not_be_evaluated_is_stopped() -> None:
    run = Conducted(
        """
        segue: 1
        start: [a]
        vars: {s: text}
        limits: {visits: unlimited}
        tasks:
          a: {action: core.noop, delay: "{{ ctx.s + 1 }}", next: [{when: failed(), do: a}]}
        """,
        check=False,
    )
    assert run.settled()
    assert run.errors[-1] == ("cycle_of_failures", "a", False)


def test_in_orquesta_files_a_failed_delay_fails_the_execution_and_not_the_task() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, delay: <% ctx().no %>, next: [{when: <% failed() %>, do: b}]}
          b: {action: core.noop}
        """
    )
    assert run.settled()
    assert run.errors == [("expression_failed", "a", False)]
    assert run.visits("b") == 0


@pytest.mark.parametrize("broken", ["input: {x: <% ctx().no %>}", "delay: <% ctx().no %>"])
def test_in_orquesta_files_a_task_beside_fail_that_can_not_be_rendered_is_withdrawn(
    broken: str,
) -> None:
    run = Conducted(
        f"""
        version: 1.0
        tasks:
          a: {{action: core.noop, next: [{{do: [cleanup, fail]}}]}}
          cleanup: {{action: core.noop, {broken}}}
        """
    )
    run.succeed("a")
    assert run.settled()
    assert run.errors == [("fail_command", "a", False), ("expression_failed", "cleanup", False)]
    assert run.view.tasks[-1].status is Status.CANCELED


def test_an_action_that_ends_itself_has_failed_also_where_the_execution_has() -> None:
    run = Conducted("segue: 1\ntasks: {a: {action: core.noop}, b: {action: core.noop}}\n")
    run.fail("a")
    run.end_canceled("b")
    assert run.settled()
    assert run.view.tasks[-1].status is Status.FAILED
    assert run.errors[-1] == ("action_canceled", "b", False)


FAILING = """
segue: 1
limits: {duration: 60}
tasks:
  a: {action: core.noop, next: [{do: [cleanup, later, fail]}]}
  beside: {action: core.noop}
  cleanup: {action: core.noop, retry: {count: 5}}
  later: {action: core.noop, delay: 1h}
"""


def test_the_limit_on_duration_ends_what_still_runs_in_an_execution_that_has_failed() -> None:
    run = Conducted(FAILING)
    run.succeed("a")
    assert run.status() is Status.FAILED
    run.now += 60
    assert run.give(s.DeadlinePassed()) == [
        "task_withdrawn",
        "attempt_cancel_requested",
        "attempt_cancel_requested",
    ]
    assert run.give(s.DeadlinePassed()) == []
    run.end_canceled("beside")
    run.fail("cleanup")
    assert run.settled()
    assert run.status() is Status.FAILED


def test_the_limit_on_duration_does_not_matter_once_what_runs_is_being_ended() -> None:
    run = Conducted(FAILING)
    run.cancel()
    run.now += 60
    assert run.give(s.DeadlinePassed()) == []


def test_mappings_that_side_branches_make_anew_leave_nothing_behind() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          first: {action: core.noop, next: [{do: probe}]}
          probe: {action: core.noop, next: [{do: [side, probe]}]}
          side: {action: core.noop, next: [{publish: [{m: {k: <% result() %>}}], do: noop}]}
        output: [{m: <% ctx().m %>}]
        """,
        check=False,
    )
    run.succeed("first")
    for number in range(200):
        run.succeed("probe")
        run.succeed("side", number)
        made = run.state.end.context.get("m")
        assert made is None or len(made.writes) < 40
    run.cancel()
    run.end_canceled("probe")
    assert run.output == {"m": {"k": 199}}


def test_arrivals_that_make_a_mapping_anew_before_a_join_fires_leave_nothing_behind() -> None:
    run = Conducted(
        """
        version: 1.0
        tasks:
          slow: {action: core.noop, next: [{do: j}]}
          first: {action: core.noop, next: [{do: probe}]}
          probe: {action: core.noop, next: [{do: [side, probe]}]}
          side: {action: core.noop, next: [{publish: [{m: {k: <% result() %>}}], do: j}]}
          j: {join: all, action: core.echo, input: {k: <% ctx().m.k %>}}
        """,
        check=False,
    )
    run.succeed("first")
    for number in range(200):
        run.succeed("probe")
        run.succeed("side", number)
        (waiting,) = run.state.rounds.values()
        assert len(waiting.branch.context["m"].writes) < 40
    run.succeed("slow")
    assert run.input_of("j") == {"k": 199}


def test_of_the_writes_that_a_mapping_stems_from_one_that_nobody_has_met_is_kept() -> None:
    """A branch that overwrote only what one of two made has not overwritten what both made."""
    one, two = (contexts.write(contexts.empty(), "x", {f"k{n}": n}, n, deep=True) for n in (1, 2))
    overwrote = contexts.write(one, "x", None, 3, deep=True)
    both = contexts.merge(two, one)
    pruned = contexts.prune(both, both, -contexts.PRUNE_ABOVE, lambda: [overwrote])
    for of_both in (both, pruned):
        assert contexts.merge(overwrote, of_both)["x"].value == {"k1": 1, "k2": 2}


def test_where_branches_are_finished_a_join_that_lost_an_arm_lets_the_others_go_on() -> None:
    run = Conducted(
        """
        segue: 1
        unhandled_failure: finish_branches
        tasks:
          a: {action: core.noop, next: [{when: succeeded(), do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          c: {action: core.noop, next: [{do: d}]}
          d: {action: core.noop}
          j: {join: all, action: core.noop}
        """
    )
    run.fail("a")
    run.succeed("b")
    assert run.errors == [("action_failed", "a", False), ("join_unsatisfied", "j", False)]
    assert run.status() is Status.RUNNING
    run.run_all()
    assert run.visits("d") == 1
    assert run.status() is Status.FAILED


def test_where_branches_are_finished_a_join_that_was_not_reached_by_all_fails_in_the_end() -> None:
    run = Conducted(
        """
        segue: 1
        unhandled_failure: finish_branches
        tasks:
          a: {action: core.noop, next: [{when: failed(), do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.run_all()
    assert run.settled()
    assert run.errors == [("join_unsatisfied", "j", False)]
    assert run.status() is Status.FAILED
