"""A check: it sees the events of one execution in order, and says what is wrong with them."""

from collections.abc import Iterator

from segue.core.events import Recorded
from segue.core.state import State
from segue.verification.kept import Kept


class Check:
    """See the module. What is given back are sentences without a full stop.

    No event may make a check raise: what it does not understand is for another one to report.
    """

    def see(self, one: Recorded) -> Iterator[str]:  # noqa: ARG002 (for those that look)
        """Look at the next event."""
        yield from ()

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002 (as above)
        """Look at what is kept, and at the state that the log folds to (None: it does not)."""
        yield from ()
