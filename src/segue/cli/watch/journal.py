"""What happens in an execution, as lines that are only ever appended: for files, pipes and CI."""

from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.times import clock_text, due_text, duration_text, remaining_text
from segue.core import events as e
from segue.core.status import Status

_Told = tuple[Part | str, ...]
_Visit = tuple[str, int]


class Journal:
    """Tells an execution event by event. It remembers only what is going on, not what is over."""

    def __init__(self, execution: str) -> None:
        self._execution = execution
        self._workflow = ""
        self._over_at = 0.0
        self._begun_at = 0.0
        self._begun: dict[_Visit, float] = {}
        self._failed: dict[_Visit, str] = {}

    def line_of(self, recorded: e.Recorded) -> Line | None:
        """Return the line that tells of an event; None for one that says nothing new."""
        told = self._told(recorded.event, recorded.at)
        if told is None:
            return None
        return line(Part(f"{clock_text(recorded.at)} ", Role.FAINT), *told)

    def _told(self, event: e.AnyEvent, at: float) -> _Told | None:
        match event:
            case e.ExecutionStarted():
                self._workflow, self._begun_at = printable(event.workflow), at
                return self._whole(f"{self._execution} started")
            case (
                e.ExecutionSucceeded()
                | e.ExecutionFailed()
                | e.ExecutionTimedOut()
                | e.ExecutionCanceled()
                | e.ExecutionSettled()
            ):
                return self._told_of_ending(event, at)
            case e.CancelRequested():
                because = f": {printable(event.reason)}" if event.reason else ""
                return self._whole(f"cancel requested{because}", Role.ENDED)
            case e.ExpressionFailed():
                return self._whole(f"error: {printable(event.failure.message)}", Role.BAD)
            case e.TaskScheduled() | e.AttemptStarted() | e.AttemptFailed() | e.AttemptTimedOut():
                return self._told_of_going_on(event, at)
            case e.RetryScheduled() | e.TaskSucceeded() | e.TaskFailed() | e.TaskCanceled():
                return self._told_of_completion(event, at)
        return _told_of_branch(event)

    def _whole(self, words: str, role: Role = Role.PLAIN) -> _Told:
        return (Part(self._workflow, Role.STRONG), " ", Part(words, role))

    def _told_of_ending(self, event: e.AnyEvent, at: float) -> _Told | None:
        took = duration_text(at - self._begun_at)
        if isinstance(event, e.ExecutionSettled):
            # Most are settled with the very decision that ends them: that is said already.
            return None if at == self._over_at else self._whole(f"settled {took}")
        self._over_at = at
        match event:
            case e.ExecutionFailed():
                words = f"failed {took}: {printable(event.failure.message)}"
                return self._whole(words, Role.BAD)
            case e.ExecutionTimedOut():
                words = f"timed out {took}: {printable(event.failure.message)}"
                return self._whole(words, Role.BAD)
            case e.ExecutionCanceled():
                return self._whole(f"canceled {took}", Role.ENDED)
        return self._whole(f"succeeded {took}", Role.GOOD)

    def _told_of_going_on(self, event: e.AnyEvent, at: float) -> _Told | None:
        match event:
            case e.TaskScheduled(due=float(due_at)):
                due = f"{due_text(due_at, at)} ({remaining_text(due_at - at)})"
                return (f"{_name(event)} ", Part(f"delayed until {due}", Role.WAITING))
            case e.AttemptStarted():
                self._begun.setdefault((event.task, event.visit), at)
                words = ["running", *([printable(event.action)] if event.action else [])]
                words += [f"attempt {event.attempt}"] if event.attempt > 1 else []
                return (f"{_name(event)} ", Part(" ".join(words), Role.ACTIVE))
            case e.AttemptFailed() | e.AttemptTimedOut():
                # Told with what follows: another attempt, or the end of the task execution.
                self._failed[event.task, event.visit] = printable(event.failure.message)
        return None

    def _told_of_completion(self, event: e.AnyEvent, at: float) -> _Told:
        match event:
            case e.RetryScheduled():
                message = self._failed.pop((event.task, event.visit), "")
                why = f": {message}" if message else ""
                wait = "at once" if event.due is None else f"in {remaining_text(event.due - at)}"
                next_one = Part(f", retry {event.attempt} {wait}")
                bad = Part(f"attempt {event.attempt - 1} failed", Role.BAD)
                return (f"{_name(event)} ", bad, next_one, why)
            case e.TaskFailed():
                word = "timed out" if event.status is Status.TIMEOUT else "failed"
                handled = " (handled)" if event.handled else ""
                message = printable(event.failure.message)
                return (*self._completed(event, at, word, Role.BAD), f"{handled}: {message}")
            case e.TaskCanceled():
                return self._completed(event, at, "canceled", Role.ENDED)
            case e.TaskSucceeded():
                return self._completed(event, at, "succeeded", Role.GOOD)
        raise AssertionError(event)

    def _completed(
        self,
        event: e.TaskFailed | e.TaskCanceled | e.TaskSucceeded,
        at: float,
        word: str,
        role: Role,
    ) -> _Told:
        begun = self._begun.pop((event.task, event.visit), None)
        self._failed.pop((event.task, event.visit), None)
        took = "" if begun is None else f" {duration_text(at - begun)}"
        return (f"{_name(event)} ", Part(word, role), took)


def _told_of_branch(event: e.AnyEvent) -> _Told | None:
    match event:
        case e.TaskWithdrawn():
            return (f"{_name(event)} ", Part("withdrawn", Role.ENDED))
        case e.TaskSkipped():
            return (f"{_name(event)} ", Part("not run: its `when` did not hold", Role.WAITING))
        case e.BranchEnded() if event.unmet:
            why = f"none of its {event.unmet} transitions held"
            why = "its `when` did not hold" if event.unmet == 1 else why
            return (f"{_name(event)} ", Part(f"branch ended: {why}", Role.WAITING))
        case e.JoinArrived():
            return (f"{_name(event)} arrived at {printable(event.join)}",)
        case e.ArrivalAbsorbed():
            return (f"{_name(event)} arrived at {printable(event.join)} too late: without effect",)
        case e.JoinRoundEnded() if event.outcome == "unsatisfied":
            missing = ", ".join(printable(task) for task in event.missing)
            words = Part(f"can't run any more: it still needed {missing}", Role.BAD)
            return (f"{printable(event.join)} ", words)
    return None


def _name(
    event: e.TaskScheduled
    | e.TaskWithdrawn
    | e.TaskSkipped
    | e.AttemptStarted
    | e.RetryScheduled
    | e.TaskSucceeded
    | e.TaskFailed
    | e.TaskCanceled
    | e.BranchEnded
    | e.JoinArrived
    | e.ArrivalAbsorbed,
) -> str:
    return f"{printable(event.task)}#{event.visit}"
