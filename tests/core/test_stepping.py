"""A host steps through an execution: it asks what may be begun, and says what it has begun."""

from tests.support.operated import Operated

from segue.core import stimuli as s
from segue.core.offering import Offer, offer
from segue.core.status import Status
from segue.expressions.scope import Facts


def hosted(text: str) -> Operated:
    return Operated(text, stepwise=True)


def offers(run: Operated) -> tuple[Offer, ...]:
    return offer(run.program, run.state, Facts(now=run.now)).offers


def begin(run: Operated, task: str, item: int | None = None) -> list[str]:
    return run.give(s.HandOff(task=task, visit=1, item=item))


def test_nothing_runs_before_the_host_says_so() -> None:
    run = hosted("{segue: 1, tasks: {a: {action: core.noop}}}")
    assert (run.running, [one.task for one in offers(run)]) == ([], ["a"])
    assert begin(run, "a") == ["attempt_started"]
    assert (run.running, offers(run)) == (["a"], ())
    assert begin(run, "a") == [], "it runs already"
    assert begin(run, "b") == [], "there is no such task execution"


def test_a_task_that_waits_for_its_delay_is_not_begun_by_a_host() -> None:
    run = Operated("{segue: 1, tasks: {a: {action: core.noop, delay: 5}}}")
    assert begin(run, "a") == []
    assert [one.status for one in run.view.tasks] == [Status.DELAYED]


def test_a_task_whose_input_can_not_be_rendered_fails_when_it_is_begun() -> None:
    run = hosted("{segue: 1, tasks: {a: {action: core.echo, input: {x: '{{ 1 // 0 }}'}}}}")
    assert "task_failed" in begin(run, "a")
    assert (run.status(), run.errors) == (Status.FAILED, [("expression_failed", "a", False)])


def test_in_orquesta_files_it_is_withdrawn_and_the_execution_fails() -> None:
    run = hosted("{version: 1.0, tasks: {a: {action: core.echo x=<% 1 / 0 %>}}}")
    assert "task_withdrawn" in begin(run, "a")
    assert (run.status(), run.errors) == (Status.FAILED, [("expression_failed", "a", False)])


def test_no_further_item_is_offered_once_one_was_canceled() -> None:
    run = hosted("{segue: 1, tasks: {a: {with: {items: [0, 1, 2]}, action: core.noop}}}")
    for item in (0, 1):
        begin(run, "a", item)
    assert [one.item for one in offers(run)[0].actions] == [2]
    run.end_item_canceled("a", 0)
    assert offers(run) == ()
    run.succeed_item("a", 1)
    assert [one.status for one in run.view.tasks] == [Status.CANCELED]
