"""Running one world from its beginning to its end, and looking at what has become of it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from unittest import mock

from tests.simulation import oracles
from tests.simulation.plan import Plan
from tests.simulation.users import Errand
from tests.simulation.weather import UNREADABLE
from tests.simulation.world import EPOCH, Machine, World, identify_here

from segue.core.commands_of import DEADLINE
from segue.core.program import Program
from segue.core.status import Status
from segue.runtime.workflows.definitions import load_program
from segue.store.port import Definition, ExecutionRow, WorkKind

#: So long after the last commit (in virtual seconds) nothing will happen any more: longer than
#: any delay, and than any clock was wrong by.
PATIENCE = 400.0
#: So long after the faults everybody who was lost has been declared so, and somebody looks for what
#: they had. From then on nobody needs to.
SETTLING = 40.0
MOST_STEPS = 100_000
#: So often is removed what is over, where anybody removes it.
PRUNES = 12
#: So often, while everything goes wrong, somebody asks what all that is not over waits for.
LOOKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What has become of a world. `troubles` are what must not be; none: all is well."""

    plan: Plan
    troubles: tuple[str, ...]
    executions: int
    events: int
    faults: int
    steps: int
    seconds: float  # virtual
    digest: str  # of all logs: the same seed gives the same
    story: tuple[str, ...] = ()  # what was run, and the logs, where there is trouble


def simulate(plan: Plan) -> Report:
    """Run a world, and judge it."""
    with _at_home(), _listening() as heard:
        world = World(plan)
        try:
            _Run(world).run()
            troubles = [*world.loop.troubles, *heard, *world.records.troubles]
            troubles += world.loop.unheard()
            troubles += oracles.judge(world)
            return Report(
                plan=plan,
                troubles=tuple(dict.fromkeys(troubles)),
                executions=len(world.records.gone.union(world.store._executions)),
                events=sum(len(log) for log in world.store._events.values()),
                faults=world.weather.faults,
                steps=world.loop.steps,
                seconds=world.loop.time(),
                digest=oracles.digest(world),
                story=oracles.story(world) if troubles else (),
            )
        finally:
            world.loop.dispose()


class _Run:
    """The course of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.plan.rng("course")
        self._reruns = self._rng.randint(0, 3)

    def run(self) -> None:
        """Let it begin, let everything go wrong, let it clear up, and let it end."""
        world, plan = self._world, self._world.plan
        for machine in world.machines:
            world.loop.later(0.0, partial(world.boot, machine))
        for at, number in enumerate(plan.workflows):
            self._later(plan.horizon / 2, partial(self._start, at, number))
        for _ in range(plan.operations):
            self._later(plan.horizon * 1.2, lambda: self._do(world.user.operation()))
        for _ in range(PRUNES if plan.prunes else 0):
            self._later(plan.horizon * 1.2, lambda: self._do(world.user.prune))
        self._plan_chaos()
        for part in range(1, LOOKS + 1):
            latest = plan.horizon * part / LOOKS
            world.loop.run(lambda: False, latest=latest, most_steps=MOST_STEPS)
            world.records.troubles += oracles.unexplained(world)
        world.records.troubles += oracles.look(world)
        self._clear_up()
        self._end()

    def _later(self, within: float, what: Callable[[], object]) -> None:
        self._world.loop.later(self._rng.uniform(0.0, within), what)

    def _start(self, at: int, number: int) -> None:
        prepared = self._world.library.pick(number)
        detached = self._world.plan.rng(f"detached {at}").random() < 0.25
        self._do(self._world.user.starting(prepared, f"top-{at}", detached=detached))

    def _do(self, errand: Errand) -> None:
        if self._rng.random() < 0.4 or not self._world.call_engine(errand):
            self._world.run_command(errand)

    # -- trouble ------------------------------------------------------------------------------

    def _plan_chaos(self) -> None:
        for fault, happen in (
            ("stall", self._stall),
            ("clock", self._jump),
            ("stop", self._stop),
            ("crash", self._crash),
        ):
            if self._world.plan.has(fault):
                for _ in range(1 + int(self._world.plan.rate * self._world.plan.horizon / 2)):
                    self._later(self._world.plan.horizon, happen)

    def _machine(self) -> Machine:
        return self._rng.choice(self._world.machines)

    def _stall(self) -> None:
        process = self._machine().process
        if process is not None:
            seconds = self._rng.choice((1.0, 5.0, 12.0, 30.0))
            process.stalled_until = self._world.loop.time() + seconds

    def _jump(self) -> None:
        process = self._machine().process
        if process is not None:
            far = 3600.0 if self._rng.random() < 0.02 else 60.0
            process.set_clock(self._rng.choice((0.0, 1.0, -1.0, 5.0, -5.0, far, -far)))

    def _stop(self) -> None:
        machine = self._machine()
        self._world.stop(machine, self._rng.choice((0.0, 1.0, 10.0)))
        if machine.process is not None and self._rng.random() < 0.3:
            machine.process.steps_left = self._rng.randrange(60)

    def _crash(self) -> None:
        process = self._machine().process
        if process is not None:
            process.die()

    # -- the end --------------------------------------------------------------------------------

    def _clear_up(self) -> None:
        world = self._world
        world.weather.clear_up()
        for machine in world.machines:
            if machine.process is not None:
                machine.process.stalled_until = 0.0
                machine.process.steps_left = None
                machine.process.skew = 0.0
            if world.plan.has("unreadable"):  # what is parked waits for the next engine
                world.stop(machine, 1.0)

    def _end(self) -> None:
        """Let everything end that waits for nobody; then be whom the rest waits for."""
        world = self._world
        while world.loop.time() - self._last_reason() < PATIENCE:
            latest = world.loop.time() + 10.0
            if world.loop.run(self._is_over, latest=latest, most_steps=MOST_STEPS):
                if not self._reruns:
                    break
                self._reruns -= 1
                world.call_engine(world.user.rerun)
                world.loop.run(lambda: False, latest=latest, most_steps=MOST_STEPS)
                continue
            if world.loop.time() < latest:
                world.records.troubles.append("it goes on and on")
                return
            if world.loop.time() < world.plan.horizon * 1.2 + SETTLING:
                world.call_engine(world.user.resume)
            self._help()
        if world.users_wait:
            world.records.troubles.append("somebody waits for an answer that never comes")
        for machine in world.machines:
            world.stop(machine, 1.0)
        for machine in world.machines:
            if machine.process is not None:
                machine.process.on_death = None
        world.loop.run(lambda: False, latest=world.loop.time() + 60.0, most_steps=MOST_STEPS)

    def _last_reason(self) -> float:
        """Return until when something had to happen: a wrong clock may have set it late."""
        world = self._world
        dues = [
            work.due - EPOCH
            for work in world.store._work.values()
            if work.due is not None and work.name != DEADLINE
        ]
        return max(world.records.last_commit, world.plan.horizon, *dues)

    def _is_over(self) -> bool:
        world = self._world
        if world.loop.time() < world.plan.horizon * 1.2 or world.users_wait:
            return False
        return all(row.settled for row in world.store._executions.values())

    def _help(self) -> None:
        """Answer what is asked, and resume what was paused by somebody."""
        world = self._world
        rows: list[ExecutionRow] = list(world.store._executions.values())
        for row in rows:
            if row.status is Status.PAUSED and row.parent is None:
                world.call_engine(world.user.resuming(row.id))
        if any(work.kind is WorkKind.QUESTION for work in world.store._work.values()):
            world.call_engine(world.user.answer_something)


@contextmanager
def _at_home() -> Iterator[None]:
    """Let the engine be who it is in the simulation, and compile no definition twice."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch("segue.runtime.peers.heart.identify", identify_here))
        stack.enter_context(mock.patch("segue.runtime.workflows.programs.load_program", _program))
        yield


@lru_cache(maxsize=100)
def _program(definition: Definition) -> Program:
    return load_program(definition)


class _Listener(logging.Handler):
    """Hears what the engine takes for a defect of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "pieces of log" in record.msg:
            return  # the store was in trouble, and what was printed is no promise
        error = record.exc_info[1] if record.exc_info else None
        said = f"{record.getMessage()}: {error!r}"
        if UNREADABLE not in said:  # where it is, the engine is right
            self.heard.append(said)


@contextmanager
def _listening() -> Iterator[list[str]]:
    listener, logger = _Listener(), logging.getLogger("segue")
    before = logger.level, logger.propagate
    logger.addHandler(listener)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    try:
        yield listener.heard
    finally:
        logger.removeHandler(listener)
        logger.setLevel(before[0])
        logger.propagate = before[1]
