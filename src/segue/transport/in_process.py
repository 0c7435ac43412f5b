"""Actions run as asyncio tasks of the engine's own process."""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum

from segue.actions.port import Call
from segue.core.stimuli import Canceled, Failed, Outcome, Succeeded, TimedOut
from segue.failpoints import Failpoint, reach
from segue.transport.alarms import Alarm, CallLater
from segue.transport.log_buffer import LogBuffer
from segue.transport.port import Host, Job, JobEnded, LogPiece

_log = logging.getLogger(__name__)

#: Runs one action by its name: `segue.actions` does, with a registry of them.
Perform = Callable[[str, Call], Awaitable[Outcome]]


#: Actions that only wait or only copy: a thousand of them cost nothing, and a loop that sleeps
#: must not keep others from running.
WEIGHTLESS = frozenset({"core.noop", "core.echo", "core.sleep"})

#: How long an action that was ended may clean up before we go on without it, in seconds.
CLEANUP_SECONDS = 30.0

#: How long we wait for our own end when an action was canceled by nobody that we know, in seconds.
STRANGE_END_SECONDS = 1.0


class _Verdict(StrEnum):
    """Why we ended an action."""

    TIMEOUT = "timeout"
    CANCEL = "cancel"
    ABANDON = "abandon"


class _Run:
    """A job from `submit` until its outcome is told."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.task: asyncio.Task[Outcome] | None = None
        self.concluding = False  # the action is over, its log is being kept
        self.verdict: _Verdict | None = None
        self.alarm: Alarm | None = None
        self.over = False

    @property
    def weightless(self) -> bool:
        return self.job.action is None or self.job.action in WEIGHTLESS


class InProcessTransport:
    """See the module.

    At most `limit` actions run at a time; what has no room waits, and executions take turns, so
    that one with a thousand tasks does not keep another from going on.
    """

    def __init__(
        self, perform: Perform, *, limit: int = 100, call_later: CallLater | None = None
    ) -> None:
        self._perform = perform
        self._limit = limit
        self._call_later_given = call_later
        self._host: Host | None = None
        self._runs: dict[tuple[str, str, int], _Run] = {}
        self._waiting: OrderedDict[str, deque[_Run]] = OrderedDict()
        self._busy = 0
        self._closed = False
        self._tasks: set[asyncio.Task[Outcome] | asyncio.Task[None]] = set()
        self._logs = LogBuffer(self._keep_log, self._call_later)

    def bind(self, host: Host) -> None:
        """Say to whom outcomes go."""
        self._host = host

    @property
    def host(self) -> Host:
        """Whom `bind` named."""
        assert self._host is not None, "bind() comes first"
        return self._host

    def submit(self, job: Job) -> None:
        """Run a job as soon as there is room for it. A job that is known already is left alone."""
        key = _key(job)
        if self._closed or key in self._runs:
            return
        run = self._runs[key] = _Run(job)
        if job.action is None:
            self._tell(run, Succeeded())
            return
        if job.timeout is not None:
            run.alarm = self._call_later(job.timeout, lambda: self._end(run, _Verdict.TIMEOUT))
        if run.weightless or self._busy < self._limit:
            self._begin(run)
        else:
            self._waiting.setdefault(job.execution, deque()).append(run)

    def room(self) -> int:
        """Return how many more actions would run at once."""
        return 0 if self._closed or self._waiting else max(0, self._limit - self._busy)

    def cancel(self, job: Job) -> None:
        """End a job; its outcome comes when the action has cleaned up."""
        run = self._runs.get(_key(job))
        if run is not None:
            self._end(run, _Verdict.CANCEL)

    def close(self) -> Sequence[Job]:
        """Begin nothing more; forget what waits for room, and return it."""
        self._closed = True
        runs = [run for queue in self._waiting.values() for run in queue]
        for run in runs:
            self._forget(run)
        self._waiting.clear()
        return [run.job for run in runs]

    def jobs(self) -> Sequence[Job]:
        """Return the jobs that have begun and of which no outcome was told."""
        return [run.job for run in self._runs.values() if run.task is not None]

    async def drain(self, grace: float) -> None:
        """Begin nothing more, and wait up to `grace` seconds for what runs."""
        self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))

    async def abandon(self) -> None:
        """End all jobs without telling their outcomes; return when they have cleaned up."""
        for run in list(self._runs.values()):
            self._end(run, _Verdict.ABANDON)
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=CLEANUP_SECONDS)
        await self._logs.flush()

    # -- one run ---------------------------------------------------------------------------

    def _begin(self, run: _Run) -> None:
        if not run.weightless:
            self._busy += 1
        name = f"attempt {run.job.execution} {run.job.name}"
        run.task = asyncio.create_task(self._work(run.job, self._call_of(run)), name=name)
        self._tasks.add(run.task)
        # Not in the task itself: one that is ended before its first step never gets there.
        run.task.add_done_callback(lambda task: self._done(run, task))

    async def _work(self, job: Job, call: Call) -> Outcome:
        assert job.action is not None
        reach(Failpoint.ACTION_BEGUN)
        try:
            return await self._perform(job.action, call)
        except Exception as error:  # noqa: BLE001 - the boundary between an action and the engine
            _log.warning("action %s could not be run", job.action, exc_info=error)
            return Failed(message=f"the action could not be run: {error}")

    def _done(self, run: _Run, task: asyncio.Task[Outcome]) -> None:
        self._tasks.discard(task)
        if not run.weightless:
            self._busy -= 1
        self._fill()
        outcome = None if task.cancelled() else task.result()
        reach(Failpoint.ACTION_ENDED)
        if run.over or run.verdict is _Verdict.ABANDON:
            self._forget(run)
        elif outcome is None and run.verdict is None:
            self._call_later(STRANGE_END_SECONDS, lambda: self._judge_strange_end(run))
        elif self._logs.has(run.job):
            run.concluding = True
            concluding = asyncio.create_task(self._conclude(run, outcome), name="keep the log")
            self._tasks.add(concluding)
            concluding.add_done_callback(self._tasks.discard)
        else:
            self._tell(run, _judged(run, outcome))

    def _judge_strange_end(self, run: _Run) -> None:
        """Deal with an action that was canceled, and not by us.

        If the whole loop is being torn down, so are we by now, and nothing is to be said. If not,
        it has canceled itself: without an outcome its execution would wait for ever.
        """
        if self._closed or run.verdict is _Verdict.ABANDON:
            self._forget(run)
        elif run.verdict is None:
            message = "the action ended without an outcome: it has canceled its own task"
            self._tell(run, Failed(code="action_error", message=message))
        else:
            self._tell(run, _judged(run, None))

    async def _conclude(self, run: _Run, outcome: Outcome | None) -> None:
        """Tell an outcome once all that was printed is kept."""
        await self._logs.flush()
        if run.verdict is _Verdict.ABANDON:
            self._forget(run)
        else:
            self._tell(run, _judged(run, outcome))

    def _call_of(self, run: _Run) -> Call:
        job = run.job

        async def announce_process(group: int, started_at: float) -> None:
            if await self.host.note_process(job, group, started_at):
                return
            # Somebody else has claimed the attempt: it must not do anything more here.
            self._end(run, _Verdict.ABANDON)
            await asyncio.sleep(0)

        return Call(
            execution=job.execution,
            task=job.task,
            visit=job.visit,
            attempt=job.attempt,
            idempotency_key=job.idempotency_key,
            input=job.input,
            log=lambda stream, text: self._logs.add(job, stream, text),
            announce_process=announce_process,
        )

    def _end(self, run: _Run, verdict: _Verdict) -> None:
        """End a run, once; what waits for room ends at once. To abandon overrules the others."""
        if run.over or (verdict is not _Verdict.ABANDON and (run.verdict or run.concluding)):
            return
        already_ending = run.verdict is not None or run.concluding
        run.verdict = verdict
        if run.task is None:
            self._remove_waiting(run)
            if verdict is _Verdict.ABANDON:
                self._forget(run)
            else:
                self._tell(run, _judged(run, None))
        elif not already_ending:
            run.task.cancel()
            if run.alarm is not None:
                run.alarm.cancel()
            run.alarm = self._call_later(CLEANUP_SECONDS, lambda: self._give_up(run))

    def _give_up(self, run: _Run) -> None:
        if run.over:
            return
        _log.warning("action %s does not end; going on without it", run.job.action)
        if run.verdict is _Verdict.ABANDON:
            self._forget(run)
        else:
            self._tell(run, _judged(run, None))

    def _tell(self, run: _Run, outcome: Outcome) -> None:
        if not run.over:
            self._forget(run)
            self.host.ended(JobEnded(job=run.job, outcome=outcome))

    def _forget(self, run: _Run) -> None:
        run.over = True
        if run.alarm is not None:
            run.alarm.cancel()
        self._runs.pop(_key(run.job), None)
        self._logs.forget(run.job)

    # -- room ------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Begin what waits, one execution after the other, while there is room."""
        while self._waiting and self._busy < self._limit and not self._closed:
            execution, queue = next(iter(self._waiting.items()))
            run = queue.popleft()
            if queue:
                self._waiting.move_to_end(execution)
            else:
                del self._waiting[execution]
            self._begin(run)

    def _remove_waiting(self, run: _Run) -> None:
        queue = self._waiting.get(run.job.execution)
        if queue is not None and run in queue:
            queue.remove(run)
            if not queue:
                del self._waiting[run.job.execution]

    def _call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        if self._call_later_given is not None:
            return self._call_later_given(seconds, callback)
        return asyncio.get_running_loop().call_later(seconds, callback)

    async def _keep_log(self, pieces: Sequence[LogPiece]) -> None:
        await self.host.keep_log(pieces)


def _key(job: Job) -> tuple[str, str, int]:
    return job.execution, job.name, job.claim


def _judged(run: _Run, outcome: Outcome | None) -> Outcome:
    """Return the outcome to tell: an action that ran out of time timed out, whatever it says."""
    result = None if outcome is None else outcome.result
    if run.verdict is _Verdict.TIMEOUT:
        assert run.job.timeout is not None
        return TimedOut(seconds=run.job.timeout, result=result)
    return Canceled() if outcome is None else outcome
