"""The statuses: the same words for all languages and everywhere. They are Orquesta's."""

from enum import StrEnum


class Status(StrEnum):
    """The status of an execution or of a task execution.

    For an execution: requested (known, nothing decided yet), running, pausing and paused,
    resuming, pending (only a person can move it), canceling (asked for; something still runs),
    and the final ones: succeeded, failed, canceled, timeout, abandoned.

    For a task execution: scheduled (it may start), delayed (its delay has not passed), running
    (an attempt is handed off), retrying (the next attempt waits), canceling (its attempt is
    being ended), pending (waits for a person), and the same final ones.
    """

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    DELAYED = "delayed"
    RUNNING = "running"
    PENDING = "pending"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    RETRYING = "retrying"
    CANCELING = "canceling"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMEOUT = "timeout"
    ABANDONED = "abandoned"

    @property
    def is_final(self) -> bool:
        """Whether nothing but a rerun leads out of it."""
        return self in FINAL


FINAL = frozenset(
    {Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.TIMEOUT, Status.ABANDONED}
)
