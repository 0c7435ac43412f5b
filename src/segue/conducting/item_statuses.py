"""The status of a task with items, as what is reported of its items makes it.

It follows Orquesta's table for such tasks (its `TASK_STATE_MACHINE_DATA`, recorded with the cases that
this is tested with), save that an item which ends well counts while its task is paused.
"""

from segue.core.items import DORMANT, Items
from segue.core.status import Status

S = Status

_GOES_ON = {
    (S.PAUSED, S.RUNNING): S.RUNNING,
    (S.RUNNING, S.PAUSING): S.PAUSING,
    (S.RUNNING, S.CANCELING): S.CANCELING,
    (S.PAUSING, S.CANCELING): S.CANCELING,
    (S.PAUSED, S.CANCELING): S.CANCELING,
}
_ABENDED = frozenset({S.FAILED, S.TIMEOUT, S.ABANDONED})


def status_after(shown: Status, reported: Status, item: int, items: Items) -> Status:
    """Return the status of a task after the report of one of its items.

    `items` are those before the report, so that what is said of the others is said of all but it.
    """
    if (shown, reported) in _GOES_ON:
        return _GOES_ON[shown, reported]
    if reported not in {*DORMANT, S.SUCCEEDED, S.CANCELED, *_ABENDED}:
        return shown
    others = {status for other, status in items.open.items() if other != item}
    if others - DORMANT:
        return _while_others_run(shown, reported)
    ended = {one.status for other, one in items.ended.items() if other != item}
    if shown is S.CANCELING:
        well = reported is S.SUCCEEDED and not others and ended <= {S.SUCCEEDED}
        return S.SUCCEEDED if well and not items.are_left else S.CANCELED
    if reported is S.CANCELED:
        return S.CANCELED
    if reported is S.SUCCEEDED and others:
        return S.PAUSED
    return _when_none_runs(shown, reported, ended, left=items.are_left)


def _when_none_runs(shown: Status, reported: Status, ended: set[Status], *, left: bool) -> Status:
    if S.CANCELED in ended:
        return S.CANCELED
    if reported in _ABENDED or ended & _ABENDED:
        return S.FAILED
    if reported in DORMANT:
        return S.PAUSED
    if left:
        return S.PAUSED if shown in {S.PAUSING, S.PAUSED} else shown
    return S.SUCCEEDED


def _while_others_run(shown: Status, reported: Status) -> Status:
    if shown is S.RUNNING and reported in DORMANT:
        return S.PAUSING
    if shown is S.RUNNING and reported is S.CANCELED:
        return S.CANCELING
    return shown
