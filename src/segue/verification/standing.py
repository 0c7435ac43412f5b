"""Whether nothing begins in an execution that is paused, canceled or over."""

from collections.abc import Iterator

from segue.core import events as e
from segue.verification.attempts import Visited
from segue.verification.check import Check

_ENDINGS = (e.CancelRequested, e.ExecutionTimedOut, e.ExecutionSucceeded)
_STARTS = (e.AttemptStarted, e.ItemsStarted, e.ItemStarted)


class Standing(Check):
    """Nothing is scheduled or begun while an execution is paused or ends.

    After `fail` only what was named beside it goes on.
    """

    def __init__(self) -> None:
        self._why: str | None = None
        self._failed = False
        self._exempt: set[Visited] = set()

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Look for what begins."""
        event = one.event
        match event:
            case e.TaskScheduled(task=task, visit=visit, exempt=exempt):
                if exempt:
                    self._exempt.add((task, visit))
                yield from self._begin(event)
            case _ if isinstance(event, _STARTS):
                yield from self._begin(event)
            case e.PauseRequested():
                self._why = "is paused"
            case e.ExecutionResumed():
                self._why = None
            case e.ExecutionRerun():
                self._why, self._failed = None, False
                self._exempt.clear()
            case e.ExecutionFailed():
                self._failed = True
            case _ if isinstance(event, _ENDINGS):
                self._why = "ends"
            case _:
                pass

    def _begin(
        self, event: e.TaskScheduled | e.AttemptStarted | e.ItemsStarted | e.ItemStarted
    ) -> Iterator[str]:
        visited = event.task, event.visit
        why = self._why
        if self._failed:
            why = None if visited in self._exempt else "has failed"
        if why is not None:
            yield f"{e.type_of(event)} of {event.task}#{event.visit} while the execution {why}"
