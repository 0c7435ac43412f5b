"""What follows when an attempt ends: a retry, or the task's transitions."""

from collections.abc import Mapping

from msgspec.structs import replace

from segue.core import context as contexts
from segue.core import stimuli as s
from segue.core.decision import Decision
from segue.core.evaluation import FaultError, evaluate, evaluate_to_hand_on, shown, unusable
from segue.core.events import (
    AttemptCanceled,
    AttemptFailed,
    AttemptSucceeded,
    AttemptTimedOut,
    BranchEnded,
    ExpressionFailed,
    Failure,
    RetryScheduled,
    TaskCanceled,
    TaskFailed,
    TaskSucceeded,
    TransitionLost,
    TransitionTaken,
)
from segue.core.failure import failed_by_command
from segue.core.program import Compiled, TransitionProgram
from segue.core.retrying import next_attempt
from segue.core.scoping import scope_of
from segue.core.state import TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Scope
from segue.language.model import (
    CanceledTasks,
    Conditions,
    EngineCommand,
    ExpressionFailure,
    OutputBranches,
    RetryItems,
)
from segue.values import JsonValue


def attempt_ended(decision: Decision, stimulus: s.AttemptEnded) -> None:
    """Take the outcome of an attempt, unless the attempt is closed already."""
    execution = decision.state.find(stimulus.task, stimulus.visit)
    if execution is None or not execution.open or execution.attempt != stimulus.attempt:
        return
    status, failure = _close(decision, execution, stimulus.outcome)
    ended = decision.state.find(stimulus.task, stimulus.visit)
    assert ended is not None
    attempt_over(decision, ended, status, failure)


def attempt_over(
    decision: Decision, ended: TaskExecution, status: Status, failure: Failure | None
) -> None:
    """Decide what follows a closed attempt: another one, or the end of the task execution."""
    if status is Status.CANCELED:
        _canceled(decision, ended)
        return
    try:
        retry = next_attempt(decision, ended, status, failure)
    except FaultError as fault:
        complete(decision, ended, Status.FAILED, fault.failure)
        return
    if retry is None:
        complete(decision, ended, status, failure)
        return
    keeps = decision.program.workflow.semantics.retry_items is RetryItems.UNFINISHED
    decision.emit(
        RetryScheduled(
            task=ended.task,
            visit=ended.visit,
            attempt=retry.attempt,
            due=retry.due,
            delay=retry.delay,
            keeps_items=keeps and ended.items is not None,
        )
    )
    if _sees_ends_only(decision) and decision.state.stepwise:
        decision.ending = (ended.task, ended.visit)  # if the execution is over, what it saw counts


def _canceled(decision: Decision, ended: TaskExecution) -> None:
    semantics = decision.program.workflow.semantics
    if semantics.canceled_tasks is CanceledTasks.TRANSITIONS:
        complete(decision, ended, Status.CANCELED, None)
        return
    kept = decision.program.tasks[ended.task].kept
    decision.emit(TaskCanceled(task=ended.task, visit=ended.visit, kept=kept))
    decision.emit(BranchEnded(task=ended.task, visit=ended.visit))


def _close(
    decision: Decision, execution: TaskExecution, outcome: s.Outcome
) -> tuple[Status, Failure | None]:
    task, visit, attempt = execution.task, execution.visit, execution.attempt
    result = outcome.result
    if isinstance(outcome, s.Succeeded):
        decision.emit(AttemptSucceeded(task=task, visit=visit, attempt=attempt, result=result))
        return Status.SUCCEEDED, None
    if isinstance(outcome, s.Canceled) and decision.takes_as_canceled(execution):
        decision.emit(AttemptCanceled(task=task, visit=visit, attempt=attempt, result=result))
        return Status.CANCELED, None
    status, failure = failure_of(outcome, task, visit)
    kind = AttemptTimedOut if status is Status.TIMEOUT else AttemptFailed
    decision.emit(kind(task=task, visit=visit, attempt=attempt, failure=failure, result=result))
    return status, failure


def failure_of(
    outcome: s.Failed | s.TimedOut | s.Canceled, task: str, visit: int
) -> tuple[Status, Failure]:
    """Return the status and the failure that an outcome stands for which is no success."""
    if isinstance(outcome, s.TimedOut):
        message = f"the action took longer than the timeout of {outcome.seconds:g} s"
        failure = Failure(code="attempt_timed_out", message=message, task=task, visit=visit)
        return Status.TIMEOUT, failure
    if isinstance(outcome, s.Canceled):
        outcome = s.Failed(message="the action was canceled", code="action_canceled")
    failure = Failure(code=outcome.code, message=outcome.message, task=task, visit=visit)
    return Status.FAILED, failure


def complete(
    decision: Decision, execution: TaskExecution, status: Status, failure: Failure | None
) -> None:
    """Complete a task execution: evaluate its transitions, record what came of them."""
    given = failure
    choice = _Choice(decision, execution, status)
    try:
        choice.consider_all()
    except FaultError as fault:
        # Natively such an error is one of the task: none of its transitions counts.
        choice = _Choice(decision, execution, Status.FAILED)
        status, failure = Status.FAILED, fault.failure
    # Only what makes the execution fail has neighbours that run all the same.
    fails_now = decision.is_live or decision.state.status is Status.FAILED
    # Those may name others so themselves where a host begins them, which can end that.
    last = execution.exempt and not decision.state.stepwise
    exempts = choice.fails and fails_now and not last
    # What is named beside `fail` cleans up; it makes nothing good.
    handled = choice.handles_failure and not choice.fails
    _record_completion(decision, execution, status, failure, handled=handled)
    _take(decision, execution, choice, exempts=exempts)
    for fault_failure in choice.failures:
        decision.emit(ExpressionFailed(failure=fault_failure))
    if choice.failures:
        decision.fail(choice.failures[0], canceling=True)
    if choice.fails:
        decision.fail(failed_by_command(execution.task, execution.visit), by_task=True)
    elif failure is not None and not choice.handles_failure and decision.fails_fast:
        decision.ended_by_command = any(one.commands or not one.do for one, _ in choice.taken)
        decision.fail(failure, by_task=True)
    elif failure is not None and decision.fails_fast and decision.looks_for_lost_joins_at_end:
        led_to = choice.remedies
        if led_to <= decision.graph.joins.keys():
            decision.hoping = (execution, failure, led_to)
    _end_branch(decision, execution, choice, exempts=exempts, faulty=failure is not given)


def _take(
    decision: Decision,
    execution: TaskExecution,
    choice: "_Choice",
    *,
    exempts: bool,
) -> None:
    splits = decision.program.splits(decision.state.start)
    ends_only = _sees_ends_only(decision)
    for transition, published in choice.taken:
        decision.emit(
            TransitionTaken(
                task=execution.task,
                visit=execution.visit,
                transition=transition.transition.index,
                do=transition.do,
                published=published,
                splits=tuple(task for task in transition.tasks if task in splits),
                ends=ends_only and bool(transition.tasks) and bool(transition.commands),
                exempt=exempts,
            )
        )
    for transition in choice.lost:
        decision.emit(
            TransitionLost(
                task=execution.task,
                visit=execution.visit,
                transition=transition.transition.index,
                do=tuple(name for name in transition.tasks if name in decision.graph.joins),
            )
        )


def _end_branch(
    decision: Decision,
    execution: TaskExecution,
    choice: "_Choice",
    *,
    exempts: bool,
    faulty: bool,
) -> None:
    task, visit = execution.task, execution.visit
    transitions = decision.program.tasks[task].transitions
    if _sees_ends_only(decision) and transitions:
        decision.ending = (task, visit)
        return
    if choice.taken:
        if not exempts and not decision.is_live:
            # Nothing is scheduled any more, so the branch ends with what the task itself saw.
            decision.emit(BranchEnded(task=task, visit=visit))
        return
    unmet = 0 if faulty or choice.failures else len(transitions)
    decision.emit(BranchEnded(task=task, visit=visit, unmet=unmet))


def _sees_ends_only(decision: Decision) -> bool:
    semantics = decision.program.workflow.semantics
    return semantics.output_branches is OutputBranches.COMPLETED


def _record_completion(
    decision: Decision,
    execution: TaskExecution,
    status: Status,
    failure: Failure | None,
    *,
    handled: bool,
) -> None:
    task, visit = execution.task, execution.visit
    kept = decision.program.tasks[task].kept
    if status is Status.CANCELED:
        decision.emit(TaskCanceled(task=task, visit=visit, kept=kept))
    elif failure is None:
        decision.emit(TaskSucceeded(task=task, visit=visit, kept=kept))
    else:
        decision.emit(
            TaskFailed(
                task=task, visit=visit, failure=failure, handled=handled, status=status, kept=kept
            )
        )


class _Choice:
    """The transitions of one completion: which are taken, and what they publish."""

    def __init__(self, decision: Decision, execution: TaskExecution, status: Status) -> None:
        self.taken: list[tuple[TransitionProgram, Mapping[str, JsonValue]]] = []
        self.failures: list[Failure] = []
        self.lost: list[TransitionProgram] = []
        self._decision = decision
        self._execution = execution
        self._status = status
        self._visited = (execution.task, execution.visit)
        self._semantics = decision.program.workflow.semantics

    @property
    def handles_failure(self) -> bool:
        """Whether a transition that is taken deals with a failure."""
        return any(transition.handles_failure for transition, _ in self.taken)

    @property
    def remedies(self) -> frozenset[str]:
        """What deals with a failure: tasks, and `noop`."""
        named = (one for one, _ in self.taken if one.handles_failure)
        return frozenset(name for one in named for name in one.do) - {EngineCommand.CONTINUE}

    @property
    def fails(self) -> bool:
        """Whether `fail` is among what is led to."""
        return any(EngineCommand.FAIL in transition.commands for transition, _ in self.taken)

    def consider_all(self) -> None:
        """Take the transitions that hold, in order: the first, or all of them.

        Raises `FaultError` for an expression that fails, where that is an error of the task.
        """
        program = self._decision.program.tasks[self._execution.task]
        for transition in program.transitions:
            if self._consider(transition) and not program.takes_all:
                break

    def _consider(self, transition: TransitionProgram) -> bool:
        holds = False
        try:
            holds = transition.when is None or self._holds(transition.when)
            if not holds:
                return False
            published = self._publish(transition)
        except FaultError as fault:
            if self._semantics.expression_failure is ExpressionFailure.TASK:
                raise
            self.failures.append(fault.failure)
            if holds:
                self.lost.append(transition)
            return False
        self.taken.append((transition, published))
        return True

    def _scope(self) -> Scope:
        execution = self._execution
        return scope_of(self._decision, execution, status=self._status, attempt=execution.attempt)

    def _holds(self, when: Compiled) -> bool:
        value = evaluate(when, self._scope(), "the condition", self._visited)
        if self._semantics.conditions is Conditions.TRUTHY:
            return bool(value)
        if not isinstance(value, bool):
            message = f"a condition must be true or false, not {shown(value)}"
            raise unusable(when, message, self._visited)
        return value

    def _publish(self, transition: TransitionProgram) -> Mapping[str, JsonValue]:
        """Return what a transition publishes, each value seeing the ones before it.

        Among them a later value replaces an earlier one; where mappings are merged deeply, that is
        done when all of them together are written into the branch.
        """
        branch = self._execution.branch
        published: dict[str, JsonValue] = {}
        for name, compiled in transition.publish:
            scope = scope_of(
                self._decision,
                self._execution,
                branch=branch,
                status=self._status,
                attempt=self._execution.attempt,
            )
            value = evaluate_to_hand_on(compiled, scope, f"the published `{name}`", self._visited)
            context = contexts.write(branch.context, name, value, 0, deep=False)
            branch = replace(branch, context=context)
            published[name] = value
        return published
