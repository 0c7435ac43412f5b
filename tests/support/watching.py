"""Watching the outside world: other processes have no clock that a test could set."""

import time
from collections.abc import Callable

#: Seconds between two looks.
PAUSE = 0.01


def watch(holds: Callable[[], object], what: str, *, seconds: float = 60) -> None:
    """Look until something holds; fail if it never does. `what` is what is waited for."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(PAUSE)
