"""The conductor of the protocol: what a host asks and reports, put to the core.

The core knows the execution; what belongs to hosts is here: a status that is only a name for
being about to run, and what it means for the whole that a host says a task pauses, waits, or was
canceled.
"""

from collections.abc import Mapping, Sequence

import msgspec

from segue.conducting.item_statuses import status_after
from segue.conducting.requests import RefusedError, Report, RerunTarget
from segue.conducting.stepper import Stepper, Visited
from segue.conducting.troubles import Trouble
from segue.core import stimuli as s
from segue.core.offering import Offer
from segue.core.rerun_plan import RerunRequest, Target
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.values import JsonValue

S = Status
Document = dict[str, JsonValue]

_BEFORE = (S.REQUESTED, S.SCHEDULED, S.DELAYED)
_ENDS = frozenset({S.SUCCEEDED, S.FAILED, S.TIMEOUT, S.ABANDONED, S.CANCELED})
_ABENDED = frozenset({S.FAILED, S.TIMEOUT, S.ABANDONED})
_REPORTED = frozenset({*_BEFORE, *_ENDS, S.RUNNING, S.PENDING, S.PAUSING, S.PAUSED, S.RESUMING,
                       S.CANCELING})  # fmt: skip
_STOPPED = frozenset({S.PENDING, S.PAUSING, S.PAUSED})

#: What a report that is no end makes of the status of a task without items; others are ignored.
_STARTS = frozenset({*_BEFORE, S.RUNNING, S.PENDING, S.PAUSING, S.PAUSED, S.CANCELING})
_FOLLOWS: Mapping[Status | None, frozenset[Status]] = {
    None: _STARTS,
    S.REQUESTED: _STARTS - {S.REQUESTED},
    S.SCHEDULED: _STARTS - {S.REQUESTED, S.SCHEDULED},
    S.DELAYED: _STARTS - {S.REQUESTED, S.DELAYED},
    S.RUNNING: frozenset({S.PENDING, S.PAUSING, S.PAUSED, S.CANCELING}),
    S.PAUSING: frozenset({S.PAUSED, S.RESUMING, S.CANCELING}),
    S.PAUSED: frozenset({S.RUNNING, S.RESUMING, S.CANCELING}),
    S.RESUMING: frozenset({S.RUNNING, S.CANCELING}),
}

#: What may be asked for while the workflow has only a name for being about to run.
_ASKED_BEFORE: Mapping[Status | None, frozenset[Status]] = {
    None: frozenset({*_BEFORE, S.RUNNING, S.FAILED}),
    S.REQUESTED: frozenset({S.SCHEDULED, S.DELAYED, S.RUNNING, S.FAILED}),
    S.SCHEDULED: frozenset({S.DELAYED, S.RUNNING, S.FAILED}),
    S.DELAYED: frozenset({S.SCHEDULED, S.RUNNING, S.FAILED}),
}
#: (what is asked for, status): the same by another name.
_ASKED_ALREADY = frozenset({(S.PAUSED, S.PAUSING), (S.CANCELED, S.CANCELING)})
_PAUSES = frozenset({S.PAUSING, S.PAUSED})
_CANCELS = frozenset({S.CANCELING, S.CANCELED})


class _Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A conductor as text."""

    stepper: str
    label: Status | None
    named: bool
    resuming: bool
    shown: tuple[tuple[str, int, Status], ...]


class Conductor:
    """See the module. `label` is the status until the workflow really runs (None: null)."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._label: Status | None = None
        self._named = True
        self._resuming = False
        self._shown: dict[Visited, Status] = {}

    # -- looking ---------------------------------------------------------------------------

    @property
    def status(self) -> Status | None:
        """The status of the workflow; None: nothing was asked yet."""
        status = self._stepper.state.status
        if self._named and not (status is S.FAILED and self._is_broken):
            return self._label
        if status is S.RUNNING and self._resuming:
            return S.RESUMING
        return status

    @property
    def _is_broken(self) -> bool:
        """Whether it failed before it was to run: at its start, or by what can't be rendered."""
        return self._label is None or self._stepper.failed_to_render

    def document(self) -> Document:
        """Return the state as the protocol has it."""
        stepper = self._stepper
        status = self.status
        output = stepper.output if status is not None and status.is_final else None
        tasks: list[JsonValue] = [
            {"handle": handle_of(visited), "task": visited[0], "status": shown.value}
            for visited in stepper.offered
            if (shown := self._status_of(visited)) is not None
        ]
        errors: list[JsonValue] = [_error(trouble) for trouble in stepper.troubles]
        return {
            "status": None if status is None else status.value,
            "errors": errors,
            "output": output,
            "tasks": tasks,
        }

    def _status_of(self, visited: Visited) -> Status | None:
        ended = self._stepper.ended.get(visited)
        if ended is not None:
            return ended
        execution = self._stepper.find(visited)
        if execution is not None and execution.status is S.RETRYING:
            return S.RETRYING
        if execution is not None and not execution.open:
            return None
        return self._shown.get(visited)

    # -- doing -----------------------------------------------------------------------------

    def next(self) -> list[JsonValue]:
        """Return what may be begun now."""
        if self._named and self._label is None:
            return []
        return [_offer(one) for one in self._stepper.offers()]

    def request(self, text: str) -> None:
        """Grant a status of the workflow. Raises `RefusedError` (`bad-status`)."""
        try:
            wanted = Status(text)
        except ValueError as error:
            raise RefusedError("bad-status", f"there is no status {text!r}") from error
        status = self.status
        if wanted is status or (wanted, status) in _ASKED_ALREADY:
            return
        if self._named and status is self._label:
            self._begin(wanted)
        else:
            self._change(wanted)

    def _begin(self, wanted: Status) -> None:
        stoppable = self._label is not None and wanted in _PAUSES | _CANCELS
        if not stoppable and wanted not in _ASKED_BEFORE[self._label]:
            raise self._impossible(wanted)
        if wanted in _BEFORE:
            self._label = wanted
            return
        self._named, self._label = False, None
        if wanted is not S.RUNNING:
            self._give_request(wanted)

    def _change(self, wanted: Status) -> None:
        status = self._stepper.state.status
        moving = wanted in {S.RUNNING, S.RESUMING}
        possible = (
            (wanted in _PAUSES and status is S.RUNNING)
            or (moving and status in _PAUSES)
            or (wanted in _CANCELS and not status.is_final)
            or (wanted is S.FAILED and status not in {S.FAILED, S.CANCELED})
            or (wanted is S.SUCCEEDED and status is S.RUNNING and not self._resuming)
            or (wanted is S.RUNNING and self._resuming and status is S.RUNNING)
        )
        if not possible:
            raise self._impossible(wanted)
        self._resuming = wanted is S.RESUMING
        if not (moving and status is S.RUNNING):
            self._give_request(wanted)

    def _give_request(self, wanted: Status) -> None:
        if wanted in _PAUSES:
            self._pause()
        elif wanted in _CANCELS:
            self._cancel()
        elif wanted in {S.FAILED, S.SUCCEEDED}:
            self._stepper.give(s.Conclude(succeeded=wanted is S.SUCCEEDED), "bad-status")
        else:
            self._stepper.give(s.Resume(), "bad-status")

    def _impossible(self, wanted: Status) -> RefusedError:
        shown = self.status or "null"
        return RefusedError("bad-status", f"{wanted} can't be asked for: the status is {shown}")

    def _pause(self) -> None:
        self._stepper.give(s.Pause(), "bad-status")
        self._show_stopping(S.PAUSING, S.PAUSED)

    def _cancel(self) -> None:
        with_items = [one for one in self._with_items() if self._shown.get(one) is S.RUNNING]
        self._stepper.give(s.Cancel(), "bad-status")
        for visited in with_items:
            execution = self._stepper.find(visited)
            self._shown[visited] = S.CANCELED if execution is None else S.CANCELING

    def _show_stopping(self, active: Status, dormant: Status) -> None:
        """Show what a request means for tasks of which items run or are to come."""
        for visited in self._with_items():
            execution = self._stepper.find(visited)
            if execution is not None and self._shown.get(visited) is S.RUNNING:
                self._shown[visited] = active if execution.is_active else dormant

    def _with_items(self) -> list[Visited]:
        return [
            (one.task, one.visit)
            for one in self._stepper.state.living()
            if one.open and one.items is not None and one.items.values
        ]

    def rerun(self, targets: Sequence[RerunTarget] | None) -> None:
        """Run again. Raises `RefusedError` (`bad-rerun`)."""
        status = self.status
        if status is None or not status.is_final:
            raise RefusedError("bad-rerun", f"the workflow is not completed: it is {status}")
        unknown = [one.handle for one in targets or () if self._find(one.handle) is None]
        if unknown:
            raise RefusedError("bad-rerun", f"there is no {', '.join(unknown)}")
        wanted = tuple(
            Target(task=visited[0], visit=visited[1], reset_items=one.reset_items)
            for one in targets or ()
            if (visited := self._find(one.handle)) is not None
        )
        self._stepper.rerun(RerunRequest(targets=wanted))
        self._named, self._label, self._resuming = False, None, True

    def report(self, report: Report) -> None:
        """Take note of how far a task, or an item, has come. Raises `RefusedError`."""
        visited = self._find(report.handle)
        if visited is None:
            raise RefusedError("unknown-handle", f"there is no {report.handle!r}")
        if report.status not in _REPORTED:
            raise RefusedError("bad-request", f"there is no status {report.status!r} of a task")
        status = Status(report.status)
        if not self._is_expected(visited, report.item):
            return
        if (self._shown.get(visited), status, report.item) == (S.CANCELING, S.PAUSED, None):
            status = S.CANCELED  # it was being canceled, and now stands still
        before = self._stepper.find(visited)
        if before is not None and before.status is S.RETRYING:
            self._shown.pop(visited, None)
        self._stepper.give(s.HandOff(task=visited[0], visit=visited[1], item=report.item))
        execution = self._stepper.find(visited)
        if execution is None or not execution.open:
            self._follow(visited)
            return
        shown = self._shown_after(execution, status, report.item)
        self._shown[visited] = shown
        if shown in _CANCELS or (shown in _ENDS and self._others(visited) & _CANCELS):
            self._cancel_workflow()
        if status in _ENDS:
            self._end(execution, status, report)
        elif status not in _BEFORE and (report.item is not None or shown is status):
            self._change_attempt(execution, status, report.item)
        self._follow(visited)

    def _find(self, handle: str) -> Visited | None:
        return next((one for one in self._stepper.offered if handle_of(one) == handle), None)

    def _is_expected(self, visited: Visited, item: int | None) -> bool:
        execution = self._stepper.find(visited)
        if execution is None:
            return False
        return item is None or execution.items is None or item not in execution.items.ended

    def _shown_after(self, execution: TaskExecution, status: Status, item: int | None) -> Status:
        visited = (execution.task, execution.visit)
        before = self._shown.get(visited)
        if item is not None and execution.items is not None and status not in _BEFORE:
            if before is None or before in _BEFORE:
                before = S.RUNNING
            return status_after(before, status, item, execution.items)
        if status in _ENDS or status in _FOLLOWS.get(before, ()):
            return status
        return before or status

    def _end(self, execution: TaskExecution, status: Status, report: Report) -> None:
        task, visit = execution.task, execution.visit
        if status is S.FAILED:
            handle = handle_of((task, visit))
            self._stepper.troubles.add(
                Trouble(kind="action", message="the action failed", task=task, handle=handle)
            )
        self._stepper.give(
            s.AttemptEnded(
                task=task,
                visit=visit,
                attempt=execution.attempt,
                item=report.item,
                outcome=_outcome(status, report.result),
            )
        )

    def _change_attempt(self, execution: TaskExecution, status: Status, item: int | None) -> None:
        self._stepper.give(
            s.AttemptChanged(
                task=execution.task,
                visit=execution.visit,
                attempt=execution.attempt,
                status=status,
                item=item,
            )
        )

    def _follow(self, visited: Visited) -> None:
        """Do to the workflow what the status of a task means for it."""
        shown = self._status_of(visited)
        status = self._stepper.state.status
        active = any(one.is_active for one in self._stepper.state.unfinished())
        if shown in _CANCELS:
            self._cancel_workflow()
        elif shown is S.PENDING or (shown is S.PAUSED and not active and not self._resuming):
            if status is S.RUNNING:
                self._stepper.give(s.Pause())
        elif shown is S.RESUMING and status is S.PAUSED:
            self._stepper.give(s.Resume())
        elif shown is S.RUNNING:
            self._resuming = False
            if status is S.PAUSED:
                self._stepper.give(s.Resume())
        elif shown is S.SUCCEEDED or shown in _ABENDED:
            self._follow_end(visited, active=active)

    def _follow_end(self, visited: Visited, *, active: bool) -> None:
        if self._stepper.state.status is not S.RUNNING:
            return
        if not self._others(visited) & _STOPPED:
            self._resuming = False
        elif not (self._resuming and active):
            self._stepper.give(s.Pause())

    def _others(self, visited: Visited) -> set[Status | None]:
        return {self._status_of(one) for one in self._stepper.offered if one != visited}

    def _cancel_workflow(self) -> None:
        if (
            not self._stepper.state.status.is_final
            and self._stepper.state.status is not S.CANCELING
        ):
            self._stepper.give(s.Cancel())

    # -- restoring -------------------------------------------------------------------------

    def save(self) -> str:
        """Return all of it as text."""
        saved = _Saved(
            stepper=self._stepper.save(),
            label=self._label,
            named=self._named,
            resuming=self._resuming,
            shown=tuple((*visited, status) for visited, status in self._shown.items()),
        )
        return msgspec.json.encode(saved).decode()

    @classmethod
    def load(cls, text: str) -> "Conductor":
        """Return what `save` has given the text of."""
        saved = msgspec.json.decode(text.encode(), type=_Saved)
        conductor = cls(Stepper.load(saved.stepper))
        conductor._label, conductor._named = saved.label, saved.named
        conductor._resuming = saved.resuming
        conductor._shown = {(task, visit): status for task, visit, status in saved.shown}
        return conductor


def handle_of(visited: Visited) -> str:
    """Return what a host calls a task execution."""
    return f"{visited[0]}#{visited[1]}"


def _outcome(status: Status, result: JsonValue) -> s.Outcome:
    if status is S.SUCCEEDED:
        return s.Succeeded(result=result)
    if status is S.CANCELED:
        return s.Canceled(result=result)
    code = "action_failed" if status is S.FAILED else str(status)
    return s.Failed(message="the action failed", code=code, result=result)


def _offer(one: Offer) -> Document:
    actions: list[JsonValue] = []
    for action in one.actions:
        document: Document = {"action": action.action, "input": dict(action.input)}
        if action.item is not None:
            document["item"] = action.item
        actions.append(document)
    offered: Document = {
        "task": one.task,
        "handle": handle_of((one.task, one.visit)),
        "actions": actions,
    }
    if one.delay:
        offered["delay"] = one.delay
    if one.items_count is not None:
        offered["items_count"] = one.items_count
        offered["concurrency"] = one.concurrency
    return offered


def _error(trouble: Trouble) -> Document:
    document: Document = {"kind": trouble.kind, "message": trouble.message}
    if trouble.task is not None:
        document["task"] = trouble.task
    if trouble.handle is not None:
        document["handle"] = trouble.handle
    return document
