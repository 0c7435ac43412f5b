"""From the log of an execution to its view (`segue.core.view`), event by event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from segue.core import events as e
from segue.core.program import Program
from segue.core.status import Status
from segue.core.table import execution_status
from segue.core.view import ErrorView, ExecutionView, JoinView, RequestView
from segue.core.view_rows import TOLD, ItemsRow, TaskRow, users_of
from segue.values import JsonObject, JsonValue

#: What a view needs to know of a join: how many arrivals, and from which tasks.
JoinFacts = tuple[int, tuple[str, ...]]


def joins_of(program: Program, start: tuple[str, ...]) -> Mapping[str, JoinFacts]:
    """Return what a view needs to know of the joins of an execution that began at `start`."""
    graph = program.graph(start)
    return {name: (join.needed, join.sources) for name, join in graph.joins.items()}


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
class _Whole:
    workflow: str = ""
    definition: str = ""
    status: Status = Status.REQUESTED
    settled: bool = False
    inputs: JsonObject = field(default_factory=dict)
    output: JsonValue = None
    started_at: float = 0.0
    finished_at: float | None = None
    seq: int = 0
    reruns: int = 0
    parent: str | None = None
    request: RequestView | None = None
    errors: dict[e.Failure, bool] = field(default_factory=dict)


_OfItem = (
    e.ItemStarted | e.ItemChanged | e.ItemSucceeded | e.ItemFailed | e.ItemTimedOut | e.ItemCanceled
)


class ViewBuilder:
    """Takes the events of one execution, one by one, and gives its view whenever asked.

    `joins` tells, for each join of the workflow, how many arrivals it needs and from which tasks;
    without it a view can't say who is missing.
    """

    def __init__(self, execution: str, joins: Mapping[str, JoinFacts] | None = None) -> None:
        self._id = execution
        self._joins = joins or {}
        self._whole = _Whole()
        self._tasks: dict[tuple[str, int], TaskRow] = {}
        self._living: dict[tuple[str, int], TaskRow] = {}
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
            status=self._status(),
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
            reruns=whole.reruns,
            parent=whole.parent,
            request=whole.request,
        )

    def _status(self) -> Status:
        if self._whole.status is not Status.RUNNING:
            return self._whole.status
        waiting = self._living and all(task.is_pending for task in self._living.values())
        return Status.PENDING if waiting else Status.RUNNING

    def _join(self, join: str, key: int) -> JoinView:
        arrived = self._rounds[(join, key)]
        needed, sources = self._joins.get(join, (0, ()))
        missing = tuple(source for source in sources if source not in arrived)
        return JoinView(join=join, key=key, arrived=arrived, missing=missing, needed=needed)

    # -- one method for each event that shows -----------------------------------------------

    def _started(self, event: e.ExecutionStarted, at: float) -> None:
        whole = self._whole
        whole.workflow, whole.definition = event.workflow, event.definition
        whole.inputs, whole.started_at, whole.parent = event.inputs, at, event.parent

    def _requested(self, event: e.PauseRequested | e.CancelRequested, at: float) -> None:
        self._whole.request = RequestView(at=at, reason=event.reason)

    def _resumed(self, _event: e.ExecutionResumed, _at: float) -> None:
        self._whole.request = None

    def _failed(self, event: e.ExecutionFailed | e.ExecutionTimedOut, _at: float) -> None:
        self._whole.errors.setdefault(event.failure, False)

    def _expression_failed(self, event: e.ExpressionFailed, _at: float) -> None:
        self._whole.errors.setdefault(event.failure, False)

    def _settled(self, event: e.ExecutionSettled, at: float) -> None:
        whole = self._whole
        whole.settled, whole.output, whole.finished_at = True, event.output, at
        if whole.status is not Status.CANCELED:
            whole.request = None
        self._rounds.clear()
        for failure in event.failures:
            whole.errors.setdefault(failure, False)

    def _rerun(self, event: e.ExecutionRerun, _at: float) -> None:
        whole = self._whole
        gone = set(event.superseded)
        for visited in event.superseded:
            self._tasks[visited].superseded = True
        whole.settled, whole.output, whole.finished_at = False, None, None
        whole.request = None
        whole.reruns += 1
        if event.restarted is not None:
            whole.inputs = event.restarted.inputs
        elif event.inputs is not None:
            whole.inputs = {**whole.inputs, **event.inputs}
        # What failed the execution as a whole is decided anew; what a task failed with, if it
        # stays.
        whole.errors = {
            failure: handled
            for failure, handled in whole.errors.items()
            if (failure.task, failure.visit) not in gone and failure.visit is not None
        }
        self._rounds = {(join, key): sources for join, key, sources, _branch in event.state.rounds}

    def _task_scheduled(self, event: e.TaskScheduled, at: float) -> None:
        key = (event.task, event.visit)
        task = self._tasks.get(key)
        if task is None:
            status = Status.SCHEDULED
            task = TaskRow(task=event.task, visit=event.visit, scheduled_at=at, status=status)
            task.again = event.again
        # Else it was withdrawn, and goes on with what it had.
        delayed = event.due is not None
        task.status = Status.DELAYED if delayed else Status.SCHEDULED
        task.due, task.waiting_for = event.due, "its delay" if delayed else "its turn"
        task.finished_at = task.note = None
        self._tasks[key] = self._living[key] = task

    def _delay_elapsed(self, event: e.DelayElapsed, _at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        if task.status is Status.DELAYED:
            task.status = Status.SCHEDULED
        task.due, task.waiting_for = None, "its turn"

    def _withdrawn(self, event: e.TaskWithdrawn, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        self._finish(task, Status.CANCELED, at)
        task.note = "withdrawn: the execution ended before it could go on"

    def _skipped(self, event: e.TaskSkipped, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        self._finish(task, Status.CANCELED, at)
        task.note = "not run: its `when` did not hold"

    def _attempt_started(self, event: e.AttemptStarted, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.begin(event.attempt, at)
        task.action = event.action
        task.waiting_for = f"{event.action} to end" if event.action else "its turn"
        if event.asks:
            task.status, task.due, task.waiting_for = Status.PENDING, event.due, "an answer"
            task.users = users_of(event.input)

    def _attempt_changed(self, event: e.AttemptChanged, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.turn(event.status, at, task.waiting_for)

    def _items_started(self, event: e.ItemsStarted, at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        task.begin(event.attempt, at)
        task.waiting_for = "its items"
        if event.items is not None:
            task.items = ItemsRow(total=len(event.items))
        else:
            before = task if task.items else self._tasks[(event.task, task.again or event.visit)]
            assert before.items is not None  # there were items before
            task.items = before.items.unfinished()

    def _items_ended(self, event: e.ItemsEnded, _at: float) -> None:
        task = self._tasks[(event.task, event.visit)]
        assert task.items is not None  # they were started before
        results = task.items.results
        task.result = [results.get(item) for item in range(task.items.total)]

    def _item_started(self, event: e.ItemStarted, _at: float) -> None:
        self._items(event).open[event.item] = event.asks

    def _item_changed(self, event: e.ItemChanged, _at: float) -> None:
        self._items(event).open[event.item] = event.status is Status.PENDING

    def _item_succeeded(self, event: e.ItemSucceeded, _at: float) -> None:
        items = self._items(event)
        items.open.pop(event.item, None)
        items.succeeded += 1
        items.results[event.item] = event.result
        items.well.add(event.item)

    def _item_failed(self, event: e.ItemFailed | e.ItemTimedOut, _at: float) -> None:
        items = self._items(event)
        items.open.pop(event.item, None)
        items.failed += 1
        items.results[event.item] = event.result
        if len(items.failures) < TOLD:
            items.failures.append((event.item, event.failure.message))

    def _item_canceled(self, event: e.ItemCanceled, _at: float) -> None:
        items = self._items(event)
        items.open.pop(event.item, None)
        items.canceled += 1

    def _item_cancel_requested(self, event: e.ItemCancelRequested, at: float) -> None:
        self._tasks[(event.task, event.visit)].turn(Status.CANCELING, at, "its items to end")

    def _items(self, event: _OfItem) -> ItemsRow:
        items = self._tasks[(event.task, event.visit)].items
        assert items is not None  # they were started before
        return items

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

    def _attempt_cancel_requested(self, event: e.AttemptCancelRequested, at: float) -> None:
        self._tasks[(event.task, event.visit)].turn(Status.CANCELING, at, "its action to end")

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

    def _finish(self, task: TaskRow, status: Status, at: float) -> None:
        self._living.pop((task.task, task.visit), None)
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
        e.PauseRequested: _requested,
        e.CancelRequested: _requested,
        e.ExecutionResumed: _resumed,
        e.ExecutionFailed: _failed,
        e.ExecutionTimedOut: _failed,
        e.ExpressionFailed: _expression_failed,
        e.ExecutionSettled: _settled,
        e.ExecutionRerun: _rerun,
        e.TaskScheduled: _task_scheduled,
        e.DelayElapsed: _delay_elapsed,
        e.TaskWithdrawn: _withdrawn,
        e.TaskSkipped: _skipped,
        e.AttemptStarted: _attempt_started,
        e.AttemptChanged: _attempt_changed,
        e.ItemsStarted: _items_started,
        e.ItemStarted: _item_started,
        e.ItemChanged: _item_changed,
        e.ItemSucceeded: _item_succeeded,
        e.ItemFailed: _item_failed,
        e.ItemTimedOut: _item_failed,
        e.ItemCanceled: _item_canceled,
        e.ItemCancelRequested: _item_cancel_requested,
        e.ItemsEnded: _items_ended,
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
