"""What people ask of an execution: pause, resume, cancel; and what hosts may: conclude."""

import pytest
from tests.support.operated import Operated

from segue.core import stimuli as s
from segue.core.decide import decide
from segue.core.errors import RequestError
from segue.core.program import Program
from segue.core.state import NEW
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language import load_workflow

LINE = """
    segue: 1
    tasks:
      a: {action: core.noop, next: [{publish: {x: 1}, do: [b, c]}]}
      b: {action: core.noop}
      c: {action: core.noop}
    output: {x: "{{ ctx.x }}"}
    """


def refused(run: Operated, stimulus: s.Stimulus) -> RequestError:
    """Return how a request is refused, which must not have any effect."""
    before = run.state
    with pytest.raises(RequestError) as caught:
        run.give(stimulus)
    assert run.state == before, "a refused request had an effect"
    return caught.value


def test_a_pause_lets_what_runs_finish_and_starts_nothing_new() -> None:
    run = Operated(LINE)
    assert run.pause() == ["pause_requested"]
    assert (run.status(), run.running) == (Status.PAUSING, ["a"])
    run.succeed("a")
    assert (run.status(), run.running, run.settled()) == (Status.PAUSED, [], False)
    assert [task.task for task in run.view.tasks] == ["a"], "what it leads to was scheduled"


def test_a_resume_goes_on_where_transitions_had_led() -> None:
    run = Operated(LINE)
    run.pause()
    run.succeed("a")
    run.resume()
    assert (run.status(), run.running) == (Status.RUNNING, ["b", "c"])
    run.run_all()
    assert (run.status(), run.output) == (Status.SUCCEEDED, {"x": 1})


def test_a_resume_while_something_still_runs_takes_the_pause_back() -> None:
    run = Operated(LINE)
    run.pause()
    assert run.resume() == ["execution_resumed"]
    run.succeed("a")
    assert run.running == ["b", "c"]


def test_an_execution_in_which_nothing_runs_is_paused_at_once() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop, delay: 60}}}")
    assert run.pause() == ["pause_requested", "execution_paused"]
    assert run.status() is Status.PAUSED


def test_requests_that_are_granted_already_have_no_effect() -> None:
    run = Operated(LINE)
    assert run.resume() == []
    run.pause()
    assert run.pause() == []
    run.succeed("a")
    assert run.pause() == []
    run.resume()
    assert run.resume() == []
    run.cancel()
    assert run.cancel() == []


def test_a_delay_goes_on_to_pass_and_the_task_starts_when_the_execution_is_resumed() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop, delay: 60}}}")
    run.pause()
    run.now += 60
    assert run.give(s.DelayPassed(task="a", visit=1)) == ["delay_elapsed"]
    assert (run.status(), run.running) == (Status.PAUSED, [])
    run.resume()
    assert run.running == ["a"]


def test_a_delay_that_has_not_passed_when_it_is_resumed_is_waited_for() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop, delay: 60}}}")
    run.pause()
    run.resume()
    assert (run.status(), run.running) == (Status.RUNNING, [])
    run.give(s.DelayPassed(task="a", visit=1))
    assert run.running == ["a"]


@pytest.mark.parametrize("delay", [0, 60])
def test_no_attempt_is_made_in_a_paused_execution(delay: int) -> None:
    run = Operated(
        f"{{segue: 1, tasks: {{a: {{action: core.noop, retry: {{count: 1, delay: {delay}}}}}}}}}"
    )
    run.pause()
    run.fail("a")
    assert (run.status(), run.running) == (Status.PAUSED, [])
    if delay:
        run.now += delay
        run.give(s.RetryDue(task="a", visit=1, attempt=2))
        assert run.running == []
    run.resume()
    assert run.running == ["a"]
    run.succeed("a")
    assert (run.status(), run.view.tasks[0].attempts) == (Status.SUCCEEDED, 2)


def test_a_pause_starts_no_further_items_and_what_runs_is_let_finish() -> None:
    run = Operated(
        "{segue: 1, tasks: {a: {with: {items: [0, 1, 2], concurrency: 2}, action: core.noop}}}"
    )
    run.pause()
    run.succeed_item("a", 0, "r0")
    assert (run.status(), run.open_items("a")) == (Status.PAUSING, [1])
    run.succeed_item("a", 1, "r1")
    assert (run.status(), run.open_items("a")) == (Status.PAUSED, [])
    run.resume()
    assert run.open_items("a") == [2]
    run.succeed_item("a", 2, "r2")
    assert (run.status(), run.result_of("a")) == (Status.SUCCEEDED, ["r0", "r1", "r2"])


def test_a_task_whose_last_item_ends_in_a_pause_takes_its_transitions() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          a: {with: [0], action: core.noop, next: [{do: b}]}
          b: {action: core.noop}
        """
    )
    run.pause()
    run.succeed_item("a", 0)
    assert (run.status(), run.running) == (Status.PAUSED, [])
    run.resume()
    assert run.running == ["b"]


def test_an_item_that_fails_in_a_pause_fails_its_task_and_the_execution() -> None:
    run = Operated("{segue: 1, tasks: {a: {with: [0, 1], action: core.noop}}}")
    run.pause()
    run.fail_item("a", 0)
    run.succeed_item("a", 1)
    assert (run.status(), run.settled()) == (Status.FAILED, True)


def test_a_failure_that_nothing_handles_fails_a_paused_execution() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop}, b: {action: core.noop}}}")
    run.pause()
    run.fail("a")
    assert (run.status(), run.running) == (Status.FAILED, ["b"])
    run.succeed("b")
    assert run.settled()


def test_an_execution_is_not_over_where_its_last_task_ends_in_a_pause() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop}}}")
    run.pause()
    run.succeed("a")
    assert (run.status(), run.settled()) == (Status.PAUSED, False)
    run.resume()
    assert (run.status(), run.settled()) == (Status.SUCCEEDED, True)


def test_joins_wait_in_a_pause_and_fire_after_it() -> None:
    run = Operated(
        """
        segue: 1
        tasks:
          a: {action: core.noop, next: [{do: j}]}
          b: {action: core.noop, next: [{do: j}]}
          j: {join: all, action: core.noop}
        """
    )
    run.pause()
    run.succeed("a")
    run.succeed("b")
    assert (run.status(), run.view.joins) == (Status.PAUSED, ())
    run.resume()
    assert run.running == ["j"]


def test_a_paused_execution_can_be_canceled() -> None:
    run = Operated(LINE)
    run.pause()
    run.succeed("a")
    assert run.cancel() == ["cancel_requested", "execution_canceled", "execution_settled"]
    assert (run.status(), run.output) == (Status.CANCELED, {"x": 1})


def test_what_runs_in_a_pausing_execution_is_ended_by_a_cancel() -> None:
    run = Operated(LINE)
    run.pause()
    assert run.cancel() == ["cancel_requested", "attempt_cancel_requested"]
    run.end_canceled("a")
    assert run.status() is Status.CANCELED


def test_the_limit_on_the_whole_duration_runs_on_in_a_pause() -> None:
    run = Operated("{segue: 1, limits: {duration: 90}, tasks: {a: {action: core.noop, delay: 60}}}")
    run.pause()
    run.pass_deadline()
    assert (run.status(), run.settled()) == (Status.TIMEOUT, True)
    assert run.errors == [("duration_limit", None, False)]


def test_a_limit_that_has_not_passed_yet_has_no_effect() -> None:
    run = Operated(LINE, max_duration=60)
    assert run.give(s.DeadlinePassed()) == []


def test_an_execution_without_a_limit_does_not_time_out() -> None:
    run = Operated(LINE)
    run.now += 1e9
    assert run.give(s.DeadlinePassed()) == []


def test_what_still_runs_in_a_failed_execution_is_ended_at_the_limit_and_it_stays_failed() -> None:
    run = Operated(LINE, max_duration=60)
    run.succeed("a")
    run.fail("b")
    assert run.pass_deadline() == ["attempt_cancel_requested"]
    run.end_canceled("c")
    assert (run.status(), run.settled()) == (Status.FAILED, True)


def test_what_a_cancel_would_let_finish_is_ended_at_the_limit_all_the_same() -> None:
    run = Operated(LINE.replace("segue: 1", "segue: 1\n    on_cancel: finish"), max_duration=60)
    assert run.pass_deadline() == ["execution_timed_out", "attempt_cancel_requested"]
    run.end_canceled("a")
    assert (run.status(), run.settled()) == (Status.TIMEOUT, True)


def test_what_a_cancel_has_let_finish_is_ended_at_the_limit_and_it_stays_canceled() -> None:
    run = Operated(LINE.replace("segue: 1", "segue: 1\n    on_cancel: finish"), max_duration=60)
    assert run.cancel() == ["cancel_requested"]
    assert run.pass_deadline() == ["attempt_cancel_requested"]
    run.end_canceled("a")
    assert (run.status(), run.settled()) == (Status.CANCELED, True)


def test_what_is_being_canceled_is_not_timed_out() -> None:
    run = Operated(LINE, max_duration=60)
    run.cancel()
    assert run.pass_deadline() == []
    run.end_canceled("a")
    assert run.status() is Status.CANCELED


def test_what_still_runs_in_a_failed_execution_can_be_canceled_and_it_stays_failed() -> None:
    run = Operated(LINE)
    run.succeed("a")
    run.fail("b")
    assert run.cancel() == ["attempt_cancel_requested"]
    run.end_canceled("c")
    assert (run.status(), run.settled()) == (Status.FAILED, True)


@pytest.mark.parametrize("stimulus", [s.Pause(), s.Resume(), s.Cancel()])
def test_what_has_ended_can_only_be_run_again(stimulus: s.Stimulus) -> None:
    run = Operated(LINE)
    run.run_all()
    error = refused(run, stimulus)
    assert error.code == "already_finished"
    assert "it is succeeded" in str(error)


@pytest.mark.parametrize("stimulus", [s.Pause(), s.Resume()])
def test_what_is_being_canceled_can_not_be_paused_nor_resumed(stimulus: s.Stimulus) -> None:
    run = Operated(LINE)
    run.cancel()
    assert refused(run, stimulus).code == "not_possible_now"


@pytest.mark.parametrize(
    "stimulus", [s.Pause(), s.Resume(), s.Cancel(), s.Conclude(succeeded=True)]
)
def test_nothing_can_be_asked_of_what_has_not_been_started(stimulus: s.Stimulus) -> None:
    workflow = load_workflow(LINE).workflow
    assert workflow is not None
    with pytest.raises(RequestError) as caught:
        decide(Program.of(workflow), NEW, stimulus, Facts(now=0.0))
    assert caught.value.code == "not_started"


# -- what runs is paused itself, as sub-workflows are --------------------------------------------


def test_a_task_that_is_paused_itself_does_not_keep_the_execution_pausing() -> None:
    run = Operated(LINE)
    run.pause()
    run.change("a", Status.PAUSING)
    assert run.status() is Status.PAUSING
    run.change("a", Status.PAUSED)
    assert run.status() is Status.PAUSED
    run.resume()
    run.change("a", Status.RUNNING)
    run.succeed("a")
    assert run.running == ["b", "c"]


def test_an_item_that_is_paused_itself_does_not_keep_the_execution_pausing() -> None:
    run = Operated("{segue: 1, tasks: {a: {with: [0, 1], action: core.noop}}}")
    run.pause()
    run.change("a", Status.PAUSED, item=0)
    assert run.status() is Status.PAUSING
    run.succeed_item("a", 1)
    assert (run.status(), run.open_items("a")) == (Status.PAUSED, [0])
    run.resume()
    run.change("a", Status.RUNNING, item=0)
    run.succeed_item("a", 0)
    assert run.status() is Status.SUCCEEDED


def test_what_is_paused_or_waits_for_a_person_is_shown_so() -> None:
    run = Operated(LINE)
    run.change("a", Status.PAUSED)
    assert [one.status for one in run.view.tasks] == [Status.PAUSED]
    items = Operated("{segue: 1, tasks: {a: {with: [0, 1], action: core.noop}}}")
    items.change("a", Status.PENDING, item=0)
    assert (items.items_of("a").pending, items.items_of("a").running) == (1, 2)


def test_a_change_that_changes_nothing_is_not_recorded() -> None:
    run = Operated(LINE)
    assert run.change("a", Status.RUNNING) == []
    items = Operated("{segue: 1, tasks: {a: {with: [0], action: core.noop}}}")
    assert items.change("a", Status.RUNNING, item=0) == []
    assert items.change("a", Status.PAUSED, item=5) == [], "there is no such item"
    assert items.change("a", Status.PAUSED) == [], "with items it is an item that changes"
    assert run.change("a", Status.PAUSED, item=0) == [], "it has no items"


def test_a_change_of_an_attempt_that_is_closed_is_ignored() -> None:
    run = Operated(LINE)
    late = s.AttemptChanged(task="a", visit=1, attempt=1, status=Status.PAUSED)
    early = s.AttemptChanged(task="a", visit=1, attempt=2, status=Status.PAUSED)
    assert run.give(early) == []
    run.succeed("a")
    assert run.give(late) == []


def test_an_item_that_is_being_ended_stays_so_until_it_has() -> None:
    run = Operated("{segue: 1, tasks: {a: {with: [0, 1], action: core.noop}}}")
    run.cancel()
    assert run.cancel() == []
    run.end_item_canceled("a", 0)
    run.end_item_canceled("a", 1)
    assert run.status() is Status.CANCELED


# -- a host that steps through an execution says how it has ended ---------------------------------


ONE = "{segue: 1, tasks: {a: {action: core.noop}}}"


def hosted(text: str) -> Operated:
    """Return an execution of which a host says what it has begun."""
    return Operated(text, stepwise=True)


def test_a_host_may_say_that_an_execution_has_succeeded() -> None:
    run = hosted(LINE)
    run.give(s.Conclude(succeeded=True))
    assert run.status() is Status.SUCCEEDED
    assert run.give(s.Conclude(succeeded=True)) == [], "it is said already"


@pytest.mark.parametrize("ended", [True, False])
def test_a_host_may_say_that_an_execution_has_failed_even_after_it_has_succeeded(
    *, ended: bool
) -> None:
    run = hosted(ONE)
    if ended:
        run.give(s.Conclude(succeeded=True))
    run.give(s.Conclude(succeeded=False))
    assert run.status() is Status.FAILED
    assert run.errors[-1] == ("failed_by_host", None, False)
    assert run.give(s.Conclude(succeeded=False)) == [], "it is said already"


def test_a_host_can_not_say_that_what_has_failed_has_succeeded() -> None:
    run = hosted(LINE)
    run.give(s.Conclude(succeeded=False))
    assert refused(run, s.Conclude(succeeded=True)).code == "already_finished"


def test_a_host_can_not_say_that_what_was_canceled_has_failed() -> None:
    run = hosted(LINE)
    run.cancel()
    assert run.status() is Status.CANCELED
    assert refused(run, s.Conclude(succeeded=False)).code == "already_finished"


def test_a_host_can_not_say_that_what_is_paused_has_succeeded() -> None:
    run = hosted(LINE)
    run.pause()
    assert refused(run, s.Conclude(succeeded=True)).code == "not_possible_now"
