"""Logs by hand: one that is right, and what is kept beside it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from segue.core import events as e
from segue.core.status import Status
from segue.verification.invariants import Known
from segue.verification.kept import Kept, KeptWork
from segue.verification.verifier import verify

T0 = 1_000_000.0
STARTED = e.ExecutionStarted(
    workflow="w", definition="d", inputs={}, context={}, start=("a",), parent=None
)
SCHEDULED = e.TaskScheduled(task="a", visit=1)
BEGUN = e.AttemptStarted(task="a", visit=1, attempt=1, action="x")
ENDED = e.AttemptSucceeded(task="a", visit=1, attempt=1)
DONE = e.TaskSucceeded(task="a", visit=1)
BRANCH_ENDED = e.BranchEnded(task="a", visit=1)
SUCCEEDED = e.ExecutionSucceeded()
SETTLED = e.ExecutionSettled()
FAILURE = e.Failure(code="c", message="m")

#: One task, from the start to the end.
WHOLE = (STARTED, SCHEDULED, BEGUN, ENDED, DONE, BRANCH_ENDED, SUCCEEDED, SETTLED)

#: What is kept once that is over.
KEPT = Kept(seq=len(WHOLE), status=Status.SUCCEEDED, settled=True, definition="d")


def running(seq: int, *work: KeptWork, **others: Any) -> Kept:
    """What is kept of an execution that goes on."""
    kept = Kept(seq=seq, status=Status.RUNNING, settled=False, definition="d", work=work)
    return replace(kept, **others)


def recorded(events: Sequence[e.AnyEvent], at: float = T0) -> list[e.Recorded]:
    return [e.Recorded(seq=seq, at=at, event=event) for seq, event in enumerate(events, 1)]


def found(
    events: Sequence[e.AnyEvent], kept: Kept = KEPT, known: Known | None = None
) -> dict[str, list[str]]:
    """Return what is wrong, by invariant."""
    violations: dict[str, list[str]] = {}
    for one in verify("x", recorded(events), kept, known):
        violations.setdefault(one.invariant, []).append(one.message)
    return violations
