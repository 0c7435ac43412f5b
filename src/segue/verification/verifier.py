"""All invariants over one execution, event by event: a long log is never whole in memory."""

from collections.abc import Iterable, Iterator

from segue.core.events import Recorded
from segue.verification.folding import Fold
from segue.verification.invariants import INVARIANTS, Known
from segue.verification.kept import Kept
from segue.verification.violation import Violation

#: So many violations of one invariant are told of one execution; more of them say no more.
MOST_OF_ONE = 5


class Verifier:
    """Give it the events in order by `add`, then what is kept by `finish`."""

    def __init__(self, execution: str, known: Known | None = None) -> None:
        known = known or Known()
        self._execution = execution
        self._checks = [(one.id, one.begin(known)) for one in INVARIANTS]
        self._fold = next(one for _, one in self._checks if isinstance(one, Fold))
        self._violations: dict[str, list[Violation]] = {}

    def add(self, recorded: Recorded) -> None:
        """Look at the next event."""
        for name, check in self._checks:
            self._take(name, recorded.seq, check.see(recorded))

    def finish(self, kept: Kept) -> tuple[Violation, ...]:
        """Compare what is kept, and return all violations, those of the log in its order."""
        for name, check in self._checks:
            self._take(name, None, check.end(kept, self._fold.state))
        found = [one for violations in self._violations.values() for one in violations]
        return tuple(sorted(found, key=_place))

    def _take(self, invariant: str, seq: int | None, messages: Iterator[str]) -> None:
        for message in messages:
            found = self._violations.setdefault(invariant, [])
            if len(found) < MOST_OF_ONE:
                found.append(
                    Violation(
                        execution=self._execution, invariant=invariant, seq=seq, message=message
                    )
                )


def verify(
    execution: str, recorded: Iterable[Recorded], kept: Kept, known: Known | None = None
) -> tuple[Violation, ...]:
    """Return what does not hold of an execution; nothing, if all is well."""
    verifier = Verifier(execution, known)
    for one in recorded:
        verifier.add(one)
    return verifier.finish(kept)


def _place(violation: Violation) -> tuple[bool, int]:
    return violation.seq is None, violation.seq or 0
