"""What the simulation of whole worlds has found, as small as it can be told."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import ONE_TASK, TWO_TASKS, Stage
from tests.support.operated import Operated

from segue.core import events as e
from segue.core.errors import RequestError
from segue.core.rerun_plan import RerunRequest
from segue.core.status import Status
from segue.core.stimuli import DelayPassed, Failed, RetryDue, Succeeded
from segue.runtime.attempts.endings import ending_of
from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult, ExecutionRow, StoreError, Work

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

    async def claim_work(self, engine: str, **which: Any) -> Sequence[Work]:
        claimed = await super().claim_work(engine, **which)
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


BESIDE = """
segue: 1
unhandled_failure: finish_branches
start: [each, other]
tasks:
  each:
    with: {items: [1, 2, 3], concurrency: 1, on_item_failure: continue}
    action: test.a
  other: {action: test.a, next: [{do: fail}]}
"""


def test_items_that_never_begin_do_not_keep_an_execution_that_has_failed_from_its_end() -> None:
    run = Operated(BESIDE)
    run.succeed("other")
    run.fail_item("each", 0)
    assert (run.status(), run.settled()) == (Status.FAILED, True)


CALLING = """
segue: 1
name: calling
start: [call, other]
tasks:
  call: {action: ./called.yaml}
  other: {action: test.a}
"""
CALLED = """
segue: 1
name: called
tasks:
  a: {action: test.a, next: [{do: b}]}
  b: {action: test.a}
"""


@in_loop
async def test_a_sub_workflow_goes_on_when_what_it_was_paused_with_has_failed(
    tmp_path: Path,
) -> None:
    (tmp_path / "calling.yaml").write_text(CALLING)
    (tmp_path / "called.yaml").write_text(CALLED)
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(tmp_path / "calling.yaml")
    await until(lambda: len(transport.running) == 2)
    await engine.pause(execution)
    transport.end("a#1.1")
    [child] = await engine.children(execution)
    await engine.wait_until(child.id, lambda view: view.status is Status.PAUSED)
    transport.end("other#1.1", Failed(message="boom"))
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    view = await engine.result(execution)
    assert view.status is Status.FAILED
    await stage.stop()


@in_loop
async def test_an_outcome_counts_though_the_engine_has_not_seen_what_it_is_the_outcome_of() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    other, _ = await stage.engine()
    execution = await engine.start(ASK)
    await other.answer(execution, {"v": 1}, by="ann")  # what follows is free for any engine
    await engine.resume()
    transport.end("after#1.1")
    assert (await engine.result(execution)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_whoever_reruns_conducts_though_somebody_looked_before_it_was_written() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    transport.end("a#1.1", Failed(message="boom"))
    await engine.result(execution)
    desk = engine.conductor.desk
    async with desk.turn:  # as while something else is written
        rerunning = asyncio.create_task(engine.rerun(execution))
        await settle()
        await engine.conductor.watcher.look(desk.identity.id)
    await rerunning
    assert transport.names() == ["a#2.1"]
    await stage.stop()


class LostCommits(MemoryStore):
    """Writes, and says that it can't, so often."""

    lost = 0

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        results = await super().commit(changes)
        if self.lost:
            self.lost -= 1
            raise StoreError("the connection is lost")
        return results


RETRIES = """
segue: 1
name: retries
tasks:
  a: {action: test.a, retry: {count: 5, delay: 1}}
"""


@in_loop
async def test_the_timer_of_a_further_retry_that_was_made_with_an_error_is_armed() -> None:
    store = LostCommits()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(RETRIES)
    await until(lambda: transport.running)
    transport.end("a#1.1", Failed(message="boom"))
    await settle()
    store.lost = 1  # the second attempt begins, and nobody is told
    await stage.clock.advance(2)
    await until(lambda: transport.names() == ["a#1.2"])
    store.lost = 1  # the timer of the third is made under the name of the former one
    transport.end("a#1.2", Failed(message="boom"))
    await stage.clock.advance(3)
    await until(lambda: transport.names() == ["a#1.3"])
    transport.end("a#1.3")
    assert (await engine.result(execution)).status is Status.SUCCEEDED
    await stage.stop()


MEETING = """
segue: 1
start: [left, right]
tasks:
  left: {next: [{do: meet}]}
  right: {next: [{do: meet}]}
  meet: {join: any, action: test.a, delay: 1}
"""


def test_a_joined_task_that_is_run_again_is_so_once_whoever_else_had_arrived() -> None:
    run = Operated(MEETING)
    run.run_all()
    arrived = [one for one in run.of_type(e.JoinArrived) if isinstance(one, e.JoinArrived)]
    # One branch has fired the join, the other one has met it there.
    assert [one.joined for one in arrived] == [None, 1]
    run.give(DelayPassed(task="meet", visit=1))
    run.fail("meet")
    run.rerun("meet")
    assert [(one.task, one.visit) for one in run.state.living()] == [("meet", 2)]


@in_loop
async def test_a_result_is_one_though_somebody_runs_it_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    transport.end("a#1.1", Failed(message="boom"))
    await engine.result(execution)
    wait_settled = engine.conductor.wait_settled
    reruns = [execution]

    async def rerun_meanwhile(execution: str) -> None:
        await wait_settled(execution)
        if reruns:
            await engine.rerun(reruns.pop())

    monkeypatch.setattr(engine.conductor, "wait_settled", rerun_meanwhile)
    waiting = asyncio.create_task(engine.result(execution))
    await until(lambda: transport.names() == ["a#2.1"])
    transport.end("a#2.1")
    view = await waiting
    assert (view.settled, view.status) == (True, Status.SUCCEEDED)
    await stage.stop()


BESIDE_A_QUESTION = """
segue: 1
name: beside
tasks:
  question: {action: core.ask, next: [{do: after}]}
  after: {action: test.a}
  beside: {action: test.b, next: [{do: later}]}
  later: {action: test.c}
"""


@in_loop
async def test_work_that_others_have_made_is_taken_though_the_engine_writes_before_it_looks() -> (
    None
):
    stage = Stage()
    engine, transport = await stage.engine()
    other, _ = await stage.engine()
    execution = await engine.start(BESIDE_A_QUESTION)
    await settle()  # it has looked, and rests before it looks again
    await other.answer(execution, {"v": 1}, by="ann")  # what follows is free
    transport.end("beside#1.1")
    await until(lambda: "later#1.1" in transport.names())
    await stage.clock.advance(2)
    await settle()
    assert transport.names() == ["later#1.1", "after#1.1"]
    await stage.stop()


class SlowCommits(LostCommits):
    """Writes when the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        await self.gate.wait()
        return await super().commit(changes)


@in_loop
async def test_who_asks_again_to_begin_what_was_made_with_an_error_does_not_lose_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = SlowCommits()
    stage = Stage(store)
    engine, transport = await stage.engine()

    async def rests(_engine: str | None) -> None:
        await settle()

    monkeypatch.setattr(engine.conductor.watcher, "look", rests)
    store.lost = 1
    with pytest.raises(StoreError):
        await engine.start(TWO_TASKS, id="mine")
    await stage.clock.advance(1)  # the engine gets over the trouble
    store.gate.clear()
    again = asyncio.create_task(engine.start(TWO_TASKS, id="mine"))
    await settle()
    resuming = asyncio.create_task(engine.resume())  # finds meanwhile what was made
    await settle()
    store.gate.set()
    with pytest.raises(RequestError, match="started before"):
        await again
    await resuming
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    await stage.stop()


WAITS = """
segue: 1
name: waits
tasks:
  a: {action: test.a, delay: 10}
"""


@in_loop
async def test_a_timer_of_before_a_rerun_does_not_fire_for_the_one_that_is_due_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    engine, before = await stage.engine()
    other, transport = await stage.engine()
    execution = await engine.start(WAITS)

    async def rests(_engine: str | None) -> None:
        await settle()

    monkeypatch.setattr(engine.conductor.watcher, "look", rests)
    await stage.clock.advance(5)
    await other.cancel(execution)
    await other.rerun(execution)
    [timer] = [one for one in await stage.store.list_work() if one.name == "delay:a#1"]
    assert timer.due == stage.clock.now() + 10, "of the same name, and due later"
    await stage.clock.advance(6)
    assert (before.names(), transport.names()) == ([], [])
    await stage.clock.advance(5)
    assert (before.names(), transport.names()) == ([], ["a#1.1"])
    await stage.stop()


@in_loop
async def test_an_engine_whose_clock_was_set_while_it_looked_looks_again_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    watcher = engine.conductor.watcher
    look = watcher.look

    async def is_set_meanwhile(id_: str | None) -> None:
        monkeypatch.setattr(watcher, "look", look)
        stage.clock.set(stage.clock.now() + 8)
        await look(id_)

    monkeypatch.setattr(watcher, "look", is_set_meanwhile)
    execution = await engine.start(ONE_TASK)
    await settle()
    assert watcher.look == look, "it has looked, and that seems to have taken long"
    other, _ = await stage.engine()
    await other.cancel(execution)
    await stage.clock.advance(5)
    await other.set_key("any", "write")  # which whoever waits for one hears of
    await settle()
    assert transport.canceled == ["a#1.1"]
    await stage.stop()


@in_loop
async def test_a_timer_that_fires_twice_at_once_is_over_once_though_the_execution_is_paused() -> (
    None
):
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(RETRIES)
    await until(lambda: transport.running)
    await engine.pause(execution)
    transport.end("a#1.1", Failed(message="boom"))
    await settle()
    timers = engine.conductor._timers._armed
    [timer] = [one for one in timers.values() if isinstance(one.stimulus, RetryDue)]
    await stage.clock.advance(0.5)
    engine.conductor._fire(timer)
    engine.conductor._fire(timer)
    await settle()
    told = [one.event async for one in engine.events(execution, follow=False)]
    assert sum(isinstance(one, e.DelayElapsed) for one in told) == 1
    await stage.stop()


WITHDRAWN = """
segue: 1
start: [a, b]
tasks:
  a: {action: test.a, next: [{do: b}]}
  b: {action: test.b, delay: 10, next: [{when: failed(), do: fail}]}
"""


def test_what_was_withdrawn_waits_beside_what_is_run_again_from_the_same_place() -> None:
    run = Operated(WITHDRAWN)
    run.give(DelayPassed(task="b", visit=1))
    run.succeed("a")  # b#2 is on its way
    run.fail("b", visit=1)
    for last, again in ((1, 3), (3, 4)):
        run.rerun(("b", last))
        assert sorted(one.visit for one in run.state.living()) == [2, again]
        run.give(DelayPassed(task="b", visit=again))
        run.fail("b", visit=again)
    assert run.settled()


class SlowClaims(MemoryStore):
    """Claims at once, and says so when the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def claim_work(self, *given: Any, **named: Any) -> Sequence[Work]:
        found = await super().claim_work(*given, **named)
        await self.gate.wait()
        return found


@in_loop
async def test_what_is_being_claimed_is_not_taken_for_what_was_made_unawares() -> None:
    store = SlowClaims()
    stage = Stage(store)
    engine, transport = await stage.engine()
    await engine.start(ONE_TASK, detached=True)
    first = asyncio.create_task(engine.resume())
    await settle()
    second = asyncio.create_task(engine.resume())
    await settle()
    if transport.running:
        transport.end("a#1.1")
        await settle()
    store.gate.set()
    await asyncio.gather(first, second)
    assert [job.name for job in transport.submitted] == ["a#1.1"], "once"
    await stage.stop()


class SlowLooks(SlowCommits):
    """Rows are read at once, and had only when the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = asyncio.Event()
        self.seen.set()

    async def get_execution(self, execution: str) -> ExecutionRow | None:
        row = await super().get_execution(execution)
        await self.seen.wait()
        return row


@in_loop
async def test_a_rerun_is_not_let_go_of_for_a_row_that_was_read_before_it() -> None:
    store = SlowLooks()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    for name in ("a#1.1", "b#1.1"):
        await until(lambda name=name: transport.names() == [name])  # type: ignore[misc]
        transport.end(name)
    assert (await engine.result(execution)).settled
    store.gate.clear()
    rerunning = asyncio.create_task(engine.rerun(execution, RerunRequest(from_start=True)))
    await settle()
    store.seen.clear()
    looking = asyncio.create_task(engine.conductor.watcher.look(engine.conductor.desk.identity.id))
    await settle()  # it has ended, says the row that was read
    store.gate.set()
    await settle()
    store.seen.set()
    await asyncio.gather(rerunning, looking)
    transport.end("a#2.1")
    await until(lambda: transport.names() == ["b#2.1"])
    await stage.stop()


CALLING_BESIDE = """
version: 1.0
vars: [{actions: [./called.yaml, test.fails]}]
tasks:
  each:
    with: {items: <% ctx().actions %>}
    action: <% item() %>
"""


@pytest.mark.parametrize("how", ["resume", "serve", "beat"])
@in_loop
async def test_a_sub_workflow_ends_though_who_ended_its_attempt_died_before_saying_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    (tmp_path / "calling.yaml").write_text(CALLING_BESIDE)
    (tmp_path / "called.yaml").write_text(CALLED)
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(tmp_path / "calling.yaml")
    await until(lambda: len(transport.running) == 2)
    [child] = await engine.children(execution)
    await engine.pause(child.id)
    transport.end("a#1.1")
    await engine.wait_until(child.id, lambda view: view.status is Status.PAUSED)
    await settle()
    with monkeypatch.context() as patch:
        patch.setattr("segue.runtime.attempts.children.end_child", lambda *_: None)
        transport.end("each#1.1[1]", Failed(message="boom"))
        assert (await engine.result(execution)).status is Status.FAILED
        await stage.kill(engine)
    other, _ = await stage.engine()
    tasks = []
    if how == "resume":
        await other.resume()
    elif how == "serve":
        tasks.append(asyncio.create_task(other.serve()))
    else:
        await other.start(ONE_TASK)
        await other.conductor.heart.beat()
    view = await other.wait_until(child.id, lambda view: view.settled)
    assert view.status is Status.CANCELED
    await stage.stop()
    await asyncio.gather(*tasks)


@in_loop
async def test_a_sub_workflow_that_somebody_has_run_again_is_left_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "calling.yaml").write_text(CALLING.replace("[call, other]", "[call]"))
    (tmp_path / "called.yaml").write_text(CALLED)
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(tmp_path / "calling.yaml")
    await until(lambda: transport.running)
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1", Failed(message="boom"))
    assert (await engine.result(execution)).status is Status.FAILED
    [child] = await engine.children(execution)
    await engine.rerun(child.id)
    await until(lambda: transport.running)
    await engine.resume()
    other, _ = await stage.engine()
    await other.resume()
    assert not (await other.verify(execution)).violations
    transport.end("b#2.1")
    assert (await engine.result(child.id)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_what_is_removed_while_its_rerun_is_planned_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    transport.end(transport.names()[0])
    await engine.result(execution)
    await stage.clock.advance(1)
    read_events = stage.store.read_events

    async def read_when_removed(*words: Any) -> Sequence[e.Recorded]:
        await stage.store.prune([execution], stage.clock.now())
        return await read_events(*words)

    monkeypatch.setattr(stage.store, "read_events", read_when_removed)
    with pytest.raises(RequestError, match="was removed meanwhile"):
        await engine.rerun(execution)
    await stage.stop()


@in_loop
async def test_a_sub_workflow_that_was_removed_with_what_it_ran_for_gives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "calling.yaml").write_text(CALLING.replace("[call, other]", "[call]"))
    (tmp_path / "called.yaml").write_text(CALLED)
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(tmp_path / "calling.yaml")
    await until(lambda: transport.running)
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    [child] = await engine.children(execution)
    asked = asyncio.Event()

    async def gone(*_: object) -> None:
        asked.set()
        raise RequestError("execution_not_found", f"{child.id} was removed meanwhile")

    monkeypatch.setattr("segue.runtime.attempts.children.ending_of", gone)
    transport.end("b#1.1")
    await asked.wait()
    await settle()
    assert not caplog.records
    assert (await engine.show(execution)).status is Status.RUNNING
    await stage.stop()


BESIDE_A_REFUSAL = """
segue: 1
start: [ask, late]
tasks:
  ask: {action: core.ask, next: [{when: failed(), do: fail}]}
  late: {action: test.late, delay: 10}
"""


@in_loop
async def test_a_timer_that_is_set_again_is_another_one_though_name_and_claim_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    first, _ = await stage.engine()
    execution = await first.start(BESIDE_A_REFUSAL)
    await first.stop(0)
    engine, transport = await stage.engine()
    await engine.resume()

    async def nothing_is_heard(_: str | None) -> None:
        await settle()

    with monkeypatch.context() as patch:
        patch.setattr(engine.conductor.watcher, "look", nothing_is_heard)
        await stage.clock.advance(1)
        other, _ = await stage.engine()
        await other.reject(f"{execution}/ask#1.1", by="ann")
        await other.rerun(execution)  # what was withdrawn waits again, for as long as before
        await other.stop(0)
        await engine.resume()
    await stage.clock.advance(11)
    assert transport.names() == ["late#1.1"]
    await stage.stop()


@in_loop
async def test_what_a_sub_workflow_gives_is_its_end_also_if_it_was_run_again_since() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    transport.end(transport.names()[0])
    await engine.result(execution)
    row = await stage.store.get_execution(execution)
    assert row is not None
    await engine.rerun(execution, RerunRequest(from_start=True))
    await until(lambda: transport.running)
    ending = await ending_of(stage.store, row, "called")
    assert isinstance(ending, Succeeded)
    await stage.stop()
