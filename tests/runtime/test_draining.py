"""An engine that is to stop: what runs may end, and others have all the rest at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.runtime.fakes import FakeTransport, in_loop, settle, until
from tests.runtime.stage import ONE_TASK, TWO_TASKS, Stage
from tests.runtime.test_serving import DELAYED, Serving

from segue.core.status import Status
from segue.runtime.engine import Engine
from segue.store.memory import MemoryStore
from segue.store.port import StoreError

ASKING = "segue: 1\nname: x\ntasks: {a: {action: core.ask, input: {message: well}, timeout: 60}}\n"


class Draining:
    """An engine that was asked to stop, and waits for what runs."""

    def __init__(self, engine: Engine, transport: FakeTransport) -> None:
        self._may_end = asyncio.Event()
        transport.drain = self._drain  # type: ignore[method-assign]
        self._stopping = asyncio.create_task(engine.stop(300))

    async def _drain(self, grace: float) -> None:
        assert grace == 300
        await self._may_end.wait()

    async def end(self) -> None:
        self._may_end.set()
        await self._stopping


@asynccontextmanager
async def two(stage: Stage) -> AsyncIterator[tuple[Engine, FakeTransport, FakeTransport]]:
    """An engine that a test stops, and one beside it that serves."""
    first, here = await stage.engine()
    second, there = await stage.engine()
    serving = Serving(second)
    await settle()
    yield first, here, there
    await stage.stop()
    await serving.task


@in_loop
async def test_what_only_waits_is_with_another_engine_while_what_runs_may_end() -> None:
    stage = Stage()
    async with two(stage) as (first, here, there):
        running = await first.start(ONE_TASK)
        delayed = await first.start(DELAYED)
        asked = await first.start(ASKING)
        await until(lambda: here.running)
        draining = Draining(first, here)
        await stage.clock.advance(62)
        assert [job.execution for job in there.running] == [delayed]
        view = await stage.engines[1].result(asked)
        assert view.status is Status.FAILED, "nobody has answered in time, and that was noticed"
        work = {one.name: one for one in await stage.store.list_work(execution=running)}
        assert work["a#1.1"].claim == 1, "what runs is not touched"
        here.end("a#1.1")
        await stage.clock.advance(1)
        assert (await stage.engines[1].result(running)).status is Status.SUCCEEDED
        await draining.end()


@in_loop
async def test_what_follows_while_an_engine_waits_begins_elsewhere() -> None:
    stage = Stage()
    async with two(stage) as (first, here, there):
        await first.start(TWO_TASKS)
        await until(lambda: here.running)
        draining = Draining(first, here)
        await stage.clock.advance(1)
        assert there.running == []
        here.end("a#1.1")
        await stage.clock.advance(1)
        assert there.names() == ["b#1.1"]
        await draining.end()
        assert here.names() == []


@in_loop
async def test_what_had_no_room_to_begin_begins_elsewhere() -> None:
    stage = Stage()
    async with two(stage) as (first, here, there):
        text = "segue: 1\nname: x\ntasks: {a: {action: test.a}, b: {action: test.b}}\n"
        await first.start(text)
        await until(lambda: len(here.running) == 2)
        here.no_room = {"b#1.1"}
        draining = Draining(first, here)
        await stage.clock.advance(1)
        assert (here.names(), there.names()) == (["a#1.1"], ["b#1.1"])
        await draining.end()


@in_loop
async def test_what_may_run_once_at_most_and_had_no_room_is_run_elsewhere() -> None:
    stage = Stage()
    async with two(stage) as (first, here, there):
        text = (
            "segue: 1\nname: x\ntasks:\n"
            "  a: {action: test.a, delivery: at_most_once}\n"
            "  b: {action: test.b, delivery: at_most_once}\n"
        )
        execution = await first.start(text)
        await until(lambda: len(here.running) == 2)
        here.no_room = {"b#1.1"}
        draining = Draining(first, here)
        await stage.clock.advance(1)
        assert there.names() == ["b#1.1"], "it has never begun, so it may"
        await draining.end()
        there.end("b#1.1")
        await stage.clock.advance(1)
        view = await stage.engines[1].result(execution)
        assert [(one.task, one.code) for one in view.errors] == [("a", "outcome_unknown")]


@in_loop
async def test_an_outcome_that_is_not_written_yet_is_not_let_go_of() -> None:
    stage = Stage()
    async with two(stage) as (first, here, there):
        execution = await first.start(ONE_TASK)
        await until(lambda: here.running)
        here.end("a#1.1")
        await Draining(first, here).end()
        await stage.clock.advance(1)
        assert there.submitted == [], "it is not run again"
        assert (await stage.engines[1].result(execution)).status is Status.SUCCEEDED


@in_loop
async def test_an_engine_that_waits_for_what_runs_takes_nothing_back_and_is_alive() -> None:
    stage = Stage()
    first, here = await stage.engine()
    execution = await first.start(ONE_TASK)
    await first.start(DELAYED)
    await until(lambda: here.running)
    draining = Draining(first, here)
    other, _ = await stage.engine()
    await stage.clock.advance(120)
    free = [work.name for work in await stage.store.list_work() if work.engine is None]
    assert "delay:a#1" in free
    assert "a#1.1" not in free
    resumed = await other.resume(execution)
    assert [execution for execution, _ in resumed.held] == [execution]
    await draining.end()
    [left] = await stage.store.list_engines()
    assert left.id == other.conductor.desk.identity.id
    await stage.stop()


@in_loop
async def test_an_engine_that_can_not_let_go_stops_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unwilling(MemoryStore):
        async def release_work(self, *_: object, **__: object) -> None:
            raise StoreError("the disk is gone")

    stage = Stage(Unwilling())
    engine, _ = await stage.engine()
    await engine.start(DELAYED)
    await engine.stop(0)
    assert "could not let go of what waits: the disk is gone" in caplog.text
    assert await stage.store.list_engines() == []
