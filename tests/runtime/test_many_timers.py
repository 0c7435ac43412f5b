"""A great many timers due at once are served in batches, in turn, and others in between."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from tests.runtime.fakes import T0, in_loop, settle, until
from tests.runtime.stage import ONE_TASK, Stage
from tests.runtime.test_serving import Serving

from segue.core import events as e
from segue.runtime.attempts.timers import BATCH, PORTION
from segue.runtime.peers import seeking
from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult

EXECUTIONS, TASKS = 20, 100
MANY = EXECUTIONS * TASKS


def waiting(tasks: int, seconds: int = 60) -> str:
    """A workflow of tasks that all wait so long."""
    lines = "".join(
        f"  t{number}: {{action: test.a, delay: {seconds}}}\n" for number in range(tasks)
    )
    return f"segue: 1\nname: waiting\ntasks:\n{lines}"


class Observed(MemoryStore):
    """Takes note of what each commit wrote. It takes as long as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.fired: list[Counter[str]] = []  # by execution
        self.others: list[int] = []  # at which commit something else was written
        self.early = 0
        self.writable = asyncio.Event()
        self.writable.set()

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        fired: Counter[str] = Counter()
        for change in changes:
            elapsed = [one for one in change.events if isinstance(one.event, e.DelayElapsed)]
            fired[change.row.id] += len(elapsed)
            self.early += sum(one.at < T0 + 60 for one in elapsed)
            if not elapsed:
                self.others.append(len(self.fired))
        self.fired.append(+fired)
        await self.writable.wait()
        return await super().commit(changes)

    def batches(self) -> list[Counter[str]]:
        return [fired for fired in self.fired if fired]

    def total(self) -> int:
        return sum(fired.total() for fired in self.fired)


async def begin(stage: Stage) -> list[str]:
    engine, _ = await stage.engine()
    text = waiting(TASKS)
    return [await engine.start(text) for _ in range(EXECUTIONS)]


def require_fair(store: Observed, executions: Sequence[str]) -> None:
    """Every timer was served once, in batches, and executions have taken turns."""
    assert store.total() == MANY
    assert store.early == 0
    assert max(fired.total() for fired in store.batches()) <= BATCH, "in bounded batches"
    served: Counter[str] = Counter()
    for fired in store.batches():
        served += fired
        counts = [served[execution] for execution in executions]
        assert max(counts) - min(counts) <= PORTION, "executions take turns"


@in_loop
async def test_timers_due_in_the_same_second_are_served_in_batches_and_in_turn() -> None:
    store = Observed()
    stage = Stage(store)
    executions = await begin(stage)
    await stage.clock.advance(59.9)
    assert store.total() == 0
    stage.clock.set(T0 + 3600)  # the machine has slept
    await stage.clock.advance(30)
    await until(lambda: store.total() == MANY)
    require_fair(store, executions)
    await stage.stop()


@in_loop
async def test_an_outcome_and_a_request_are_served_between_the_timers_and_not_after_them() -> None:
    store = Observed()
    stage = Stage(store)
    executions = await begin(stage)
    engine, transport = stage.engines[0], stage.transports[0]
    other = await engine.start(ONE_TASK)
    await until(lambda: transport.running)
    stage.clock.set(T0 + 3600)
    store.writable.clear()
    await stage.clock.advance(40)
    assert 0 < store.total() <= BATCH, "the first batch is being written"
    store.others.clear()
    begun = len(store.fired)
    transport.end("a#1.1")
    canceling = asyncio.create_task(engine.cancel(executions[-1]))
    await settle()
    store.writable.set()
    assert (await engine.result(other)).settled
    await canceling
    assert store.total() < MANY, "not all timers came first"
    assert store.others[0] - begun <= 2, "it had to wait for what had fired already and no more"
    await stage.clock.advance(0.1)
    canceled = sum(fired[executions[-1]] for fired in store.fired)
    await until(lambda: store.total() == MANY - TASKS + canceled)
    await stage.stop()


@in_loop
async def test_timers_of_an_engine_that_was_away_are_caught_up_in_batches() -> None:
    store = Observed()
    stage = Stage(store)
    executions = await begin(stage)
    await stage.kill(stage.engines[0])
    stage.clock.set(T0 + 3600)
    engine, _ = await stage.engine()
    resuming = asyncio.create_task(engine.resume())
    await until(lambda: resuming.done() or store.total())
    await stage.clock.advance(30)
    assert set((await resuming).taken) == set(executions)
    await until(lambda: store.total() == MANY)
    assert max(fired.total() for fired in store.batches()) <= BATCH
    assert store.early == 0
    await stage.stop()


@in_loop
async def test_an_engine_that_serves_takes_no_more_timers_than_it_can_deal_with_soon() -> None:
    stage = Stage()
    first, _ = await stage.engine()
    text = waiting(TASKS, 3600)
    executions = [await first.start(text) for _ in range(10)]
    await stage.kill(first)
    stage.clock.set(T0 + 3599)
    server, transport = await stage.engine()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seeking, "MOST_TIMERS", 4 * TASKS)
        serving = Serving(server)
        await settle()
        mine = server.conductor.desk.identity.id
        ahead = await stage.store.list_work(engine=mine)
        assert len(ahead) == 4 * TASKS, "the rest is there for others"
        stage.clock.set(T0 + 7200)
        await stage.clock.advance(30)
        await until(lambda: len(transport.submitted) == TASKS * len(executions))
    await stage.stop()
    await serving.task


@in_loop
async def test_overdue_timers_that_nobody_has_are_taken_as_those_before_are_dealt_with() -> None:
    store = Observed()
    stage = Stage(store)
    first, _ = await stage.engine()
    text = waiting(TASKS)
    executions = [await first.start(text) for _ in range(10)]
    await stage.kill(first)
    stage.clock.set(T0 + 3600)
    most = 0

    def take_note(_: object) -> None:
        nonlocal most
        most = max(most, server.conductor._timers.overdue)

    server, transport = await stage.engine()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seeking, "MOST_TIMERS", 3 * TASKS)
        serving = asyncio.create_task(server.serve(take_note))
        for _ in range(9):
            await stage.clock.advance(0.1)  # less than the time between two looks at the store
        assert len(transport.submitted) == TASKS * len(executions)
    assert 0 < most <= 3 * TASKS, "never more than so many in memory"
    assert store.early == 0
    await stage.stop()
    await serving
