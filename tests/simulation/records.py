"""What is known of a world from outside of its engines: what was done, told and promised."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tests.simulation.loop import SimLoop, current_process

from segue.actions.port import Call
from segue.core import events as e
from segue.core.commands import attempt_name
from segue.core.stimuli import Outcome
from segue.store.port import Change, CommitResult, Committed, Work
from segue.transport.port import Job, JobEnded
from segue.values import JsonValue

Name = tuple[str, str]  # execution, attempt
Named = tuple[str, str, int, int | None]  # execution, task, visit, item
Log = Sequence[tuple[float, bytes]]  # when, and the event

#: Looks at the log of an execution at the end: a promise that is broken is a sentence.
Promise = Callable[[Sequence[e.Recorded]], str | None]


@dataclass(slots=True)
class Records:
    """See the module. What must not be is noted in `troubles`."""

    loop: SimLoop
    now: Callable[[], float]
    troubles: list[str] = field(default_factory=list)
    begun: dict[Name, Mapping[str, JsonValue]] = field(default_factory=dict)
    due: dict[tuple[str, str, int], float] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)
    handed: set[Name] = field(default_factory=set)
    effects: dict[str, int] = field(default_factory=dict)
    runs: dict[tuple[str, str, str, int], int] = field(default_factory=dict)
    outcomes: dict[Name, list[Outcome]] = field(default_factory=dict)
    told: set[tuple[str, str, int]] = field(default_factory=set)
    keys: dict[str, Named] = field(default_factory=dict)
    names: dict[Named, str] = field(default_factory=dict)
    claims: dict[Name, Work] = field(default_factory=dict)
    tellers: set[tuple[str, str, str]] = field(default_factory=set)
    canceled_at: dict[Name, float] = field(default_factory=dict)
    claimed_at: dict[tuple[str, str, int], float] = field(default_factory=dict)
    promises: list[tuple[str, Promise]] = field(default_factory=list)
    archive: dict[str, Log] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    commits: int = 0
    last_commit: float = 0.0

    # -- what the store is told ------------------------------------------------------------

    def about_to_write(self, changes: Sequence[Change], works: Mapping[Name, Work]) -> None:
        """Take note of the claims under which what is over was held."""
        ended = [(change.row.id, name) for change in changes for name in change.ended]
        self.claims = {name: works[name] for name in ended if name in works}

    def claimed(
        self, found: Sequence[Work], before: Mapping[Name, Work], living: Collection[str]
    ) -> None:
        """Take note of what was claimed: only what no living engine had may be."""
        for work in found:
            was = before[work.execution, work.name]
            if was.engine in living:
                self.troubles.append(f"{work.execution}/{work.name} was claimed from the living")
            self.claimed_at[work.execution, work.name, work.claim] = self.loop.time()

    def written(self, changes: Sequence[Change], results: Sequence[CommitResult]) -> None:
        """Take note of what is durable from now on."""
        for change, result in zip(changes, results, strict=True):
            if isinstance(result, Committed):
                self._committed(change)

    def about_to_prune(self, logs: Mapping[str, Log], values: Mapping[str, bytes]) -> None:
        """Keep what is about to be removed, perhaps: what was promised of it is looked at."""
        self.archive.update({execution: tuple(log) for execution, log in logs.items()})
        self.values.update(values)

    def pruned(self, executions: Sequence[str]) -> None:
        """Take note of the executions that are gone."""
        self.last_commit = self.loop.time()
        for execution in executions:
            self.gone.add(execution)

    def _committed(self, change: Change) -> None:
        execution = change.row.id
        self.commits += 1
        self.last_commit = self.loop.time()
        if change.row.seq <= self.seqs.get(execution, 0):
            self.troubles.append(
                f"{execution} went from {self.seqs[execution]} to {change.row.seq}"
            )
        self.seqs[execution] = change.row.seq
        for name in change.canceled:
            self.canceled_at.setdefault((execution, name), self.loop.time())
        for one in change.events:
            self._happened(execution, one.event)

    def _happened(self, execution: str, event: e.AnyEvent) -> None:
        match event:
            case e.AttemptStarted(task=task, visit=visit, attempt=attempt):
                self.begun[execution, attempt_name(task, visit, attempt)] = event.input
            case e.ItemStarted(task=task, visit=visit, attempt=attempt, item=item):
                self.begun[execution, attempt_name(task, visit, attempt, item)] = event.input
            case e.TaskScheduled(due=float(due)) | e.RetryScheduled(due=float(due)):
                self.due[execution, event.task, event.visit] = due
            case e.AttemptSucceeded(task=task, visit=visit, attempt=attempt):
                self._fenced(execution, attempt_name(task, visit, attempt))
            case e.ItemSucceeded(task=task, visit=visit, attempt=attempt, item=item):
                self._fenced(execution, attempt_name(task, visit, attempt, item))
            case e.DelayElapsed(task=task, visit=visit):
                due = self.due.pop((execution, task, visit), 0.0)
                if due > self.now():
                    self.troubles.append(f"a timer of {execution}/{task}#{visit} is early")
            case _:
                pass

    def _fenced(self, execution: str, name: str) -> None:
        """An outcome counts only if who holds the claim has told it."""
        work = self.claims.get((execution, name))
        if work is None or (execution, name) not in self.handed:
            return
        holder = (work.engine or "").partition("/")[0]
        told = (execution, name, work.claim) in self.told
        # What an engine that stops has let go of may still end by what that one tells.
        strange = work.engine is not None and (execution, name, holder) not in self.tellers
        if not told or strange:
            self.troubles.append(
                f"{execution}/{name} ends by an outcome under a claim that was lost"
            )

    # -- what actions do -------------------------------------------------------------------

    def submitted(self, job: Job) -> None:
        """Take note that an engine hands over a job: it must be durable, and as it was decided."""
        begun = self.begun.get((job.execution, job.name))
        if job.action is not None:
            self.handed.add((job.execution, job.name))
        claimed = self.claimed_at.get((job.execution, job.name, job.claim))
        canceled = self.canceled_at.get((job.execution, job.name))
        if claimed is not None and canceled is not None and canceled < claimed:
            self.troubles.append(f"{job.execution}/{job.name} is run again, and was to be ended")
        if begun is None:
            self.troubles.append(f"{job.execution}/{job.name} is run and is not durable")
        named = (job.execution, job.task, job.visit, job.item)
        if self.keys.setdefault(job.idempotency_key, named) != named:
            self.troubles.append(f"{job.idempotency_key} is the key of two task executions")
        if self.names.setdefault(named, job.idempotency_key) != job.idempotency_key:
            self.troubles.append(f"{job.execution}/{job.name} has another key when repeated")
        if begun is not None and dict(begun) != dict(job.input):
            self.troubles.append(f"{job.execution}/{job.name} is run with another input")

    def effect(self, call: Call) -> None:
        """Take note that an action does what can't be undone."""
        self.effects[call.idempotency_key] = self.effects.get(call.idempotency_key, 0) + 1
        run = (call.execution, call.task, call.idempotency_key, call.attempt)
        self.runs[run] = self.runs.get(run, 0) + 1

    def outcome(self, report: JobEnded) -> None:
        """Take note of what an action has told."""
        name = (report.job.execution, report.job.name)
        self.told.add((*name, report.job.claim))
        self.tellers.add((*name, current_process().name))
        self.outcomes.setdefault(name, []).append(report.outcome)

    # -- what users are told ---------------------------------------------------------------

    def promise(self, execution: str, promise: Promise) -> None:
        """Take note of what a user was told, and may rely on."""
        self.promises.append((execution, promise))
