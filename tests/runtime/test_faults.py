"""Seeded faults: engines die or are taken for dead, the store fails, outcomes come twice and late.

Whatever happens, in the end every execution is settled as if nothing had.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.runtime.fakes import FakeTransport, in_loop, settle
from tests.runtime.stage import Stage

from segue.core import events as e
from segue.core.evolve import fold
from segue.core.state import NEW
from segue.core.status import Status
from segue.core.stimuli import Failed, Succeeded
from segue.runtime.engine import Engine
from segue.store.memory import MemoryStore
from segue.store.port import Change, CommitResult, StoreError
from segue.transport.port import Job

WORKFLOW = """
segue: 1
name: rounds
vars: {turn: 1}
start: [fork]
tasks:
  fork: {action: test.a, next: [{do: [left, right]}]}
  left: {action: test.a, delay: 1, next: [{do: meet}]}
  right: {action: test.a, retry: {count: 2, delay: 2}, next: [{do: meet}]}
  meet:
    join: all
    action: test.a
    next:
      - when: "{{ ctx.turn < 4 }}"
        publish: {turn: "{{ ctx.turn + 1 }}"}
        do: fork
output: {turns: "{{ ctx.turn }}"}
"""
CALLING = """
segue: 1
name: calling
vars: {turn: 1}
start: [call]
tasks:
  call:
    action: ./called.yaml
    input: {turn: "{{ ctx.turn }}"}
    next: [{when: succeeded(), publish: {turn: "{{ result().output.turn }}"}, do: each}]
  each:
    with: {items: [1, 2], concurrency: 1}
    action: ./called.yaml
    input: {turn: "{{ item() }}"}
    next: [{when: "{{ ctx.turn < 3 }}", do: call}]
output: {turns: "{{ ctx.turn }}"}
"""
CALLED = """
segue: 1
name: called
input: {turn: {type: integer}}
tasks:
  left: {action: test.a, next: [{do: meet}]}
  right: {action: test.a, delay: 1, next: [{do: meet}]}
  meet: {join: all, action: test.a}
output: {turn: "{{ ctx.turn + 1 }}"}
"""
EXECUTIONS = ("one", "two", "three")


class FaultyStore(MemoryStore):
    """Fails when chance says so, before it has written or after."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.trouble = 0.0

    async def commit(self, changes: Sequence[Change]) -> Sequence[CommitResult]:
        if self.chance.random() < self.trouble:
            raise StoreError("out of reach")
        results = await super().commit(changes)
        if self.chance.random() < self.trouble:
            raise StoreError("no answer")
        return results


class World:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = FaultyStore(self.chance)
        self.stage = Stage(self.store)
        self.alive: list[tuple[Engine, FakeTransport]] = []
        self.told: list[tuple[FakeTransport, Job]] = []

    async def begin(self, workflow: str | Path = WORKFLOW) -> None:
        for _ in range(2):
            self.alive.append(await self.stage.engine())
        for number, execution in enumerate(EXECUTIONS):
            engine, _ = self.alive[number % 2]
            await engine.start(workflow, id=execution)

    async def step(self) -> None:
        self.store.trouble = self.chance.choice([0.0, 0.0, 0.2])
        what = self.chance.choice(["end"] * 6 + ["again", "kill", "lose", "resume", "time"])
        await getattr(self, what)()
        await self.stage.clock.advance(self.chance.choice([0.0, 0.1, 3.0]))

    async def end(self) -> None:
        engine_and_transport = self.chance.choice(self.alive)
        transport = engine_and_transport[1]
        if transport.running:
            job = self.chance.choice(transport.running)
            self.told.append((transport, job))
            # The first attempt of `right` fails now and then; its retry mends that.
            fails = job.task == "right" and job.attempt == 1 and self.chance.random() < 0.3
            transport.running.remove(job)
            transport.tell(job, Failed(message="no") if fails else Succeeded(result=job.visit))

    async def again(self) -> None:
        if self.told:
            transport, job = self.chance.choice(self.told)
            transport.tell(job, Succeeded(result="again"))

    async def kill(self) -> None:
        engine, _ = self.alive.pop(self.chance.randrange(2))
        await self.stage.kill(engine)
        self.alive.append(await self.stage.engine())
        await self.resume()

    async def lose(self) -> None:
        """Somebody takes a living engine for dead."""
        engine, _ = self.chance.choice(self.alive)
        rows = await self.store.list_engines()
        for row in rows:
            if row.id == engine.conductor.desk.identity.id:
                await self.store.declare_lost(row.id, row.heartbeat_at)

    async def resume(self) -> None:
        engine, _ = self.chance.choice(self.alive)
        await engine.resume()

    async def time(self) -> None:
        await self.stage.clock.advance(5)

    async def finish(self) -> None:
        self.store.trouble = 0.0
        for _ in range(400):
            rows = [await self.store.get_execution(one) for one in EXECUTIONS]
            if all(row is not None and row.settled for row in rows):
                return
            for engine, transport in self.alive:
                for job in list(transport.running):
                    transport.running.remove(job)
                    transport.tell(job, Succeeded(result=job.visit))
                await settle()
                await engine.resume()
            await self.stage.clock.advance(3)
        raise AssertionError("an execution does not end")


@pytest.mark.parametrize("seed", range(20))
@in_loop
async def test_whatever_happens_every_execution_ends_as_if_nothing_had(seed: int) -> None:
    world = World(seed)
    await world.begin()
    for _ in range(60):
        await world.step()
    await world.finish()
    for execution in EXECUTIONS:
        recorded = await world.store.read_events(execution)
        assert [one.seq for one in recorded] == list(range(1, len(recorded) + 1))
        events = [one.event for one in recorded]
        state = fold(NEW, events)
        assert (state.status, state.settled) == (Status.SUCCEEDED, True)
        ends = [
            (event.task, event.visit, event.attempt)
            for event in events
            if isinstance(event, e.AttemptSucceeded | e.AttemptFailed)
        ]
        assert len(ends) == len(set(ends)), "an attempt has ended twice"
        done = [event.task for event in events if isinstance(event, e.TaskSucceeded)]
        assert sorted(done) == sorted(["fork", "left", "right", "meet"] * 4)
        settled = events[-1]
        assert isinstance(settled, e.ExecutionSettled)
        assert settled.output == {"turns": 4}
    assert await world.store.list_work() == []
    await world.stage.stop()


async def sound_ends(store: MemoryStore, execution: str) -> list[e.AnyEvent]:
    """Return the events of an execution that is settled, and well, with all told once."""
    recorded = await store.read_events(execution)
    assert [one.seq for one in recorded] == list(range(1, len(recorded) + 1))
    events = [one.event for one in recorded]
    state = fold(NEW, events)
    assert (state.status, state.settled) == (Status.SUCCEEDED, True)
    ends = [
        (event.task, event.visit, event.attempt, getattr(event, "item", None))
        for event in events
        if isinstance(event, e.AttemptSucceeded | e.ItemSucceeded)
    ]
    assert len(ends) == len(set(ends)), "an attempt has ended twice"
    return events


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_every_sub_workflow_is_run_once_and_its_outcome_arrives(
    seed: int, tmp_path: Path
) -> None:
    (tmp_path / "calling.yaml").write_text(CALLING)
    (tmp_path / "called.yaml").write_text(CALLED)

    @in_loop
    async def run() -> None:
        world = World(seed)
        await world.begin(tmp_path / "calling.yaml")
        for _ in range(80):
            await world.step()
        await world.finish()
        for execution in EXECUTIONS:
            settled = (await sound_ends(world.store, execution))[-1]
            assert isinstance(settled, e.ExecutionSettled)
            assert settled.output == {"turns": 3}
            children = await world.store.list_executions(parent=execution)
            assert sorted(str(child.attempt) for child in children) == [
                "call#1.1",
                "call#2.1",
                "each#1.1[0]",
                "each#1.1[1]",
                "each#2.1[0]",
                "each#2.1[1]",
            ]
            for child in children:
                await sound_ends(world.store, child.id)
        assert await world.store.list_work() == []
        await world.stage.stop()

    run()
