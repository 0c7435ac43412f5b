"""Engines that serve: any work that nobody has is taken, and shared."""

import asyncio

import pytest
from tests.runtime.fakes import FakeTransport, in_loop, settle, until
from tests.runtime.stage import ONE_TASK, TWO_TASKS, Stage

from segue.core.status import Status
from segue.runtime.engine import Engine
from segue.store.memory import MemoryStore
from segue.store.port import StoreError, Work

DELAYED = "segue: 1\nname: x\ntasks: {a: {action: test.a, delay: 60}}\n"


class Serving:
    """An engine that serves until the block is left."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.taken: list[str] = []
        self.task = asyncio.create_task(engine.serve(self.taken.extend))


def running(transport: FakeTransport) -> list[str]:
    return [job.execution for job in transport.running]


@in_loop
async def test_what_was_started_detached_is_run_by_whoever_serves() -> None:
    stage = Stage()
    starter, here = await stage.engine()
    execution = await starter.start(TWO_TASKS, detached=True)
    await settle()
    assert here.submitted == [], "the starter leaves it alone"
    assert {work.engine for work in await stage.store.list_work()} == {None}
    server, there = await stage.engine()
    serving = Serving(server)
    await until(lambda: there.running)
    there.end("a#1.1")
    await until(lambda: there.names() == ["b#1.1"])
    there.end("b#1.1")
    await stage.clock.advance(1)
    assert (await starter.result(execution)).status is Status.SUCCEEDED
    assert set(serving.taken) == {execution}
    await stage.stop()
    await serving.task


@in_loop
async def test_an_engine_that_serves_takes_what_it_started_detached_itself() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    Serving(engine)
    await settle()
    execution = await engine.start(ONE_TASK, detached=True)
    await until(lambda: running(transport) == [execution])
    await stage.stop()


@in_loop
async def test_what_a_lost_engine_had_is_taken_by_one_that_serves() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    waiting = await first.start(DELAYED)
    await until(lambda: before.running)
    server, transport = await stage.engine()
    serving = Serving(server)
    await settle()
    assert serving.taken == []
    await stage.kill(first)
    await stage.clock.advance(2)
    assert running(transport) == [execution]
    assert transport.running[0].redelivered
    assert serving.taken == [execution], "a timer needs nobody until shortly before it is due"
    await stage.clock.advance(57)
    assert running(transport) == [execution]
    await stage.clock.advance(2)
    assert running(transport) == [execution, waiting]
    await stage.stop()


@in_loop
async def test_what_an_engine_gives_back_in_good_order_is_taken_at_once() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    server, transport = await stage.engine()
    Serving(server)
    await settle()
    await first.stop(0)
    await stage.clock.advance(1)
    assert running(transport) == [execution]
    await stage.stop()


@in_loop
async def test_no_more_is_taken_than_there_is_room_for() -> None:
    stage = Stage()
    starter, _ = await stage.engine()
    started = [await starter.start(ONE_TASK, detached=True) for _ in range(5)]
    soon = await starter.start(DELAYED.replace("60", "20"), detached=True)
    server, transport = await stage.engine()
    transport.limit = 2
    serving = Serving(server)
    await until(lambda: running(transport) == started[:2])
    assert soon in serving.taken, "what only waits takes no room"
    for later in started[2:]:
        transport.tell(transport.running.pop(0))
        await until(lambda later=later: later in running(transport))  # type: ignore[misc]
        assert len(transport.running) == 2
    await stage.stop()


@in_loop
async def test_two_that_serve_share_the_work_and_do_none_of_it_twice() -> None:
    stage = Stage()
    starter, _ = await stage.engine()
    started = [await starter.start(ONE_TASK, detached=True) for _ in range(40)]
    transports = []
    for _ in range(2):
        server, transport = await stage.engine()
        transport.limit = 30
        Serving(server)
        transports.append(transport)
    await until(lambda: sum(len(one.running) for one in transports) == 40)
    await settle()
    shares = [running(one) for one in transports]
    assert sorted(shares[0] + shares[1]) == sorted(started)
    assert min(map(len, shares)) >= 10
    await stage.stop()


@in_loop
async def test_an_engine_that_does_not_serve_takes_nothing_of_others() -> None:
    stage = Stage()
    starter, _ = await stage.engine()
    await starter.start(ONE_TASK, detached=True)
    other, transport = await stage.engine()
    mine = await other.start(ONE_TASK)
    await stage.clock.advance(10)
    assert running(transport) == [mine]
    await stage.stop()


@in_loop
async def test_one_that_stops_takes_nothing_more() -> None:
    stage = Stage()
    starter, _ = await stage.engine()
    server, transport = await stage.engine()
    serving = Serving(server)
    await settle()
    await server.stop(0)
    await serving.task
    await starter.start(ONE_TASK, detached=True)
    await stage.clock.advance(5)
    assert transport.submitted == []
    await stage.stop()


class Troubled(MemoryStore):
    troubles = 0

    async def claim_work(self, engine: str, **which: object) -> list[Work]:
        if self.troubles:
            self.troubles -= 1
            raise StoreError("the disk is on fire")
        return list(await super().claim_work(engine, **which))  # type: ignore[arg-type]


@in_loop
async def test_trouble_with_the_store_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    store = Troubled()
    stage = Stage(store)
    starter, _ = await stage.engine()
    execution = await starter.start(ONE_TASK, detached=True)
    store.troubles = 2
    server, transport = await stage.engine()
    Serving(server)
    await stage.clock.advance(5)
    assert running(transport) == [execution]
    assert "work can't be looked for: the disk is on fire" in caplog.text
    await stage.stop()


@in_loop
async def test_who_serves_is_told_when_the_engine_can_not_go_on() -> None:
    class Broken(MemoryStore):
        broken = False

        async def beat(self, engine: str, now: float) -> bool:
            if self.broken:
                raise RuntimeError("a bug")
            return await super().beat(engine, now)

    store = Broken()
    stage = Stage(store)
    server, _ = await stage.engine()
    serving = Serving(server)
    await settle()
    store.broken = True
    await stage.clock.advance(2)
    with pytest.raises(Exception, match="a defect in segue: RuntimeError: a bug"):
        await serving.task
    await stage.stop()


# -- clocks that differ ----------------------------------------------------------------------


@in_loop
async def test_a_heart_that_is_heard_beats_however_far_its_clock_is_behind() -> None:
    stage = Stage()
    server, transport = await stage.engine()
    Serving(server)
    await settle()
    first, before = await stage.engine()
    await first.start(ONE_TASK)
    await until(lambda: before.running)
    row = first.conductor.desk.identity.row(0.0)
    stage.stall(first)
    for beat in range(20):  # a machine whose clock began in 1970
        assert await stage.store.beat(row.id, 2.0 * beat)
        await stage.clock.advance(2)
    assert transport.submitted == []
    await stage.clock.advance(13)
    assert transport.submitted, "silent for longer than lost_after_seconds"
    await stage.stop()
