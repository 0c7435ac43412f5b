"""Whether timers fire once and never early."""

from collections.abc import Iterator

from segue.core import events as e
from segue.verification.attempts import Visited
from segue.verification.check import Check


class Timers(Check):
    """A delay elapses once, and no timer fires before it is due."""

    def __init__(self) -> None:
        self._at = 0.0
        self._due: dict[Visited, float] = {}
        self._asked: dict[tuple[str, int, int | None], float] = {}
        self._deadline: float | None = None

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Compare the time of an event with when it was due."""
        event, self._at = one.event, one.at
        match event:
            case e.TaskScheduled(due=float(due)) | e.RetryScheduled(due=float(due)):
                self._due[event.task, event.visit] = due
            case e.DelayElapsed(task=task, visit=visit):
                yield from self._elapsed(task, visit)
            case e.AttemptStarted() | e.ItemsStarted():
                if self._due.pop((event.task, event.visit), None) is not None:
                    yield f"{event.task}#{event.visit} begins before its delay has elapsed"
                yield from self._open(event)
            case e.ItemStarted():
                yield from self._open(event)
            case e.TaskWithdrawn() | e.TaskFailed():
                self._due.pop((event.task, event.visit), None)
            case _:
                yield from self._see_limits(event)

    def _see_limits(self, event: e.AnyEvent) -> Iterator[str]:
        match event:
            case e.ExecutionStarted(deadline=deadline) | e.ExecutionRerun(deadline=deadline):
                self._deadline = deadline
                self._due.clear()
                self._asked.clear()
            case e.ExecutionTimedOut():
                yield from self._early(self._deadline, "the limit of the execution")
            case e.AttemptTimedOut(task=task, visit=visit):
                yield from self._expired((task, visit, None))
            case e.ItemTimedOut(task=task, visit=visit, item=item):
                yield from self._expired((task, visit, item))
            case _:
                pass

    def _open(self, event: e.AttemptStarted | e.ItemsStarted | e.ItemStarted) -> Iterator[str]:
        if isinstance(event, e.ItemsStarted):
            return
        item = event.item if isinstance(event, e.ItemStarted) else None
        if event.asks and event.due is not None:
            self._asked[event.task, event.visit, item] = event.due
        else:
            self._asked.pop((event.task, event.visit, item), None)
        yield from ()

    def _expired(self, name: tuple[str, int, int | None]) -> Iterator[str]:
        yield from self._early(self._asked.pop(name, None), f"the question of {name[0]}#{name[1]}")

    def _elapsed(self, task: str, visit: int) -> Iterator[str]:
        due = self._due.pop((task, visit), None)
        if due is None:
            yield f"the delay of {task}#{visit} elapses, and there is none"
        else:
            yield from self._early(due, f"the delay of {task}#{visit}")

    def _early(self, due: float | None, what: str) -> Iterator[str]:
        if due is not None and self._at < due:
            yield f"{what} is over {due - self._at:g} s before it is due"
