"""Which statuses may follow which, as hosts see them: of tasks, and of the whole execution.

The words and the tables are Orquesta's, for its hosts have been written to them. What the core
does not know of is here: an execution that is only about to run, or about to go on.
"""

from collections.abc import Mapping

from segue.core.status import Status

S = Status

BEFORE = frozenset({S.REQUESTED, S.SCHEDULED, S.DELAYED})
ENDS = frozenset({S.SUCCEEDED, S.FAILED, S.TIMEOUT, S.ABANDONED, S.CANCELED})
PAUSES = frozenset({S.PAUSING, S.PAUSED})
CANCELS = frozenset({S.CANCELING, S.CANCELED})
#: A task in one of these keeps an execution from going on as if nothing were.
STOPPED = frozenset({S.PENDING, *PAUSES})

_UNDER_WAY = frozenset({S.RUNNING, S.PENDING, *PAUSES, S.CANCELING})

#: What a report that is no end makes of a task; all others are without effect.
_TASK: Mapping[Status | None, frozenset[Status]] = {
    None: BEFORE | _UNDER_WAY,
    S.RETRYING: BEFORE | _UNDER_WAY,
    S.REQUESTED: frozenset({S.SCHEDULED, S.DELAYED}) | _UNDER_WAY,
    S.SCHEDULED: frozenset({S.DELAYED}) | _UNDER_WAY,
    S.DELAYED: frozenset({S.SCHEDULED}) | _UNDER_WAY,
    S.RUNNING: _UNDER_WAY,
    S.PAUSING: frozenset({S.PAUSED, S.RESUMING, S.CANCELING}),
    S.PAUSED: frozenset({S.RUNNING, S.RESUMING, S.CANCELING}),
    S.RESUMING: frozenset({S.RUNNING, S.CANCELING}),
}

#: What may be asked of an execution in a status (None: nothing was asked for yet).
_STOPS = PAUSES | CANCELS
_ASKED: Mapping[Status | None, frozenset[Status]] = {
    None: frozenset({*BEFORE, S.RUNNING, S.FAILED}),
    S.REQUESTED: frozenset({S.SCHEDULED, S.DELAYED, S.RUNNING, S.FAILED}) | _STOPS,
    S.SCHEDULED: frozenset({S.DELAYED, S.RUNNING, S.FAILED}) | _STOPS,
    S.DELAYED: frozenset({S.SCHEDULED, S.RUNNING, S.FAILED}) | _STOPS,
    S.RUNNING: frozenset({S.SUCCEEDED, S.FAILED}) | _STOPS,
    S.PAUSING: frozenset({S.RUNNING, S.RESUMING, S.FAILED}) | CANCELS,
    S.PAUSED: frozenset({S.RUNNING, S.RESUMING, S.FAILED}) | CANCELS,
    S.RESUMING: frozenset({S.RUNNING, S.FAILED}) | _STOPS,
    S.CANCELING: frozenset({S.FAILED}),
    S.SUCCEEDED: frozenset({S.FAILED}),
}
#: (what is asked for, status): the same thing by another name.
_SAME = frozenset({(S.PAUSED, S.PAUSING), (S.CANCELED, S.CANCELING)})


def task_follows(shown: Status | None, reported: Status) -> bool:
    """Return whether a report that is no end changes a task that is shown so."""
    return reported in _TASK.get(shown, ())


def is_granted_already(asked: Status, status: Status | None) -> bool:
    """Return whether the execution is what it is asked to be, or about to."""
    return asked is status or (asked, status) in _SAME


def may_be_asked(asked: Status, status: Status | None, *, active: bool) -> bool:
    """Return whether this can be asked of an execution in this status."""
    if asked not in _ASKED.get(status, ()):
        return False
    # Before it runs it can't be stopped while hosts have begun tasks of it all the same.
    return not (status in BEFORE and asked in _STOPS and active)
