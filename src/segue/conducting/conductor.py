"""The conductor of the protocol: what a host asks and reports, put to the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from segue.conducting.definitions import Usable, usable
from segue.conducting.item_statuses import status_after
from segue.conducting.refusal import Code, RefusedError
from segue.conducting.requests import Report, RerunTarget, Start
from segue.conducting.responses import (
    UNSET,
    ActionMessage,
    ErrorMessage,
    OfferMessage,
    StateMessage,
    TaskMessage,
)
from segue.conducting.statuses import (
    BEFORE,
    CANCELS,
    ENDS,
    PAUSES,
    STOPPED,
    is_granted_already,
    may_be_asked,
    task_follows,
)
from segue.conducting.stepper import Step, Stepper, visits_with_items
from segue.conducting.troubles import FAIL, action_failed, errors_in, handle_of
from segue.core import events as e
from segue.core import stimuli as s
from segue.core.offering import Offer
from segue.core.program import Program
from segue.core.rerun_plan import RerunRequest, Target, Visited
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.language.inputs import check_inputs
from segue.language.model import Workflow
from segue.language.workflows import Language
from segue.values import JsonObject, JsonValue

S = Status


@dataclass(slots=True, kw_only=True)
class Conductor:
    """One execution and what its host has been told of it.

    `before` is set until the host wants it to run: `word` is the status then (None: nothing was
    asked for). `resuming`: it goes on, and nothing was begun since. `offered` has every task
    execution whose handle the host has, `shown` those of which something was reported, with
    their status; of these a rerun has `superseded` some. `unusable`: something of the definition
    could not be evaluated.

    To try something, fork it: a fork shares nothing that is changed.
    """

    definition: str
    language: Language
    stepper: Stepper
    before: bool = True
    word: Status | None = None
    resuming: bool = False
    unusable: bool = False
    offered: dict[str, Visited] = field(default_factory=dict)
    shown: dict[Visited, Status] = field(default_factory=dict)
    superseded: set[Visited] = field(default_factory=set)
    errors: dict[ErrorMessage, None] = field(default_factory=dict)
    output: Mapping[str, JsonValue] | None = None

    @classmethod
    def begin(cls, request: Start, facts: Facts) -> Conductor:
        """Begin an execution. Raises `RefusedError` (invalid-definition, bad-request)."""
        context = request.context or {}
        inputs = request.inputs or {}
        found: Usable = usable(request.definition, context)
        if found.language is not Language.ORQUESTA:  # its hosts may give what is not declared
            _require_inputs(found.workflow, inputs)
        conductor = cls(
            definition=request.definition,
            language=found.language,
            stepper=Stepper(program=Program.of(found.workflow)),
        )
        step = conductor.stepper.begin(inputs, context, request.start_at or (), facts)
        conductor._take(step)
        return conductor

    def fork(self) -> Conductor:
        """Return a conductor that can be changed without changing this one."""
        return Conductor(
            definition=self.definition,
            language=self.language,
            stepper=self.stepper,
            before=self.before,
            word=self.word,
            resuming=self.resuming,
            unusable=self.unusable,
            offered=dict(self.offered),
            shown=dict(self.shown),
            superseded=set(self.superseded),
            errors=dict(self.errors),
            output=self.output,
        )

    # -- looking ---------------------------------------------------------------------------

    @property
    def status(self) -> Status | None:
        """The status of the execution as its host sees it."""
        status = self.stepper.state.status
        if self.before:
            # What hosts begin before they let it run does not run it, and so does not end it.
            broken = status is S.FAILED and (self.unusable or self.word is None)
            return status if broken else self.word
        if status is S.RUNNING and self.resuming:
            return S.RESUMING
        return status

    def state(self) -> StateMessage:
        """Return the state as hosts see it."""
        status = self.status
        return StateMessage(
            status=None if status is None else str(status),
            errors=tuple(self.errors),
            output=self.output if status is not None and status.is_final else None,
            tasks=tuple(
                TaskMessage(handle=handle, task=visited[0], status=str(self.shown[visited]))
                for handle, visited in self.offered.items()
                if visited in self.shown
            ),
        )

    # -- what hosts ask --------------------------------------------------------------------

    def next(self, facts: Facts) -> tuple[OfferMessage, ...]:
        """Return what may be begun now, and take note of the handles."""
        if self.before and self.word is None:
            return ()
        offers, step = self.stepper.offers(facts)
        self._take(step)
        for one in offers:
            visited = (one.task, one.visit)
            self.offered[handle_of(visited)] = visited
        return tuple(_offer(one) for one in offers)

    def request(self, asked: Status, facts: Facts) -> None:
        """Make it become something. Raises `RefusedError` (bad-status)."""
        status = self.status
        if is_granted_already(asked, status):
            if status is S.PAUSING:
                self._tell_to_pause()
            elif status is S.CANCELING:
                self._tell_to_cancel(visits_with_items(self.stepper.state), facts)
            return
        if not may_be_asked(asked, status, active=self.stepper.is_active()):
            shown = "null" if status is None else status
            message = f"{asked} can't be asked for now: the status is {shown}"
            raise RefusedError(Code.BAD_STATUS, message)
        if asked in BEFORE:
            self.word = asked
            return
        self.before, self.word, self.resuming = False, None, asked is S.RESUMING
        if asked in PAUSES:
            self._pause(facts)
        elif asked in CANCELS:
            self._cancel(facts)
        elif asked in ENDS:
            self._give(s.Conclude(succeeded=asked is S.SUCCEEDED), facts, Code.BAD_STATUS)
        elif status in PAUSES:
            self._give(s.Resume(), facts)

    def rerun(self, targets: Sequence[RerunTarget], facts: Facts) -> None:
        """Run again. Raises `RefusedError` (bad-rerun)."""
        status = self.status
        if status is None or not status.is_final:
            shown = "null" if status is None else status
            message = f"it can't be run again before it is completed: the status is {shown}"
            raise RefusedError(Code.BAD_RERUN, message)
        unknown = [one.handle for one in targets if one.handle not in self.offered]
        if unknown:
            raise RefusedError(Code.BAD_RERUN, f"no handle like {', '.join(unknown)} was given")
        wanted = tuple(
            Target(task=task, visit=visit, reset_items=one.reset_items)
            for one in targets
            for task, visit in (self.offered[one.handle],)
        )
        plan, step = self.stepper.rerun(RerunRequest(targets=wanted), facts)
        again = {task for task, _ in plan.targets}
        if plan.meets_fail:
            again.add(FAIL)
        self.errors = {one: None for one in self.errors if one.task not in again}
        for visited in plan.targets:
            self.shown.pop(visited, None)
        self.superseded.update(plan.superseded)
        self.before, self.word, self.resuming = False, None, True
        self.unusable, self.output = False, None
        self._take(step)

    def report(self, report: Report, facts: Facts) -> None:
        """Take note of how far a task, or an item of it, has come.

        What comes too late is without effect. Raises `RefusedError` (unknown-handle, and
        bad-request for an item that there is not).
        """
        visited = self.offered.get(report.handle)
        if visited is None:
            raise RefusedError(Code.UNKNOWN_HANDLE, f"no handle like {report.handle!r} was given")
        reported = Status(report.status)
        before = self._find(visited)
        if before is None:
            return
        if before.status is S.RETRYING and reported in ENDS - {S.CANCELED}:
            return  # it is of the attempt before, of which that is known
        execution = self._begun(visited, before, report.item, facts)
        if execution is None:
            return
        if report.item is None:
            self._report_task(execution, reported, report.result, facts)
        else:
            self._report_item(execution, reported, report, facts)
        self._follow(visited, facts)

    # -- reports ---------------------------------------------------------------------------

    def _find(self, visited: Visited) -> TaskExecution | None:
        return self.stepper.state.find(*visited)

    def _begun(
        self, visited: Visited, before: TaskExecution, item: int | None, facts: Facts
    ) -> TaskExecution | None:
        """Return the task execution, begun if need be; None: there is nothing to report of."""
        if item is not None and before.items is not None and item in before.items.ended:
            return None
        task, visit = visited
        self._give(s.HandOff(task=task, visit=visit), facts)
        execution = self._find(visited)
        if execution is None or not execution.open:
            return None
        if item is None:
            return execution
        count = len(execution.items.values) if execution.items else 0
        if not 0 <= item < count:
            message = f"{report_of(visited)} has no item {item}: it has {count}"
            raise RefusedError(Code.BAD_REQUEST, message)
        self._give(s.HandOff(task=task, visit=visit, item=item), facts)
        execution = self._find(visited)
        begun = execution is not None and execution.items and item in execution.items.open
        return execution if begun else None

    def _report_task(
        self, execution: TaskExecution, reported: Status, result: JsonValue, facts: Facts
    ) -> None:
        visited = (execution.task, execution.visit)
        shown = self.shown.get(visited)
        if (shown, reported) == (S.CANCELING, S.PAUSED):
            reported = S.CANCELED  # it was to be canceled, and stands still
        if reported in ENDS:
            self._end(execution, reported, result, None, facts, after=reported)
            ended = self._find(visited) is None and self.shown.get(visited) is S.FAILED
            if ended and shown in {None, *BEFORE} and reported in {S.TIMEOUT, S.ABANDONED}:
                self.shown[visited] = reported  # it never ran, so its action did not fail
        elif task_follows(shown, reported):
            self.shown[visited] = reported
            if reported not in BEFORE:
                self._change(execution, reported, None, facts)
        elif shown is None:
            self.shown[visited] = reported

    def _report_item(
        self, execution: TaskExecution, reported: Status, report: Report, facts: Facts
    ) -> None:
        visited = (execution.task, execution.visit)
        shown = self.shown.get(visited)
        assert execution.items is not None
        assert report.item is not None
        if reported in BEFORE:
            if shown is None or (shown in {*BEFORE, S.RETRYING} and task_follows(shown, reported)):
                self.shown[visited] = reported
            return
        if shown is None or shown in {*BEFORE, S.RETRYING, S.CANCELED}:
            shown = S.RUNNING  # one that was canceled goes on after a rerun
        after = status_after(shown, reported, report.item, execution.items)
        self.shown[visited] = after if after not in ENDS else shown
        if reported in ENDS:
            self._end(execution, reported, report.result, report.item, facts, after=after)
        else:
            if after in CANCELS:
                self._cancel_all(facts)
            self._change(execution, reported, report.item, facts)
            if after is S.CANCELING:
                self._change(execution, after, None, facts)

    def _end(
        self,
        execution: TaskExecution,
        reported: Status,
        result: JsonValue,
        item: int | None,
        facts: Facts,
        *,
        after: Status,
    ) -> None:
        visited = (execution.task, execution.visit)
        if reported is S.FAILED:
            self.errors[action_failed(visited, item)] = None
        ended = s.AttemptEnded(
            task=execution.task,
            visit=execution.visit,
            attempt=execution.attempt,
            item=item,
            outcome=self._outcome(reported, result),
        )
        canceled = after in ENDS and self._others(visited) & CANCELS
        if after in CANCELS or (canceled and not self._goes_before(visited, ended, facts)):
            self._cancel_all(facts)
        self._give(ended, facts)

    def _goes_before(self, visited: Visited, ended: s.AttemptEnded, facts: Facts) -> bool:
        """Whether what follows from this end goes before that another task was canceled.

        That task ended the execution once, and was left so by a rerun. A new attempt is made all
        the same, and a failure that is not dealt with is one of the execution.
        """
        step = self.stepper.give(ended, facts)
        state = step.stepper.state
        fails = any(isinstance(x, e.TransitionTaken) and FAIL in x.do for x in step.events)
        return state.find(*visited) is not None or (state.status is S.FAILED and not fails)

    def _others(self, visited: Visited) -> set[Status]:
        return {
            status
            for other, status in self.shown.items()
            if other != visited and other not in self.superseded
        }

    def _outcome(self, reported: Status, result: JsonValue) -> s.Outcome:
        if reported is S.SUCCEEDED:
            return s.Succeeded(result=result)
        if reported is S.CANCELED:
            return s.Canceled(result=result)
        if reported is S.TIMEOUT and self.language is not Language.ORQUESTA:
            return s.TimedOut(seconds=0.0, result=result)
        code = "action_failed" if reported is S.FAILED else f"action_{reported}"
        return s.Failed(message=f"the action ended as {reported}", code=code, result=result)

    def _change(
        self, execution: TaskExecution, reported: Status, item: int | None, facts: Facts
    ) -> None:
        self._give(
            s.AttemptChanged(
                task=execution.task,
                visit=execution.visit,
                attempt=execution.attempt,
                status=reported,
                item=item,
            ),
            facts,
        )

    # -- what tasks do to the whole --------------------------------------------------------

    def _follow(self, visited: Visited, facts: Facts) -> None:
        """Do to the execution what the status of a task means for it."""
        shown, status = self.shown.get(visited), self.status
        if shown in CANCELS:
            self._cancel_all(facts)
        elif shown is S.PENDING:
            if status in {S.RUNNING, S.RESUMING}:
                self._pause_all(facts)
        elif shown is S.PAUSED:
            if status is S.RUNNING and not (self.stepper.is_active() or self._has_items_to_come()):
                self._pause_all(facts)
        elif shown in {S.RUNNING, S.RESUMING}:
            self._follow_running(facts, resuming=shown is S.RESUMING)
        elif shown in ENDS and status in {S.RUNNING, S.RESUMING}:
            self._follow_end(visited, facts)

    def _has_items_to_come(self) -> bool:
        """Whether a task with items is between two of them: it counts as running."""
        return any(
            self.shown.get(visited) is S.RUNNING
            for visited in visits_with_items(self.stepper.state)
        )

    def _follow_running(self, facts: Facts, *, resuming: bool) -> None:
        if self.status is S.PAUSED:
            self.resuming = False
            self._give(s.Resume(), facts)
        elif not resuming:
            self.resuming = False

    def _follow_end(self, visited: Visited, facts: Facts) -> None:
        """A task has ended, and the execution goes on: unless others keep it from that."""
        if not self._others(visited) & STOPPED:
            self.resuming = False
        elif not (self.resuming and self.stepper.is_active()):
            self._pause_all(facts)

    def _pause_all(self, facts: Facts) -> None:
        self.resuming = False
        self._give(s.Pause(), facts)

    def _cancel_all(self, facts: Facts) -> None:
        if self.status in {S.RUNNING, S.RESUMING, S.PAUSING}:
            self.resuming = False
            self._give(s.Cancel(), facts)

    def _pause(self, facts: Facts) -> None:
        """Pause on request: tasks with items are told, for they have more to begin."""
        self._give(s.Pause(), facts, Code.BAD_STATUS)
        self._tell_to_pause()

    def _tell_to_pause(self) -> None:
        for visited in visits_with_items(self.stepper.state):
            execution = self._find(visited)
            if execution is not None and self.shown.get(visited) is S.RUNNING:
                self.shown[visited] = S.PAUSING if execution.is_active else S.PAUSED

    def _cancel(self, facts: Facts) -> None:
        """Cancel on request, likewise."""
        told = visits_with_items(self.stepper.state)
        self._give(s.Cancel(), facts, Code.BAD_STATUS)
        self._tell_to_cancel(told, facts)

    def _tell_to_cancel(self, told: Sequence[Visited], facts: Facts) -> None:
        for visited in told:
            if self.shown.get(visited) is S.RUNNING:
                execution = self._find(visited)
                ends = execution is not None and execution.is_active
                self.shown[visited] = S.CANCELING if ends else S.CANCELED
                if execution is not None and ends:
                    self._change(execution, S.CANCELING, None, facts)

    # -- the core --------------------------------------------------------------------------

    def _give(self, stimulus: s.Stimulus, facts: Facts, refused_as: Code = Code.INTERNAL) -> None:
        self._take(self.stepper.give(stimulus, facts, refused_as))

    def _take(self, step: Step) -> None:
        self.stepper = step.stepper
        self.errors.update(dict.fromkeys(errors_in(step.events)))
        for event in step.events:
            self._note(event)

    def _note(self, event: e.AnyEvent) -> None:
        match event:
            case e.TaskSucceeded(task=task, visit=visit):
                self.shown[task, visit] = S.SUCCEEDED
            case e.TaskFailed(task=task, visit=visit, status=status):
                self.shown[task, visit] = status
            case e.TaskCanceled(task=task, visit=visit):
                self.shown[task, visit] = S.CANCELED
            case e.RetryScheduled(task=task, visit=visit):
                self.shown[task, visit] = S.RETRYING
            case e.ExpressionFailed():
                self.unusable = True
            case e.ExecutionSettled(output=output):
                self.output = output


def _require_inputs(workflow: Workflow, inputs: JsonObject) -> None:
    problems = check_inputs(workflow, inputs)
    if problems:
        message = "; ".join(problem.message for problem in problems)
        raise RefusedError(Code.BAD_REQUEST, message)


def report_of(visited: Visited) -> str:
    """Return a task execution as messages name it."""
    return f"visit {visited[1]} of `{visited[0]}`"


def _offer(one: Offer) -> OfferMessage:
    return OfferMessage(
        task=one.task,
        handle=handle_of((one.task, one.visit)),
        actions=tuple(
            ActionMessage(
                action=action.action,
                input=action.input,
                item=UNSET if action.item is None else action.item,
            )
            for action in one.actions
        ),
        delay=one.delay or UNSET,
        items_count=UNSET if one.items_count is None else one.items_count,
        concurrency=UNSET if one.items_count is None else one.concurrency,
    )
