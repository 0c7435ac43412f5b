"""An outcome that counts no more is ignored, and a person can see that it came."""

from collections.abc import Sequence

import pytest
from tests.runtime.fakes import FakeTransport, in_loop, settle, until
from tests.runtime.stage import ONE_TASK, TWO_TASKS, Stage, types

from segue.core.status import Status
from segue.core.stimuli import Canceled, Failed, Outcome, Succeeded, TimedOut
from segue.runtime.engine import Engine
from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult, LogChunk, StoreError


async def log(engine: Engine, execution: str) -> list[str]:
    return [chunk.text async for chunk in engine.logs(execution)]


async def take_over(stage: Stage, text: str) -> tuple[str, FakeTransport, Engine, FakeTransport]:
    """Let an engine stall while an attempt runs, and another one take it over."""
    first, before = await stage.engine()
    execution = await first.start(text)
    await until(lambda: before.running)
    row = first.conductor.desk.identity.row(stage.clock.now())
    assert await stage.store.declare_lost(row.id, row.heartbeat_at)
    second, transport = await stage.engine()
    assert (await second.resume()).taken == (execution,)
    await until(lambda: transport.running)
    return execution, before, second, transport


@in_loop
async def test_a_late_result_of_a_lost_attempt_is_recorded_and_ignored() -> None:
    stage = Stage()
    execution, before, second, transport = await take_over(stage, TWO_TASKS)
    events = await types(second, execution)
    before.end("a#1.1", Succeeded(result={"late": True}))
    await settle()
    assert await types(second, execution) == events, "nothing follows from it"
    [text] = await log(second, execution)
    assert text.startswith("segue: the outcome of a#1.1 (claim 1) came too late from process ")
    assert 'another engine had taken the attempt over: succeeded, {"late":true}\n' in text
    transport.end("a#1.1", Succeeded(result="in time"))
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    view = await second.result(execution)
    assert view.tasks[0].result == "in time"
    assert len(await log(second, execution)) == 1
    await stage.stop()


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Succeeded(), "the attempt was over: succeeded\n"),
        (Failed(message="no", code="bad"), "the attempt was over: failed, bad: no\n"),
        (TimedOut(seconds=3), "the attempt was over: timed out\n"),
        (Succeeded(result="x" * 9000), "x...\n"),
    ],
)
@in_loop
async def test_a_result_that_comes_after_the_end_is_recorded(outcome: Outcome, words: str) -> None:
    stage = Stage()
    execution, before, second, transport = await take_over(stage, ONE_TASK)
    transport.end("a#1.1", Succeeded(result="in time"))
    view = await second.result(execution)
    before.end("a#1.1", outcome)
    await settle()
    [text] = await log(second, execution)
    assert text.endswith(words)
    assert len(text) < 800
    assert (await second.result(execution)) == view
    await stage.stop()


@in_loop
async def test_what_was_ended_because_its_execution_was_says_nothing() -> None:
    stage = Stage()
    execution, before, second, transport = await take_over(stage, ONE_TASK)
    transport.end("a#1.1")
    await second.result(execution)
    before.end("a#1.1", Canceled())
    await settle()
    assert await log(second, execution) == []
    await stage.stop()


@in_loop
async def test_an_attempt_that_is_ended_where_it_was_lost_says_so() -> None:
    stage = Stage()
    execution, before, second, _ = await take_over(stage, ONE_TASK)
    await stage.clock.advance(3)
    assert before.abandoned == ["a#1.1"]
    [text] = await log(second, execution)
    assert text.startswith("segue: a#1.1 (claim 1) is ended without an outcome in process ")
    assert (await second.show(execution)).status is Status.RUNNING
    await stage.stop()


@in_loop
async def test_what_can_not_be_written_now_is_written_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Full(MemoryStore):
        full = True

        async def append_log(self, chunks: Sequence[LogChunk]) -> None:
            if self.full:
                raise StoreError("the disk is full")
            await super().append_log(chunks)

    store = Full()
    stage = Stage(store)
    execution, before, second, transport = await take_over(stage, ONE_TASK)
    before.end("a#1.1", Succeeded(result="late"))
    await settle()
    assert "late outcomes can't be kept now: the disk is full" in caplog.text
    assert await log(second, execution) == []
    store.full = False
    other = await stage.engines[0].start(ONE_TASK)
    assert len(await log(second, execution)) == 1
    transport.end("a#1.1")
    assert (await second.result(execution)).status is Status.SUCCEEDED
    await stage.engines[0].cancel(other)
    await stage.stop()


@in_loop
async def test_an_outcome_that_was_written_though_the_store_failed_is_not_told_as_late() -> None:
    class Forgetful(MemoryStore):
        failing = False

        async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
            results = await super().commit(changes)
            if self.failing:
                self.failing = False
                raise StoreError("the connection was lost")
            return results

    store = Forgetful()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    store.failing = True
    transport.end("a#1.1", Succeeded(result="in time"))
    await settle()
    await stage.clock.advance(1)
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    assert (await engine.result(execution)).tasks[0].result == "in time"
    assert await log(engine, execution) == []
    await stage.stop()
