"""Actions as scripts, and the messages between them and the engine."""

import asyncio
import random
from collections.abc import Callable, Sequence

from tests.simulation.records import Records
from tests.simulation.weather import Weather

from segue.actions.port import Call
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.runtime.desk.clock import Clock
from segue.transport.in_process import InProcessTransport
from segue.transport.port import Host, Job, JobEnded, LogPiece


class Script:
    """What actions do: drawn from what they are called with, and how often that was before."""

    def __init__(self, seed: int, records: Records) -> None:
        self._seed = seed
        self._records = records
        self._runs: dict[tuple[str, int], int] = {}

    async def perform(self, action: str, call: Call) -> Outcome:
        """Run an action once."""
        name = (call.idempotency_key, call.attempt)
        run = self._runs[name] = self._runs.get(name, 0) + 1
        rng = random.Random(f"{self._seed} {name} {run}")
        self._records.effect(call)
        if rng.random() < 0.1:
            call.log("stdout", f"{action} begins\n")
        if rng.random() < 0.05:
            await call.announce_process(rng.randrange(2, 9999), 0.0)
        try:
            await asyncio.sleep(self._duration(rng))
        except asyncio.CancelledError:
            if rng.random() < 0.2:
                await asyncio.sleep(rng.uniform(0.0, 3.0))
            if rng.random() < 0.2:
                return Succeeded(result="late")
            raise
        return self._outcome(rng, action)

    def _duration(self, rng: random.Random) -> float:
        kind = rng.random()
        if kind < 0.6:
            return 0.0
        return rng.uniform(0.0, 2.0) if kind < 0.95 else rng.uniform(2.0, 15.0)

    def _outcome(self, rng: random.Random, action: str) -> Outcome:
        kind = rng.random()
        if action == "do.well" or kind < 0.7:
            return Succeeded(result=rng.randrange(4))
        if kind < 0.97:
            return Failed(message="it did not work", result=rng.choice((None, 1)))
        raise RuntimeError("the action is broken")


class ScriptedTransport(InProcessTransport):
    """The transport of the product, whose messages come late or twice."""

    def __init__(self, script: Script, weather: Weather, records: Records, clock: Clock) -> None:
        super().__init__(script.perform, limit=4, call_later=clock.call_later)
        self._weather = weather
        self._records = records
        self._clock = clock

    def bind(self, host: Host) -> None:
        """Bind a host that hears late and twice."""
        super().bind(_Messages(host, self._weather, self._records, self._clock.call_later))

    def submit(self, job: Job) -> None:
        """Run a job, which may be handed over twice."""
        self._records.submitted(job)
        super().submit(job)
        if self._weather.happens("redelivered"):
            super().submit(job)


class _Messages:
    """The host, at the end of a line on which messages come late and twice."""

    def __init__(
        self,
        host: Host,
        weather: Weather,
        records: Records,
        call_later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._host = host
        self._weather = weather
        self._records = records
        self._call_later = call_later
        self._rng = random.Random(1)

    def ended(self, report: JobEnded) -> None:
        self._records.outcome(report)
        if self._weather.happens("late", 3.0):
            self._call_later(self._rng.uniform(0.0, 12.0), lambda: self._host.ended(report))
        else:
            self._host.ended(report)
        if self._weather.happens("double", 3.0):
            self._call_later(self._rng.uniform(0.0, 5.0), lambda: self._host.ended(report))

    async def note_process(self, job: Job, group: int, started_at: float) -> bool:
        return await self._host.note_process(job, group, started_at)

    async def keep_log(self, pieces: Sequence[LogPiece]) -> None:
        await self._host.keep_log(pieces)
