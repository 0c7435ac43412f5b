"""How an action reaches where it runs, and how its outcome comes back.

A transport is given jobs after they are durable, runs each once, and hands its outcome to the
host. Giving the same job twice must be harmless: whoever applies the outcome drops all but the
first. A transport keeps nothing: what was not reported is given again after a crash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from segue.core.stimuli import Outcome
from segue.values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt to run, or one item of it, under one claim.

    `name` is unique within the execution. `action` None: there is nothing to do, it succeeds with
    None. `timeout` is in seconds from the moment of `submit` (None: no limit). `redelivered`: it
    may have been running before, under an older claim.
    """

    execution: str
    name: str
    task: str
    visit: int
    attempt: int
    claim: int
    action: str | None
    input: JsonObject
    timeout: float | None
    idempotency_key: str
    item: int | None = None
    redelivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded:
    """The outcome of a job."""

    job: Job
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPiece:
    """A piece of what a job printed. `stream` is "stdout", "stderr" or "log"."""

    job: Job
    stream: str
    text: str


class Host(Protocol):
    """Who gives the jobs and wants to know of them."""

    def ended(self, report: JobEnded) -> None:
        """Take note of an outcome. What the job printed has been kept before."""
        ...

    async def note_process(self, job: Job, group: int, started_at: float) -> bool:
        """Remember the process group of a job. False: the job is somebody else's by now."""
        ...

    async def keep_log(self, pieces: Sequence[LogPiece]) -> None:
        """Keep what jobs printed."""
        ...


class Transport(Protocol):
    """See the module."""

    def bind(self, host: Host) -> None:
        """Say to whom outcomes go. Called once, before anything is submitted."""
        ...

    def submit(self, job: Job) -> None:
        """Run a job as soon as there is room for it."""
        ...

    def room(self) -> int:
        """Return how many more jobs would run at once, and not wait for others to end."""
        ...

    def cancel(self, job: Job) -> None:
        """End a job: the outcome comes when the action has cleaned up. Unknown jobs are ignored."""
        ...

    def close(self) -> Sequence[Job]:
        """Begin nothing more; forget what waits to begin, and return it."""
        ...

    def jobs(self) -> Sequence[Job]:
        """Return the jobs that have begun and of which no outcome was told."""
        ...

    async def drain(self, grace: float) -> None:
        """Begin nothing more, and wait up to `grace` seconds for what runs to end and be told."""
        ...

    async def abandon(self) -> None:
        """End all jobs without telling their outcomes; return when they have cleaned up."""
        ...
