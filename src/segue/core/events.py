"""What has happened in an execution: facts, in the past tense, complete.

Folding events never evaluates an expression: what was rendered, published or decided is in
them. They are written to the log as JSON with the struct's tag as their type; a field may be
added with a default, and is never renamed or removed.

A task execution is named by its task and its visit (from 1); an attempt counts from 1 within
it. The time of an event is kept beside it (`Recorded.at`), times inside are in seconds since
the epoch.
"""

import msgspec

from segue.core.branch_events import (
    ArrivalAbsorbed,
    BranchEnded,
    JoinArrived,
    JoinFired,
    JoinRoundEnded,
    TransitionLost,
    TransitionTaken,
)
from segue.core.event import (
    Event,
)
from segue.core.execution_events import (
    CancelRequested,
    ExecutionCanceled,
    ExecutionFailed,
    ExecutionPaused,
    ExecutionRerun,
    ExecutionResumed,
    ExecutionSettled,
    ExecutionStarted,
    ExecutionSucceeded,
    ExecutionTimedOut,
    ExpressionFailed,
    PauseRequested,
)
from segue.core.failure import (
    Failure,
)
from segue.core.item_events import (
    ItemCanceled,
    ItemCancelRequested,
    ItemChanged,
    ItemFailed,
    ItemsEnded,
    ItemsStarted,
    ItemStarted,
    ItemSucceeded,
    ItemTimedOut,
)
from segue.core.references import restored
from segue.core.task_events import (
    AttemptCanceled,
    AttemptCancelRequested,
    AttemptChanged,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    AttemptTimedOut,
    DelayElapsed,
    RetryScheduled,
    TaskCanceled,
    TaskFailed,
    TaskReoffered,
    TaskScheduled,
    TaskSkipped,
    TaskSucceeded,
    TaskWithdrawn,
)

__all__ = [
    "AnyEvent",
    "ArrivalAbsorbed",
    "AttemptCancelRequested",
    "AttemptCanceled",
    "AttemptChanged",
    "AttemptFailed",
    "AttemptStarted",
    "AttemptSucceeded",
    "AttemptTimedOut",
    "BranchEnded",
    "CancelRequested",
    "DelayElapsed",
    "Event",
    "ExecutionCanceled",
    "ExecutionFailed",
    "ExecutionPaused",
    "ExecutionRerun",
    "ExecutionResumed",
    "ExecutionSettled",
    "ExecutionStarted",
    "ExecutionSucceeded",
    "ExecutionTimedOut",
    "ExpressionFailed",
    "Failure",
    "ItemCancelRequested",
    "ItemCanceled",
    "ItemChanged",
    "ItemFailed",
    "ItemStarted",
    "ItemSucceeded",
    "ItemTimedOut",
    "ItemsEnded",
    "ItemsStarted",
    "JoinArrived",
    "JoinFired",
    "JoinRoundEnded",
    "PauseRequested",
    "Recorded",
    "RetryScheduled",
    "TaskCanceled",
    "TaskFailed",
    "TaskReoffered",
    "TaskScheduled",
    "TaskSkipped",
    "TaskSucceeded",
    "TaskWithdrawn",
    "TransitionLost",
    "TransitionTaken",
    "decode",
    "encode",
    "type_of",
]

AnyEvent = (
    ExecutionStarted
    | PauseRequested
    | ExecutionPaused
    | ExecutionResumed
    | ExecutionRerun
    | ItemsStarted
    | ItemStarted
    | ItemChanged
    | ItemSucceeded
    | ItemFailed
    | ItemTimedOut
    | ItemCanceled
    | ItemCancelRequested
    | ItemsEnded
    | AttemptChanged
    | CancelRequested
    | ExecutionSucceeded
    | ExecutionFailed
    | ExecutionCanceled
    | ExecutionTimedOut
    | ExecutionSettled
    | ExpressionFailed
    | TaskScheduled
    | DelayElapsed
    | TaskWithdrawn
    | TaskSkipped
    | AttemptStarted
    | AttemptSucceeded
    | AttemptFailed
    | AttemptTimedOut
    | AttemptCanceled
    | AttemptCancelRequested
    | TaskReoffered
    | RetryScheduled
    | TaskSucceeded
    | TaskFailed
    | TaskCanceled
    | TransitionTaken
    | TransitionLost
    | BranchEnded
    | JoinArrived
    | JoinFired
    | ArrivalAbsorbed
    | JoinRoundEnded
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands in the log of its execution: `seq` counts from 1 without a gap."""

    seq: int
    at: float  # seconds since the epoch
    event: AnyEvent


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def type_of(event: AnyEvent) -> str:
    """Return the type of an event as the log and the users see it: "task_scheduled"."""
    tag = type(event).__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def encode(event: AnyEvent) -> bytes:
    """Return an event as the JSON object that the log keeps, its type under "type"."""
    return _encoder.encode(event)


def decode(data: bytes) -> AnyEvent:
    """Return the event that `encode` gave `data` for.

    Raises `msgspec.DecodeError` for anything else.
    """
    event = _decoder.decode(data)
    return restored(event, event.refers)
