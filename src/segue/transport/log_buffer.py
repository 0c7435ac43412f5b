"""What actions print, gathered for a moment so that many pieces become one write."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from segue.transport.port import Job, LogPiece

_log = logging.getLogger(__name__)

#: Pieces wait at most this long, in seconds: a person who watches does not notice.
FLUSH_SECONDS = 0.1
#: ... and at most this many characters of them.
FLUSH_CHARACTERS = 64 * 1024
#: What is kept of one attempt. A command that prints without end must not fill the disk.
ATTEMPT_CHARACTERS = 10 * 1024 * 1024


class _Alarm(Protocol):
    def cancel(self) -> None: ...


class LogBuffer:
    """See the module. Pieces are kept in the order in which they came."""

    def __init__(
        self,
        keep: Callable[[Sequence[LogPiece]], Awaitable[None]],
        call_later: Callable[[float, Callable[[], None]], _Alarm],
    ) -> None:
        self._keep = keep
        self._call_later = call_later
        self._pieces: list[LogPiece] = []
        self._characters = 0
        self._of_job: dict[tuple[str, str, int], int] = {}
        self._alarm: _Alarm | None = None
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, job: Job, stream: str, text: str) -> None:
        """Take a piece; beyond the bound of an attempt it is dropped, and the log says so once."""
        key = (job.execution, job.name, job.claim)
        before = self._of_job.get(key, 0)
        if before >= ATTEMPT_CHARACTERS or not text:
            return
        self._of_job[key] = before + len(text)
        self._pieces.append(LogPiece(job=job, stream=stream, text=text))
        if before + len(text) >= ATTEMPT_CHARACTERS:
            note = f"[the log of an attempt is kept up to {ATTEMPT_CHARACTERS} characters]\n"
            self._pieces.append(LogPiece(job=job, stream="log", text=note))
        self._characters += len(text)
        if self._characters >= FLUSH_CHARACTERS:
            self._flush_soon()
        elif self._alarm is None:
            self._alarm = self._call_later(FLUSH_SECONDS, self._flush_soon)

    def has(self, job: Job) -> bool:
        """Return whether this job has printed anything that might not be kept yet."""
        return (job.execution, job.name, job.claim) in self._of_job

    def forget(self, job: Job) -> None:
        """Take note that the job is over."""
        self._of_job.pop((job.execution, job.name, job.claim), None)

    async def flush(self) -> None:
        """Return when all pieces that came so far are kept, or were tried to."""
        async with self._writing:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            pieces, self._pieces, self._characters = self._pieces, [], 0
            if not pieces:
                return
            try:
                await self._keep(pieces)
            except Exception:  # noqa: BLE001
                # Whatever it was: a log is worth less than the work that it is of.
                _log.exception("%d pieces of log could not be kept", len(pieces))

    def _flush_soon(self) -> None:
        task = asyncio.create_task(self.flush(), name="flush logs")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
