"""What this engine has in hand: the executions it conducts, and the work that it holds."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from segue.runtime.desk.questions import Question
from segue.store.port import Work, WorkKind
from segue.transport.port import Job


@dataclass(frozen=True, slots=True)
class Held:
    """A piece of work under a claim of ours: a job, a question, or a timer that is due then."""

    claim: int
    job: Job | None = None
    question: Question | None = None
    due: float | None = None


class Holdings:
    """See the module. Nothing here is the truth: the rows in the store are.

    An engine conducts the executions that it started or resumed, until they are settled; the
    number beside each is of how many of its events the engine has seen what follows.
    """

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Held]] = {}
        self._conducted: dict[str, int] = {}

    # -- executions ------------------------------------------------------------------------

    def conduct(self, execution: str, seq: int = -1) -> None:
        """Take note that we conduct an execution, and of how many events we have seen."""
        self._conducted[execution] = max(seq, self._conducted.get(execution, -1))

    def conducted_on(self, execution: str, before: int, seq: int) -> None:
        """Take note that we have written the events after `before`, up to `seq`.

        If those before are not ours and we have not looked at what follows from them, we still have
        to: there may be work among it that nobody has.
        """
        self.conduct(execution, seq if before <= max(0, self.seen(execution)) else -1)

    def conducts(self, execution: str) -> bool:
        """Return whether we conduct an execution."""
        return execution in self._conducted

    def conducted(self) -> list[str]:
        """Return the executions that we conduct."""
        return list(self._conducted)

    def seen(self, execution: str) -> int:
        """Return how many events of an execution we have seen (-1: none, or not ours)."""
        return self._conducted.get(execution, -1)

    def release(self, execution: str) -> None:
        """Take note that an execution is over for us."""
        self._conducted.pop(execution, None)
        self._held.pop(execution, None)

    def release_idle(self, execution: str) -> None:
        """Take note that nothing came of conducting an execution, unless we have work of it.

        What we have made may have been found meanwhile, though we were told that it was not made.
        """
        if execution not in self._held:
            self.release(execution)

    # -- work ------------------------------------------------------------------------------

    def hold(self, execution: str, name: str, held: Held) -> None:
        """Take note of work that we have."""
        self._held.setdefault(execution, {})[name] = held

    def find(self, execution: str, name: str) -> Held | None:
        """Return a piece of work, if we hold it."""
        return self._held.get(execution, {}).get(name)

    def has(self, work: Work) -> bool:
        """Return whether we hold this very work.

        A timer that is set anew has the name of the one before, and may be under the same claim.
        """
        held = self.find(work.execution, work.name)
        if held is None or held.claim != work.claim:
            return False
        return work.kind is not WorkKind.TIMER or held.due == work.due

    def drop(self, execution: str, name: str) -> Held | None:
        """Take note that we have a piece of work no more, and return what it was."""
        works = self._held.get(execution)
        if works is None:
            return None
        held = works.pop(name, None)
        if not works:
            del self._held[execution]
        return held

    def drop_all_but(self, keep: Collection[tuple[str, str]]) -> None:
        """Take note that of what we have, we have only the (execution, name) in `keep` still."""
        for execution, name in list(self):
            if (execution, name) not in keep:
                self.drop(execution, name)

    def drop_all(self) -> None:
        """Take note that we hold nothing any more."""
        self._held.clear()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Give the (execution, name) of all work that we hold."""
        for execution, works in self._held.items():
            for name in works:
                yield execution, name
