"""A world: a database, engines that come and go, users, and everything that can go wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.simulation.actions import Script, ScriptedTransport
from tests.simulation.loop import Process, SimLoop, current_process
from tests.simulation.plan import Plan
from tests.simulation.records import Records
from tests.simulation.store import FarStore
from tests.simulation.users import Errand, User
from tests.simulation.weather import Weather
from tests.simulation.workflows import Library, library

from segue.actions.processes import ProcessSurvivedError
from segue.actions.registry import Registry
from segue.runtime.config import Config
from segue.runtime.desk.facts import FactSource
from segue.runtime.desk.identity import Identity
from segue.runtime.engine import Engine
from segue.runtime.errors import EngineStoppedError
from segue.runtime.parts import Parts
from segue.store.memory import MemoryStore
from segue.store.port import StoreError, Work
from segue.transport.alarms import Alarm

EPOCH = 1_800_000_000.0
CONFIG = Config(
    db=":memory:",
    env=("REGION",),
    max_workflow_duration_seconds=600.0,
    max_task_iterations_per_workflow=5,
    max_workflow_depth=3,
)
_REGISTRY = Registry()
#: Snapshots are made so often here that most executions have one.
_SNAPSHOT_EVERY = 25


class MachineClock:
    """The clock of the machine on which a process runs. It may be wrong, and jump."""

    def __init__(self, loop: SimLoop, process: Process) -> None:
        self._loop = loop
        self._process = process

    def now(self) -> float:
        """Return what it says."""
        return EPOCH + self._loop.time() + self._process.skew

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Call something when so many seconds have passed, whatever the clock says."""
        return self._loop.call_later(seconds, callback)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, whatever the clock says."""
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Machine:
    """A machine on which engines run, one after the other."""

    name: str
    started: int = 0
    process: Process | None = None
    engine: Engine | None = None


class World:
    """See the module."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.loop = SimLoop(plan.rng("order"))  # type: ignore[abstract]
        self.weather = Weather(plan, self.loop)
        self.store = MemoryStore()
        self.records = Records(self.loop, self._latest_now)
        self.library: Library = library(plan.library)
        if plan.cuts:
            self.library = self.library.cut(plan.cuts)
        self.machines = [Machine(f"machine{number}") for number in range(plan.engines)]
        self.user = User(plan.rng("user"), self.records)
        self._script = Script(plan.seed, self.records)
        self._chaos = plan.rng("chaos")
        self._commands: list[Process] = []
        self._errands: list[tuple[Process, asyncio.Task[None]]] = []

    # -- machines ----------------------------------------------------------------------------

    def boot(self, machine: Machine) -> None:
        """Start an engine on a machine; the one that ran there is dead."""
        machine.started += 1
        process = Process(f"{machine.name}.{machine.started}", steps_left=self._fate(8.0, 300))
        process.host, process.started_at = machine.name, machine.started * 100.0
        if machine.process is not None:
            process.set_clock(machine.process.skew)
        machine.process, machine.engine = process, None
        process.on_death = lambda: self._died(machine, process)
        self.loop.spawn(process, self._live(machine, process))

    def _died(self, machine: Machine, process: Process) -> None:
        if machine.process is process:
            machine.engine = None
            self.loop.later(self._chaos.uniform(0.1, 15.0), lambda: self.boot(machine))

    def _fate(self, weight: float, mean: int) -> int | None:
        """Draw after how many steps a process is killed, if it is."""
        if not self.weather.happens("crash", weight):
            return None
        return int(self._chaos.expovariate(1 / mean))

    async def _live(self, machine: Machine, process: Process) -> None:
        """What an engine does that serves for ever: it takes what is free, and dies of trouble."""
        try:
            engine = await self._open(process)
            machine.engine = engine
            failure = await self._serve(engine)
        except (StoreError, EngineStoppedError) as error:
            failure = error
        if not isinstance(failure, StoreError | EngineStoppedError):
            self.records.troubles.append(f"an engine has stopped: {failure!r}")
        process.die()

    async def _serve(self, engine: Engine) -> BaseException:
        """Return why an engine can't go on; one that was stopped dies by that."""
        looks = True
        while engine.conductor.failure is None:
            try:
                if looks:
                    await (engine.serve() if self.plan.serving else engine.resume())
                    looks = False
            except StoreError:
                await asyncio.sleep(1.0)
            else:
                await asyncio.sleep(4.0)
        return engine.conductor.failure

    async def _open(self, process: Process) -> Engine:
        clock = MachineClock(self.loop, process)
        far = FarStore(self.store, self.weather, self.records)
        parts = Parts(
            store=far,
            transport=ScriptedTransport(self._script, self.weather, self.records, clock),
            clock=clock,
            facts=FactSource(CONFIG.env, environment={}, draw=self.plan.rng(process.name).random),
            end_process=self._end_process,
            snapshot_every=_SNAPSHOT_EVERY,
        )
        config = replace(CONFIG, inline_value_bytes=self.plan.inline)
        engine = Engine(":memory:", config, registry=_REGISTRY, parts=parts)
        await engine.open()
        desk = engine.conductor.desk
        desk.catalog, desk.identity = self.library, identify_here()
        return engine

    async def _end_process(self, _work: Work) -> None:
        await asyncio.sleep(self.weather.latency())
        if self.weather.happens("unkillable", 5.0):
            raise ProcessSurvivedError("it does not end")

    def _latest_now(self) -> float:
        return EPOCH + self.loop.time() + current_process().most_skew

    # -- what users do -------------------------------------------------------------------------

    def run_command(self, errand: Errand) -> None:
        """Do something by a command: a process of its own opens the database, and ends."""
        name = f"command{len(self._commands) + 1}"
        process = Process(name, steps_left=self._fate(4.0, 60))
        self._commands.append(process)

        async def run() -> None:
            engine = await self._open(process)
            try:
                await self.user.do(engine, errand)
            finally:
                await engine.stop(0.5)
                process.die()

        self.loop.spawn(process, run())

    @property
    def users_wait(self) -> bool:
        """Whether somebody waits for an answer: of a command, or of an engine that lives."""
        self._errands = [
            (process, task) for process, task in self._errands if not (process.dead or task.done())
        ]
        return bool(self._errands) or not all(process.dead for process in self._commands)

    def call_engine(self, errand: Errand) -> bool:
        """Do something in a process that has an engine; False: there is none."""
        able = [one for one in self.machines if one.engine is not None]
        if not able:
            return False
        machine = self._chaos.choice(able)
        assert machine.process is not None
        assert machine.engine is not None
        task = self.loop.spawn(machine.process, self.user.do(machine.engine, errand))
        self._errands.append((machine.process, task))
        return True

    def stop(self, machine: Machine, grace: float) -> None:
        """Stop the engine of a machine in good order."""
        process, engine = machine.process, machine.engine
        if process is None or engine is None:
            return

        async def stop() -> None:
            await engine.stop(grace)
            process.die()

        machine.engine = None
        self.loop.spawn(process, stop())


def identify_here() -> Identity:
    """Return a new identity of the process in which this is called."""
    process = current_process()
    process.identities += 1
    return Identity(
        id=f"{process.name}/{process.identities}",
        host=process.host,
        boot="boot",
        pid=1,
        pid_started_at=process.started_at,
    )
