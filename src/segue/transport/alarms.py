"""Calls to come that can be called off."""

from collections.abc import Callable
from typing import Protocol


class Alarm(Protocol):
    """A call to come that can be called off."""

    def cancel(self) -> None:
        """Call it off. Harmless when it is over."""
        ...


#: Calls something after some seconds: by the loop's own clock, or by that of a test.
CallLater = Callable[[float, Callable[[], None]], Alarm]
