"""Where an execution begins, what it begins with, and how it ends."""

import pytest
from tests.support.conducted import Conducted

from segue.core import events as e
from segue.core.decide import decide
from segue.core.errors import RequestError
from segue.core.program import Program
from segue.core.state import NEW
from segue.core.status import Status
from segue.core.stimuli import Cancel, Start
from segue.expressions.scope import Facts
from segue.language import load_workflow

RING = """
segue: 1
tasks:
  a: {action: core.noop, next: [{do: b}]}
  b: {action: core.noop, next: [{when: failed(), do: a}]}
"""


def test_tasks_without_inbound_transitions_are_the_entry_points() -> None:
    run = Conducted(
        "segue: 1\ntasks:\n  a: {action: core.noop, next: [{do: c}]}\n"
        "  b: {action: core.noop}\n  c: {action: core.noop}\n"
    )
    assert run.running == ["a", "b"]


def test_a_pure_cycle_is_refused_without_a_start_and_runs_with_one() -> None:
    with pytest.raises(RequestError, match="every task has an inbound transition") as refused:
        Conducted(RING)
    assert refused.value.code == "no_entry_point"
    assert refused.value.field == "start"
    run = Conducted(RING, start=("b",))
    assert run.running == ["b"]
    run.succeed("b")
    assert run.status() is Status.SUCCEEDED


def test_a_start_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RequestError, match="there is no task 'c' to start at"):
        Conducted(RING, start=("c",))


def test_a_start_from_which_a_join_can_not_get_what_it_needs_is_refused() -> None:
    text = """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop}
        """
    with pytest.raises(RequestError, match="the join `j` can't get the 2 arrivals") as refused:
        Conducted(text, start=("a",))
    assert refused.value.code == "join_out_of_reach"
    assert Conducted(text, start=("a", "b")).running == ["a", "b"]


def test_an_execution_is_started_once() -> None:
    run = Conducted(RING, start=("a",))
    with pytest.raises(RequestError, match="started before"):
        run.give(Start(inputs={}))


def test_inputs_then_vars_each_see_the_ones_before() -> None:
    run = Conducted(
        """
        segue: 1
        input:
          a: {type: integer}
          b: {default: "{{ ctx.a + 1 }}"}
        vars: {c: "{{ ctx.b + 1 }}"}
        tasks: {t: {action: core.echo, input: {all: "{{ ctx() }}"}}}
        """,
        {"a": 1},
    )
    assert run.input_of("t") == {"all": {"a": 1, "b": 2, "c": 3}}
    assert run.view.inputs == {"a": 1, "b": 2}


def test_what_comes_from_outside_is_never_evaluated() -> None:
    run = Conducted(
        """
        segue: 1
        input: {a: {type: string}}
        tasks:
          t:
            action: core.echo
            input: {m: "{{ ctx.a }}"}
            next: [{publish: {r: "{{ result() }}"}, do: u}]
          u: {action: core.echo, input: {m: "{{ ctx.r }} <% ctx().r %>"}}
        """.replace(" <% ctx().r %>", ""),
        {"a": "{{ 1 + 1 }} <% 1 + 1 %>"},
    )
    assert run.input_of("t") == {"m": "{{ 1 + 1 }} <% 1 + 1 %>"}
    run.succeed("t", "<% ctx().a %>")
    assert run.input_of("u") == {"m": "<% ctx().a %>"}


def test_an_error_in_vars_fails_the_execution_at_once() -> None:
    run = Conducted(
        """
        segue: 1
        input: {a: {default: "{{ 1 / 0 }}"}}
        vars: {v: "{{ 1 / 0 }}", w: 1}
        tasks: {t: {action: core.noop}}
        output: {w: "{{ ctx.w }}"}
        """
    )
    assert run.status() is Status.FAILED
    assert run.settled()
    assert run.visits("t") == 0


def test_a_declared_input_without_value_and_default_is_null_in_orquesta_files() -> None:
    run = Conducted(
        "version: 1.0\ninput: [a, {b: 2}]\ntasks:\n"
        "  t: {action: core.echo, input: {a: <% ctx().a %>, b: <% ctx().b %>}}\n"
    )
    assert run.input_of("t") == {"a": None, "b": 2}


def test_the_output_sees_the_ends_of_all_branches_in_the_order_in_which_they_ended() -> None:
    text = """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{publish: {x: a}}]}
          b: {action: core.noop, next: [{publish: {x: b}}]}
        output: {x: "{{ ctx.x }}"}
        """
    for order in (("a", "b"), ("b", "a")):
        run = Conducted(text)
        for task in order:
            run.succeed(task)
        assert run.output == {"x": order[-1]}


def test_in_orquesta_files_the_output_goes_by_the_order_of_starting() -> None:
    text = (
        "version: 1.0\ntasks:\n"
        "  a: {action: core.noop, next: [{publish: [{x: a}], do: last_a}]}\n"
        "  b: {action: core.noop, next: [{publish: [{x: b}], do: last_b}]}\n"
        "  last_a: {action: core.noop}\n"
        "  last_b: {action: core.noop}\n"
        "output: [{x: <% ctx().x %>}]\n"
    )
    for order in (("last_a", "last_b"), ("last_b", "last_a")):
        run = Conducted(text)
        run.succeed("a")
        run.succeed("b")
        for task in order:
            run.succeed(task)
        assert run.output == {"x": "b"}


def test_in_orquesta_files_a_transition_to_nowhere_ends_its_branch_when_it_is_taken() -> None:
    text = (
        "version: 1.0\ntasks:\n"
        "  a: {action: core.noop, next: [{publish: [{x: a}]}]}\n"
        "  b: {action: core.noop, next: [{publish: [{x: b}]}]}\n"
        "output: [{x: <% ctx().x %>}]\n"
    )
    for order in (("a", "b"), ("b", "a")):
        run = Conducted(text)
        for task in order:
            run.succeed(task)
        assert run.output == {"x": order[-1]}


def test_many_ended_branches_are_merged_in_the_order_of_starting_and_not_kept() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{n: 0}]
        tasks:
          s: {action: core.noop, next: [{do: p}]}
          p:
            action: core.noop
            next:
              - when: <% ctx().n < 60 %>
                publish: [{n: <% ctx().n + 1 %>}]
                do: [side, p]
          side: {action: core.noop, next: [{publish: [{last: <% ctx().n %>}]}]}
        output: [{last: <% ctx().last %>}]
        """,
        check=False,
    )
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.output == {"last": 60}
    assert len(run.state.ends) == 0


def test_each_output_entry_sees_the_ones_before_and_one_that_fails_fails_the_execution() -> None:
    run = Conducted(
        """
        segue: 1
        tasks: {t: {action: core.noop}}
        output: [{p: 1}, {q: "{{ ctx.p }}"}, {r: "{{ 1 / 0 }}"}, {s: after}]
        """
    )
    run.succeed("t")
    assert run.status() is Status.FAILED
    assert run.output == {"p": 1, "q": 1, "s": "after"}
    assert run.errors == [("expression_failed", None, False)]


def test_a_branch_that_ends_because_no_condition_held_is_noted() -> None:
    run = Conducted(
        "segue: 1\ntasks:\n  a: {action: core.noop, next: [{when: failed(), do: b}]}\n"
        "  b: {action: core.noop}\n"
    )
    run.succeed("a")
    assert run.status() is Status.SUCCEEDED
    assert run.view.tasks[0].note == "the branch ended here: its `when` did not hold"


def test_cancel_withdraws_what_waits_and_ends_what_runs() -> None:
    run = Conducted(
        "segue: 1\ntasks:\n  a: {action: core.noop, next: [{do: b}]}\n  b: {action: core.noop}\n"
        "  c: {action: core.noop, delay: 9}\n  d: {action: core.noop, next: [{do: b}]}\n"
        "output: {x: 1}\n"
    )
    run.cancel()
    assert run.status() is Status.CANCELING
    assert run.cancel() == []
    run.end_canceled("a")
    run.succeed("d")
    assert run.status() is Status.CANCELED
    assert run.settled()
    assert run.visits("b") == 0
    assert run.output == {"x": 1}
    assert run.cancel() == []


def test_cancel_is_refused_once_it_is_over_and_before_it_began() -> None:
    run = Conducted("segue: 1\ntasks: {a: {action: core.noop}}\n")
    run.succeed("a")
    with pytest.raises(RequestError, match="can't be canceled: it is succeeded"):
        run.cancel()
    workflow = load_workflow("segue: 1\ntasks: {a: {action: core.noop}}\n").workflow
    assert workflow is not None
    with pytest.raises(RequestError, match="has not been started"):
        decide(Program.of(workflow), NEW, Cancel(), Facts(now=0.0))


def test_a_failure_while_canceling_stays_a_cancellation() -> None:
    run = Conducted("segue: 1\ntasks: {a: {action: core.noop}}\n")
    run.cancel()
    run.fail("a")
    assert run.status() is Status.CANCELED
    assert run.errors == [("action_failed", "a", False)]


def test_match_first_takes_one_transition_and_match_all_every_one_that_holds() -> None:
    text = """
        segue: 1
        tasks:
          a:
            action: core.noop
            match: MATCH
            next: [{when: succeeded(), do: b}, {do: [c, d]}, {when: failed(), do: e}]
          b: {action: core.noop}
          c: {action: core.noop}
          d: {action: core.noop}
          e: {action: core.noop}
        """
    first = Conducted(text.replace("MATCH", "first"))
    first.succeed("a")
    assert first.running == ["b"]
    both = Conducted(text.replace("MATCH", "all"))
    both.succeed("a")
    assert both.running == ["b", "c", "d"]


def test_publishes_see_the_ones_before_them_and_transitions_do_not_see_one_another() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {x: 0}
        tasks:
          a:
            action: core.noop
            match: all
            next:
              - publish: [{x: "{{ ctx.x + 1 }}"}, {y: "{{ ctx.x + 1 }}"}]
                do: b
              - publish: {x: "{{ ctx.x + 10 }}"}
                do: c
          b: {action: core.echo, input: {x: "{{ ctx.x }}", y: "{{ ctx.y }}"}}
          c: {action: core.echo, input: {x: "{{ ctx.x }}"}}
        """
    )
    run.succeed("a")
    assert run.input_of("b") == {"x": 1, "y": 2}
    assert run.input_of("c") == {"x": 10}


def test_expressions_may_ask_for_the_latest_execution_of_a_task_on_their_branch() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: [b, c]}]}
          b: {action: core.noop, next: [{do: j}]}
          c: {action: core.noop, next: [{do: j}]}
          j:
            join: all
            action: core.echo
            input:
              a: "{{ task_status('a') }}"
              b: "{{ task('b').result }}"
              c: "{{ task_status('c') }}"
        """
    )
    run.succeed("a")
    run.succeed("b", 7)
    run.succeed("c", 8)
    assert run.input_of("j") == {"a": "succeeded", "b": 7, "c": "succeeded"}


def test_visits_and_attempts_are_known_to_expressions() -> None:
    run = Conducted(
        """
        segue: 1
        start: [a]
        tasks:
          a:
            action: core.echo
            input: {v: "{{ visit() }}", n: "{{ attempt() }}"}
            retry: {count: 1}
            next: [{when: visit() < 2, do: a}]
        """
    )
    run.fail("a")
    assert run.input_of("a") == {"v": 1, "n": 2}
    run.succeed("a")
    assert run.input_of("a", 2) == {"v": 2, "n": 1}
    run.succeed("a")
    assert run.status() is Status.SUCCEEDED
    assert len(run.of_type(e.ExecutionSettled)) == 1


def test_a_task_named_by_an_expression_may_be_any_so_all_are_remembered() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {name: a}
        tasks:
          a: {action: core.noop, next: [{do: b}]}
          b: {action: core.echo, input: {r: "{{ task(ctx.name).result }}"}}
        """
    )
    run.succeed("a", 7)
    assert run.input_of("b") == {"r": 7}


def test_a_default_that_can_not_be_evaluated_leaves_the_input_unset() -> None:
    run = Conducted(
        """
        segue: 1
        input: {a: {default: "{{ 1 / 0 }}"}, b: {default: "{{ 1 + 1 }}"}}
        tasks: {t: {action: core.noop}}
        """
    )
    assert run.status() is Status.FAILED
    assert run.view.inputs == {"b": 2}


def test_a_default_that_gives_what_the_input_may_not_be_fails_the_execution() -> None:
    run = Conducted(
        """
        segue: 1
        input:
          hosts: {type: array, default: "{{ 'not a list' }}"}
        tasks: {a: {action: x.a}}
        """
    )
    assert run.status() is Status.FAILED
    assert run.message.startswith("the default of input `hosts` is not what it must be: ")
    assert run.running == []


def test_an_input_that_is_required_must_be_given() -> None:
    with pytest.raises(RequestError, match="the input `a` is required") as refused:
        Conducted("segue: 1\ninput: {a: {type: integer}}\ntasks: {t: {action: core.noop}}\n")
    assert refused.value.field == "a"


def test_a_task_without_action_is_handed_off_with_nothing_to_do() -> None:
    run = Conducted(
        "segue: 1\ntasks: {t: {next: [{publish: {x: 1}}]}}\noutput: {x: '{{ ctx.x }}'}\n"
    )
    (started,) = run.of_type(e.AttemptStarted)
    assert isinstance(started, e.AttemptStarted)
    assert started.action is None
    run.succeed("t")
    assert run.output == {"x": 1}


LEFT_BEHIND = """
segue: 1
vars: {x: 0, y: 0, z: 0}
tasks:
  a: {action: core.noop, next: [{publish: {x: 1}, do: later}]}
  later: {action: core.noop, delay: 60}
  b: {action: core.noop, next: [{publish: {y: 1}, do: j}]}
  c: {action: core.noop, next: [{publish: {z: 1}, do: after}]}
  after: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.noop}
  d: {action: core.noop}
output: {x: "{{ ctx.x }}", y: "{{ ctx.y }}", z: "{{ ctx.z }}"}
"""


def test_the_output_of_a_failed_execution_sees_branches_wherever_they_stood() -> None:
    run = Conducted(LEFT_BEHIND)
    run.succeed("a")
    run.succeed("b")
    run.fail("d")
    run.succeed("c")
    assert run.settled()
    assert run.output == {"x": 1, "y": 1, "z": 1}


def test_in_orquesta_files_it_sees_only_those_that_ended_with_a_completed_task() -> None:
    run = Conducted(
        """
        version: 1.0
        vars: [{x: 0}, {y: 0}]
        tasks:
          a: {action: core.noop, next: [{publish: [{x: 1}], do: later}]}
          later: {action: core.noop, delay: 60}
          b: {action: core.noop, next: [{publish: [{y: 1}]}]}
          d: {action: core.noop}
        output: [{x: <% ctx().x %>}, {y: <% ctx().y %>}]
        """
    )
    run.succeed("a")
    run.succeed("b")
    run.fail("d")
    assert run.output == {"x": 0, "y": 1}


def test_canceling_a_failed_execution_ends_what_still_runs_and_it_stays_failed() -> None:
    run = Conducted("segue: 1\ntasks: {a: {action: core.noop}, b: {action: core.noop}}\n")
    run.fail("a")
    assert run.cancel() == ["attempt_cancel_requested"]
    assert run.cancel() == []
    run.end_canceled("b")
    assert run.settled()
    assert run.status() is Status.FAILED


def test_the_output_may_ask_for_the_latest_execution_of_a_task() -> None:
    run = Conducted(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{when: visit() < 2, do: a}]}
          b: {action: core.noop, next: [{when: failed(), do: noop}]}
        start: [a, b]
        output: {a: "{{ task('a').result }}", b: "{{ task_status('b') }}"}
        """
    )
    run.succeed("a", 1)
    run.fail("b")
    run.succeed("a", 2)
    assert run.output == {"a": 2, "b": "failed"}
