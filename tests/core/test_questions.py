"""Questions to people: open without a worker, until somebody answers or their time is over."""

import pytest
from tests.support.operated import Operated

from segue.core import commands as c
from segue.core import events as e
from segue.core.commands_of import commands_of
from segue.core.status import Status
from segue.core.stimuli import QuestionExpired

ASK = """
    segue: 1
    tasks:
      approve:
        action: core.ask
        input: {message: Deploy?, TTL}
        TIMEOUT
        next:
          - {when: succeeded(), do: deploy}
          - {when: timed_out(), do: give_up}
      deploy: {action: core.noop}
      give_up: {action: core.noop}
    """


def ask(timeout: str = "", ttl: str = "users: [ann]") -> Operated:
    return Operated(ASK.replace("TIMEOUT", timeout).replace("TTL", ttl))


def question(run: Operated) -> c.OpenQuestion:
    """Return the question that was opened last."""
    opened = [
        command
        for one in run.events
        for command in commands_of(one.event)
        if isinstance(command, c.OpenQuestion)
    ]
    assert opened, "nobody was asked"
    return opened[-1]


def test_a_question_is_opened_and_no_action_is_started() -> None:
    run = ask()
    assert question(run) == c.OpenQuestion(
        task="approve",
        visit=1,
        attempt=1,
        input={"message": "Deploy?", "users": ["ann"]},
        due=None,
        timeout=None,
    )
    kinds = [type(command) for one in run.events for command in commands_of(one.event)]
    assert c.StartAttempt not in kinds


def test_an_execution_that_only_people_can_move_is_shown_as_pending() -> None:
    run = ask()
    assert (run.status(), run.shown, run.state.shown_status) == (
        Status.RUNNING,
        Status.PENDING,
        Status.PENDING,
    )
    assert run.view.tasks[0].status is Status.PENDING
    assert run.view.tasks[0].waiting_for == "an answer"


def test_the_rest_of_the_execution_goes_on_meanwhile() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          approve: {action: core.ask, input: {message: Deploy?}}
          build: {action: core.noop}
        """
    )
    assert (run.shown, run.state.shown_status) == (Status.RUNNING, Status.RUNNING)
    run.succeed("build")
    assert (run.shown, run.state.shown_status) == (Status.PENDING, Status.PENDING)
    run.succeed("approve", {"response": {}})
    assert (run.shown, run.state.shown_status) == (Status.SUCCEEDED, Status.SUCCEEDED)


def test_an_answer_is_the_result_and_the_branch_goes_on() -> None:
    run = ask()
    run.succeed("approve", {"response": {"yes": True}, "by": "ann"})
    assert (run.shown, run.running) == ("running", ["deploy"])
    assert run.result_of("approve") == {"response": {"yes": True}, "by": "ann"}


def test_a_rejected_question_has_failed() -> None:
    run = ask()
    run.fail("approve", "ann refused to answer")
    assert (run.status(), run.settled()) == (Status.FAILED, True)


def test_a_question_is_open_for_the_timeout_of_its_task() -> None:
    run = ask("timeout: 1h")
    asked = question(run)
    assert (asked.timeout, asked.due) == (3600, run.now + 3600)
    assert run.view.tasks[0].due == asked.due


@pytest.mark.parametrize(
    ("ttl", "timeout"), [(5, 300), (0.5, 30), (0, None), (-1, None), ("true", None), ("soon", None)]
)
def test_without_a_timeout_a_question_is_open_for_as_many_minutes_as_it_says(
    ttl: float | str, timeout: float | None
) -> None:
    assert question(ask(ttl=f"ttl: {ttl}")).timeout == timeout


def test_the_timeout_of_the_task_counts_more_than_what_the_question_says() -> None:
    assert question(ask("timeout: 10s", "ttl: 5")).timeout == 10


def test_a_question_that_nobody_answers_in_time_is_timed_out() -> None:
    run = ask("timeout: 1h")
    run.now += 3600
    run.expire("approve", 3600)
    assert run.running == ["give_up"]
    task = run.view.tasks[0]
    assert (task.status, task.due) == (Status.TIMEOUT, None)
    assert run.message == "the action took longer than the timeout of 3600 s"


def test_a_question_that_was_answered_does_not_expire_any_more() -> None:
    run = ask("timeout: 1h")
    run.succeed("approve")
    late = QuestionExpired(task="approve", visit=1, attempt=1, seconds=3600)
    assert run.give(late) == []


def test_a_question_is_asked_again_where_the_task_has_attempts_left() -> None:
    run = ask("timeout: 1h\n        retry: {count: 1}")
    run.now += 3600
    run.expire("approve", 3600)
    asked = question(run)
    assert (asked.attempt, asked.due) == (2, run.now + 3600)
    assert run.shown == "pending"


def test_a_question_whose_execution_fails_is_withdrawn() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          approve: {action: core.ask, input: {message: Deploy?}}
          build: {action: core.noop}
        """
    )
    run.fail("build")
    wanted = [command for one in run.events for command in commands_of(one.event)]
    assert c.CancelAttempt(task="approve", visit=1, attempt=1) in wanted
    assert (run.status(), run.settled()) == (Status.FAILED, False)
    run.end_canceled("approve")
    assert (run.status(), run.settled()) == (Status.FAILED, True)
    assert run.view.tasks[0].status is Status.CANCELED


@pytest.mark.parametrize("on_cancel", ["end", "finish"])
def test_a_question_is_withdrawn_when_its_execution_is_canceled(on_cancel: str) -> None:
    run = Operated(
        f"""
        segue: 1
        on_cancel: {on_cancel}
        tasks:
          approve: {{action: core.ask, input: {{message: Deploy?}}}}
        """
    )
    assert run.cancel() == ["cancel_requested", "attempt_cancel_requested"]
    assert run.status() is Status.CANCELING
    assert run.expire("approve", 60) == []
    run.end_canceled("approve")
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


SUB = """
    segue: 1
    on_cancel: finish
    tasks:
      release: {action: ./release.yaml, WITH}
      build: {action: core.noop, next: [{when: failed(), do: [clean_up, fail]}]}
      clean_up: {action: ./clean_up.yaml}
    """


def sub(items: str = "description: one") -> Operated:
    return Operated(SUB.replace("WITH", items))


def test_what_was_let_finish_in_a_failed_execution_is_ended_where_it_comes_to_ask() -> None:
    run = sub()
    assert "attempt_cancel_requested" not in run.fail("build")
    assert run.change("release", Status.PENDING) == ["attempt_changed", "attempt_cancel_requested"]
    assert run.change("clean_up", Status.PENDING) == ["attempt_changed"], "it still may run"


def test_what_was_let_finish_in_a_canceled_execution_is_ended_where_it_comes_to_ask() -> None:
    run = sub()
    run.cancel()
    assert run.change("release", Status.PENDING) == ["attempt_changed", "attempt_cancel_requested"]
    run.succeed("build")
    run.end_canceled("release")
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


def test_an_item_that_was_let_finish_is_ended_where_it_comes_to_ask() -> None:
    run = sub("with: [1, 2]")
    run.fail("build")
    assert run.change("release", Status.PENDING, 1) == ["item_changed", "item_cancel_requested"]
    assert run.open_items("release") == [0, 1]


def test_a_question_that_comes_up_in_a_pause_stays_open() -> None:
    run = sub()
    run.pause()
    assert run.change("release", Status.PENDING) == ["attempt_changed"]


def test_a_question_does_not_keep_an_execution_from_being_paused() -> None:
    run = ask()
    run.pause()
    assert run.status() is Status.PAUSED
    run.succeed("approve")
    assert (run.status(), run.running) == (Status.PAUSED, [])
    run.resume()
    assert run.running == ["deploy"]


def test_a_question_expires_in_a_pause_too() -> None:
    run = ask("timeout: 1h")
    run.pause()
    run.expire("approve", 3600)
    assert (run.status(), run.running) == (Status.PAUSED, [])
    run.resume()
    assert run.running == ["give_up"]


# -- one question for each item --------------------------------------------------------------------

ASK_EACH = """
    segue: 1
    start: approve
    tasks:
      approve:
        with: {items: [ann, bob, eve], OPTIONS}
        action: core.ask
        input: {message: Deploy?, users: ["{{ item() }}"], ttl: 1}
        ALSO
      late: {}
    """


def ask_each(options: str = "max_failures: 0", also: str = "description: three") -> Operated:
    return Operated(ASK_EACH.replace("OPTIONS", options).replace("ALSO", also))


def test_a_question_is_opened_for_each_item() -> None:
    run = ask_each()
    asked = question(run)
    assert (asked.item, asked.input["users"]) == (2, ["eve"])
    assert (asked.timeout, asked.due) == (60, run.now + 60)
    assert run.shown == "pending"
    assert run.view.tasks[0].waiting_for == "3 of 3 items, 3 of them for an answer"


def test_a_task_with_questions_goes_on_when_all_are_answered() -> None:
    run = ask_each()
    run.succeed_item("approve", 1, "B")
    assert run.view.tasks[0].waiting_for == "2 of 3 items, 2 of them for an answer"
    run.succeed_item("approve", 0, "A")
    assert run.running == ["approve"]
    run.succeed_item("approve", 2, "E")
    assert (run.status(), run.result_of("approve")) == (Status.SUCCEEDED, ["A", "B", "E"])


def test_the_question_of_an_item_expires_alone() -> None:
    run = ask_each("max_failures: 1")
    run.expire("approve", 60, item=1)
    assert run.open_items("approve") == [0, 2]
    run.succeed_item("approve", 0)
    run.succeed_item("approve", 2)
    assert run.status() is Status.SUCCEEDED
    assert run.items_of("approve").failed == 1


def test_the_other_questions_are_withdrawn_once_the_task_can_only_fail() -> None:
    run = ask_each()
    requested = run.fail_item("approve", 1)
    assert requested == ["item_failed", "item_cancel_requested", "item_cancel_requested"]
    run.end_item_canceled("approve", 0)
    run.end_item_canceled("approve", 2)
    assert (run.settled(), run.running) == (True, [])
    assert (run.status(), run.view.tasks[0].status) == (Status.FAILED, Status.FAILED)
    assert [error.code for error in run.view.errors] == ["items_failed"]


def test_the_task_has_timed_out_when_its_first_question_has_and_the_others_are_withdrawn() -> None:
    run = ask_each(also="next: [{when: timed_out(), do: late}]")
    run.expire("approve", 60, item=1)
    run.expire("approve", 60, item=0)
    assert run.open_items("approve") == [0, 2]
    run.end_item_canceled("approve", 0)
    run.end_item_canceled("approve", 2)
    assert run.view.tasks[0].status is Status.TIMEOUT
    assert run.items_of("approve").failed == 1
    assert run.running == ["late"]


def test_the_task_has_failed_too_when_some_of_its_questions_were_never_asked() -> None:
    run = ask_each("concurrency: 2")
    run.fail_item("approve", 1)
    run.end_item_canceled("approve", 0)
    assert (run.status(), run.view.tasks[0].status) == (Status.FAILED, Status.FAILED)


def test_the_questions_that_were_withdrawn_are_asked_again_by_a_retry() -> None:
    run = ask_each(also="retry: {count: 1}")
    run.succeed_item("approve", 2)
    run.fail_item("approve", 1)
    run.end_item_canceled("approve", 0)
    assert run.open_items("approve") == [0, 1]


def test_a_task_whose_other_questions_are_withdrawn_is_canceled_with_its_execution() -> None:
    run = ask_each()
    run.fail_item("approve", 1)
    run.cancel()
    run.end_item_canceled("approve", 0)
    run.end_item_canceled("approve", 2)
    assert (run.status(), run.view.tasks[0].status) == (Status.CANCELED, Status.CANCELED)


def test_with_continue_the_other_questions_stay_open() -> None:
    run = ask_each("on_item_failure: continue")
    assert run.fail_item("approve", 1) == ["item_failed"]
    assert run.open_items("approve") == [0, 2]


def test_items_that_wait_for_people_are_withdrawn_when_the_execution_is_canceled() -> None:
    run = ask_each()
    run.cancel()
    ended = [one.event for one in run.events if isinstance(one.event, e.ItemCancelRequested)]
    assert [one.item for one in ended] == [0, 1, 2]
    for item in (0, 1, 2):
        run.end_item_canceled("approve", item)
    assert (run.status(), run.items_of("approve").canceled) == (Status.CANCELED, 3)


def test_items_of_which_some_wait_for_people_are_pending_when_only_those_are_left() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          a:
            with: [core.ask, core.noop]
            action: "{{ item() }}"
            input: {message: Deploy?}
        """
    )
    assert (run.shown, run.state.shown_status) == ("running", "running")
    assert run.view.tasks[0].waiting_for == "2 of 2 items, 1 of them for an answer"
    run.succeed_item("a", 1)
    assert (run.shown, run.state.shown_status) == ("pending", "pending")


def test_an_open_question_takes_its_place_among_the_items_that_run_at_once() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          a:
            with: {items: [core.ask, core.noop, core.ask, core.noop], concurrency: 2}
            action: "{{ item() }}"
            input: {message: Deploy?}
        """
    )
    run.pause()
    run.resume()
    assert run.open_items("a") == [0, 1]
    run.succeed_item("a", 1)
    assert run.open_items("a") == [0, 2]
    run.succeed_item("a", 0)
    assert run.open_items("a") == [2, 3]
