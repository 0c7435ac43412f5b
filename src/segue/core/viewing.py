"""From the log of an execution to its view (`segue.core.view`), event by event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from segue.core import events as e
from segue.core.status import Status
from segue.core.table import execution_status
from segue.core.view import ErrorView, ExecutionView, JoinView, TaskView
from segue.values import JsonValue

#: What a view needs to know of a join: how many arrivals, and from which tasks.
JoinFacts = tuple[int, tuple[str, ...]]

# Each handler takes the very event it stands beside, which no type of a mapping can say.
_Handler = Callable[..., None]  # type: ignore[explicit-any]


def view_of(
    execution: str,
    recorded: Iterable[e.Recorded],
    joins: Mapping[str, JoinFacts] | None = None,
) -> ExecutionView:
    """Return the view of a whole log. `joins` is as in `ViewBuilder`."""
    builder = ViewBuilder(execution, joins)
    for one in recorded:
        builder.add(one)
    return builder.view()


@dataclass(slots=True)
class _Task:
    task: str
    visit: int
    scheduled_at: float
    status: Status
    attempts: int = 0
    result: JsonValue = None
    started_at: float | None = None
    finished_at: float | None = None
    due: float | None = None
    waiting_for: str | None = None
    note: str | None = None
    failure: e.Failure | None = None  # of its last attempt

    def view(self) -> TaskView:
        return TaskView(
            task=self.task,
            visit=self.visit,
            status=self.status,
            attempts=self.attempts,
            result=self.result,
            started_at=self.started_at,
            finished_at=self.finished_at,
            scheduled_at=self.scheduled_at,
            due=self.due,
            waiting_for=self.waiting_for,
            note=self.note,
        )


@dataclass(slots=True)
class _Whole:
    workflow: str = ""
    definition: str = ""
    status: Status = Status.REQUESTED
    settled: bool = False
    inputs: JsonValue = None
    output: JsonValue = None
    started_at: float = 0.0
    finished_at: float | None = None
    seq: int = 0
    errors: dict[e.Failure, bool] = field(default_factory=dict)


class ViewBuilder:
    """Takes the events of one execution, one by one, and gives its view whenever asked.

    `joins` tells, for each join of the workflow, how many arrivals it needs and from which tasks;
    without it a view can't say who is missing.
    """

    def __init__(self, execution: str, joins: Mapping[str, JoinFacts] | None = None) -> None:
        self._id = execution
        self._joins = joins or {}
        self._whole = _Whole()
        self._tasks: dict[tuple[str, int], _Task] = {}
        self._rounds: dict[tuple[str, int], tuple[str, ...]] = {}

    def add(self, recorded: e.Recorded) -> None:
        """Take the next event."""
        event = recorded.event
        self._whole.seq = recorded.seq
        self._whole.status = execution_status(self._whole.status, event)
        handler = self._HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event, recorded.at)

    def view(self) -> ExecutionView:
        """Return the view after the events so far."""
        whole = self._whole
        return ExecutionView(
            id=self._id,
            workflow=whole.workflow,
            definition=whole.definition,
            status=whole.status,
            settled=whole.settled,
            inputs=whole.inputs,
            output=whole.output,
            errors=tuple(
                ErrorView(
                    code=failure.code,
                    message=failure.message,
                    task=failure.task,
                    visit=failure.visit,
                    handled=handled,
                )
                for failure, handled in whole.errors.items()
            ),
            tasks=tuple(task.view() for task in self._tasks.values()),
            joins=tuple(self._join(*key) for key in self._rounds),
            started_at=whole.started_at,
            finished_at=whole.finished_at,
            seq=whole.seq,
        )

    def _join(self, join: str, key: int) -> JoinView:
        arrived = self._rounds[(join, key)]
        needed, sources = self._joins.get(join, (0, ()))
        missing = tuple(source for source in sources if source not in arrived)
        return JoinView(join=join, key=key, arrived=arrived, missing=missing, needed=needed)

    # -- one method for each event that shows -----------------------------------------------

    def _started(self, event: e.ExecutionStarted, at: float) -> None:
        whole = self._whole
        whole.workflow, whole.definition = event.workflow, event.definition
        whole.inputs, whole.started_at = event.inputs, at

    def _failed(self, event: e.ExecutionFailed | e.ExecutionTimedOut, _at: float) -> None:
        self._whole.errors.setdefault(event.failure, False)

    def _expression_failed(self, event: e.ExpressionFailed, _at: float) -> None:
        self._whole.errors.setdefault(event.failure, False)

    def _settled(self, event: e.ExecutionSettled, at: float) -> None:
        whole = self._whole
        whole.settled, whole.output, whole.finished_at = True, event.output, at
        self._rounds.clear()
        for failure in event.failures:
            whole.errors.setdefault(failure, False)

    def _task_scheduled(self, event: e.TaskScheduled, at: float) -> None:
        delayed = event.due is not None
        self._tasks[(event.task, event.visit)] = _Task(
            task=event.task,
            visit=event.visit,
            scheduled_at=at,
            status=Status.DELAYED if delayed else Status.SCHEDULED,
            due=event.due,
            waiting_for="its delay" if delayed else "its turn",
        )

    def _delay_elapsed(self, event: e.DelayElapsed, _at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.status, task.due, task.waiting_for = Status.SCHEDULED, None, "its turn"

    def _withdrawn(self, event: e.TaskWithdrawn, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        self._finish(task, Status.CANCELED, at)
        task.note = "withdrawn: the execution ended before it could go on"

    def _attempt_started(self, event: e.AttemptStarted, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.status, task.attempts, task.due = Status.RUNNING, event.attempt, None
        task.started_at = task.started_at or at
        task.waiting_for = f"{event.action} to end" if event.action else "its turn"

    def _attempt_ended(
        self,
        event: e.AttemptSucceeded | e.AttemptFailed | e.AttemptTimedOut | e.AttemptCanceled,
        _at: float,
    ) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.result = event.result
        task.failure = (
            event.failure if isinstance(event, e.AttemptFailed | e.AttemptTimedOut) else None
        )

    def _attempt_cancel_requested(self, event: e.AttemptCancelRequested, _at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.status, task.waiting_for = Status.CANCELING, "its action to end"

    def _retry_scheduled(self, event: e.RetryScheduled, _at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.status, task.due = Status.RETRYING, event.due
        task.waiting_for = f"attempt {event.attempt}"

    def _task_succeeded(self, event: e.TaskSucceeded, at: float) -> None:
        self._finish(self._tasks[(event.task, event.visit)], Status.SUCCEEDED, at)

    def _task_failed(self, event: e.TaskFailed, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        self._finish(task, event.status, at)
        if task.failure is not None:
            # It may be another than the task's: a condition that failed on what the action gave.
            self._whole.errors[task.failure] = event.handled
        self._whole.errors[event.failure] = event.handled

    def _task_canceled(self, event: e.TaskCanceled, at: float) -> None:
        self._finish(self._tasks[(event.task, event.visit)], Status.CANCELED, at)

    @staticmethod
    def _finish(task: _Task, status: Status, at: float) -> None:
        task.status, task.finished_at, task.due, task.waiting_for = status, at, None, None

    def _branch_ended(self, event: e.BranchEnded, _at: float) -> None:
        if event.unmet:
            held = (
                "its `when` did not hold"
                if event.unmet == 1
                else f"none of its {event.unmet} `when` held"
            )
            self._tasks[(event.task, event.visit)].note = f"the branch ended here: {held}"

    def _join_arrived(self, event: e.JoinArrived, _at: float) -> None:
        if event.joined is None:
            arrived = self._rounds.get((event.join, event.key), ())
            if event.task not in arrived:
                self._rounds[(event.join, event.key)] = (*arrived, event.task)

    def _round_over(self, event: e.JoinFired | e.JoinRoundEnded, _at: float) -> None:
        self._rounds.pop((event.join, event.key), None)
        if isinstance(event, e.JoinRoundEnded) and event.failure is not None:
            self._whole.errors.setdefault(event.failure, False)

    def _absorbed(self, event: e.ArrivalAbsorbed, _at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.note = f"it came late to the join {event.join}, which had fired: without effect"

    _HANDLERS: ClassVar[Mapping[type[e.Event], _Handler]] = {
        e.ExecutionStarted: _started,
        e.ExecutionFailed: _failed,
        e.ExecutionTimedOut: _failed,
        e.ExpressionFailed: _expression_failed,
        e.ExecutionSettled: _settled,
        e.TaskScheduled: _task_scheduled,
        e.DelayElapsed: _delay_elapsed,
        e.TaskWithdrawn: _withdrawn,
        e.AttemptStarted: _attempt_started,
        e.AttemptSucceeded: _attempt_ended,
        e.AttemptFailed: _attempt_ended,
        e.AttemptTimedOut: _attempt_ended,
        e.AttemptCanceled: _attempt_ended,
        e.AttemptCancelRequested: _attempt_cancel_requested,
        e.RetryScheduled: _retry_scheduled,
        e.TaskSucceeded: _task_succeeded,
        e.TaskFailed: _task_failed,
        e.TaskCanceled: _task_canceled,
        e.BranchEnded: _branch_ended,
        e.JoinArrived: _join_arrived,
        e.JoinFired: _round_over,
        e.JoinRoundEnded: _round_over,
        e.ArrivalAbsorbed: _absorbed,
    }
