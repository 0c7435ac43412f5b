"""An execution that an engine can't go on with: whoever asks is told why it stands still."""

from collections.abc import Sequence

import pytest
from tests.runtime.fakes import FakeTransport, in_loop, settle, until
from tests.runtime.stage import ONE_TASK, Stage

from segue.core import reasons as r
from segue.core.stimuli import Succeeded
from segue.runtime.engine import Engine
from segue.runtime.errors import ExecutionParkedError
from segue.runtime.records.surveying import survey
from segue.store.memory import MemoryStore
from segue.store.port import ParkedRow, StoreError

PROBLEM = "a defect in segue: LookupError: it should not be"


def broken(engine: Engine) -> None:
    """Make an engine with a defect: no decision of it comes to an end."""

    def decide(*_given: object, **_named: object) -> object:
        raise LookupError("it should not be")

    engine.conductor.desk.facts.decide = decide  # type: ignore[method-assign, assignment]


async def parked(stage: Stage) -> tuple[Engine, FakeTransport, str]:
    """Return an engine that has parked an execution."""
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK, id="x")
    await until(lambda: transport.running)
    broken(engine)
    transport.end("a#1.1")
    with pytest.raises(ExecutionParkedError, match="it should not be"):
        await engine.result(execution)
    await settle()
    return engine, transport, execution


async def whole(stage: Stage, execution: str) -> r.Reason | None:
    """Return why an execution as a whole stands still, as anybody sees it."""
    looking, _ = await stage.engine()
    waits = (await looking.why(execution)).waits
    return next((wait.reason for wait in waits if wait.task is None), None)


@in_loop
async def test_others_see_why_it_stands_still_and_which_engine_leaves_it_alone() -> None:
    stage = Stage()
    engine, _, execution = await parked(stage)
    seen = await whole(stage, execution)
    assert isinstance(seen, r.Parked)
    assert (seen.problem, seen.since) == (PROBLEM, stage.clock.now())
    assert seen.lease is not None
    assert seen.lease.engine == engine.conductor.desk.identity.id
    found = await survey(stage.store, lambda _row: True, stage.clock.now())
    assert [row.execution for row in found.parked] == [execution]
    await stage.stop()


@in_loop
async def test_when_that_engine_is_gone_the_next_one_tries_again() -> None:
    stage = Stage()
    engine, _, execution = await parked(stage)
    await engine.stop(0)
    seen = await whole(stage, execution)
    assert isinstance(seen, r.Parked)
    assert (seen.problem, seen.lease) == (PROBLEM, None)
    mended, transport = await stage.engine()
    await mended.resume(execution)
    await until(lambda: transport.names() == ["a#1.1"])
    assert await whole(stage, execution) is None, "somebody goes on with it"
    assert list((await survey(stage.store, lambda _row: True, stage.clock.now())).parked) == []
    transport.end("a#1.1")
    await mended.result(execution)
    await stage.stop()


@in_loop
async def test_an_engine_that_was_taken_for_lost_tries_again() -> None:
    stage = Stage()
    engine, transport, execution = await parked(stage)
    conductor = engine.conductor
    assert await stage.store.declare_lost(conductor.desk.identity.id, stage.clock.now())
    del conductor.desk.facts.decide
    await conductor.heart.beat()
    await until(lambda: transport.names() == ["a#1.1"])
    transport.end("a#1.1", Succeeded(result=1))
    await engine.result(execution)
    await stage.stop()


@in_loop
async def test_what_can_not_be_noted_at_once_is_noted_with_the_next_heartbeat() -> None:
    class ForgetfulStore(MemoryStore):
        fails = True

        async def note_parked(self, rows: Sequence[ParkedRow]) -> None:
            if self.fails:
                raise StoreError("out of reach")
            await super().note_parked(rows)

    store = ForgetfulStore()
    stage = Stage(store)
    engine, _, execution = await parked(stage)
    assert await whole(stage, execution) is None
    store.fails = False
    await engine.conductor.heart.beat()
    assert isinstance(await whole(stage, execution), r.Parked)
    await stage.stop()


@in_loop
async def test_what_is_parked_anew_while_it_is_being_noted_is_noted_as_well() -> None:
    noted: list[str] = []

    class SlowStore(MemoryStore):
        async def note_parked(self, rows: Sequence[ParkedRow]) -> None:
            if not noted:
                noted.append("first")
                parking.clear()
                parking.park("x", LookupError("second"))
            await super().note_parked(rows)

    stage = Stage(SlowStore())
    engine, transport = await stage.engine()
    await engine.start(ONE_TASK, id="x")
    await until(lambda: transport.running)
    parking = engine.conductor._batches.parking
    parking.park("x", LookupError("first"))
    await parking.write()
    await parking.write()
    [row] = await stage.store.list_parked("x")
    assert row.problem.endswith("second")
    await stage.stop()
