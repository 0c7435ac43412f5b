"""What is done with an execution that can't go on: it is left alone, and others can see why."""

import logging
from collections.abc import Collection

from segue.runtime.desk.desk import Desk
from segue.runtime.errors import ExecutionParkedError
from segue.store.port import ParkedRow, StoreError

_log = logging.getLogger(__name__)

#: Of what hinders an execution, so many characters are kept.
MOST_CHARACTERS = 2000


def still_parked(row: ParkedRow, having: Collection[str]) -> bool:
    """Return whether nobody else has gone on; `having`: the living engines with work of it."""
    return set(having) <= {row.engine}


class Parking:
    """The executions that this engine has parked, and what of it is yet to be written.

    They stay parked until the engine ends or begins anew: whoever has them next tries again.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._parked: dict[str, ExecutionParkedError] = {}
        self._unwritten: dict[str, ParkedRow] = {}

    def find(self, execution: str) -> ExecutionParkedError | None:
        """Return why an execution is parked; None: it is not."""
        return self._parked.get(execution)

    def park(self, execution: str, cause: Exception) -> ExecutionParkedError:
        """Park an execution; return what those are told who ask for something of it.

        What hinders it first is what counts.
        """
        if execution in self._parked:
            return self._parked[execution]
        _log.error("execution %s is parked: %s", execution, cause, exc_info=cause)
        error = ExecutionParkedError(execution, cause)
        error.__cause__ = cause
        self._parked[execution] = error
        self._unwritten[execution] = ParkedRow(
            execution=execution,
            engine=self._desk.identity.id,
            at=self._desk.clock.now(),
            problem=error.problem[:MOST_CHARACTERS],
        )
        return error

    def clear(self) -> None:
        """Forget them all."""
        self._parked.clear()
        self._unwritten.clear()

    async def write(self) -> None:
        """Write what is yet to be written. Where that fails, it waits for the next time."""
        rows = list(self._unwritten.values())
        if not rows:
            return
        try:
            await self._desk.store.note_parked(rows)
        except StoreError as error:
            _log.warning("what is parked can't be noted now: %s", error)
            return
        for row in rows:
            if self._unwritten.get(row.execution) is row:
                del self._unwritten[row.execution]
