"""An execution that happened, as a test that shows it happen again.

What actions gave becomes mocks, what people asked becomes requests, and what came of it what is
expected. How long things took is kept, for what follows from what may depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias, assert_never

from segue.checking.hosted import ST2
from segue.core import events as e
from segue.core.program import Program
from segue.core.view import ExecutionView
from segue.core.viewing import view_of
from segue.rehearsal.timetable import Ended, EndedBy, Endings, timetable
from segue.values import JsonValue

Fields: TypeAlias = "dict[str, JsonValue]"

#: A call of an action: task, visit, attempt, item.
_Call: TypeAlias = "tuple[str, int, int, int | None]"


@dataclass(slots=True, kw_only=True)
class _Called:
    """A call, when it began, and how it ended (None: it did not)."""

    call: _Call
    began: float
    outcome: Fields | None = None
    took: float = 0.0


@dataclass(slots=True)
class _Log:
    """What is taken from the log of an execution, event by event."""

    started_at: float
    endings: Endings = field(default_factory=Endings)
    calls: dict[_Call, _Called] = field(default_factory=dict)
    requests: list[Fields] = field(default_factory=list)
    began: dict[tuple[str, int], None] = field(default_factory=dict)

    def add(self, recorded: e.Recorded, at: float) -> None:
        event = recorded.event
        if self.endings.find(recorded) is EndedBy.REQUEST:
            self.requests.append({"at": _seconds(at - self.started_at), "cancel": None})
        match event:
            case e.AttemptStarted() | e.ItemStarted():
                self._started(event, at)
            case e.ItemsStarted() | e.TaskFailed():
                self.began[event.task, event.visit] = None
            case _:
                self._ended(event, at)
                self._asked(event, at)

    def _started(self, event: e.AttemptStarted | e.ItemStarted, at: float) -> None:
        self.began[event.task, event.visit] = None
        if event.action is None and not event.asks:
            return
        item = event.item if isinstance(event, e.ItemStarted) else None
        call = (event.task, event.visit, event.attempt, item)
        self.calls[call] = _Called(call=call, began=at)

    def _ended(self, event: e.AnyEvent, at: float) -> None:
        if not isinstance(event, Ended):
            return
        item = getattr(event, "item", None)
        called = self.calls.get((event.task, event.visit, event.attempt, item))
        if called is None:
            return
        called.took = at - called.began
        called.outcome = _outcome(event)

    def _asked(self, event: e.AnyEvent, at: float) -> None:
        asked: Fields | None = None
        match event:
            case e.PauseRequested(reason=reason):
                asked = {"pause": reason}
            case e.ExecutionResumed():
                asked = {"resume": True}
            case e.CancelRequested(reason=reason):
                asked = {"cancel": reason}
            case e.ExecutionRerun():
                asked = {"rerun": _rerun(event)}
            case _:
                return
        self.requests.append({"at": _seconds(at - self.started_at), **asked})


def exported(
    execution: str, recorded: Sequence[e.Recorded], program: Program, workflow: str
) -> Fields:
    """Return an execution as the content of a rehearsal file with one test.

    `workflow` is how the file calls that of its workflow.
    """
    first = recorded[0].event
    assert isinstance(first, e.ExecutionStarted)
    now = _instant(recorded[0].at)
    log = _Log(datetime.fromisoformat(now).timestamp())
    for one, at in zip(recorded, timetable(recorded, log.started_at), strict=True):
        log.add(one, at)
    view = view_of(execution, recorded)
    test: Fields = {"name": f"{view.workflow} as in execution {execution}"}
    inputs = _inputs(first, recorded)
    if inputs:
        test["inputs"] = inputs
    own = {name for name, _ in (*program.inputs, *program.vars)}
    if ST2 in first.context and ST2 not in own:
        test["keys"] = {ST2: first.context[ST2]}
    if first.start != program.graph().starts:
        test["start"] = list(first.start)
    test["now"] = now
    mocks = _mocks(log.calls.values())
    if mocks:
        test["mocks"] = mocks
    if log.requests:
        test["requests"] = log.requests
    test["expect"] = _expected(view, log.began)
    return {"rehearsal": 1, "workflow": workflow, "tests": [test]}


def _inputs(first: e.ExecutionStarted, recorded: Sequence[e.Recorded]) -> Fields:
    """Return the inputs; defaults stay as they came to be, unless a rerun evaluates them anew."""
    again = any(isinstance(one.event, e.ExecutionRerun) and one.event.inputs for one in recorded)
    left_out = first.defaulted if again else ()
    return {name: value for name, value in first.inputs.items() if name not in left_out}


def _mocks(calls: Iterable[_Called]) -> Fields:
    by_task: dict[str, list[_Called]] = {}
    for called in calls:
        by_task.setdefault(called.call[0], []).append(called)
    return {task: _of_task(found) for task, found in by_task.items()}


def _of_task(calls: Sequence[_Called]) -> JsonValue:
    visits = {called.call[1] for called in calls}
    attempts = {called.call[2] for called in calls}
    mocks: list[JsonValue] = []
    for called in calls:
        _, visit, attempt, item = called.call
        mock: Fields = {}
        if len(visits) > 1 or visits != {1}:
            mock["visit"] = visit
        if attempts != {1}:
            mock["attempt"] = attempt
        if item is not None:
            mock["item"] = item
        mock.update(called.outcome if called.outcome is not None else {"never": True})
        if called.took > 0 and "never" not in mock and "times_out" not in mock:
            mock["takes"] = _seconds(called.took)
        mocks.append(mock)
    return mocks[0] if len(mocks) == 1 else mocks


def _outcome(event: Ended) -> Fields:
    match event:
        case e.AttemptSucceeded() | e.ItemSucceeded():
            return {"result": event.result}
        case e.AttemptFailed(failure=failure) | e.ItemFailed(failure=failure):
            fails: Fields = {"message": failure.message, "code": failure.code}
            if event.result is not None:
                fails["result"] = event.result
            plain = failure.code == "action_failed" and event.result is None
            return {"fails": failure.message if plain else fails}
        case e.AttemptTimedOut() | e.ItemTimedOut():
            return {"times_out": True}
        case e.AttemptCanceled() | e.ItemCanceled():
            return {"never": True}
        case _:
            assert_never(event)


def _rerun(event: e.ExecutionRerun) -> Fields:
    asked: list[JsonValue] = [_named(task, visit) for task, visit in event.asked]
    inputs, variables = event.inputs, event.variables or None
    return _without_none(
        {
            "from_start": event.from_start or None,
            "from": asked or None,
            "reset_items": bool(event.reset_items) or None,
            "inputs": inputs,
            "variables": variables if inputs is None else None,
        }
    )


def _expected(view: ExecutionView, began: Iterable[tuple[str, int]]) -> Fields:
    expected: Fields = {"status": view.status.value}
    if view.settled:
        expected["output"] = view.output
    expected["errors"] = [
        _without_none(
            {
                "code": error.code,
                "message": error.message,
                "task": None if error.task is None else _named(error.task, error.visit),
                "handled": error.handled,
            }
        )
        for error in view.errors
    ]
    expected["tasks"] = [_named(task, visit) for task, visit in began]
    return expected


def _named(task: str, visit: int | None) -> str:
    return task if visit is None else f"{task}#{visit}"


def _without_none(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def _seconds(seconds: float) -> float:
    return round(seconds, 6)


def _instant(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat()
    return text.replace("+00:00", "Z")
