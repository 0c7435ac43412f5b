"""Whether what is stored is the fold of the log."""

from collections.abc import Iterator

import msgspec

from segue.core import events as e
from segue.core.codec import VERSION, decode_state, encode_state
from segue.core.errors import IllegalEventError, InternalError
from segue.core.evolve import evolve
from segue.core.state import NEW, State
from segue.verification.check import Check
from segue.verification.kept import Kept, KeptSnapshot


class _Versioned(msgspec.Struct):
    version: int


class Fold(Check):
    """The log folds without an illegal event, to the stored status and snapshot.

    `state` is what it has come to; None once it can't be folded any further.
    """

    def __init__(self, snapshot: KeptSnapshot | None = None) -> None:
        self.state: State | None = NEW
        self._snapshot = snapshot
        self._compared = False

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Fold one more event."""
        event = one.event
        if self.state is None:
            return
        try:
            self.state = evolve(self.state, event)
        except (IllegalEventError, LookupError, AttributeError, InternalError) as error:
            yield f"it can't be folded: {error}"
            self.state = None
            return
        if self._snapshot is not None and self._snapshot.seq == self.state.seq:
            self._compared = True
            yield from _compared(self._snapshot, self.state)

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Compare what the row says."""
        if self.state is None:
            return
        if self._snapshot is not None and not self._compared:
            yield f"the snapshot is of {self._snapshot.seq} events, there are {self.state.seq}"
        if self.state.shown_status is not kept.status:
            yield f"the row says {kept.status}, the log folds to {self.state.shown_status}"


def _compared(snapshot: KeptSnapshot, state: State) -> Iterator[str]:
    try:
        version = msgspec.json.decode(snapshot.data, type=_Versioned).version
        if version != VERSION:
            return  # of another release: it is not read by this one
        same = encode_state(decode_state(snapshot.data)) == encode_state(state)
    except (msgspec.DecodeError, InternalError) as error:
        yield f"the snapshot can't be read: {error}"
        return
    if not same:
        yield "the snapshot is not the state that the log folds to"
