"""What users of other engines complained about tasks with items. The table is in
`test_user_complaints`."""

import pytest
from tests.support.operated import Operated

from segue.core.status import Status
from segue.core.stimuli import RetryDue
from segue.values import JsonValue

ITEMS = """
version: 1.0
vars: [{l: LIST}]
tasks:
  s: {action: core.noop, next: [{do: a}]}
  a:
    with: {items: "x in <% ctx().l %>", concurrency: CONCURRENCY}
    action: core.echo message=<% item(x) %>
    next:
      - {when: <% succeeded() %>, publish: [{r: <% result() %>}], do: b}
      - {when: <% failed() %>, do: NEXT}
  b: {action: core.noop}
output: [{r: <% ctx().r %>}]
"""


def items(values: str, concurrency: str = "null", after: str = "continue") -> Operated:
    text = ITEMS.replace("LIST", values).replace("NEXT", after)
    if concurrency == "null":
        text = text.replace(", concurrency: CONCURRENCY", "")
    run = Operated(text.replace("CONCURRENCY", concurrency))
    run.succeed("s")
    return run


def test_an_empty_list_of_items_is_a_success_with_an_empty_result() -> None:
    """A task over an empty list never ended."""
    run = items("[]")
    assert run.running == ["b"]
    run.succeed("b")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"r": []})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_task_with_a_failed_item_ends_whatever_the_order(order: tuple[int, ...]) -> None:
    """After the failure of an item the task, and the execution with it, ran for ever."""
    run = items("[x, y, z]")
    for item in order:
        if item == 1:
            run.fail_item("a", item)
        else:
            run.succeed_item("a", item)
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.errors[0] == ("items_failed", "a", False)


def test_a_task_whose_items_failed_runs_again_in_a_cycle() -> None:
    """In a cycle a task of which items had failed was not run again, or not as a new one."""
    run = items("[x, y]", after="a")
    run.fail_item("a", 0)
    run.succeed_item("a", 1)
    assert (run.status(), run.visits("a")) == (Status.RUNNING, 2)
    assert run.open_items("a") == [0, 1]
    run.succeed_item("a", 0, "X")
    run.succeed_item("a", 1, "Y")
    run.succeed("b")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"r": ["X", "Y"]})


def native(on_item_failure: str, concurrency: int) -> Operated:
    """Return a task with four items, of which others may start after a failure as said."""
    return Operated(
        f"""
        segue: 1
        tasks:
          a:
            with:
              items: [0, 1, 2, 3]
              concurrency: {concurrency}
              on_item_failure: {on_item_failure}
            action: core.echo
            input: {{message: "{{{{ item() }}}}"}}
        """
    )


@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_with_continue_all_items_are_run_whatever_the_concurrency(concurrency: int) -> None:
    """One at a time the first failure was the end, and two at a time all items were run."""
    run = native("continue", concurrency)
    run.fail_item("a", 0)
    for item in (1, 2, 3):
        run.succeed_item("a", item)
    counted = run.items_of("a")
    assert (counted.failed, counted.succeeded) == (1, 3)
    assert run.status() is Status.FAILED


@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_with_stop_no_item_starts_after_a_failure_whatever_the_concurrency(
    concurrency: int,
) -> None:
    """Whether further items were started after a failure depended on how many ran at once."""
    run = native("stop", concurrency)
    run.fail_item("a", 0)
    running = list(range(1, concurrency))
    assert run.status() is (Status.RUNNING if running else Status.FAILED)
    for item in running:
        assert run.open_items("a") == running[running.index(item) :]
        run.succeed_item("a", item)
    assert run.status() is Status.FAILED
    assert run.items_of("a").succeeded == len(running)


FALSY: list[JsonValue] = [0, False, "", None, [], {}]


def test_results_of_items_are_kept_even_if_they_are_false_or_empty() -> None:
    """The result of an item that was 0, false or empty was lost."""
    run = items("[1, 2, 3, 4, 5, 6]")
    for item, result in enumerate(FALSY):
        run.succeed_item("a", item, result)
    run.succeed("b")
    assert run.output == {"r": FALSY}


def test_a_name_of_an_item_may_contain_the_word_in() -> None:
    """A variable whose name had `in` inside was cut in two."""
    run = Operated(
        """
        version: 1.0
        vars: [{inner: [1]}, {within: [2]}]
        tasks:
          a:
            with: inside, origin in <% zip(ctx().inner, ctx().within) %>
            action: core.echo
            input: {message: <% item(inside) + item(origin) %>}
        """
    )
    started = [one.event for one in run.events if type(one.event).__name__ == "ItemStarted"]
    assert [getattr(one, "input", None) for one in started] == [{"message": 3}]


def test_a_list_that_is_another_one_at_the_next_attempt_is_taken_as_it_is_then() -> None:
    """A retry over a list that had changed ran old items, or lost count."""
    run = Operated(
        """
        version: 1.0
        tasks:
          a:
            with: <% range(0, 2 + int(random() * 2)) %>
            action: core.echo message=<% item() %>
            retry: {count: 1, delay: 1}
        output: [{r: <% task(a).result %>}]
        """
    )
    assert run.open_items("a") == [0, 1]
    run.fail_item("a", 0)
    run.succeed_item("a", 1)
    run.random = 0.5
    run.now += 1
    run.give(RetryDue(task="a", visit=1, attempt=2))
    assert run.open_items("a") == [0, 1, 2]
    for item in (2, 0, 1):
        run.succeed_item("a", item, item)
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"r": [0, 1, 2]})


def test_a_task_with_items_is_run_again_with_those_that_had_not_succeeded() -> None:
    """Running a failed task with items again failed by itself."""
    run = items("[x, y, z]")
    run.succeed_item("a", 0, "X")
    run.fail_item("a", 1)
    run.succeed_item("a", 2, "Z")
    run.rerun("a")
    assert (run.status(), run.open_items("a")) == (Status.RUNNING, [1])
    run.succeed_item("a", 1, "Y")
    run.succeed("b")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"r": ["X", "Y", "Z"]})


def test_all_items_are_run_again_where_that_is_asked_for() -> None:
    """There was no way to have all items run again."""
    run = items("[x, y]")
    run.succeed_item("a", 0, "X")
    run.fail_item("a", 1)
    run.rerun("a", reset_items=True)
    assert run.open_items("a") == [0, 1]


def test_a_task_with_items_that_had_succeeded_is_run_again() -> None:
    """Running a task with items again that had succeeded was an internal error."""
    run = items("[x, y]")
    run.succeed_item("a", 0, "X")
    run.succeed_item("a", 1, "Y")
    run.fail("b")
    run.rerun("a", reset_items=True)
    assert run.open_items("a") == [0, 1]
    for item in (1, 0):
        run.succeed_item("a", item, "new")
    run.run_all()
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"r": ["new", "new"]})


LOOP = """
segue: 1
vars: {n: 0}
start: fork
tasks:
  fork: {action: core.noop, next: [{publish: {n: "{{ ctx.n + 1 }}"}, do: [a, b]}]}
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{do: j}]}
  j: {join: all, action: core.noop, next: [{when: "ctx.n < 2", do: fork}]}
output: {n: "{{ ctx.n }}"}
"""


def two_turns() -> Operated:
    """Return an execution that failed at the join in the second turn of its loop."""
    run = Operated(LOOP)
    for task in ("fork", "a", "b", "j", "fork", "a", "b"):
        run.succeed(task)
    run.fail("j")
    return run


def test_a_join_is_run_again() -> None:
    """Running a join again failed by itself."""
    run = two_turns()
    run.rerun()
    assert run.running == ["j"]
    run.succeed("j")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"n": 2})


def test_a_former_turn_of_a_loop_is_run_again() -> None:
    """Of a task in a loop only the last turn could be meant."""
    run = two_turns()
    run.rerun(("a", 1))
    assert run.running == ["a"]
    run.run_all()
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"n": 2})
    assert [run.started(task) for task in ("fork", "a", "b", "j")] == [3, 4, 3, 4]


def test_what_a_join_waited_for_is_run_again_after_the_join_itself_was() -> None:
    """A second rerun, of something before the first, was an internal error."""
    run = two_turns()
    run.rerun("j")
    run.succeed("j")
    run.rerun(("a", 1))
    assert run.running == ["a"]
    run.run_all()
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"n": 2})
    assert [run.started(task) for task in ("fork", "a", "b", "j")] == [3, 4, 3, 5]
