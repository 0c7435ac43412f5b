"""Cycles are ordinary: a task may lead back to itself or to any other, as often as it likes."""

from tests.support.conducted import Conducted

from segue.core.codec import encode_state
from segue.core.status import Status

SELF_LOOP = """
segue: 1
vars: {n: 0}
tasks:
  again:
    action: core.noop
    next:
      - when: "{{ ctx.n < 3 }}"
        publish: {n: "{{ ctx.n + 1 }}"}
        do: again
start: [again]
output: {n: "{{ ctx.n }}"}
"""

RING = """
segue: 1
vars: {turns: 0}
start: [a]
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop, next: [{do: c}]}
  c:
    action: core.noop
    next:
      - when: ctx.turns < 2
        publish: {turns: "{{ ctx.turns + 1 }}"}
        do: a
output: {turns: "{{ ctx.turns }}"}
"""

MONITOR = """
segue: 1
input: {attempts: {type: integer, default: 30}}
vars: {seen: 0}
start: [probe]
tasks:
  probe:
    action: core.http
    next:
      - when: succeeded() and result().status_code == 200
        publish: {seen: "{{ ctx.seen + 1 }}"}
        do: report
      - when: ctx.seen + 1 >= ctx.attempts
        do: [page, fail]
      - publish: {seen: "{{ ctx.seen + 1 }}"}
        do: pause
  pause: {action: core.sleep, input: {seconds: 10}, next: [{do: probe}]}
  page: {action: core.echo, input: {message: down}}
  report: {action: core.echo, input: {message: "healthy after {{ ctx.seen }} probes"}}
output: {probes: "{{ ctx.seen }}"}
"""

NESTED = """
segue: 1
vars: {outer: 0, inner: 0, all: 0}
tasks:
  begin: {action: core.noop, next: [{publish: {inner: 0}, do: work}]}
  work:
    action: core.noop
    next:
      - when: ctx.inner < 2
        publish: {inner: "{{ ctx.inner + 1 }}", all: "{{ ctx.all + 1 }}"}
        do: work
      - when: ctx.outer < 2
        publish: {outer: "{{ ctx.outer + 1 }}"}
        do: begin
start: [begin]
output: {all: "{{ ctx.all }}", outer: "{{ ctx.outer }}"}
"""

FORK_IN_LOOP = """
segue: 1
vars: {n: 0}
tasks:
  begin: {action: core.noop, next: [{do: [left, right]}]}
  left: {action: core.noop, next: [{publish: {l: "{{ ctx.n }}"}, do: meet}]}
  right: {action: core.noop, next: [{publish: {r: "{{ ctx.n }}"}, do: meet}]}
  meet:
    join: all
    action: core.noop
    next:
      - when: ctx.n < 3
        publish: {n: "{{ ctx.n + 1 }}"}
        do: begin
start: [begin]
output: {l: "{{ ctx.l }}", r: "{{ ctx.r }}", n: "{{ ctx.n }}"}
"""


def test_a_task_that_leads_to_itself_turns_until_its_condition_ends_it() -> None:
    run = Conducted(SELF_LOOP)
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("again") == 4
    assert run.output == {"n": 3}


def test_a_ring_of_three_turns_as_often_as_it_says() -> None:
    run = Conducted(RING)
    for _ in range(3):
        for task in ("a", "b", "c"):
            assert run.running == [task]
            run.succeed(task)
    assert run.status() is Status.SUCCEEDED
    assert run.output == {"turns": 2}


def test_a_monitoring_loop_leaves_by_its_exit() -> None:
    run = Conducted(MONITOR)
    for _ in range(3):
        run.succeed("probe", {"status_code": 503})
        run.succeed("pause")
    run.succeed("probe", {"status_code": 200})
    assert run.input_of("report") == {"message": "healthy after 4 probes"}
    run.succeed("report")
    assert run.status() is Status.SUCCEEDED
    assert run.output == {"probes": 4}


def test_a_monitoring_loop_that_never_finds_it_healthy_pages_and_fails() -> None:
    run = Conducted(MONITOR, {"attempts": 2})
    run.fail("probe")
    run.succeed("pause")
    run.fail("probe")
    assert run.status() is Status.FAILED
    assert run.running == ["page"]
    assert not run.settled()
    run.succeed("page")
    assert run.settled()
    assert run.status() is Status.FAILED
    assert ("fail_command", "probe", False) in run.errors
    assert ("action_failed", "probe", True) in run.errors


def test_loops_may_be_nested() -> None:
    run = Conducted(NESTED)
    run.run_all()
    assert run.output == {"all": 6, "outer": 2}
    assert run.visits("begin") == 3
    assert run.visits("work") == 9


def test_a_fork_with_a_join_inside_a_loop_joins_anew_each_turn() -> None:
    run = Conducted(FORK_IN_LOOP)
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.visits("meet") == 4
    assert run.output == {"l": 3, "r": 3, "n": 3}
    assert len(run.state.rounds) == len(run.state.fired) == 0


def test_the_hot_state_does_not_grow_with_the_turns() -> None:
    run = Conducted(FORK_IN_LOOP.replace("ctx.n < 3", "ctx.n < 300"), check=False)

    def size_at(turn: int) -> int:
        while run.visits("meet") < turn:
            running = next(one for one in run.state.living() if one.open)
            run.succeed(running.task, None, running.visit)
        return len(encode_state(run.state))

    early = max(size_at(turn) for turn in range(100, 110))  # numbers of as many digits
    assert size_at(280) <= early


def test_a_split_runs_what_follows_once_for_each_branch() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: s}]}
          b: {action: core.noop, next: [{do: s}]}
          s: {action: core.noop, next: [{do: t}]}
          t: {action: core.noop}
        """
    )
    assert run.running == ["a", "b"]
    run.run_all()
    assert run.visits("s") == run.visits("t") == 2
    assert run.status() is Status.SUCCEEDED


def test_one_task_may_lead_to_many_and_they_run_in_the_order_listed() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [z, m, b]}]}
          b: {action: core.noop}
          m: {action: core.noop}
          z: {action: core.noop}
        """
    )
    run.succeed("a")
    assert run.running == ["z", "m", "b"]
    run.run_all()
    assert run.status() is Status.SUCCEEDED
