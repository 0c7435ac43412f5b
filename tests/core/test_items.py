"""A task with items: one task execution, an action for each item of a list."""

import pytest
from tests.support.operated import Operated

from segue.core.rendering import MOST_ITEMS
from segue.core.status import Status
from segue.core.stimuli import AttemptEnded, RetryDue, Succeeded
from segue.values import JsonValue


def task_with(with_items: str, more: str = "", message: str = "{{ item() }}") -> str:
    """Return a workflow with one task that has these items, and publishes its result."""
    return f"""
        segue: 1
        vars: {{results: none}}
        tasks:
          a:
            with: {with_items}
            action: core.echo
            input: {{message: "{message}"}}
            {more}
            next:
              - {{when: succeeded(), publish: {{results: "{{{{ result() }}}}"}}, do: noop}}
        output: {{results: "{{{{ ctx.results }}}}"}}
        """


def messages(run: Operated) -> list[JsonValue]:
    """Return the messages with which items were handed off, in that order."""
    given = [one for _, one in run.inputs_of_items("a")]
    return [one["message"] for one in given if isinstance(one, dict)]


def test_all_items_are_handed_off_at_once_each_with_its_own_input() -> None:
    run = Operated(task_with("[x, y, z]", message="{{ index() }} {{ item() }}"))
    assert run.open_items("a") == [0, 1, 2]
    assert messages(run) == ["0 x", "1 y", "2 z"]


def test_the_result_is_the_list_of_results_in_the_order_of_the_items() -> None:
    run = Operated(task_with("[x, y, z]"))
    for item in (2, 0, 1):
        assert run.running == ["a"], f"the task goes on before item {item} has ended"
        run.succeed_item("a", item, f"r{item}")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"results": ["r0", "r1", "r2"]})
    assert run.result_of("a") == ["r0", "r1", "r2"]


def test_an_empty_list_succeeds_at_once_with_an_empty_list() -> None:
    run = Operated(task_with("[]"))
    assert (run.status(), run.settled(), run.output) == (Status.SUCCEEDED, True, {"results": []})
    assert run.items_of("a").total == 0


@pytest.mark.parametrize("result", [0, False, "", None, [], {}])
def test_a_falsy_result_of_an_item_is_kept_as_it_is(result: JsonValue) -> None:
    run = Operated(task_with("[x, y]"))
    run.succeed_item("a", 1, result)
    run.succeed_item("a", 0, 1)
    assert run.output == {"results": [1, result]}


@pytest.mark.parametrize("item", ["0", "false", "''", "null", "[]", "{}"])
def test_a_falsy_item_is_an_item_like_others(item: str) -> None:
    run = Operated(task_with(f"[{item}]", message="{{ item() | tojson }}"))
    assert run.open_items("a") == [0]
    run.succeed_item("a", 0)
    assert run.status() is Status.SUCCEEDED


def test_a_batch_hands_items_off_in_lists_of_which_the_last_may_be_shorter() -> None:
    run = Operated(task_with("{items: [1, 2, 3, 4, 5], batch: 2}", message="{{ item() | sum }}"))
    assert messages(run) == [3, 7, 5]
    assert run.items_of("a").total == 3


def test_a_batch_of_an_empty_list_is_nothing_to_run() -> None:
    run = Operated(task_with("{items: [], batch: 2}"))
    assert run.output == {"results": []}


def test_lists_that_are_walked_in_step_give_each_item_by_their_names() -> None:
    run = Operated(
        task_with(
            "{items: {host: [web, db], port: [80, 5432]}}",
            message="{{ item('host') }}:{{ item('port') }} of {{ item() | length }}",
        )
    )
    assert messages(run) == ["web:80 of 2", "db:5432 of 2"]


def test_lists_that_are_not_equally_long_fail_the_task() -> None:
    run = Operated(task_with("{items: {host: [web, db], port: '{{ [80] }}'}}", message="x"))
    assert run.errors == [("expression_failed", "a", False)]
    assert "`host` has 2 items, this one 1" in run.message


def test_a_name_for_the_item_is_asked_for_by_it() -> None:
    run = Operated(task_with('"host in {{ [1, 2] }}"', message="{{ item('host') }}"))
    assert messages(run) == [1, 2]


def test_names_for_the_parts_of_items_take_them_apart() -> None:
    run = Operated(
        task_with(
            "{items: [[web, 80], [db, 5432]], as: [host, port]}",
            message="{{ item('port') }} {{ item('host') }}",
        )
    )
    assert messages(run) == ["80 web", "5432 db"]


@pytest.mark.parametrize("items", ["[['web', 80], ['db']]", "['web']", "[[1, 2, 3]]"])
def test_items_that_do_not_have_the_parts_that_are_named_fail_the_task(items: str) -> None:
    run = Operated(task_with(f'{{items: "{{{{ {items} }}}}", as: [host, port]}}', message="x"))
    assert run.errors == [("expression_failed", "a", False)]
    assert "each item must be a list of 2 values (host, port)" in run.message


@pytest.mark.parametrize(
    ("with_items", "message"),
    [
        ('"{{ 7 }}"', "the items must be a list, not 7"),
        ('"{{ none }}"', "the items must be a list, not null"),
        ("\"{{ 'text' }}\"", "the items must be a list, not 'text'"),
        ("{items: [1], concurrency: \"{{ 'two' }}\"}", "must be a whole number, not 'two'"),
        ('{items: [1], concurrency: "{{ true }}"}', "must be a whole number, not true"),
        ('{items: [1], concurrency: "{{ 0 }}"}', "the concurrency must be at least 1, not 0"),
        ('{items: [1], batch: "{{ 0 }}"}', "`batch` must be at least 1"),
    ],
)
def test_what_can_not_be_walked_fails_the_task_and_says_why(with_items: str, message: str) -> None:
    run = Operated(task_with(with_items, message="x"))
    assert run.errors == [("expression_failed", "a", False)]
    assert message in run.message


def test_more_items_than_anybody_means_fail_the_task() -> None:
    text = """
        segue: 1
        input: {hosts: {}}
        tasks: {a: {with: "{{ ctx.hosts }}", action: core.noop}}
        """
    run = Operated(text, {"hosts": [0] * (MOST_ITEMS + 1)}, check=False)
    assert run.errors == [("expression_failed", "a", False)]
    assert run.message.startswith(f"a task can have {MOST_ITEMS} items at most")


def test_a_concurrency_that_is_null_is_none() -> None:
    run = Operated(task_with('{items: [1, 2, 3], concurrency: "{{ none }}"}'))
    assert run.open_items("a") == [0, 1, 2]


def test_no_more_items_run_at_once_than_the_concurrency() -> None:
    run = Operated(task_with('{items: [0, 1, 2, 3, 4], concurrency: "{{ 1 + 1 }}"}'))
    assert run.open_items("a") == [0, 1]
    run.succeed_item("a", 1, "r1")
    assert run.open_items("a") == [0, 2]
    run.succeed_item("a", 2, "r2")
    run.succeed_item("a", 0, "r0")
    assert run.open_items("a") == [3, 4]
    run.succeed_item("a", 4, "r4")
    run.succeed_item("a", 3, "r3")
    assert run.output == {"results": ["r0", "r1", "r2", "r3", "r4"]}


def test_an_item_is_rendered_only_when_it_is_handed_off() -> None:
    run = Operated(task_with("{items: [1, 2], concurrency: 1}", message="{{ now() }}"))
    run.now += 60
    run.succeed_item("a", 0)
    first, second = messages(run)
    assert first != second, "the second item saw the time of the first"


def test_after_a_failure_no_further_item_starts_and_what_runs_is_let_finish() -> None:
    run = Operated(task_with("{items: [0, 1, 2, 3], concurrency: 2}"))
    run.fail_item("a", 0, "no space")
    assert (run.status(), run.open_items("a")) == (Status.RUNNING, [1])
    run.succeed_item("a", 1, "r1")
    assert run.status() is Status.FAILED
    assert run.errors == [("items_failed", "a", False)]
    assert run.message == "1 of 4 items failed; the first: no space"
    assert run.result_of("a") == [None, "r1", None, None]


def test_with_continue_all_items_are_run_and_the_task_fails_all_the_same() -> None:
    run = Operated(task_with("{items: [0, 1, 2], concurrency: 1, on_item_failure: continue}"))
    run.fail_item("a", 0)
    assert run.open_items("a") == [1]
    run.succeed_item("a", 1, "r1")
    run.fail_item("a", 2, "later")
    assert run.status() is Status.FAILED
    assert run.message == "2 of 3 items failed; the first: boom"
    counted = run.items_of("a")
    assert (counted.succeeded, counted.failed) == (1, 2)
    assert counted.failures == ((0, "boom"), (2, "later"))


def test_as_many_items_may_fail_as_max_failures_says() -> None:
    run = Operated(task_with('{items: [0, 1, 2], concurrency: 1, max_failures: "{{ 1 }}"}'))
    run.fail_item("a", 0)
    run.succeed_item("a", 1, "r1")
    run.succeed_item("a", 2, "r2")
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"results": [None, "r1", "r2"]})


def test_with_stop_no_item_starts_once_more_have_failed_than_max_failures() -> None:
    run = Operated(task_with("{items: [0, 1, 2, 3], concurrency: 1, max_failures: 1}"))
    run.fail_item("a", 0)
    run.fail_item("a", 1)
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.message.startswith("2 of 4 items failed")


def test_with_continue_all_items_are_run_however_many_have_failed() -> None:
    options = "concurrency: 1, max_failures: 1, on_item_failure: continue"
    run = Operated(task_with(f"{{items: [0, 1, 2], {options}}}"))
    run.fail_item("a", 0)
    run.fail_item("a", 1)
    assert run.open_items("a") == [2]
    run.succeed_item("a", 2)
    assert run.status() is Status.FAILED


def test_a_failed_item_that_has_a_result_keeps_its_place_in_the_list() -> None:
    run = Operated(task_with("{items: [0, 1], max_failures: 1}"))
    run.succeed_item("a", 1, "r1")
    run.fail_item("a", 0)
    assert run.output == {"results": [None, "r1"]}


def test_the_failures_of_items_are_told_up_to_ten() -> None:
    run = Operated(task_with("{items: [0,1,2,3,4,5,6,7,8,9,10,11], on_item_failure: continue}"))
    for item in range(12):
        run.fail_item("a", item, f"m{item}")
    counted = run.items_of("a")
    assert counted.failed == 12
    assert [item for item, _ in counted.failures] == list(range(10))


def test_an_item_whose_input_can_not_be_rendered_has_failed_and_the_others_run() -> None:
    run = Operated(
        task_with("{items: [1, 0, 2], on_item_failure: continue}", message="{{ 10 // item() }}")
    )
    assert run.open_items("a") == [0, 2]
    run.succeed_item("a", 0)
    run.succeed_item("a", 2)
    assert run.status() is Status.FAILED
    assert run.message.startswith("1 of 3 items failed; the first: ")


def test_with_stop_an_item_that_can_not_be_rendered_keeps_the_next_from_starting() -> None:
    run = Operated(task_with("[1, 0, 2]", message="{{ 10 // item() }}"))
    assert run.open_items("a") == [0]
    run.succeed_item("a", 0)
    assert (run.status(), run.settled()) == (Status.FAILED, True)


def test_an_item_that_can_not_be_rendered_leaves_its_place_to_the_next() -> None:
    options = "{items: [0, 1, 2], concurrency: 1, on_item_failure: continue}"
    run = Operated(task_with(options, message="{{ 10 // item() }}"))
    assert run.open_items("a") == [1]
    run.succeed_item("a", 1)
    assert run.open_items("a") == [2]


def test_a_task_none_of_whose_items_can_be_rendered_fails_at_once() -> None:
    more = "timeout: \"{{ 'soon' }}\""
    run = Operated(task_with("{items: [1, 2], on_item_failure: continue}", more))
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.items_of("a").failed == 2


def test_a_task_is_timed_out_if_all_of_its_items_that_failed_were() -> None:
    run = Operated(task_with("[1, 2]", "timeout: 5s"))
    run.time_out_item("a", 0)
    run.succeed_item("a", 1)
    assert run.view.tasks[0].status is Status.TIMEOUT
    assert run.errors == [("items_failed", "a", False)]


def test_a_task_has_failed_if_some_of_its_items_did_and_others_timed_out() -> None:
    run = Operated(task_with("[1, 2]", "timeout: 5s"))
    run.time_out_item("a", 0)
    run.fail_item("a", 1)
    assert run.view.tasks[0].status is Status.FAILED


def test_each_item_has_the_timeout_of_its_task_which_may_depend_on_it() -> None:
    run = Operated(task_with("[1, 2]", 'timeout: "{{ item() * 10 }}"'))
    timeouts = [
        getattr(one.event, "timeout", None)
        for one in run.events
        if type(one.event).__name__ == "ItemStarted"
    ]
    assert timeouts == [10, 20]


def test_a_retry_runs_the_items_again_that_did_not_succeed() -> None:
    run = Operated(task_with("[x, y, z]", "retry: {count: 1}"))
    run.succeed_item("a", 0, "first")
    run.fail_item("a", 1)
    run.succeed_item("a", 2, "first")
    assert run.open_items("a") == [1]
    assert run.items_of("a").succeeded == 2
    run.succeed_item("a", 1, "second")
    assert run.output == {"results": ["first", "second", "first"]}
    assert run.view.tasks[0].attempts == 2


def test_a_retry_runs_the_items_that_had_not_begun_and_renders_nothing_else_anew() -> None:
    run = Operated(
        task_with(
            "{items: [x, y, z], concurrency: 1}",
            "retry: {count: 1, delay: 10s}",
            message="{{ item() }}{{ attempt() }}",
        )
    )
    run.succeed_item("a", 0, "x")
    run.fail_item("a", 1)
    assert run.view.tasks[0].status is Status.RETRYING
    run.now += 10
    run.give(RetryDue(task="a", visit=1, attempt=2))
    run.succeed_item("a", 1, "y")
    run.succeed_item("a", 2, "z")
    assert messages(run) == ["x1", "y1", "y2", "z2"]
    assert run.output == {"results": ["x", "y", "z"]}


def test_a_retry_may_look_at_what_the_items_gave() -> None:
    more = "retry: {count: 5, when: 'result()[0] < 2'}"
    run = Operated(task_with("[x]", more))
    run.succeed_item("a", 0, 2)
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"results": [2]})


def test_each_visit_has_items_of_its_own() -> None:
    run = Operated(
        """
        segue: 1
        vars: {todo: [1, 2]}
        start: a
        tasks:
          a:
            with: "{{ ctx.todo }}"
            action: core.echo
            next:
              - {when: ctx.todo | length > 0, publish: {todo: "{{ ctx.todo[1:] }}"}, do: a}
        """
    )
    run.succeed_item("a", 0)
    run.succeed_item("a", 1)
    assert (run.visits("a"), run.open_items("a")) == (2, [0])
    run.succeed_item("a", 0)
    assert (run.status(), run.visits("a")) == (Status.SUCCEEDED, 3)


def test_a_late_outcome_of_an_item_is_ignored() -> None:
    run = Operated(task_with("[x, y]"))
    run.succeed_item("a", 0)
    outcome = Succeeded(result="late")
    late = [
        AttemptEnded(task="a", visit=1, attempt=1, item=0, outcome=outcome),
        AttemptEnded(task="a", visit=1, attempt=1, item=7, outcome=outcome),
        AttemptEnded(task="a", visit=1, attempt=2, item=1, outcome=outcome),
        AttemptEnded(task="a", visit=2, attempt=1, item=1, outcome=outcome),
    ]
    for one in late:
        assert run.give(one) == [], f"{one} had an effect"
    run.succeed_item("a", 1)
    assert run.output == {"results": [None, None]}


def test_an_outcome_of_an_item_of_a_task_without_items_is_ignored() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop}}}")
    assert run.succeed_item("a", 0) == []
    assert run.running == ["a"]


def test_the_items_of_a_task_are_shown_while_they_run() -> None:
    run = Operated(task_with("[0, 1, 2]"))
    assert run.view.tasks[0].waiting_for == "3 of 3 items"
    run.succeed_item("a", 0)
    assert run.view.tasks[0].waiting_for == "2 of 3 items"
    counted = run.items_of("a")
    assert (counted.total, counted.succeeded, counted.running) == (3, 1, 2)


# -- cancel and failure in the middle ------------------------------------------------------------


def test_a_cancel_ends_the_items_that_run_and_starts_no_other() -> None:
    run = Operated(task_with("{items: [0, 1, 2], concurrency: 2}"))
    run.succeed_item("a", 0, "r0")
    assert run.cancel() == [
        "cancel_requested",
        "item_cancel_requested",
        "item_cancel_requested",
    ]
    assert run.view.tasks[0].waiting_for == "2 of 3 items"
    run.end_item_canceled("a", 1)
    assert (run.status(), run.open_items("a")) == (Status.CANCELING, [2])
    run.end_item_canceled("a", 2)
    assert (run.status(), run.settled()) == (Status.CANCELED, True)
    assert run.view.tasks[0].status is Status.CANCELED
    assert run.items_of("a").canceled == 2


def test_items_that_succeed_although_they_were_canceled_are_kept() -> None:
    run = Operated(task_with("{items: [0, 1, 2], concurrency: 2}"))
    run.cancel()
    run.succeed_item("a", 0, "r0")
    run.succeed_item("a", 1, "r1")
    assert run.status() is Status.CANCELED
    assert run.view.tasks[0].status is Status.CANCELED
    assert run.result_of("a") == ["r0", "r1", None]


def test_a_task_all_of_whose_items_succeed_although_it_was_canceled_has_succeeded() -> None:
    run = Operated(task_with("[0, 1]"))
    run.cancel()
    run.succeed_item("a", 0)
    run.succeed_item("a", 1)
    assert (run.status(), run.view.tasks[0].status) == (Status.CANCELED, Status.SUCCEEDED)


def test_with_on_cancel_finish_items_that_run_are_let_finish_and_no_other_starts() -> None:
    text = task_with("{items: [0, 1, 2], concurrency: 2}").replace(
        "segue: 1", "segue: 1\n        on_cancel: finish"
    )
    run = Operated(text)
    assert run.cancel() == ["cancel_requested"]
    run.succeed_item("a", 0, "r0")
    assert (run.status(), run.open_items("a")) == (Status.CANCELING, [1])
    run.succeed_item("a", 1, "r1")
    assert (run.status(), run.view.tasks[0].status) == (Status.CANCELED, Status.CANCELED)
    assert run.result_of("a") == ["r0", "r1", None]


def test_an_item_that_says_it_was_canceled_without_being_asked_has_failed() -> None:
    run = Operated(task_with("[0]"))
    run.end_item_canceled("a", 0)
    assert run.status() is Status.FAILED
    assert run.message == "1 of 1 items failed; the first: the action was canceled"


BESIDE = """
        segue: 1
        tasks:
          a: {with: {items: [0, 1, 2], concurrency: 1}, action: core.noop}
          b: {action: core.noop}
        """


def test_when_the_execution_fails_the_items_that_run_finish_and_no_other_starts() -> None:
    run = Operated(BESIDE)
    run.fail("b")
    assert (run.status(), run.open_items("a")) == (Status.FAILED, [0])
    run.succeed_item("a", 0)
    assert run.settled()
    assert run.items_of("a").succeeded == 1
    assert run.view.tasks[0].status is Status.CANCELED, "its other items were never run"


def test_a_task_with_items_times_out_with_the_whole_execution() -> None:
    run = Operated(BESIDE.replace("segue: 1", "segue: 1\n        limits: {duration: 60}"))
    run.succeed("b")
    run.pass_deadline()
    run.end_item_canceled("a", 0)
    assert (run.status(), run.settled()) == (Status.TIMEOUT, True)
    assert run.view.tasks[0].status is Status.CANCELED


# -- items in Orquesta's files -------------------------------------------------------------------

ORQUESTA = """
        version: 1.0
        vars: [{l: LIST}]
        tasks:
          a:
            with: {items: "ITEMS", concurrency: <% CONCURRENCY %>}
            action: core.echo message=<% MESSAGE %>
        output: [{r: <% task(a).result %>}]
        """


def orquesta(
    values: str, items: str = "<% ctx().l %>", message: str = "item()", concurrency: str = "null"
) -> Operated:
    text = ORQUESTA.replace("LIST", values).replace("ITEMS", items)
    return Operated(text.replace("MESSAGE", message).replace("CONCURRENCY", concurrency))


def test_in_orquesta_names_take_what_there_is_of_an_item() -> None:
    run = orquesta("[[1, 2], [3]]", "x, y in <% ctx().l %>", "item(x)")
    assert messages(run) == [1, 3]


def test_in_orquesta_one_name_takes_the_first_of_a_list() -> None:
    run = orquesta("[[1, 2], 3]", "x in <% ctx().l %>", "item(x)")
    assert messages(run) == [1, 3]


def test_in_orquesta_a_concurrency_below_one_is_one() -> None:
    run = orquesta("[1, 2]", concurrency="0")
    assert run.open_items("a") == [0]


def test_in_orquesta_an_item_that_can_not_be_rendered_fails_the_execution() -> None:
    run = orquesta("[1, 2]", message="item(x)")
    assert (run.status(), run.errors[0][0]) == (Status.FAILED, "expression_failed")


def test_in_orquesta_further_items_start_after_a_failure_only_while_others_run() -> None:
    run = orquesta("[1, 2, 3, 4]", concurrency="2")
    run.fail_item("a", 0)
    assert run.open_items("a") == [1, 2]
    run.fail_item("a", 1)
    run.fail_item("a", 2)
    assert run.open_items("a") == [3]
    run.fail_item("a", 3)
    assert (run.status(), run.settled()) == (Status.FAILED, True)


def test_in_orquesta_no_item_starts_after_a_failure_where_none_runs() -> None:
    run = orquesta("[1, 2]", concurrency="1")
    run.fail_item("a", 0)
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.items_of("a").running == 0
