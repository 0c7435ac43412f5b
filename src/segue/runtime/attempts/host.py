"""What a transport is told to keep, written to the store."""

from collections.abc import Callable, Sequence

from segue.runtime.desk.clock import Clock
from segue.store.port import LogChunk, ProcessMark, Store
from segue.transport.port import Job, JobEnded, LogPiece


class StoreHost:
    """The host of a transport: outcomes go to `ended`, everything else to the store."""

    def __init__(self, store: Store, clock: Clock, ended: Callable[[JobEnded], None]) -> None:
        self._store = store
        self._clock = clock
        self._ended = ended

    def ended(self, report: JobEnded) -> None:
        """Take note of an outcome."""
        self._ended(report)

    async def note_process(self, job: Job, group: int, started_at: float) -> bool:
        """Remember the process group of a job. False: its claim is not held any more."""
        mark = ProcessMark(group=group, started_at=started_at)
        return await self._store.note_process(job.execution, job.name, job.claim, mark)

    async def keep_log(self, pieces: Sequence[LogPiece]) -> None:
        """Keep what jobs printed."""
        at = self._clock.now()
        await self._store.append_log(
            [
                LogChunk(
                    execution=piece.job.execution,
                    task=piece.job.task,
                    visit=piece.job.visit,
                    attempt=piece.job.attempt,
                    stream=piece.stream,
                    at=at,
                    text=piece.text,
                )
                for piece in pieces
            ]
        )
