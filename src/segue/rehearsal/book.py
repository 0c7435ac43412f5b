"""The mocks of a test while it runs: which one stands for a call, and which were not needed."""

from segue.core.commands import OpenQuestion, StartAttempt
from segue.rehearsal.spec import Mock


class Book:
    """The mocks, in the order of the file, and how often each was used."""

    def __init__(self, mocks: tuple[Mock, ...]) -> None:
        self._mocks = mocks
        self._used = [0] * len(mocks)
        self._left: dict[str, list[int]] = {}  # of each task, those that are not used up
        for index, mock in enumerate(mocks):
            self._left.setdefault(mock.task, []).append(index)

    def take(self, call: StartAttempt | OpenQuestion) -> Mock | None:
        """Return the first mock for this call that is not used up."""
        left = self._left.get(call.task, [])
        for place, index in enumerate(left):
            mock = self._mocks[index]
            if _is_for(mock, call):
                self._used[index] += 1
                if self._used[index] == mock.times:
                    del left[place]
                return mock
        return None

    def of_task(self, task: str) -> tuple[Mock, ...]:
        """Return all mocks of a task, used or not."""
        return tuple(mock for mock in self._mocks if mock.task == task)

    def unused(self) -> list[tuple[Mock, int]]:
        """Return the mocks that were used less often than they say, and how often they were."""
        return [
            (mock, used)
            for mock, used in zip(self._mocks, self._used, strict=True)
            if mock.times is not None and used < mock.times
        ]


def _is_for(mock: Mock, call: StartAttempt | OpenQuestion) -> bool:
    return (
        mock.visit in {None, call.visit}
        and mock.attempt in {None, call.attempt}
        and mock.item in {None, call.item}
    )
