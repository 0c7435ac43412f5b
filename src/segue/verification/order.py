"""Whether the log is whole, ends once, and is of one definition."""

from collections.abc import Iterator

from segue.core import events as e
from segue.core.state import State
from segue.verification.check import Check
from segue.verification.kept import Kept

_TERMINAL = (
    e.ExecutionSucceeded,
    e.ExecutionFailed,
    e.ExecutionCanceled,
    e.ExecutionTimedOut,
)


class Gapless(Check):
    """Events are numbered without a gap, from the start on, which comes once."""

    def __init__(self) -> None:
        self._seq = 0

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Count."""
        event, seq = one.event, one.seq
        if seq != self._seq + 1:
            yield f"it is number {seq} and follows number {self._seq}"
        self._seq = seq
        if (seq == 1) is not isinstance(event, e.ExecutionStarted):
            yield f"{e.type_of(event)} as event {seq}"

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Compare the number of events."""
        if self._seq != kept.seq:
            yield f"the log has {self._seq} events, the row says {kept.seq}"


class OneEnd(Check):
    """An execution ends once, settles once, and only a rerun follows."""

    def __init__(self) -> None:
        self._ended: str | None = None
        self._settled = False

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Look for what follows an end."""
        event = one.event
        kind = e.type_of(event)
        if isinstance(event, e.ExecutionRerun):
            if not self._settled:
                yield "a rerun of what is not settled"
            self._ended, self._settled = None, False
            return
        if self._settled:
            yield f"{kind} follows the end"
        if isinstance(event, _TERMINAL):
            if self._ended is not None:
                yield f"{kind} follows {self._ended}"
            self._ended = kind
        elif isinstance(event, e.ExecutionSettled):
            if self._ended is None:
                yield "it is settled and has not ended"
            self._settled = True

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Compare the end."""
        if kept.settled is not self._settled:
            says, is_ = _settled(kept.settled), _settled(self._settled)
            yield f"the row says that it is {says}, and it is {is_}"


class OneDefinition(Check):
    """All of an execution is of the definition that its row names."""

    def __init__(self) -> None:
        self._definitions: dict[str, int] = {}

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Collect what events name."""
        event, seq = one.event, one.seq
        found: tuple[str, ...] = ()
        if isinstance(event, e.ExecutionStarted):
            found = (event.definition,)
        elif isinstance(event, e.ExecutionRerun):
            restarted = () if event.restarted is None else (event.restarted.definition,)
            found = (event.state.definition, *restarted)
        for definition in found:
            self._definitions.setdefault(definition, seq)
            if len(self._definitions) > 1 and self._definitions[definition] == seq:
                yield f"the definition is {definition} from here on"

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Compare with the row."""
        if kept.definition not in self._definitions:
            yield f"the row names the definition {kept.definition}, the log does not"


def _settled(settled: bool) -> str:  # noqa: FBT001 (the one thing it is about)
    return "settled" if settled else "not settled"
