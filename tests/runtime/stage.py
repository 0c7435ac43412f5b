"""An engine of which a test holds every string: memory, a still clock, actions by hand."""

import random
from collections.abc import Mapping
from dataclasses import replace

from tests.runtime.fakes import FakeClock, FakeTransport, settle, until

from segue.core.events import type_of
from segue.runtime.config import Config
from segue.runtime.desk.facts import FactSource
from segue.runtime.engine import Engine
from segue.runtime.parts import Parts
from segue.store.memory import MemoryStore
from segue.store.port import Store, Work

CONFIG = Config(db=":memory:", env=("REGION",))

ONE_TASK = """
segue: 1
name: one
tasks:
  a: {action: test.a}
"""

TWO_TASKS = """
segue: 1
name: two
tasks:
  a: {action: test.a, next: [{do: b}]}
  b: {action: test.b}
"""

LOOP = """
segue: 1
name: loop
vars: {turn: 0}
start: a
tasks:
  a:
    action: test.a
    input: {turn: "{{ ctx.turn }}"}
    next:
      - when: "{{ ctx.turn < 1000 }}"
        publish: {turn: "{{ ctx.turn + 1 }}"}
        do: a
output:
  turn: "{{ ctx.turn }}"
"""


class Stage:
    """One or more engines over one store. `engine()` makes another process of it, as it were."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = FakeClock()
        self.store = store or MemoryStore()
        self.transports: list[FakeTransport] = []
        self.engines: list[Engine] = []
        self.ended_processes: list[Work] = []
        self.random = random.Random(1)

    async def engine(
        self, config: Config = CONFIG, environment: Mapping[str, str] | None = None
    ) -> tuple[Engine, FakeTransport]:
        transport = FakeTransport()
        parts = Parts(
            store=self.store,
            transport=transport,
            clock=self.clock,
            facts=FactSource(config.env, environment=environment or {}, draw=self.random.random),
            end_process=self._end_process,
        )
        engine = Engine(":memory:", config, parts=parts)
        await engine.open()
        self.engines.append(engine)
        self.transports.append(transport)
        return engine, transport

    async def _end_process(self, work: Work) -> None:
        self.ended_processes.append(work)

    async def kill(self, engine: Engine) -> None:
        """End an engine as `kill -9` does: nothing is said to anybody."""
        self.stall(engine)
        await settle()
        # Its process is gone, as anybody on the same machine can see.
        row = engine.conductor.desk.identity.row(self.clock.now())
        if await self.store.beat(row.id, self.clock.now()):
            await self.store.add_engine(replace(row, pid_started_at=0.0))

    def stall(self, engine: Engine) -> None:
        """Let an engine do nothing any more by itself: its process is there, and stands still."""
        for task in engine.conductor._tasks:
            task.cancel()

    async def stop(self) -> None:
        for engine in self.engines:
            await engine.stop(0)


async def types(engine: Engine, execution: str) -> list[str]:
    return [type_of(one.event) async for one in engine.events(execution, follow=False)]


async def run_turns(transport: FakeTransport, turns: int) -> None:
    """End the only running attempt, again and again."""
    for _ in range(turns):
        await until(lambda: transport.running)
        transport.end(transport.running[0].name)
    await until(lambda: transport.running)
