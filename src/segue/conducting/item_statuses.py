"""The status of a task with items, as what is reported of its items makes it.

It follows Orquesta's table for such tasks, save that an item which ends counts while its task is
paused, too. The end of the task is not decided here but in the core, which agrees.
"""

from collections.abc import Mapping

from segue.core.items import DORMANT, Items
from segue.core.status import Status

S = Status

#: What a report makes of the task whatever its other items do.
_ALWAYS: Mapping[tuple[Status, Status], Status] = {
    (S.PAUSED, S.RUNNING): S.RUNNING,
    (S.RUNNING, S.PAUSING): S.PAUSING,
    (S.RUNNING, S.CANCELING): S.CANCELING,
    (S.PAUSING, S.CANCELING): S.CANCELING,
    (S.PAUSED, S.CANCELING): S.CANCELING,
}
#: What it makes of a running task of which other items run.
_WHILE_OTHERS_RUN: Mapping[Status, Status] = {
    S.PENDING: S.PAUSING,
    S.PAUSED: S.PAUSING,
    S.CANCELED: S.CANCELING,
}
_ABENDED = frozenset({S.FAILED, S.TIMEOUT, S.ABANDONED})
_SAYS_SOMETHING = frozenset({*DORMANT, S.SUCCEEDED, S.CANCELED, *_ABENDED})


def status_after(shown: Status, reported: Status, item: int, items: Items) -> Status:
    """Return the status of a task after the report of one of its items.

    `items` are those before the report, the reported one among the open ones. What it costs does
    not depend on how many there are.
    """
    always = _ALWAYS.get((shown, reported))
    if always is not None:
        return always
    if reported not in _SAYS_SOMETHING:
        return shown
    own_runs = items.open.get(item, S.RUNNING) not in DORMANT
    others_run = items.active > own_runs
    others_wait = len(items.open) - items.active > (not own_runs)
    if others_run:
        return _WHILE_OTHERS_RUN.get(reported, shown) if shown is S.RUNNING else shown
    if shown is S.CANCELING:
        all_well = not (others_wait or items.are_left or items.failed or items.canceled)
        return S.SUCCEEDED if reported is S.SUCCEEDED and all_well else S.CANCELED
    if reported is S.CANCELED or (items.canceled and not others_wait):
        return S.CANCELED
    return _when_none_runs(shown, reported, items, others_wait=others_wait)


def _when_none_runs(shown: Status, reported: Status, items: Items, *, others_wait: bool) -> Status:
    if reported in _ABENDED:
        return S.FAILED
    if others_wait:
        return S.PAUSED
    if items.failed:
        return S.FAILED
    if reported in DORMANT:
        return S.PAUSED
    if items.are_left:
        return S.PAUSED if shown in {S.PAUSING, S.PAUSED} else shown
    return S.SUCCEEDED
