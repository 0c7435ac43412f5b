"""A clock that jumps from one thing that is due to the next."""

import heapq
from itertools import count

from segue.core.stimuli import Stimulus
from segue.rehearsal.spec import Request

#: What is due: for the core, or a request that somebody makes.
Due = Stimulus | Request


class Clock:
    """Gives what is due in order of time; at one instant first come first.

    What has a name can be taken back, or replaced, under that name.
    """

    def __init__(self, now: float) -> None:
        self.now = now
        self._due: list[tuple[float, int, str | None, Due]] = []
        self._numbers = count()
        self._named: dict[str, int] = {}

    def at(self, when: float, what: Due, name: str | None = None) -> None:
        """Have something happen at an instant, or now if that has passed."""
        number = next(self._numbers)
        if name is not None:
            self._named[name] = number
        heapq.heappush(self._due, (max(when, self.now), number, name, what))

    def drop(self, name: str) -> bool:
        """Take back what has this name; say whether there was something."""
        return self._named.pop(name, None) is not None

    def next(self) -> Due | None:
        """Jump to what is due next, and return it; None: nothing is."""
        while self._due:
            when, number, name, what = heapq.heappop(self._due)
            if name is not None:
                if self._named.get(name) != number:
                    continue
                del self._named[name]
            self.now = when
            return what
        return None
