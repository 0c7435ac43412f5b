"""Giving back what an engine that is to stop does not run: others can go on with it at once."""

import logging
from collections.abc import Collection, Mapping

from segue.failpoints import Failpoint, reach
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.outstanding import not_begun
from segue.store.port import StoreError

_log = logging.getLogger(__name__)

#: A piece of work, by its execution and its name there.
Named = tuple[str, str]


async def hand_back(desk: Desk, keep: Collection[Named], unbegun: Collection[Named]) -> None:
    """Let others have what we hold, but for `keep`. To be done in a turn; raises nothing.

    `unbegun` are jobs that never began here: of these, what may run once at most may do so under
    the next claim.
    """
    try:
        renewed = await _renewed(desk, unbegun)
        await desk.store.release_work(desk.identity.id, keep=keep, renewed=renewed)
    except StoreError as error:
        _log.warning("the engine could not let go of what waits: %s", error)
        return
    desk.holdings.drop_all_but(keep)
    reach(Failpoint.WORK_RELEASED)


async def _renewed(desk: Desk, unbegun: Collection[Named]) -> Mapping[Named, bytes]:
    """Return new data for what may run once at most, and has never begun here."""
    if not unbegun:
        return {}
    works = await desk.store.list_work(engine=desk.identity.id)
    found = {
        (work.execution, work.name): not_begun(work)
        for work in works
        if (work.execution, work.name) in unbegun
    }
    return {name: data for name, data in found.items() if data is not None}
