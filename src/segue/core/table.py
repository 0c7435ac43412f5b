"""Which events may happen when, and what status follows: the only place that says so.

A pair of status and event that is not listed is illegal. Everything that changes the status of
an execution or of a task execution is in these two tables.
"""

from segue.core import events as e
from segue.core.errors import IllegalEventError
from segue.core.status import Status

S = Status

#: Statuses of an execution that has begun and is not over.
_LIVE = (S.RUNNING, S.PAUSING, S.PAUSED)
_OVER = (S.SUCCEEDED, S.FAILED, S.TIMEOUT, S.CANCELED)

#: (status of the execution, event) -> its status afterwards. Only the host that steps through an
#: execution makes one fail that is being canceled, or has succeeded.
EXECUTION: dict[tuple[Status, type[e.Event]], Status] = {
    (S.REQUESTED, e.ExecutionStarted): S.RUNNING,
    (S.RUNNING, e.PauseRequested): S.PAUSING,
    (S.PAUSING, e.ExecutionPaused): S.PAUSED,
    (S.PAUSING, e.ExecutionResumed): S.RUNNING,
    (S.PAUSED, e.ExecutionResumed): S.RUNNING,
    **{(status, e.CancelRequested): S.CANCELING for status in _LIVE},
    (S.RUNNING, e.ExecutionSucceeded): S.SUCCEEDED,
    **{(status, e.ExecutionFailed): S.FAILED for status in (*_LIVE, S.CANCELING, S.SUCCEEDED)},
    **{(status, e.ExecutionTimedOut): S.TIMEOUT for status in _LIVE},
    (S.CANCELING, e.ExecutionCanceled): S.CANCELED,
    **{(status, e.ExecutionSettled): status for status in _OVER},
    **{(status, e.ExecutionRerun): S.RUNNING for status in _OVER},
}

#: Statuses of a task execution whose attempt has been handed off and is open.
_OPEN = (S.RUNNING, S.PENDING, S.PAUSING, S.PAUSED, S.RESUMING)
_ENDS = (e.AttemptSucceeded, e.AttemptFailed, e.AttemptTimedOut, e.AttemptCanceled, e.ItemsEnded)
_OF_ITEMS = (
    e.ItemStarted,
    e.ItemChanged,
    e.ItemSucceeded,
    e.ItemFailed,
    e.ItemTimedOut,
    e.ItemCanceled,
)

#: (status of the task execution, event) -> its status afterwards. None is before it exists.
#: TaskScheduled leads to DELAYED where it has a due time, AttemptStarted to PENDING where it asks;
#: TaskFailed and AttemptChanged lead to the status that they name.
TASK: dict[tuple[Status | None, type[e.Event]], Status] = {
    (None, e.TaskScheduled): S.SCHEDULED,
    (S.DELAYED, e.DelayElapsed): S.SCHEDULED,
    (S.RETRYING, e.DelayElapsed): S.RETRYING,
    (S.DELAYED, e.TaskWithdrawn): S.CANCELED,
    (S.SCHEDULED, e.TaskWithdrawn): S.CANCELED,
    (S.RETRYING, e.TaskWithdrawn): S.CANCELED,
    (S.SCHEDULED, e.TaskSkipped): S.CANCELED,
    (S.RUNNING, e.TaskWithdrawn): S.CANCELED,  # of its items, those left can't start any more
    (S.RUNNING, e.TaskReoffered): S.SCHEDULED,
    (S.SCHEDULED, e.TaskReoffered): S.SCHEDULED,
    (S.RETRYING, e.TaskReoffered): S.RETRYING,
    (S.SCHEDULED, e.AttemptStarted): S.RUNNING,
    (S.RETRYING, e.AttemptStarted): S.RUNNING,
    (S.SCHEDULED, e.ItemsStarted): S.RUNNING,
    (S.RETRYING, e.ItemsStarted): S.RUNNING,
    (S.SCHEDULED, e.TaskFailed): S.FAILED,
    (S.RETRYING, e.TaskFailed): S.FAILED,
    **{(status, e.AttemptChanged): S.RUNNING for status in (*_OPEN, S.CANCELING)},
    **{(status, event): S.RUNNING for status in _OPEN for event in _ENDS},
    **{(S.CANCELING, event): S.CANCELING for event in _ENDS},
    **{(status, e.AttemptCancelRequested): S.CANCELING for status in _OPEN},
    **{(status, event): status for status in (S.RUNNING, S.CANCELING) for event in _OF_ITEMS},
    (S.RUNNING, e.ItemCancelRequested): S.CANCELING,
    (S.CANCELING, e.ItemCancelRequested): S.CANCELING,
    (S.RUNNING, e.RetryScheduled): S.RETRYING,
    (S.RUNNING, e.TaskSucceeded): S.SUCCEEDED,
    (S.RUNNING, e.TaskFailed): S.FAILED,
    (S.RUNNING, e.TaskCanceled): S.CANCELED,
    (S.CANCELING, e.RetryScheduled): S.RETRYING,  # it waits for a rerun
    (S.CANCELING, e.TaskSucceeded): S.SUCCEEDED,
    (S.CANCELING, e.TaskFailed): S.FAILED,
    (S.CANCELING, e.TaskCanceled): S.CANCELED,
}

#: In which statuses of the execution the other events may happen at all. In a failed execution
#: tasks are scheduled and started only if they were named beside `fail`.
_NOT_SETTLED = frozenset({*_LIVE, S.CANCELING, *_OVER})
_GOING_ON = frozenset({S.RUNNING, S.FAILED})
_WAITING = frozenset({*_LIVE, S.CANCELING, S.FAILED})
WHEN: dict[type[e.Event], frozenset[Status]] = {
    e.TaskScheduled: _GOING_ON,
    e.TaskSkipped: _GOING_ON,
    e.DelayElapsed: _WAITING,
    # A host that steps through an execution may begin late what it was offered before.
    e.AttemptStarted: _NOT_SETTLED,
    e.ItemsStarted: _NOT_SETTLED,
    e.ItemStarted: _NOT_SETTLED,
    e.RetryScheduled: _WAITING,
    e.TaskReoffered: _GOING_ON,
    e.JoinArrived: _GOING_ON,
    e.JoinFired: _GOING_ON,
    e.ArrivalAbsorbed: _GOING_ON,
    e.JoinRoundEnded: _NOT_SETTLED,
    **dict.fromkeys(
        (
            e.TaskWithdrawn,
            e.AttemptChanged,
            e.AttemptSucceeded,
            e.AttemptFailed,
            e.AttemptTimedOut,
            e.AttemptCanceled,
            e.AttemptCancelRequested,
            e.ItemChanged,
            e.ItemSucceeded,
            e.ItemFailed,
            e.ItemTimedOut,
            e.ItemCanceled,
            e.ItemCancelRequested,
            e.ItemsEnded,
            e.TaskSucceeded,
            e.TaskFailed,
            e.TaskCanceled,
            e.TransitionTaken,
            e.TransitionLost,
            e.BranchEnded,
            e.ExpressionFailed,
        ),
        _NOT_SETTLED,
    ),
}


def execution_status(status: Status, event: e.AnyEvent) -> Status:
    """Return the status of an execution after an event.

    Raises `IllegalEventError` where the event may not happen in this status.
    """
    after = EXECUTION.get((status, type(event)))
    if after is None and status in WHEN.get(type(event), ()):
        after = status
    if after is None:
        raise IllegalEventError(f"{e.type_of(event)} can't happen in a {status} execution")
    return after


def task_status(status: Status | None, event: e.AnyEvent) -> Status:
    """Return the status of a task execution after an event.

    Raises `IllegalEventError` where the event may not happen in this status.
    """
    after = TASK.get((status, type(event)))
    if after is None:
        known = "unknown" if status is None else status
        raise IllegalEventError(f"{e.type_of(event)} can't happen to a task execution: {known}")
    return after
