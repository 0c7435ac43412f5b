"""What the simulation of whole worlds has found, as small as it can be told."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import ONE_TASK, TWO_TASKS, Stage
from tests.support.operated import Operated

from segue.core import events as e
from segue.core.errors import RequestError
from segue.core.status import Status
from segue.store.memory import MemoryStore
from segue.store.port import StoreError, Work

QUESTIONS = """
version: 1.0
vars: [{y: [1, 2]}]
tasks:
  ask:
    action: core.ask
    with: {items: <% ctx().y %>}
"""
ITEMS = """
segue: 1
limits: {duration: 5}
tasks:
  each:
    with: {items: [1, 2, 3], concurrency: 2}
    action: test.a
"""
ASK = """
segue: 1
name: ask
tasks:
  question: {action: core.ask, next: [{do: after}]}
  after: {action: test.a}
"""


def test_questions_of_items_are_withdrawn_when_another_item_has_ended_the_attempt() -> None:
    run = Operated(QUESTIONS)
    run.fail_item("ask", 0)
    assert run.status() is Status.FAILED
    [canceled] = [one for one in run.of_type(e.ItemCanceled) if isinstance(one, e.ItemCanceled)]
    assert canceled.item == 1  # else it would be open for ever, in an execution that is over
    assert run.settled()


def test_items_that_end_well_while_they_are_being_ended_leave_their_task_canceled() -> None:
    run = Operated(ITEMS)
    run.pass_deadline()
    run.succeed_item("each", 0)
    run.succeed_item("each", 1)  # the third will never begin
    assert (run.status(), run.settled()) == (Status.TIMEOUT, True)
    assert [one.status for one in run.view.tasks] == [Status.CANCELED]


@in_loop
async def test_of_two_answers_at_the_same_time_one_is_refused() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    execution = await engine.start(ASK)
    first, second = await asyncio.gather(
        engine.answer(execution, {"v": 1}, by="ann"),
        engine.answer(execution, {"v": 2}, by="bob"),
        return_exceptions=True,
    )
    assert not isinstance(first, BaseException)
    assert isinstance(second, RequestError)
    assert second.code == "answered_before"
    await stage.stop()


@in_loop
async def test_to_let_go_on_what_is_not_paused_is_told_from_doing_it() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    execution = await engine.start(ONE_TASK)
    assert await engine.unpause(execution) is None
    await engine.pause(execution)
    assert await engine.unpause(execution) is not None
    await stage.stop()


class LostClaims(MemoryStore):
    """Claims work, and says that it can't, so often."""

    lost = 0

    async def claim_work(
        self, engine: str, *, execution: str | None = None, limit: int = 1000
    ) -> Sequence[Work]:
        claimed = await super().claim_work(engine, execution=execution, limit=limit)
        if self.lost:
            self.lost -= 1
            raise StoreError("the connection is lost")
        return claimed


@in_loop
async def test_work_that_was_claimed_with_an_error_is_gone_on_with_when_somebody_resumes() -> None:
    store = LostClaims()
    stage = Stage(store)
    engine, transport = await stage.engine()
    await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    await stage.kill(engine)
    other, others = await stage.engine()
    store.lost = 1
    with pytest.raises(StoreError, match="the connection is lost"):
        await other.resume()
    assert others.names() == []
    await other.resume()
    assert others.names() == ["a#1.1"]
    await stage.stop()


@in_loop
async def test_work_that_was_claimed_with_an_error_is_gone_on_with_at_the_next_heartbeat() -> None:
    store = LostClaims()
    stage = Stage(store)
    engine, transport = await stage.engine()
    other, others = await stage.engine()
    await other.resume()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    await other.pause(execution)
    other.conductor.desk.holdings.conduct(execution)
    await other.unpause(execution)
    store.lost = 1
    await stage.kill(engine)
    await stage.clock.advance(4)
    await settle()
    assert others.names() == ["a#1.1"]
    await stage.stop()
