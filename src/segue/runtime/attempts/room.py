"""How much memory the inputs and the results of actions may take that run at the same time.

A hundred actions may run at once, and each may return what is as large as a result may be. How
large an input is can be known before; how large a result will be can not, but actions return
much the same each time. So an action begins when there is room for its input and for the largest
result that it has given so far.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from functools import partial

import msgspec

from segue.actions.registry import OURS
from segue.runtime.desk.clock import Clock
from segue.values import JsonValue

#: Bytes of JSON of all inputs and results together; one action alone may have more.
MOST_BYTES = 256 * 1024 * 1024
#: So many runs of an action that has not given a result yet begin at once...
FIRST_RUNS = 4
#: ... and twice as many as before when it has not given one after so many seconds: whoever takes
#: his time does not fill the memory in no time.
DOUBLING_SECONDS = 0.1
#: Smaller results are not counted.
LEAST_BYTES = 64 * 1024

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True, kw_only=True, eq=False)
class Share:
    """What one run of an action takes: `given` bytes of input, and so many that it may return."""

    action: str
    given: int
    admitted: asyncio.Future[None]
    returned: int = 0

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return self.given + self.returned


@dataclass(slots=True)
class Room:
    """See the module. Who comes first is admitted first; what is known to be small never waits."""

    clock: Clock
    most: int = MOST_BYTES
    _taken: int = 0
    _largest: dict[str, int] = field(default_factory=dict)
    _guesses: dict[str, int] = field(default_factory=dict)
    _waiting: deque[Share] = field(default_factory=deque)

    @property
    def taken(self) -> int:
        """How many bytes are taken by what has been admitted."""
        return self._taken

    async def enter(self, action: str, given: int) -> Share:
        """Return when there is room for an action whose input has so many bytes of big values."""
        share = Share(
            action=action, given=given, admitted=asyncio.get_running_loop().create_future()
        )
        if given == 0 and self._known(action) == 0:
            return share
        self._waiting.append(share)
        self._admit()
        try:
            await share.admitted
        except asyncio.CancelledError:
            if share in self._waiting:
                self._waiting.remove(share)
                self._admit()
            else:
                self.leave(share)
            raise
        return share

    def note(self, share: Share, result: JsonValue) -> None:
        """Take note of what an action has returned."""
        # It may well become less again.
        before = self._largest.get(share.action, 0) * 3 // 4
        largest = max(len(_encode(result)), before)
        self._largest[share.action] = largest if largest > LEAST_BYTES else 0

    def leave(self, share: Share) -> None:
        """Give back what a run of an action has taken. Harmless if that was done."""
        self._taken -= share.size
        share.given = share.returned = 0
        self._admit()

    def _admit(self) -> None:
        while self._waiting:
            share = self._waiting[0]
            known = self._known(share.action)
            guess = self._guesses.get(share.action, self.most // FIRST_RUNS)
            returned = guess if known is None else known
            if self._taken and self._taken + share.given + returned > self.most:
                return
            self._waiting.popleft()
            share.returned = returned
            self._taken += share.size
            if known is None:
                self.clock.call_later(DOUBLING_SECONDS, partial(self._forgive, share))
            if not share.admitted.done():
                share.admitted.set_result(None)

    def _known(self, action: str) -> int | None:
        # What comes with us bounds what it returns itself.
        return self._largest.get(action, 0 if action.startswith(OURS) else None)

    def _forgive(self, share: Share) -> None:
        """Count no longer what an action may return that has not returned anything yet."""
        if not share.returned:
            return  # it has left
        guess = self._guesses.get(share.action, share.returned)
        self._guesses[share.action] = min(guess, share.returned // 2)
        self._taken -= share.returned
        share.returned = 0
        self._admit()
