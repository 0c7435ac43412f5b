"""What is done with an outcome that counts no more: it is kept in the log of its attempt.

It can't be an event: by then the execution may be settled, and nothing follows on that.
"""

import logging
from collections import deque

import msgspec

from segue.core.stimuli import AttemptEnded, Canceled, Failed, Outcome, Succeeded
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.inbox import Entry
from segue.store.port import LogChunk, StoreError
from segue.transport.port import Job

_log = logging.getLogger(__name__)

#: Why an outcome does not count.
TAKEN = "another engine had taken the attempt over"
OVER = "the attempt was over"
#: Of a result, so much is kept.
MOST_CHARACTERS = 500
#: While nothing can be written, so many are remembered.
MOST_WAITING = 1000


class LateOutcomes:
    """Those that this engine has told, and has yet to write."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: deque[LogChunk] = deque(maxlen=MOST_WAITING)

    def add(self, entry: Entry, why: str) -> None:
        """Take note of an entry that counts no more. What is no outcome of its own is passed over.

        An action that has ended because we ended it says nothing that somebody would miss.
        """
        ended = entry.stimulus
        if entry.fence is None or not isinstance(ended, AttemptEnded):
            return
        if isinstance(ended.outcome, Canceled):
            return
        name, claim = entry.fence
        text = (
            f"the outcome of {name} (claim {claim}) came too late from {self._who()} and is "
            f"ignored, for {why}: {_words(ended.outcome)}"
        )
        self._keep(entry.execution, ended.task, ended.visit, ended.attempt, text)

    def abandoned(self, job: Job) -> None:
        """Take note that what an attempt ran is ended, for somebody else may have taken it over."""
        text = (
            f"{job.name} (claim {job.claim}) is ended without an outcome in {self._who()}, "
            "which was taken for lost"
        )
        self._keep(job.execution, job.task, job.visit, job.attempt, text)

    async def write(self) -> None:
        """Write what waits. Where that fails, it waits for the next time."""
        if not self._waiting:
            return
        chunks = list(self._waiting)
        try:
            await self._desk.store.append_log(chunks)
        except StoreError as error:
            _log.warning("late outcomes can't be kept now: %s", error)
            return
        self._waiting.clear()

    def _who(self) -> str:
        return f"process {self._desk.identity.pid} on {self._desk.identity.host}"

    def _keep(self, execution: str, task: str, visit: int, attempt: int, text: str) -> None:
        _log.info("%s: %s", execution, text)
        self._waiting.append(
            LogChunk(
                execution=execution,
                task=task,
                visit=visit,
                attempt=attempt,
                stream="log",
                at=self._desk.clock.now(),
                text=f"segue: {text}\n",
            )
        )


def _words(outcome: Outcome) -> str:
    """Return an outcome in a few words."""
    words = "succeeded" if isinstance(outcome, Succeeded) else "timed out"
    if isinstance(outcome, Failed):
        words = f"failed, {outcome.code}: {outcome.message}"
    if outcome.result is None:
        return words
    text = f"{words}, {msgspec.json.encode(outcome.result, enc_hook=repr).decode()}"
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
