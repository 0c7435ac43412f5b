"""Which events may happen when, and what status follows: the only place that says so.

A pair of status and event that is not listed is illegal. Everything that changes the status of
an execution or of a task execution is in these two tables.
"""

from segue.core import events as e
from segue.core.errors import IllegalEventError
from segue.core.status import Status

S = Status

#: (status of the execution, event) -> its status afterwards.
EXECUTION: dict[tuple[Status, type[e.Event]], Status] = {
    (S.REQUESTED, e.ExecutionStarted): S.RUNNING,
    (S.RUNNING, e.CancelRequested): S.CANCELING,
    (S.RUNNING, e.ExecutionSucceeded): S.SUCCEEDED,
    (S.RUNNING, e.ExecutionFailed): S.FAILED,
    (S.RUNNING, e.ExecutionTimedOut): S.TIMEOUT,
    (S.CANCELING, e.ExecutionCanceled): S.CANCELED,
    (S.SUCCEEDED, e.ExecutionSettled): S.SUCCEEDED,
    (S.FAILED, e.ExecutionSettled): S.FAILED,
    (S.TIMEOUT, e.ExecutionSettled): S.TIMEOUT,
    (S.CANCELED, e.ExecutionSettled): S.CANCELED,
}

#: (status of the task execution, event) -> its status afterwards. None is before it exists.
#: TaskScheduled leads to DELAYED where it has a due time, TaskFailed to the status it names.
TASK: dict[tuple[Status | None, type[e.Event]], Status] = {
    (None, e.TaskScheduled): S.SCHEDULED,
    (S.DELAYED, e.DelayElapsed): S.SCHEDULED,
    (S.DELAYED, e.TaskWithdrawn): S.CANCELED,
    (S.SCHEDULED, e.TaskWithdrawn): S.CANCELED,
    (S.RETRYING, e.TaskWithdrawn): S.CANCELED,
    (S.SCHEDULED, e.AttemptStarted): S.RUNNING,
    (S.RETRYING, e.AttemptStarted): S.RUNNING,
    (S.SCHEDULED, e.TaskFailed): S.FAILED,
    (S.RETRYING, e.TaskFailed): S.FAILED,
    (S.RUNNING, e.AttemptSucceeded): S.RUNNING,
    (S.RUNNING, e.AttemptFailed): S.RUNNING,
    (S.RUNNING, e.AttemptTimedOut): S.RUNNING,
    (S.RUNNING, e.AttemptCanceled): S.RUNNING,
    (S.RUNNING, e.AttemptCancelRequested): S.CANCELING,
    (S.RUNNING, e.RetryScheduled): S.RETRYING,
    (S.RUNNING, e.TaskSucceeded): S.SUCCEEDED,
    (S.RUNNING, e.TaskFailed): S.FAILED,
    (S.RUNNING, e.TaskCanceled): S.CANCELED,
    (S.CANCELING, e.AttemptSucceeded): S.CANCELING,
    (S.CANCELING, e.AttemptFailed): S.CANCELING,
    (S.CANCELING, e.AttemptTimedOut): S.CANCELING,
    (S.CANCELING, e.AttemptCanceled): S.CANCELING,
    (S.CANCELING, e.TaskSucceeded): S.SUCCEEDED,
    (S.CANCELING, e.TaskFailed): S.FAILED,
    (S.CANCELING, e.TaskCanceled): S.CANCELED,
}

#: In which statuses of the execution the other events may happen at all. In a failed execution
#: tasks are scheduled and started only if they were named beside `fail`.
_NOT_SETTLED = frozenset({S.RUNNING, S.CANCELING, S.SUCCEEDED, S.FAILED, S.TIMEOUT, S.CANCELED})
_GOING_ON = frozenset({S.RUNNING, S.FAILED})
WHEN: dict[type[e.Event], frozenset[Status]] = {
    e.TaskScheduled: _GOING_ON,
    e.DelayElapsed: _GOING_ON,
    e.AttemptStarted: _GOING_ON,
    e.RetryScheduled: _GOING_ON,
    e.JoinArrived: _GOING_ON,
    e.JoinFired: _GOING_ON,
    e.ArrivalAbsorbed: _GOING_ON,
    e.JoinRoundEnded: _GOING_ON,
    e.TaskWithdrawn: _NOT_SETTLED,
    e.AttemptSucceeded: _NOT_SETTLED,
    e.AttemptFailed: _NOT_SETTLED,
    e.AttemptTimedOut: _NOT_SETTLED,
    e.AttemptCanceled: _NOT_SETTLED,
    e.AttemptCancelRequested: _NOT_SETTLED,
    e.TaskSucceeded: _NOT_SETTLED,
    e.TaskFailed: _NOT_SETTLED,
    e.TaskCanceled: _NOT_SETTLED,
    e.TransitionTaken: _NOT_SETTLED,
    e.BranchEnded: _NOT_SETTLED,
    e.ExpressionFailed: _NOT_SETTLED,
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
