"""The time as the engine sees it: one place to ask, and one for tests to take its place."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from segue.transport.alarms import Alarm


class Clock(Protocol):
    """What the engine needs of time. Instants are seconds since the epoch."""

    def now(self) -> float:
        """Return the present instant."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Call `callback` once, when at least `seconds` have passed."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when at least `seconds` have passed."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Return the present instant."""
        return time.time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Call `callback` once, when at least `seconds` have passed."""
        return asyncio.get_running_loop().call_later(seconds, callback)

    async def sleep(self, seconds: float) -> None:
        """Return when at least `seconds` have passed."""
        await asyncio.sleep(seconds)
