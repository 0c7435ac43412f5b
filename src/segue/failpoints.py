"""Points at which a process can be made to die, to see what survives it.

    SEGUE_FAILPOINT=committed segue run deploy.yaml       dies the first time it gets there
    SEGUE_FAILPOINT=committed:3 segue run deploy.yaml     the third time

It is SIGKILL: nothing is cleaned up, as in a crash. Without the variable a point is a call of a
function that does nothing. They follow a transition through its life: a request, the decision, the
commit, what is done about it, the action, its outcome, the taking over by another process, and
a stop in good order.
"""

import os
import signal
from enum import StrEnum


class Failpoint(StrEnum):
    """Where a process can be made to die."""

    REQUEST_ACCEPTED = "request_accepted"
    ENGINE_ADDED = "engine_added"
    STATE_LOADED = "state_loaded"
    DECIDED = "decided"
    TRANSACTION_BEGUN = "transaction_begun"
    ROW_WRITTEN = "row_written"
    EVENTS_WRITTEN = "events_written"
    WORK_WRITTEN = "work_written"
    COMMITTED = "committed"
    ANSWERED = "answered"
    HANDED_OFF = "handed_off"
    TIMER_ARMED = "timer_armed"
    TIMER_FIRED = "timer_fired"
    CHILD_BEGUN = "child_begun"
    ACTION_BEGUN = "action_begun"
    PROCESS_STARTED = "process_started"
    PROCESS_NOTED = "process_noted"
    PROCESS_ENDED = "process_ended"
    ACTION_ENDED = "action_ended"
    OUTCOME_REPORTED = "outcome_reported"
    ENGINE_DECLARED_LOST = "engine_declared_lost"
    WORK_CLAIMED = "work_claimed"
    LEFTOVERS_ENDED = "leftovers_ended"
    WORK_TAKEN_UP = "work_taken_up"
    WORK_RELEASED = "work_released"


class _Armed:
    """Counts how often a point was reached, and dies at one of them."""

    def __init__(self, text: str) -> None:
        name, _, hit = text.partition(":")
        self._point = Failpoint(name)
        self._left = int(hit or 1)

    def __call__(self, point: Failpoint) -> None:
        if point is self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def _nothing(point: Failpoint) -> None:
    """Go on."""


_wanted = os.environ.get("SEGUE_FAILPOINT")
#: Called where the process may die.
reach = _Armed(_wanted) if _wanted else _nothing
