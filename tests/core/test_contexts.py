"""Contexts where branches meet: the last branch that *wrote* a variable wins."""

import pytest
from tests.support.conducted import Conducted

from segue.core.context import Variables, empty, write
from segue.core.status import Status

DIAMOND = """
segue: 1
tasks:
  t1: {action: core.noop, next: [{publish: {x: one}, do: [t2, t3]}]}
  t2: {action: core.noop, next: [{publish: {x: two}, do: j}]}
  t3: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.echo, input: {x: "{{ ctx.x }}"}}
output: {x: "{{ ctx.x }}"}
"""


@pytest.mark.parametrize("order", [("t2", "t3"), ("t3", "t2")])
def test_a_branch_that_did_not_write_never_restores_what_it_merely_holds(
    order: tuple[str, str],
) -> None:
    run = Conducted(DIAMOND)
    run.succeed("t1")
    for task in order:
        run.succeed(task)
    assert run.input_of("j") == {"x": "two"}
    run.succeed("j")
    assert run.output == {"x": "two"}


@pytest.mark.parametrize("order", [("t2", "t3"), ("t3", "t2")])
def test_if_both_wrote_the_one_that_arrives_later_wins(order: tuple[str, str]) -> None:
    run = Conducted(
        DIAMOND.replace(
            "t3: {action: core.noop, next: [{do: j}]}",
            "t3: {action: core.noop, next: [{publish: {x: three}, do: j}]}",
        )
    )
    run.succeed("t1")
    for task in order:
        run.succeed(task)
    assert run.input_of("j") == {"x": {"t2": "two", "t3": "three"}[order[-1]]}


def test_publishing_the_value_that_it_had_is_a_write() -> None:
    run = Conducted(
        DIAMOND.replace(
            "t3: {action: core.noop, next: [{do: j}]}",
            "t3: {action: core.noop, next: [{publish: {x: one}, do: j}]}",
        )
    )
    run.succeed("t1")
    run.succeed("t2")
    run.succeed("t3")
    assert run.input_of("j") == {"x": "one"}


def test_the_ancestor_may_lie_any_number_of_tasks_back() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {x: zero}
        tasks:
          a: {action: core.noop, next: [{publish: {x: one}, do: b}]}
          b: {action: core.noop, next: [{do: [c, d]}]}
          c: {action: core.noop, next: [{publish: {x: two}, do: j}]}
          d: {action: core.noop, next: [{do: d2}]}
          d2: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.echo, input: {x: "{{ ctx.x }}"}}
        """
    )
    run.run_all()
    assert run.input_of("j") == {"x": "two"}


@pytest.mark.parametrize("last", ["a", "b"])
def test_it_is_exact_for_forks_that_are_not_neatly_nested(last: str) -> None:
    run = Conducted(
        """
        segue: 1
        vars: {x: base, y: base}
        tasks:
          s: {action: core.noop, next: [{do: [a, b]}]}
          a: {action: core.noop, next: [{publish: {x: a}, do: [j1, j2]}]}
          b: {action: core.noop, next: [{publish: {y: b}, do: [j1, j2]}]}
          j1: {join: all, action: core.noop, next: [{publish: {x: j1}, do: k}]}
          j2: {join: all, action: core.noop, next: [{do: k}]}
          k: {join: all, action: core.echo, input: {x: "{{ ctx.x }}", y: "{{ ctx.y }}"}}
        """
    )
    run.succeed("s")
    for task in sorted("ab", reverse=last == "a"):
        run.succeed(task)
    run.succeed("j1")
    run.succeed("j2")
    assert run.input_of("k") == {"x": "j1", "y": "b"}


def test_it_is_exact_for_branches_that_joined_before() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {x: base}
        tasks:
          s: {action: core.noop, next: [{do: [a, b, late]}]}
          a: {action: core.noop, next: [{publish: {x: a}, do: [j, aside]}]}
          b: {action: core.noop, next: [{publish: {x: b}, do: j}]}
          j: {join: all, action: core.noop, next: [{do: k}]}
          aside: {action: core.noop, next: [{do: k}]}
          late: {action: core.noop, next: [{do: k}]}
          k: {join: all, action: core.echo, input: {x: "{{ ctx.x }}"}}
        """
    )
    run.succeed("s")
    run.succeed("a")
    run.succeed("b")
    run.succeed("j")
    run.succeed("late")
    run.succeed("aside")
    # `aside` still holds what `a` wrote, which lost against `b` where they met.
    assert run.input_of("k") == {"x": "b"}


def test_a_context_belongs_to_its_branch_until_branches_meet() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {x: 0}
        tasks:
          a: {action: core.noop, next: [{publish: {x: 1}, do: c}]}
          b: {action: core.noop, next: [{do: d}]}
          c: {action: core.echo, input: {x: "{{ ctx.x }}"}}
          d: {action: core.echo, input: {x: "{{ ctx.x }}"}}
        output: {x: "{{ ctx.x }}"}
        """
    )
    run.succeed("a")
    run.succeed("b")
    assert run.input_of("c") == {"x": 1}
    assert run.input_of("d") == {"x": 0}
    run.succeed("c")
    run.succeed("d")
    assert run.output == {"x": 1}


def test_natively_a_mapping_is_replaced_and_in_orquesta_files_it_is_merged() -> None:
    native = Conducted(
        "segue: 1\nvars: {d: {a: 1}}\ntasks:\n"
        "  t: {action: core.noop, next: [{publish: {d: {b: 2}}}]}\n"
        'output: {d: "{{ ctx.d }}"}\n'
    )
    native.run_all()
    assert native.output == {"d": {"b": 2}}
    orquesta = Conducted(
        "version: 1.0\nvars: [{d: {a: 1}}]\ntasks:\n"
        "  t: {action: core.noop, next: [{publish: [{d: {b: 2}}], do: u}]}\n"
        "  u: {action: core.noop, next: [{publish: [{d: {c: 3}}]}]}\n"
        "output: [{d: <% ctx().d %>}]\n"
    )
    orquesta.run_all()
    assert orquesta.output == {"d": {"a": 1, "b": 2, "c": 3}}


def test_a_loop_beside_a_branch_that_lives_long_does_not_grow() -> None:
    run = Conducted(
        """
        segue: 1
        vars: {n: 0}
        tasks:
          s: {action: core.noop, next: [{do: [turn, long]}]}
          turn:
            action: core.noop
            next: [{when: ctx.n < 200, publish: {n: "{{ ctx.n + 1 }}"}, do: turn}, {do: j}]
          long: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.echo, input: {n: "{{ ctx.n }}"}}
        """,
        check=False,
    )
    run.succeed("s")
    for _ in range(200):
        run.succeed("turn")
        (turning,) = [one for one in run.state.living() if one.task == "turn"]
        assert len(turning.branch.context["n"].overwritten) < 20
    run.succeed("turn")
    run.succeed("long")
    assert run.input_of("j") == {"n": 200}
    run.succeed("j")
    assert run.status() is Status.SUCCEEDED


def test_expressions_see_a_context_as_a_mapping() -> None:
    variables = Variables(write(empty(), "x", 1, 1, deep=False))
    assert dict(variables) == {"x": 1}
    assert len(variables) == 1
    assert "y" not in variables
