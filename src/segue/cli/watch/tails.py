"""The last lines that tasks have printed, each piece of output read once."""

from collections import OrderedDict

from segue.store.port import Store

#: How many lines are shown of a failed task.
LINES = 5
#: Of how many task executions, and how many characters of each, something is kept.
_KEPT = 100
_CHARACTERS = 4000


class LogTails:
    """The ends of the output of one execution's tasks."""

    def __init__(self, execution: str) -> None:
        self._execution = execution
        self._read: dict[str, int] = {}
        self._ends: OrderedDict[tuple[str, int], str] = OrderedDict()

    async def read(self, store: Store, task: str) -> None:
        """Read what a task has printed since the last time. Raises `StoreError`."""
        after = self._read.get(task, 0)
        while page := await store.read_log(self._execution, task=task, after=after):
            after = page[-1][0]
            for _, chunk in page:
                key = (chunk.task, chunk.visit)
                self._ends[key] = (self._ends.get(key, "") + chunk.text)[-_CHARACTERS:]
                self._ends.move_to_end(key)
                if len(self._ends) > _KEPT:
                    self._ends.popitem(last=False)
        self._read[task] = after

    def lines(self, task: str, visit: int) -> tuple[str, ...]:
        """Return the last lines of a task execution, as far as they have been read."""
        return tuple(self._ends.get((task, visit), "").splitlines()[-LINES:])
