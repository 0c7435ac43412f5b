"""How the store and its machines do at each moment: faults, while there are any."""

from tests.simulation.loop import SimLoop
from tests.simulation.plan import Plan

from segue.store.port import StoreError, UnreadableError

UNREADABLE = "it can't be read for a while"


class Weather:
    """Draws what goes wrong. After `clear_up` nothing does any more."""

    def __init__(self, plan: Plan, loop: SimLoop) -> None:
        self._plan = plan
        self._loop = loop
        self._rng = plan.rng("weather")
        self._clear = False
        self.faults = 0
        self._full = self._window("full")
        self._slow = self._window("slow")
        self._unreadable = self._window("unreadable")

    def clear_up(self) -> None:
        """Let nothing go wrong from now on."""
        self._clear = True

    @property
    def is_clear(self) -> bool:
        """Whether nothing goes wrong any more."""
        return self._clear

    def happens(self, fault: str, weight: float = 1.0) -> bool:
        """Draw whether a fault happens now."""
        if self._clear or not self._plan.has(fault):
            return False
        happens = self._rng.random() < self._plan.rate * weight
        self.faults += happens
        return happens

    def latency(self) -> float:
        """Draw how long a message to the store, or back, takes."""
        if self._is_in(self._slow):
            return self._rng.uniform(0.1, 3.0)
        return 0.0 if self._rng.random() < 0.7 else self._rng.uniform(0.0, 0.01)

    def before(self, *, writes: bool) -> None:
        """Raise `StoreError` if the store is not to be reached."""
        if writes and self._is_in(self._full):
            raise StoreError("the disk is full", code="store_full")
        if self.happens("commit_failed" if writes else "read_failed"):
            raise StoreError("the store is locked", code="store_locked")

    def before_reading(self, execution: str) -> None:
        """Raise `UnreadableError` if the log of this execution can't be read."""
        if self._is_in(self._unreadable) and self._plan.rng(f"damage {execution}").random() < 0.3:
            raise UnreadableError(f"{UNREADABLE} ({execution})")

    def after(self, *, writes: bool) -> None:
        """Raise `StoreError` if the answer of the store is lost."""
        if writes and self.happens("commit_lost"):
            raise StoreError("the connection is lost", code="store_io")

    def _window(self, fault: str) -> tuple[float, float]:
        if not self._plan.has(fault):
            return (0.0, 0.0)
        self.faults += 1
        begin = self._rng.uniform(0.0, self._plan.horizon)
        return (begin, begin + self._rng.uniform(0.5, 15.0))

    def _is_in(self, window: tuple[float, float]) -> bool:
        return not self._clear and window[0] <= self._loop.time() < window[1]
