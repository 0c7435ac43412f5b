"""What is done once a change is durable: actions are run or ended, timers armed or disarmed."""

from segue.core.commands import (
    CancelAttempt,
    ClearTimer,
    EndAttempt,
    OpenQuestion,
    SetTimer,
    StartAttempt,
    attempt_name,
)
from segue.core.failure import OUTCOME_UNKNOWN
from segue.core.stimuli import Canceled, Failed, Outcome, TimerStimulus
from segue.failpoints import Failpoint, reach
from segue.runtime.attempts.children import Children
from segue.runtime.attempts.timers import Timers
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.holdings import Held
from segue.runtime.desk.inbox import outcome_entry
from segue.runtime.desk.outstanding import FIRST_CLAIM, job_of, may_run, stimulus_of
from segue.runtime.desk.questions import expiry_of, problem_of, question_of
from segue.runtime.turns.drafting import Draft
from segue.store.port import NewWork, Work, WorkKind
from segue.transport.port import Job, Transport

#: The outcome of an attempt that may run once at most, and perhaps has.
_UNKNOWN = Failed(
    code=OUTCOME_UNKNOWN,
    message="its engine was lost while it may have been running, and it may run once at most",
)


class Dispatcher:
    """See the module. Once closed it hands off nothing new; what is running can still be ended."""

    def __init__(
        self, desk: Desk, transport: Transport, timers: Timers, children: Children
    ) -> None:
        self._desk = desk
        self._transport = transport
        self._timers = timers
        self._children = children
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing new is handed off."""
        return self._closed

    def close(self) -> None:
        """Hand off nothing new from now on. The rows stay, for whoever comes next."""
        self._closed = True
        self._timers.clear()

    def carry_out(self, draft: Draft) -> None:
        """Do what a durable change asks for. Work that is not ours is left to its engine."""
        execution = draft.loaded.execution
        for command in draft.commands:
            match command:
                case StartAttempt(task=task, visit=visit, attempt=attempt, item=item):
                    self._start(draft, attempt_name(task, visit, attempt, item))
                case OpenQuestion(task=task, visit=visit, attempt=attempt, item=item):
                    self._start(draft, attempt_name(task, visit, attempt, item))
                case SetTimer(name=name):
                    self._start(draft, name)
                case EndAttempt(task=task, visit=visit, attempt=attempt, item=item):
                    self.end(execution, attempt_name(task, visit, attempt, item))
                case ClearTimer(name=name):
                    self.end(execution, name)
                case CancelAttempt(task=task, visit=visit, attempt=attempt, item=item):
                    self.cancel(execution, attempt_name(task, visit, attempt, item))

    def take_up(self, work: Work, survivor: str | None = None) -> None:
        """Go on with work that was claimed. What we hold already is left alone.

        `survivor` says that a process of the former attempt lives on, and why. Two of them at
        once would be worse than a failure: the attempt is not repeated.
        """
        if self._closed or self._desk.holdings.has(work):
            return
        if work.kind is WorkKind.TIMER:
            self._arm(work.execution, work, work.claim, stimulus_of(work))
        elif work.kind is WorkKind.QUESTION:
            self._open(work.execution, work, work.claim)
            if work.cancel:
                self.cancel(work.execution, work.name)
        elif survivor is not None:
            failure = Failed(code="process_survived", message=survivor)
            self._report(job_of(work.execution, work, work.claim), failure)
        elif work.kind is WorkKind.CHILD:
            self._call(work.execution, work, work.claim, canceled=work.cancel)
        elif not may_run(work):
            self._report(job_of(work.execution, work, work.claim), _UNKNOWN)
        elif work.cancel:
            self._report(job_of(work.execution, work, work.claim), Canceled())
        else:
            self._submit(work.execution, work, work.claim)

    def cancel(self, execution: str, name: str) -> None:
        """End a running action, if it runs here; its outcome follows."""
        held = self._desk.holdings.find(execution, name)
        if held is not None and held.job is not None:
            if self._children.has(held.job):
                self._children.cancel(held.job)
            else:
                self._transport.cancel(held.job)
        elif held is not None and held.question is not None:
            self._desk.inbox.put(outcome_entry(held.question, held.claim, Canceled()))

    def end(self, execution: str, name: str) -> None:
        """Be done with a piece of work, whether or not it was ours."""
        held = self._desk.holdings.drop(execution, name)
        if held is None:
            return
        if held.job is None:
            self._timers.disarm(execution, name)
        # Ended by its own outcome as a rule; by somebody else's it would go on for nothing.
        elif self._children.has(held.job):
            self._children.drop(held.job)
        else:
            self._transport.cancel(held.job)

    def _start(self, draft: Draft, name: str) -> None:
        work = draft.new_work.get(name)
        if work is None or draft.engine is None or self._closed:
            return
        execution = draft.loaded.execution
        if work.kind is WorkKind.TIMER:
            self._arm(execution, work, FIRST_CLAIM, stimulus_of(work))
        elif work.kind is WorkKind.QUESTION:
            self._open(execution, work, FIRST_CLAIM)
        elif work.kind is WorkKind.CHILD:
            self._call(execution, work, FIRST_CLAIM)
        else:
            self._submit(execution, work, FIRST_CLAIM)

    def _submit(self, execution: str, work: NewWork | Work, claim: int) -> None:
        job = job_of(execution, work, claim)
        self._desk.holdings.hold(execution, job.name, Held(claim, job))
        self._transport.submit(job)
        reach(Failpoint.HANDED_OFF)

    def _call(
        self, execution: str, work: NewWork | Work, claim: int, *, canceled: bool = False
    ) -> None:
        job = job_of(execution, work, claim)
        self._desk.holdings.hold(execution, job.name, Held(claim, job))
        self._children.submit(job, work.due, canceled=canceled)

    def _report(self, job: Job, outcome: Outcome) -> None:
        self._desk.holdings.hold(job.execution, job.name, Held(job.claim, job))
        self._desk.inbox.put(outcome_entry(job, job.claim, outcome))

    def _arm(
        self, execution: str, work: NewWork | Work, claim: int, stimulus: TimerStimulus
    ) -> None:
        assert work.due is not None
        self._desk.holdings.hold(execution, work.name, Held(claim, due=work.due))
        self._timers.arm(execution, work.name, due=work.due, claim=claim, stimulus=stimulus)
        reach(Failpoint.TIMER_ARMED)

    def _open(self, execution: str, work: NewWork | Work, claim: int) -> None:
        """Let a question wait; one that is not asked well fails at once."""
        question = question_of(execution, work)
        problem = problem_of(question)
        if work.due is not None and problem is None:
            self._arm(execution, work, claim, expiry_of(work))
        self._desk.holdings.hold(execution, work.name, Held(claim, question=question))
        if problem is not None:
            failure = Failed(code="action_input_invalid", message=problem)
            self._desk.inbox.put(outcome_entry(question, claim, failure))
