"""Running again in Orquesta's files: what a task did before stays, and it begins beside that."""

from tests.support.operated import Operated

from segue.core.status import Status

LOST = """
    version: 1.0
    vars: [{x: none}]
    tasks:
      a: {action: core.noop, next: [{do: j}]}
      b: {action: core.noop, next: [{publish: [{x: <% result().x %>}], do: j}]}
      c: {action: core.noop}
      j: {join: all, action: core.noop}
    output: [{x: <% ctx().x %>}]
    """


def without_b(*, first: str = "a") -> Operated:
    """Return an execution in which `b` led to the join, but could not publish; and `c` failed."""
    run = Operated(LOST)
    if first == "a":
        run.succeed("a")
    run.succeed("b", {})
    if first == "b":
        run.succeed("a")
    run.fail("c")
    assert run.errors == [("expression_failed", "b", False), ("action_failed", "c", False)]
    return run


def test_a_transition_that_could_not_publish_counts_at_the_join_after_a_rerun() -> None:
    run = without_b()
    run.rerun("c")
    assert run.running == ["c"], "nobody has come to the join since"
    run.run_all()
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"x": "none"})
    assert run.lineage == [
        ("a", 1, None, False),
        ("b", 1, None, False),
        ("c", 1, None, True),
        ("c", 2, 1, False),
        ("j", 1, None, False),
    ]


def test_who_comes_to_the_join_after_a_transition_that_could_not_publish_lets_it_fire() -> None:
    run = without_b(first="b")
    run.rerun("c")
    assert run.running == ["j", "c"]
    run.run_all()
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"x": "none"})


def test_a_task_that_could_not_publish_comes_to_the_join_when_it_is_run_again() -> None:
    run = without_b()
    run.rerun("b")
    assert run.running == ["b"], "what it came to before counts no more"
    run.succeed("b", {"x": 5})
    assert run.running == ["j"]
    run.succeed("j")
    assert run.output == {"x": 5}
    assert run.errors == [("action_failed", "c", False)], "that was not run again"


JOINED = """
    version: 1.0
    tasks:
      a: {action: core.noop, next: [{when: <% succeeded() and result() = 1 %>, do: j}]}
      b: {action: core.noop, next: [{do: j}]}
      j: {join: all, action: core.noop, next: [{do: k}]}
      k: {action: core.noop}
    """


def joined() -> Operated:
    """Return an execution whose join has fired, and that failed after it."""
    run = Operated(JOINED)
    for task in ("a", "b", "j"):
        run.succeed(task, 1)
    run.fail("k")
    return run


def test_a_join_does_not_fire_again_where_the_task_before_it_leads_elsewhere_now() -> None:
    run = joined()
    run.rerun("a")
    run.succeed("a", 2)
    assert (run.status(), run.visits("j")) == (Status.SUCCEEDED, 1)


def test_a_join_that_has_fired_before_is_not_missed_where_the_task_before_it_fails_now() -> None:
    run = joined()
    run.rerun("a")
    run.fail("a")
    assert (run.status(), run.visits("j")) == (Status.FAILED, 1)
    assert run.errors == [("action_failed", "k", False), ("action_failed", "a", False)]


def test_a_task_that_was_withdrawn_goes_on_and_is_not_begun_beside_that() -> None:
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, retry: {count: 1, delay: 5}}
          b: {action: core.noop}
        """
    )
    run.fail("a")
    run.fail("b")
    assert [one.status for one in run.view.tasks] == [Status.CANCELED, Status.FAILED]
    run.rerun("a", "b")
    assert run.running == ["a", "b"]
    assert run.lineage == [("a", 1, None, False), ("b", 1, None, True), ("b", 2, 1, False)]
    run.run_all()
    assert run.status() is Status.SUCCEEDED


def canceled() -> Operated:
    """Return an execution that was canceled while `b` ran, which nothing follows."""
    run = Operated(
        """
        version: 1.0
        tasks:
          a: {action: core.noop, next: [{do: b}]}
          b: {action: core.noop}
        """
    )
    run.succeed("a")
    run.cancel()
    run.end_canceled("b")
    assert run.status() is Status.CANCELED
    return run


def test_of_what_was_canceled_the_last_tasks_run_again_if_nothing_else_is_left() -> None:
    run = canceled()
    run.rerun()
    assert run.running == ["b"]
    run.run_all()
    assert run.status() is Status.SUCCEEDED
    assert run.lineage == [("a", 1, None, False), ("b", 1, None, True), ("b", 2, 1, False)]
