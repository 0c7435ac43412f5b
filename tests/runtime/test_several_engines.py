"""Several engines on one store: claims, fences, lost engines, and cancelling from elsewhere."""

import asyncio

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import LOOP, ONE_TASK, TWO_TASKS, Stage, run_turns, types

from segue.core.errors import RequestError
from segue.core.status import Status
from segue.core.stimuli import Canceled, Failed, Succeeded
from segue.runtime.conductor import Conductor
from segue.runtime.engine import Engine
from segue.store.port import ProcessMark, Work


def conductor(engine: Engine) -> Conductor:
    return engine.conductor


async def look(stage: Stage) -> None:
    """Let every engine notice what others have written."""
    await settle()
    for engine in stage.engines:
        await conductor(engine).watcher.look(conductor(engine).desk.identity.id)
    await settle()


@in_loop
async def test_resume_takes_what_a_dead_engine_had_and_repeats_it_under_a_new_claim() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(LOOP)
    await run_turns(before, 10)
    await stage.kill(first)
    second, transport = await stage.engine()
    resumed = await second.resume()
    assert resumed.taken == (execution,)
    assert resumed.held == ()
    [again], [was] = transport.submitted, before.running
    assert (again.name, again.idempotency_key) == (was.name, was.idempotency_key)
    assert (again.claim, again.redelivered) == (was.claim + 1, True)
    await run_turns(transport, 10)
    assert transport.running[0].input == {"turn": 20}
    await stage.stop()


@in_loop
async def test_a_late_outcome_of_a_lost_claim_is_refused() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(TWO_TASKS)
    await until(lambda: before.running)
    # The first engine is stopped for a while (SIGSTOP), and taken for lost.
    row = conductor(first).desk.identity.row(stage.clock.now())
    assert await stage.store.declare_lost(row.id, row.heartbeat_at)
    second, transport = await stage.engine()
    assert (await second.resume()).taken == (execution,)
    before.end("a#1.1", Succeeded(result="late"))
    await settle()
    assert await types(second, execution) == [
        "execution_started",
        "task_scheduled",
        "attempt_started",
    ]
    transport.end("a#1.1", Succeeded(result="in time"))
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    view = await second.result(execution)
    assert view.tasks[0].result == "in time"
    await stage.stop()


@in_loop
async def test_an_engine_that_was_declared_lost_begins_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    first, before = await stage.engine()
    taken = await first.start(TWO_TASKS, id="taken")
    free = await first.start(TWO_TASKS, id="free")
    await until(lambda: len(before.running) == 2)
    identity = conductor(first).desk.identity
    row = identity.row(stage.clock.now())
    assert await stage.store.declare_lost(row.id, row.heartbeat_at)
    second, transport = await stage.engine()
    assert (await second.resume(taken)).taken == (taken,)
    await conductor(first).heart.beat()
    assert before.abandoned == ["a#1.1", "a#1.1"]
    assert conductor(first).desk.identity.id != identity.id
    # What nobody has taken meanwhile it takes back, under a new claim.
    assert [(job.execution, job.claim) for job in before.running] == [(free, 2)]
    assert "declared lost" in caplog.text
    # It still sees the end of what somebody else conducts now.
    waiting = asyncio.create_task(first.result(taken))
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    await look(stage)
    assert (await waiting).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_second_engine_takes_nothing_while_the_first_lives() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    second, transport = await stage.engine()
    for asked in (None, execution):
        resumed = await second.resume(asked)
        assert resumed.taken == ()
        assert resumed.stuck == ()
        [(held, row)] = resumed.held
        assert (held, row.id) == (execution, conductor(first).desk.identity.id)
    assert transport.submitted == []
    await stage.stop()


@in_loop
async def test_a_silent_heart_is_lost_after_a_while_and_not_before() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    stage.stall(first)
    second, _ = await stage.engine()
    await stage.clock.advance(9)
    assert (await second.resume()).taken == ()
    await stage.clock.advance(2)
    assert (await second.resume()).taken == (execution,)
    await stage.stop()


@in_loop
async def test_a_beating_heart_is_not_lost_however_long_it_takes() -> None:
    stage = Stage()
    first, before = await stage.engine()
    await first.start(ONE_TASK)
    await until(lambda: before.running)
    second, _ = await stage.engine()
    await stage.clock.advance(100)
    assert (await second.resume()).taken == ()
    await stage.stop()


@in_loop
async def test_what_a_dead_engine_left_running_is_ended_before_it_is_repeated() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    assert await before.host.note_process(before.running[0], 4711, 12.5)
    await stage.kill(first)
    second, transport = await stage.engine()
    await second.resume()
    [ended] = stage.ended_processes
    assert (ended.execution, ended.process) == (execution, ProcessMark(group=4711, started_at=12.5))
    await until(lambda: transport.names() == ["a#1.1"])
    await stage.stop()


@in_loop
async def test_an_attempt_is_not_repeated_beside_a_process_that_lives_on() -> None:
    class Stubborn(Stage):
        async def _end_process(self, work: Work) -> None:
            raise OSError("process group 4711 is still there")

    stage = Stubborn()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    await before.host.note_process(before.running[0], 4711, 12.5)
    await stage.kill(first)
    second, transport = await stage.engine()
    await second.resume()
    view = await second.result(execution)
    assert transport.submitted == []
    assert [(error.code, error.message) for error in view.errors] == [
        ("process_survived", "process group 4711 is still there")
    ]
    await stage.stop()


@in_loop
async def test_cancel_from_another_engine_reaches_the_one_that_runs_it() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(TWO_TASKS)
    await until(lambda: before.running)
    second, transport = await stage.engine()
    waiting = asyncio.create_task(second.result(execution))
    await second.cancel(execution, "from elsewhere")
    assert transport.submitted == []
    await look(stage)
    assert before.canceled == ["a#1.1"]
    before.end("a#1.1", Canceled())
    await look(stage)
    assert (await waiting).status is Status.CANCELED
    assert (await first.result(execution)).status is Status.CANCELED
    await stage.stop()


@in_loop
async def test_cancel_of_what_a_dead_engine_had_is_finished_by_whoever_asks() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    await before.host.note_process(before.running[0], 4711, 12.5)
    await stage.kill(first)
    second, transport = await stage.engine()
    await second.cancel(execution)
    view = await second.show(execution)
    assert (view.status, view.settled) == (Status.CANCELED, True)
    assert transport.submitted == []
    assert [work.name for work in stage.ended_processes] == ["a#1.1"]
    await stage.stop()


@in_loop
async def test_resume_of_a_canceled_execution_does_not_repeat_what_was_to_end() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await first.cancel(execution)
    await stage.kill(first)
    second, transport = await stage.engine()
    await second.resume(execution)
    assert (await second.result(execution)).status is Status.CANCELED
    assert transport.submitted == []
    assert before.running
    await stage.stop()


@in_loop
async def test_work_that_another_engine_made_is_done_by_the_one_that_conducts() -> None:
    """Another process may decide on an execution, and leave what follows to its engine."""
    text = """
segue: 1
name: two
tasks:
  a: {action: test.a, retry: {count: 3, delay: 60}}
"""
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(text)
    await until(lambda: before.running)
    # What would be decided here is decided by a process that does not conduct it.
    second, _ = await stage.engine()
    await conductor(second).begin()
    job = before.running.pop()
    transport = stage.transports[1]
    transport.tell(job, Failed(message="no"))
    await settle()
    works = await stage.store.list_work(execution=execution)
    assert [work.engine for work in works if work.name.startswith("retry:")] == [None]
    await look(stage)
    works = await stage.store.list_work(execution=execution)
    assert [work.engine for work in works if work.name.startswith("retry:")] == [
        conductor(first).desk.identity.id
    ]
    await stage.clock.advance(60)
    assert before.names() == ["a#1.2"]
    await stage.stop()


@in_loop
async def test_an_old_state_in_memory_is_noticed_at_the_commit() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(TWO_TASKS)
    await until(lambda: before.running)
    second, _ = await stage.engine()
    await second.cancel(execution)
    # The first engine has not looked yet, and decides from what it remembers.
    before.end("a#1.1", Succeeded())
    view = await first.result(execution)
    assert view.status is Status.CANCELED
    assert [task.task for task in view.tasks] == ["a"]
    await stage.stop()


@in_loop
async def test_timers_of_a_dead_engine_fire_in_the_next_one_past_due_at_once() -> None:
    text = "segue: 1\nname: x\ntasks: {a: {action: test.a, delay: 60}}\n"
    stage = Stage()
    first, _ = await stage.engine()
    soon = await first.start(text)
    await stage.clock.advance(30)
    later = await first.start(text)
    await stage.kill(first)
    second, transport = await stage.engine()
    await stage.clock.advance(45)
    assert set((await second.resume()).taken) == {soon, later}
    await stage.clock.advance(0)
    assert [job.execution for job in transport.running] == [soon]
    await stage.clock.advance(15)
    assert [job.execution for job in transport.running] == [soon, later]
    await stage.stop()


@in_loop
async def test_resume_of_one_leaves_the_others() -> None:
    stage = Stage()
    first, before = await stage.engine()
    for name in ("one", "two"):
        await first.start(ONE_TASK, id=name)
    await until(lambda: len(before.running) == 2)
    await stage.kill(first)
    second, transport = await stage.engine()
    assert (await second.resume("one")).taken == ("one",)
    assert [job.execution for job in transport.running] == ["one"]
    with pytest.raises(RequestError):
        await second.resume("three")
    await stage.stop()


@in_loop
async def test_a_living_engine_takes_what_becomes_free_of_what_it_conducts() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    second, transport = await stage.engine()
    await second.start(ONE_TASK, id="mine")
    conductor(second).desk.holdings.conduct(execution)
    await stage.kill(first)
    await stage.clock.advance(2)
    assert {job.execution for job in transport.running} == {"mine", execution}
    await stage.stop()


@in_loop
async def test_an_execution_that_nothing_moves_any_more_is_reported() -> None:
    stage = Stage()
    first, before = await stage.engine()
    execution = await first.start(ONE_TASK)
    await until(lambda: before.running)
    await stage.kill(first)
    # This must not be; here somebody has tampered with the store.
    store = stage.store
    work = getattr(store, "_work")  # noqa: B009
    work.clear()
    second, _ = await stage.engine()
    for asked in (None, execution):
        resumed = await second.resume(asked)
        assert resumed.taken == ()
        assert resumed.stuck == (execution,)
    await stage.stop()
