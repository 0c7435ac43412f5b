"""Whether task executions and attempts are numbered once, and end once."""

from collections.abc import Iterator

from segue.core import events as e
from segue.verification.check import Check

Visited = tuple[str, int]

_COMPLETED = (e.TaskSucceeded, e.TaskFailed, e.TaskCanceled, e.TaskSkipped)
_ENDED = (
    e.AttemptSucceeded,
    e.AttemptFailed,
    e.AttemptTimedOut,
    e.AttemptCanceled,
    e.ItemsEnded,
)


class Numbers(Check):
    """Visits of a task, and attempts of a visit, are counted one by one and used once."""

    def __init__(self) -> None:
        self._visits: dict[str, int] = {}
        self._attempts: dict[Visited, int] = {}
        self._withdrawn: dict[Visited, int] = {}

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Count."""
        event = one.event
        match event:
            case e.TaskScheduled(task=task, visit=visit):
                yield from self._schedule(task, visit)
            case e.AttemptStarted() | e.ItemsStarted():
                yield from self._start((event.task, event.visit), event.attempt)
            case e.TaskWithdrawn(task=task, visit=visit):
                self._withdrawn[task, visit] = self._attempts.pop((task, visit), 0)
            case e.TaskSucceeded() | e.TaskFailed() | e.TaskCanceled() | e.TaskSkipped():
                self._attempts.pop((event.task, event.visit), None)
            case _:
                pass

    def _schedule(self, task: str, visit: int) -> Iterator[str]:
        last = self._visits.get(task, 0)
        before = self._withdrawn.pop((task, visit), None)
        if before is None and visit != last + 1:
            yield f"visit {visit} of {task} follows visit {last}"
        self._visits[task] = max(visit, last)
        self._attempts[task, visit] = before or 0

    def _start(self, visited: Visited, attempt: int) -> Iterator[str]:
        task, visit = visited
        last = self._attempts.get(visited)
        if last is None:
            yield f"attempt {attempt} of {task}#{visit}, which is not scheduled"
        elif attempt != last + 1:
            yield f"attempt {attempt} of {task}#{visit} follows attempt {last}"
        self._attempts[visited] = attempt


class OneOutcome(Check):
    """An attempt that was handed off has one outcome, and a task execution completes once."""

    def __init__(self) -> None:
        self._open: dict[Visited, int] = {}
        self._living: set[Visited] = set()

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Follow attempts and task executions from their beginning to their end."""
        event = one.event
        match event:
            case e.TaskScheduled(task=task, visit=visit):
                self._living.add((task, visit))
            case e.AttemptStarted() | e.ItemsStarted():
                yield from self._start((event.task, event.visit), event.attempt)
            case _ if isinstance(event, _ENDED):
                yield from self._end((event.task, event.visit), event.attempt)
            case _ if isinstance(event, (*_COMPLETED, e.TaskWithdrawn)):
                yield from self._complete(event)
            case e.ExecutionSettled():
                yield from (f"{task}#{visit} is not over" for task, visit in sorted(self._living))
            case e.ExecutionRerun():
                self._living = {(one.task, one.visit) for one in event.state.tasks}
                self._open = {
                    (one.task, one.visit): one.attempt for one in event.state.tasks if one.open
                }
            case _:
                pass

    def _start(self, visited: Visited, attempt: int) -> Iterator[str]:
        running = self._open.get(visited)
        if running is not None:
            yield f"attempt {attempt} of {_name(visited)} begins while attempt {running} runs"
        self._open[visited] = attempt

    def _end(self, visited: Visited, attempt: int) -> Iterator[str]:
        if self._open.pop(visited, None) != attempt:
            yield f"an outcome of attempt {attempt} of {_name(visited)}, which does not run"

    def _complete(
        self,
        event: e.TaskSucceeded | e.TaskFailed | e.TaskCanceled | e.TaskSkipped | e.TaskWithdrawn,
    ) -> Iterator[str]:
        visited = event.task, event.visit
        if visited not in self._living:
            yield f"{e.type_of(event)}: {_name(visited)} is over, or was never scheduled"
        self._living.discard(visited)
        running = self._open.pop(visited, None)
        if running is not None and not isinstance(event, e.TaskWithdrawn):
            yield f"{e.type_of(event)}: attempt {running} of {_name(visited)} has no outcome"


class Retries(Check):
    """An attempt after the first was scheduled as a retry, and begins when that is due."""

    def __init__(self) -> None:
        self._scheduled: dict[Visited, int] = {}
        self._waiting: set[Visited] = set()
        self._withdrawn: set[Visited] = set()

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Compare beginnings with what was scheduled."""
        event = one.event
        match event:
            case e.RetryScheduled(task=task, visit=visit, attempt=attempt, due=due):
                self._scheduled[task, visit] = attempt
                if due is not None:
                    self._waiting.add((task, visit))
            case e.DelayElapsed(task=task, visit=visit):
                self._waiting.discard((task, visit))
            case e.TaskWithdrawn(task=task, visit=visit):
                self._withdrawn.add((task, visit))
                self._forget((task, visit))
            case e.AttemptStarted() | e.ItemsStarted():
                yield from self._start((event.task, event.visit), event.attempt)
            case e.TaskSucceeded() | e.TaskFailed() | e.TaskCanceled():
                self._forget((event.task, event.visit))
            case _:
                pass

    def _start(self, visited: Visited, attempt: int) -> Iterator[str]:
        again = visited in self._withdrawn  # a rerun goes on with what was withdrawn, at once
        self._withdrawn.discard(visited)
        if attempt > 1 and not again and self._scheduled.get(visited) != attempt:
            yield f"attempt {attempt} of {_name(visited)} was not scheduled"
        if visited in self._waiting:
            yield f"attempt {attempt} of {_name(visited)} begins before it is due"
        self._forget(visited)

    def _forget(self, visited: Visited) -> None:
        self._scheduled.pop(visited, None)
        self._waiting.discard(visited)


def _name(visited: Visited) -> str:
    return f"{visited[0]}#{visited[1]}"
