"""One engine: what it writes before it acts, what it does then, and how it stops."""

import asyncio
import logging
from collections.abc import Sequence

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import LOOP, ONE_TASK, TWO_TASKS, Stage, run_turns, types

from segue.core.errors import InternalError, RequestError
from segue.core.status import Status
from segue.core.stimuli import Canceled, Failed, Succeeded
from segue.runtime.desk.facts import FactSource
from segue.runtime.errors import DefinitionError, EngineStoppedError, ExecutionParkedError
from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult, StoreError


@in_loop
async def test_an_execution_runs_to_its_end() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.names() == ["a#1.1"])
    transport.end("a#1.1", Succeeded(result=1))
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1", Succeeded(result=2))
    view = await engine.result(execution)
    assert (view.status, view.settled) == (Status.SUCCEEDED, True)
    assert [(task.task, task.result) for task in view.tasks] == [("a", 1), ("b", 2)]
    assert await stage.store.list_work() == []
    await stage.stop()


@in_loop
async def test_nothing_is_handed_off_before_it_is_durable() -> None:
    class SlowStore(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.gate = asyncio.Event()

        async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
            await self.gate.wait()
            return await super().commit(changes)

    store = SlowStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    starting = asyncio.create_task(engine.start(ONE_TASK))
    await settle()
    assert not starting.done()
    assert transport.submitted == []
    store.gate.set()
    execution = await starting
    await until(lambda: transport.names() == ["a#1.1"])
    work = await store.list_work(execution=execution)
    assert [one.name for one in work if one.engine == engine.conductor.desk.identity.id] == [
        one.name for one in work
    ]
    await stage.stop()


@in_loop
async def test_what_waits_is_written_in_one_transaction() -> None:
    class CountingStore(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.commits: list[int] = []

        async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
            self.commits.append(len(changes))
            return await super().commit(changes)

    store = CountingStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    ids = [await engine.start(ONE_TASK) for _ in range(20)]
    await until(lambda: len(transport.running) == 20)
    store.commits.clear()
    for job in list(transport.running):
        transport.running.remove(job)
        transport.tell(job)
    for execution in ids:
        assert (await engine.result(execution)).status is Status.SUCCEEDED
    assert store.commits == [20]
    await stage.stop()


@in_loop
async def test_a_job_has_a_key_that_is_the_same_for_all_attempts() -> None:
    text = """
segue: 1
name: retrying
tasks:
  "a task/1":
    action: test.a
    retry: {count: 1}
"""
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(text, id="x")
    await until(lambda: transport.names() == ["a task/1#1.1"])
    transport.end("a task/1#1.1", Failed(message="no"))
    await settle()
    await stage.clock.advance(1)
    await until(lambda: transport.names() == ["a task/1#1.2"])
    assert [job.idempotency_key for job in transport.submitted] == ["x/a%20task%2F1/1"] * 2
    assert [job.attempt for job in transport.submitted] == [1, 2]
    transport.end("a task/1#1.2")
    assert (await engine.result(execution)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_an_outcome_that_comes_twice_counts_once() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    job = transport.running[0]
    transport.end("a#1.1", Succeeded(result=1))
    transport.tell(job, Failed(message="late"))
    await until(lambda: transport.names() == ["b#1.1"])
    transport.tell(job, Failed(message="later"))
    transport.end("b#1.1")
    view = await engine.result(execution)
    assert view.status is Status.SUCCEEDED
    assert (await types(engine, execution)).count("attempt_succeeded") == 2
    await stage.stop()


@in_loop
async def test_a_loop_goes_on_from_what_is_remembered_and_snapshots_bound_the_rest() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(LOOP)
    await run_turns(transport, 250)
    snapshot = await stage.store.read_snapshot(execution)
    row = await stage.store.get_execution(execution)
    assert snapshot is not None
    assert row is not None
    assert 500 <= snapshot.seq <= row.seq < snapshot.seq + 520
    # From the store it is the same as from memory.
    engine.conductor.desk.loader.forget_all()
    await run_turns(transport, 1)
    assert transport.running[0].input == {"turn": 251}
    await stage.stop()


@in_loop
async def test_a_snapshot_that_can_not_be_read_is_as_good_as_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(LOOP)
    await run_turns(transport, 120)
    store = stage.store
    assert isinstance(store, MemoryStore)
    snapshot = await store.read_snapshot(execution)
    assert snapshot is not None
    store._snapshots[execution] = type(snapshot)(seq=snapshot.seq, data=b"{}")
    engine.conductor.desk.loader.forget_all()
    await run_turns(transport, 1)
    assert transport.running[0].input == {"turn": 121}
    assert "can't be read" in caplog.text
    await stage.stop()


@in_loop
async def test_a_definition_with_errors_is_refused_with_all_of_them() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    with pytest.raises(DefinitionError) as caught:
        await engine.start("segue: 1\nname: x\ntasks:\n  a: {action: core.noop, nxt: 1, dlay: 2}\n")
    assert len(caught.value.findings) >= 2
    assert "the workflow has errors" in str(caught.value)
    assert await engine.list() == []
    await stage.stop()


@in_loop
async def test_inputs_that_do_not_fit_are_refused_by_name() -> None:
    text = "segue: 1\nname: x\ninput: {n: {type: integer}}\ntasks: {a: {action: core.noop}}\n"
    stage = Stage()
    engine, _ = await stage.engine()
    with pytest.raises(RequestError) as caught:
        await engine.start(text, {"m": 1})
    assert caught.value.code == "invalid_inputs"
    assert caught.value.field == "inputs.n"
    assert "`n`" in caught.value.message
    assert "`m`" in caught.value.message
    assert caught.value.hint == "its inputs are `n`"
    await stage.stop()


@in_loop
async def test_a_start_that_can_not_be_leaves_nothing_behind() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    with pytest.raises(RequestError):
        await engine.start(ONE_TASK, start=["nowhere"], id="x")
    assert await engine.list() == []
    assert not engine.conductor.desk.holdings.conducts("x")
    await engine.start(ONE_TASK, id="x")
    await until(lambda: transport.running)
    await stage.stop()


@in_loop
async def test_an_id_is_given_away_once() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    await engine.start(ONE_TASK, id="x")
    with pytest.raises(RequestError):
        await engine.start(ONE_TASK, id="x")
    await until(lambda: transport.running)
    transport.end("a#1.1")
    assert (await engine.result("x")).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_expressions_see_the_variables_that_the_configuration_allows_and_no_others() -> None:
    text = """
segue: 1
name: x
start: [shown, hidden]
unhandled_failure: finish_branches
tasks:
  shown: {action: test.a, input: {region: "{{ env('REGION') }}"}}
  hidden: {action: test.a, input: {secret: "{{ env('SECRET') }}"}}
"""
    stage = Stage()
    engine, transport = await stage.engine(environment={"REGION": "north", "SECRET": "hidden"})
    execution = await engine.start(text)
    await until(lambda: transport.running)
    assert [job.input for job in transport.running] == [{"region": "north"}]
    [error] = (await engine.show(execution)).errors
    assert error.task == "hidden"
    assert "SECRET" in error.message
    await stage.stop()


@in_loop
async def test_a_delay_is_waited_for_on_the_clock() -> None:
    text = "segue: 1\nname: x\ntasks: {a: {action: test.a, delay: 60}}\n"
    stage = Stage()
    engine, transport = await stage.engine()
    await engine.start(text)
    await stage.clock.advance(59.9)
    assert transport.submitted == []
    await stage.clock.advance(0.1)
    assert transport.names() == ["a#1.1"]
    await stage.stop()


@in_loop
async def test_the_limit_of_an_execution_ends_what_runs() -> None:
    text = "segue: 1\nname: x\nlimits: {duration: 60}\ntasks: {a: {action: test.a}}\n"
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(text)
    await stage.clock.advance(60)
    await until(lambda: transport.canceled == ["a#1.1"])
    transport.end("a#1.1", Canceled())
    assert (await engine.result(execution)).status is Status.TIMEOUT
    assert await stage.store.list_work() == []
    await stage.stop()


@in_loop
async def test_cancel_ends_what_runs() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await engine.cancel(execution, "enough")
    await until(lambda: transport.canceled == ["a#1.1"])
    transport.end("a#1.1", Canceled())
    assert (await engine.result(execution)).status is Status.CANCELED
    with pytest.raises(RequestError):
        await engine.cancel("unknown")
    await stage.stop()


@in_loop
async def test_events_can_be_followed_to_the_end() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    seen: list[int] = []

    async def follow() -> None:
        seen.extend([one.seq async for one in engine.events(execution)])

    following = asyncio.create_task(follow())
    await until(lambda: transport.running)
    assert not following.done()
    transport.end("a#1.1")
    await following
    row = await stage.store.get_execution(execution)
    assert row is not None
    assert seen == list(range(1, row.seq + 1))
    assert [one.seq async for one in engine.events(execution, after=row.seq - 1)] == [row.seq]
    await stage.stop()


@in_loop
async def test_one_can_wait_until_something_holds() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    waiting = asyncio.create_task(
        engine.wait_until(execution, lambda view: any(task.task == "b" for task in view.tasks))
    )
    await until(lambda: transport.running)
    transport.end("a#1.1")
    view = await waiting
    assert [task.task for task in view.tasks] == ["a", "b"]
    transport.end("b#1.1") if transport.running else None
    await stage.stop()


@in_loop
async def test_a_defect_in_one_execution_parks_that_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    broken = await engine.start(TWO_TASKS)
    whole = await engine.start(TWO_TASKS)
    await until(lambda: len(transport.running) == 2)
    ours = FactSource.decide

    async def decide(*given, **named):  # type: ignore[no-untyped-def] # noqa: ANN002, ANN003
        stimulus = given[3]
        if isinstance(getattr(getattr(stimulus, "outcome", None), "result", None), str):
            raise InternalError("it should not be")
        return await ours(*given, **named)

    monkeypatch.setattr(FactSource, "decide", decide)
    waiting = asyncio.create_task(engine.result(broken))
    await settle()
    for job in list(transport.running):
        transport.running.remove(job)
        transport.tell(job, Succeeded(result="x" if job.execution == broken else 1))
    with pytest.raises(ExecutionParkedError, match="it should not be"):
        await waiting
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    assert (await engine.result(whole)).status is Status.SUCCEEDED
    with pytest.raises(ExecutionParkedError):
        await engine.cancel(broken)
    assert "is parked" in caplog.text
    await stage.stop()


@in_loop
async def test_a_change_that_can_not_be_written_hinders_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class PickyStore(MemoryStore):
        async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
            if any(change.row.id == "bad" and change.expected for change in changes):
                raise UnicodeEncodeError("utf-8", "x", 0, 1, "not for me")
            return await super().commit(changes)

    stage = Stage(PickyStore())
    engine, transport = await stage.engine()
    await engine.start(ONE_TASK, id="bad")
    await engine.start(ONE_TASK, id="good")
    await until(lambda: len(transport.running) == 2)
    for job in list(transport.running):
        transport.running.remove(job)
        transport.tell(job)
    assert (await engine.result("good")).status is Status.SUCCEEDED
    with pytest.raises(ExecutionParkedError, match="not for me"):
        await engine.result("bad")
    assert "is parked" in caplog.text
    await stage.stop()


class FailingStore(MemoryStore):
    """Fails some commits, before or after it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.before = 0
        self.after = 0

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        if self.before:
            self.before -= 1
            raise StoreError("out of reach")
        results = await super().commit(changes)
        if self.after:
            self.after -= 1
            raise StoreError("no answer")
        return results


@pytest.mark.parametrize("moment", ["before", "after"])
@in_loop
async def test_no_outcome_is_lost_or_counted_twice_when_the_store_fails(
    moment: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = FailingStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    setattr(store, moment, 2)
    transport.end("a#1.1")
    await stage.clock.advance(5)
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    assert (await engine.result(execution)).status is Status.SUCCEEDED
    assert (await types(engine, execution)).count("attempt_succeeded") == 2
    assert "trying again" in caplog.text
    await stage.stop()


@in_loop
async def test_a_request_is_told_that_the_store_has_failed() -> None:
    store = FailingStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    store.before = 1
    with pytest.raises(StoreError, match="out of reach"):
        await engine.cancel(execution)
    await stage.clock.advance(5)
    await engine.cancel(execution)
    await until(lambda: transport.canceled == ["a#1.1"])
    await stage.stop()


@in_loop
async def test_an_engine_gives_up_on_a_store_that_fails_again_and_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    store = FailingStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    waiting = asyncio.create_task(engine.result(execution))
    await settle()
    store.before = 1000
    transport.end("a#1.1")
    await stage.clock.advance(60)
    with pytest.raises(StoreError, match="out of reach"):
        await waiting
    with pytest.raises(StoreError, match="out of reach"):
        await engine.start(ONE_TASK)
    await stage.stop()


@in_loop
async def test_stop_records_what_ends_and_hands_off_nothing_new() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    waiting = asyncio.create_task(engine.result(execution))
    await settle()
    drained = asyncio.Event()

    async def drain(grace: float) -> None:
        transport.end("a#1.1")
        drained.set()

    transport.drain = drain  # type: ignore[method-assign]
    await engine.stop(10)
    assert drained.is_set()
    assert transport.submitted[-1].name == "a#1.1"
    with pytest.raises(EngineStoppedError):
        await waiting
    work = await stage.store.list_work(execution=execution)
    assert "b#1.1" in [one.name for one in work]
    assert await stage.store.list_engines() == []


@in_loop
async def test_stop_ends_what_does_not_end_and_leaves_it_to_be_repeated() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    await engine.stop(0)
    assert transport.abandoned == ["a#1.1"]
    other, transport = await stage.engine()
    resumed = await other.resume()
    assert resumed.taken == (execution,)
    await until(lambda: transport.names() == ["a#1.1"])
    assert transport.running[0].redelivered
    await stage.stop()


@in_loop
async def test_who_does_not_wait_for_the_end_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = asyncio.all_tasks()
    stage = Stage()
    engine, transport = await stage.engine()
    await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    draining = asyncio.Event()

    async def drain(grace: float) -> None:
        if grace:
            draining.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(transport, "drain", drain)
    stopping = asyncio.create_task(engine.stop(60))
    await draining.wait()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert transport.abandoned == ["a#1.1"]
    assert await stage.store.list_engines() == []
    assert asyncio.all_tasks() == before


@in_loop
async def test_a_stopped_engine_says_so() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    await engine.stop(0)
    await engine.stop(0)
    with pytest.raises(EngineStoppedError, match="not open"):
        await engine.start(ONE_TASK)


@in_loop
async def test_who_only_looks_writes_nothing() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    assert await engine.list() == []
    assert await stage.store.list_engines() == []
    await stage.stop()


@in_loop
async def test_executions_are_found_by_the_beginning_of_their_id_and_by_latest() -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    with pytest.raises(RequestError, match="no executions yet"):
        await engine.find("@latest")
    for name in ("abc1", "abd2", "xyz3"):
        await engine.start(ONE_TASK, id=name)
        await stage.clock.advance(1)
    assert await engine.find("@latest") == "xyz3"
    assert await engine.find("x") == "xyz3"
    assert await engine.find("ABC") == "abc1"
    assert await engine.find("abd2") == "abd2"
    with pytest.raises(RequestError) as caught:
        await engine.find("ab")
    assert caught.value.code == "reference_ambiguous"
    assert "abc1, abd2" in caught.value.message
    for unknown in ("q", "", "x%"):
        with pytest.raises(RequestError) as caught:
            await engine.find(unknown)
        assert caught.value.code == "execution_not_found"
    await stage.stop()
