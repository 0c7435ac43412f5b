"""Tasks with items that end otherwise than in Orquesta."""

from tests.support.operated import Operated

from segue.core.status import Status


def test_the_result_of_a_task_with_items_is_made_by_the_engine() -> None:
    run = Operated(
        """
        version: 1.0
        vars: [{l: [x, y, z]}]
        tasks:
          a: {with: <% ctx().l %>, action: core.echo message=<% item() %>}
        output: [{r: <% task(a).result %>}]
        """
    )
    run.succeed_item("a", 2, "Z")
    run.succeed_item("a", 0, 0)
    run.succeed_item("a", 1, None)
    assert run.output == {"r": [0, None, "Z"]}
    assert run.result_of("a") == [0, None, "Z"]


def test_an_item_that_waited_for_an_answer_ends_like_any_other() -> None:
    run = Operated(
        """
        version: 1.0
        vars: [{people: [ann, bob]}]
        tasks:
          a: {with: <% ctx().people %>, action: core.ask}
        output: [{answers: <% task(a).result %>}]
        """
    )
    run.change("a", Status.PENDING, item=0)
    run.change("a", Status.PENDING, item=1)
    assert run.view.status is Status.PENDING
    run.succeed_item("a", 1, "of bob")
    assert run.view.status is Status.PENDING
    run.succeed_item("a", 0, "of ann")
    assert run.status() is Status.SUCCEEDED
    assert run.output == {"answers": ["of ann", "of bob"]}
