"""A decision in the making: the events so far, and the state that they lead to."""

from segue.core.events import (
    AnyEvent,
    AttemptCancelRequested,
    ExecutionFailed,
    Failure,
    ItemCancelRequested,
)
from segue.core.events import TaskWithdrawn as Withdrawn
from segue.core.evolve import evolve
from segue.core.program import Program
from segue.core.state import State, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.graph.task_graph import TaskGraph
from segue.language.model import LateArrivals, LostJoins, Retries, TaskRecords, UnhandledFailure

_WAITING = frozenset({Status.SCHEDULED, Status.DELAYED, Status.RETRYING})
#: In which statuses of a joined task a late arrival has all of its items offered anew.
_REOFFERED = frozenset({Status.SCHEDULED, Status.RUNNING})
_LIVE = frozenset({Status.RUNNING, Status.PAUSING, Status.PAUSED})


class Decision:
    """Collects events, each of which goes through `evolve` at once.

    So what is decided next is decided from the state that it really leads to, and nothing
    illegal is ever recorded.
    """

    def __init__(self, program: Program, state: State, facts: Facts) -> None:
        self.program = program
        self.state = state
        self.facts = facts
        #: Whether there may be references to values that are kept beside the log.
        self.refers = state.refers
        self.events: list[AnyEvent] = []
        self.failed_renderings: dict[str, int] = {}
        self.failed_by_task = False
        #: Who failed, and the joins that are to deal with that, and nothing else, if they can.
        self.hoping: tuple[TaskExecution, Failure, frozenset[str]] | None = None
        #: Whether a branch ended with a command, or for want of tasks, as an execution failed.
        self.ended_by_command = False
        #: Whose branch has not ended, but will if the execution is over with this decision.
        self.ending: tuple[str, int] | None = None

    def emit(self, event: AnyEvent) -> None:
        """Add an event."""
        self.state = evolve(self.state, event)
        self.events.append(event)

    @property
    def graph(self) -> TaskGraph:
        """The graph of the workflow as seen from where the execution began."""
        return self.program.graph(self.state.start)

    @property
    def is_running(self) -> bool:
        """Whether anything may be scheduled."""
        return self.state.status is Status.RUNNING

    @property
    def is_live(self) -> bool:
        """Whether the execution goes on, or would if it were not paused."""
        return self.state.status in _LIVE

    @property
    def fails_fast(self) -> bool:
        """Whether an unhandled failure ends the other branches, too."""
        semantics = self.program.workflow.semantics
        return semantics.unhandled_failure is UnhandledFailure.FAIL_FAST

    def watches(self, task: str) -> bool:
        """Whether expressions, or joins, can ask how this task is while it runs."""
        if self.program.workflow.semantics.task_records is not TaskRecords.ROUTE:
            return False
        return self.program.tasks[task].kept or task in self.program.feeding(self.state.start)

    @property
    def looks_for_lost_joins_at_end(self) -> bool:
        """Whether a join that can't be satisfied is an error only when all else is over."""
        return self.program.workflow.semantics.lost_joins is LostJoins.AT_END

    def offers_again(self, joined: TaskExecution) -> bool:
        """Whether a joined task is offered anew as another branch arrives at its join."""
        if not self.state.stepwise:
            return False
        if self.program.workflow.semantics.late_arrivals is not LateArrivals.OFFER_AGAIN:
            return False
        has_items = joined.items is not None
        return joined.status is Status.RETRYING or (has_items and joined.status in _REOFFERED)

    def may_start(self, execution: TaskExecution) -> bool:
        """Whether this task execution may be handed off in the present status."""
        if execution.status is Status.CANCELING:
            return False
        return self.is_running or (execution.exempt and self.state.status is Status.FAILED)

    def may_retry(self, execution: TaskExecution) -> bool:
        """Whether a new attempt of this task execution may follow, now or once it is resumed."""
        while_active = self.program.workflow.semantics.retries is Retries.WHILE_ACTIVE
        if while_active and self.state.stepwise and self.state.status is Status.CANCELING:
            return True  # the new attempt waits for a rerun
        items = execution.items
        stopped = items is not None and items.have_stopped and self.is_live
        if execution.status is Status.CANCELING and not stopped:
            return False
        if while_active:
            return self.state.status in {Status.RUNNING, Status.PAUSING}
        return self.is_live or (execution.exempt and self.state.status is Status.FAILED)

    def takes_as_canceled(self, execution: TaskExecution) -> bool:
        """Whether an action that was canceled was so on request, and not by somebody else."""
        if execution.status is Status.CANCELING or self.state.stepwise:
            return True
        return self.state.status in {Status.CANCELING, Status.CANCELED, Status.TIMEOUT}

    def fail(self, failure: Failure, *, canceling: bool = False, by_task: bool = False) -> None:
        """Fail the execution, if it is not over yet: what has not started is withdrawn.

        `canceling`: also one that is being canceled. `by_task`: it is a task that has failed, or
        reached `fail`.
        """
        if self.is_live or (canceling and self.state.status is Status.CANCELING):
            self.failed_by_task = by_task
            self.emit(ExecutionFailed(failure=failure))
            self.withdraw()

    def withdraw(self, *, all_of_it: bool = False) -> None:
        """Withdraw what has not started; unless `all_of_it`, what runs although it failed stays.

        Questions to people are withdrawn, too: nobody's answer would be heard.
        """
        if self.state.stepwise and not all_of_it:
            return  # its host may begin late what it was offered before
        for execution in self.state.living():
            if not all_of_it and self.may_start(execution):
                continue
            waits = execution.status in _WAITING and not self.state.stepwise
            if waits or execution.has_only_items_to_come:
                self.emit(Withdrawn(task=execution.task, visit=execution.visit))
            elif not self.state.stepwise:
                self.end_attempt(execution, only=Status.PENDING)

    def withdraw_late(self, execution: TaskExecution) -> None:
        """Withdraw a question that came up only after the others were withdrawn.

        What was let finish may have been a sub-workflow that now waits for people.
        """
        if self.is_live or self.state.stepwise or self.may_start(execution):
            return
        found = self.state.find(execution.task, execution.visit)
        assert found is not None, "it goes on"
        self.end_attempt(found, only=Status.PENDING)

    def end_running(self, only: Status | None = None) -> None:
        """Ask for the end of everything that runs (`only`: what is in this status).

        It is asked for once. A host that steps through the execution decides that itself.
        """
        if self.state.stepwise:
            return
        for execution in self.state.living():
            self.end_attempt(execution, only=only)

    def end_attempt(self, execution: TaskExecution, only: Status | None = None) -> None:
        """Ask for the end of an attempt, or of its open items (`only`: those in this status)."""
        task, visit, attempt = execution.task, execution.visit, execution.attempt
        if execution.items is None:
            if execution.status is not Status.CANCELING and only in {None, execution.status}:
                self.emit(AttemptCancelRequested(task=task, visit=visit, attempt=attempt))
            return
        for item, status in sorted(execution.items.open.items()):
            if status is not Status.CANCELING and only in {None, status}:
                self.emit(ItemCancelRequested(task=task, visit=visit, attempt=attempt, item=item))
