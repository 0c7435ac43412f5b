"""Sub-workflows: executions that run for an attempt of another one.

The id of a child follows from its parent and the attempt, so that whoever takes the attempt up again
after a crash finds the child: it is begun, gone on with, or its outcome is given, whichever is next.
What a child does is known from its row, so that it does not matter who conducts it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from segue.core.errors import RequestError
from segue.core.events import ExecutionStarted, PauseRequested
from segue.core.status import Status
from segue.core.stimuli import (
    AttemptChanged,
    AttemptEnded,
    Cancel,
    Canceled,
    Failed,
    Outcome,
    Pause,
    Resume,
    Start,
    Stimulus,
    Succeeded,
    TimedOut,
)
from segue.core.view import ExecutionView
from segue.core.viewing import view_of
from segue.runtime.clock import Alarm
from segue.runtime.config import Config
from segue.runtime.definitions import Prepared, find_workflow, prepare, read_source
from segue.runtime.desk import Desk
from segue.runtime.errors import DefinitionError
from segue.runtime.ids import child_id
from segue.runtime.inbox import Entry
from segue.runtime.inputs import require_inputs
from segue.store.port import ExecutionRow
from segue.transport.port import Job
from segue.values import JsonObject, JsonValue

_log = logging.getLogger(__name__)

#: What the parent's attempt is while its child has this status; running for all others.
_SHOWN = {
    Status.PENDING: Status.PENDING,
    Status.PAUSING: Status.PAUSING,
    Status.PAUSED: Status.PAUSED,
    Status.CANCELING: Status.CANCELING,
}

#: The parent stands still in these, and goes on in those.
_STANDING = frozenset({Status.PAUSING, Status.PAUSED})
_MOVING = frozenset({Status.RUNNING, Status.PENDING})

#: Why a child is paused that will go on by itself when its parent does.
WITH_PARENT = "the execution that it runs for is paused"

Begin = Callable[[str, Start], Coroutine[Any, Any, ExecutionRow]]
TakeUp = Callable[[str], Coroutine[Any, Any, object]]


@dataclass(slots=True)
class _Child:
    """A child of which this engine has the attempt.

    `shown` is what the parent was told of it; `paused`: it was because the parent is.
    """

    id: str
    job: Job
    shown: Status = Status.RUNNING
    alarm: Alarm | None = None
    timed_out: bool = False
    canceled: bool = False
    paused: bool = False
    delivering: bool = False


@dataclass(slots=True, kw_only=True)
class Children:
    """See the module. `begin` starts an execution, `take_up` goes on with one that nobody has."""

    desk: Desk
    config: Config
    begin: Begin
    take_up: TakeUp
    _children: dict[str, _Child] = field(default_factory=dict)
    _by_parent: dict[str, dict[str, _Child]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def runs(self, job: Job) -> bool:
        """Return whether the action of a job is a workflow."""
        if job.action is None:
            return False
        return find_workflow(job.action, self.config.workflows, None) is not None

    def has(self, job: Job) -> bool:
        """Return whether a child runs for this attempt."""
        return child_id(job.execution, job.name) in self._children

    def submit(self, job: Job) -> None:
        """Begin the child of an attempt, or go on with it."""
        child = _Child(child_id(job.execution, job.name), job)
        self._children[child.id] = child
        self._by_parent.setdefault(job.execution, {})[child.id] = child
        if job.timeout is not None:
            child.alarm = self.desk.clock.call_later(job.timeout, lambda: self._expire(child))
        self._spawn(self._run(child))

    def watched(self) -> list[str]:
        """Return the children whose rows are to be looked at."""
        return list(self._children)

    def cancel(self, job: Job) -> None:
        """Have the child of an attempt end; the attempt ends with it."""
        child = self._children.get(child_id(job.execution, job.name))
        if child is not None:
            child.canceled = True  # it may be about to begin
        self._tell(job, Cancel(reason="the execution that it runs for ends it"))

    def drop(self, job: Job) -> None:
        """Forget the child of an attempt that is over."""
        child = self._children.pop(child_id(job.execution, job.name), None)
        if child is None:
            return
        siblings = self._by_parent[job.execution]
        del siblings[child.id]
        if not siblings:
            del self._by_parent[job.execution]
        if child.alarm is not None:
            child.alarm.cancel()

    def noticed(self, row: ExecutionRow) -> None:
        """Take note of how an execution is: its children follow it, and its parent is told."""
        for child in self._by_parent.get(row.id, {}).values():
            self._follow(child, row.status)
        known = self._children.get(row.id)
        if known is None:
            return
        if row.settled:
            if not known.delivering:
                known.delivering = True
                self._spawn(self._deliver(known))
            return
        shown = _SHOWN.get(row.status, Status.RUNNING)
        if shown is not known.shown:
            known.shown = shown
            job = known.job
            changed = AttemptChanged(
                task=job.task,
                visit=job.visit,
                attempt=job.attempt,
                status=shown,
                item=job.item,
            )
            self._put(job, changed)

    def _follow(self, child: _Child, parent: Status) -> None:
        if parent in _STANDING and not child.paused:
            child.paused = True
            self._tell(child.job, Pause(reason=WITH_PARENT))
        elif child.paused and parent in _MOVING:
            child.paused = False
            self._tell(child.job, Resume())

    async def stop(self) -> None:
        """Leave all children as they are."""
        for child in self._children.values():
            if child.alarm is not None:
                child.alarm.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- inside ----------------------------------------------------------------------------

    async def _run(self, child: _Child) -> None:
        row = await self.desk.store.get_execution(child.id)
        if row is None:
            failure = await self._begin(child)
            if failure is not None:
                self._end(child, failure)
            elif child.canceled:
                self.cancel(child.job)
            return
        if not row.settled:
            child.paused = await self._was_paused_with_parent(row)
            await self.take_up(child.id)
        self.noticed(row)
        parent = await self.desk.store.get_execution(child.job.execution)
        if parent is not None:
            self._follow(child, parent.status)

    async def _was_paused_with_parent(self, row: ExecutionRow) -> bool:
        if row.status not in _STANDING:
            return False
        recorded = await self.desk.store.read_events(row.id)
        pauses = [one.event for one in recorded if isinstance(one.event, PauseRequested)]
        return bool(pauses) and pauses[-1].reason == WITH_PARENT

    async def _begin(self, child: _Child) -> Failed | None:
        """Begin a child; return why that can't be."""
        job = child.job
        depth, caller = await self._parent(job)
        most = self.config.max_workflow_depth
        if depth > most:
            message = (
                f"{job.action}: {most} workflows run inside one another, and that is the limit"
            )
            return Failed(code="too_deep", message=message)
        try:
            prepared = self._prepared(job, caller)
            inputs = require_inputs(prepared.workflow, job.input)
        except DefinitionError as error:
            return Failed(code="workflow_invalid", message=f"{job.action}: {error}")
        except RequestError as error:
            code = "invalid_input" if error.code == "invalid_inputs" else error.code
            return Failed(code=code, message=f"{job.action}: {error.message}")
        await self.desk.store.put_definition(prepared.definition)
        self.desk.loader.remember_program(prepared.definition.hash, prepared.program)
        start = Start(
            inputs=inputs,
            definition=prepared.definition.hash,
            max_duration=self.config.max_workflow_duration_seconds,
            max_visits=self.config.max_task_iterations_per_workflow,
            parent=f"{job.execution}/{job.name}",
            depth=depth,
        )
        try:
            await self.begin(child.id, start)
        except RequestError as error:
            return Failed(code=error.code, message=f"{job.action}: {error.message}")
        return None

    async def _parent(self, job: Job) -> tuple[int, str | None]:
        """Return the depth of a child, and the file in which its parent is defined."""
        [first] = await self.desk.store.read_events(job.execution, 0, 1)
        assert isinstance(first.event, ExecutionStarted)
        stored = await self.desk.store.get_definition(first.event.definition)
        return first.event.depth + 1, None if stored is None else stored.file

    def _prepared(self, job: Job, caller: str | None) -> Prepared:
        assert job.action is not None
        file = find_workflow(job.action, self.config.workflows, caller)
        if file is None or not file.is_file():
            raise RequestError("action_not_found", f"there is no file {file or job.action}")
        return prepare(read_source(file))

    async def _deliver(self, child: _Child) -> None:
        recorded = await self.desk.store.read_events(child.id)
        view = view_of(child.id, recorded)
        self._end(child, self._outcome(child, view))

    def _outcome(self, child: _Child, view: ExecutionView) -> Outcome:
        result = result_of(view)
        if child.timed_out and view.status is not Status.SUCCEEDED:
            return TimedOut(seconds=child.job.timeout or 0.0, result=result)
        if view.status is Status.SUCCEEDED:
            return Succeeded(result=result)
        if view.status is Status.CANCELED:
            return Canceled(result=result)
        errors = [error for error in view.errors if not error.handled] or list(view.errors)
        message = f"{child.job.action} ({view.id}) is {view.status}"
        if errors:
            where = f" in `{errors[0].task}`" if errors[0].task else ""
            message += f":{where} {errors[0].message}"
        return Failed(code="workflow_failed", message=message, result=result)

    def _end(self, child: _Child, outcome: Outcome) -> None:
        job = child.job
        ended = AttemptEnded(
            task=job.task, visit=job.visit, attempt=job.attempt, outcome=outcome, item=job.item
        )
        self._put(job, ended)

    def _expire(self, child: _Child) -> None:
        child.timed_out = True
        self._tell(child.job, Cancel(reason="the timeout of the task that it runs for has passed"))

    def _tell(self, job: Job, stimulus: Stimulus) -> None:
        child = child_id(job.execution, job.name)
        self.desk.inbox.put(Entry(execution=child, stimulus=stimulus))

    def _put(self, job: Job, stimulus: Stimulus) -> None:
        held = self.desk.holdings.find(job.execution, job.name)
        if held is not None and held.claim == job.claim:
            fence = (job.name, job.claim)
            entry = Entry(execution=job.execution, stimulus=stimulus, fence=fence)
            self.desk.inbox.put(entry)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.warning("a sub-workflow could not be gone on with: %s", task.exception())


def result_of(view: ExecutionView) -> JsonObject:
    """Return what a sub-workflow gives its parent as the result of the action."""
    errors: list[JsonValue] = [
        {"code": error.code, "message": error.message, "task": error.task}
        for error in view.errors
        if not error.handled
    ]
    return {"id": view.id, "status": view.status.value, "output": view.output, "errors": errors}
