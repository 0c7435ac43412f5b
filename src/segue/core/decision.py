"""A decision in the making: the events so far, and the state that they lead to."""

from segue.core.events import AnyEvent, AttemptCancelRequested, ExecutionFailed, Failure
from segue.core.events import TaskWithdrawn as Withdrawn
from segue.core.evolve import evolve
from segue.core.program import Program
from segue.core.state import State, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import Facts
from segue.graph.task_graph import TaskGraph
from segue.language.model import UnhandledFailure

_WAITING = frozenset({Status.SCHEDULED, Status.DELAYED, Status.RETRYING})


class Decision:
    """Collects events, each of which goes through `evolve` at once.

    So what is decided next is decided from the state that it really leads to, and nothing
    illegal is ever recorded.
    """

    def __init__(self, program: Program, state: State, facts: Facts) -> None:
        self.program = program
        self.state = state
        self.facts = facts
        self.events: list[AnyEvent] = []
        self.failed_renderings: dict[str, int] = {}

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
    def fails_fast(self) -> bool:
        """Whether an unhandled failure ends the other branches, too."""
        semantics = self.program.workflow.semantics
        return semantics.unhandled_failure is UnhandledFailure.FAIL_FAST

    def may_start(self, execution: TaskExecution) -> bool:
        """Whether this task execution may be handed off in the present status."""
        if execution.status is Status.CANCELING:
            return False
        return self.is_running or (execution.exempt and self.state.status is Status.FAILED)

    def fail(self, failure: Failure) -> None:
        """Fail the execution, if it is not over yet: what has not started is withdrawn."""
        if self.is_running:
            self.emit(ExecutionFailed(failure=failure))
            self.withdraw()

    def withdraw(self, *, all_of_it: bool = False) -> None:
        """Withdraw what has not started; unless `all_of_it`, what runs although it failed stays."""
        for execution in self.state.living():
            if execution.status in _WAITING and (all_of_it or not self.may_start(execution)):
                self.emit(Withdrawn(task=execution.task, visit=execution.visit))

    def end_running(self) -> None:
        """Ask for the end of every attempt that runs, unless that was done before."""
        for execution in self.state.living():
            if execution.status is Status.RUNNING:
                self.emit(
                    AttemptCancelRequested(
                        task=execution.task, visit=execution.visit, attempt=execution.attempt
                    )
                )
