"""Ending what a former engine left running of an attempt."""

from segue.actions.identity import AttemptIdentity
from segue.actions.processes import end_process_group
from segue.runtime.desk.outstanding import job_of
from segue.store.port import Work

#: How long a process that a former engine left behind has between TERM and KILL, in seconds.
END_GRACE_SECONDS = 5.0


async def end_leftover(work: Work) -> None:
    """End the process that a piece of work notes; one that is gone is ended.

    Raises `ProcessSurvivedError`.
    """
    assert work.process is not None
    job = job_of(work.execution, work, work.claim)
    identity = AttemptIdentity(
        execution=job.execution,
        task=job.task,
        visit=job.visit,
        attempt=job.attempt,
        idempotency_key=job.idempotency_key,
    )
    await end_process_group(
        work.process.group, work.process.started_at, END_GRACE_SECONDS, identity.environment
    )
