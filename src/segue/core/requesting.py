"""What people and hosts ask of an execution as a whole: pause, resume, cancel, rerun.

A repeated request is granted and does nothing; an impossible one is refused with the reason.
"""

from typing import assert_never

from segue.core.decision import Decision
from segue.core.errors import RequestError
from segue.core.events import (
    CancelRequested,
    ExecutionFailed,
    ExecutionResumed,
    ExecutionSucceeded,
    ExecutionTimedOut,
    Failure,
    PauseRequested,
)
from segue.core.rerunning import rerun
from segue.core.spreading import go_on_with_items
from segue.core.status import Status
from segue.core.stimuli import Cancel, Conclude, Pause, Request, Rerun, Resume
from segue.language.model import OnCancel


def request(decision: Decision, asked: Request) -> None:
    """Grant a request. Raises `RequestError` where it can't be granted."""
    if decision.state.status is Status.REQUESTED:
        raise RequestError("not_started", "the execution has not been started")
    match asked:
        case Pause(reason=reason):
            _pause(decision, reason)
        case Resume():
            _resume(decision)
        case Cancel(reason=reason):
            _cancel(decision, reason)
        case Conclude(succeeded=succeeded):
            _conclude(decision, succeeded=succeeded)
        case Rerun(plan=plan):
            rerun(decision, plan)
        case _:
            assert_never(asked)


def _pause(decision: Decision, reason: str | None) -> None:
    status = decision.state.status
    if status in {Status.PAUSING, Status.PAUSED}:
        return
    if not decision.is_running:
        raise _impossible(decision, "paused", "only an execution that is running can be paused")
    decision.emit(PauseRequested(reason=reason))


def _resume(decision: Decision) -> None:
    status = decision.state.status
    if decision.is_running:
        return
    if status not in {Status.PAUSING, Status.PAUSED}:
        hint = "only a paused execution can be resumed; what has ended can be run again"
        raise _impossible(decision, "resumed", hint)
    decision.emit(ExecutionResumed())
    go_on_with_items(decision)


def _conclude(decision: Decision, *, succeeded: bool) -> None:
    status = decision.state.status
    if succeeded and status is Status.RUNNING:
        decision.emit(ExecutionSucceeded())
    elif not succeeded and (not status.is_final or status is Status.SUCCEEDED):
        message = "the host of the execution says that it has failed"
        decision.emit(ExecutionFailed(failure=Failure(code="failed_by_host", message=message)))
    elif status is not (Status.SUCCEEDED if succeeded else Status.FAILED):
        raise _impossible(decision, "concluded so", "what has ended can only be run again")


def _cancel(decision: Decision, reason: str | None) -> None:
    status = decision.state.status
    if status in {Status.CANCELING, Status.CANCELED}:
        return
    if decision.state.settled:
        hint = "only an execution that has not ended can be canceled"
        raise _impossible(decision, "canceled", hint)
    if not status.is_final:  # else only what still runs is ended, and the status stays
        decision.emit(CancelRequested(reason=reason))
    decision.withdraw(all_of_it=True)
    lets_finish = decision.program.workflow.on_cancel is OnCancel.FINISH
    # There is nothing of a question that could finish.
    decision.end_running(only=Status.PENDING if lets_finish else None)


def deadline_passed(decision: Decision) -> None:
    """The limit on the duration of the whole execution is over: all that runs is ended.

    So is what a cancel let finish: nothing else would end an action that hangs.
    """
    deadline = decision.state.deadline
    if deadline is None or decision.facts.now < deadline:
        return
    if decision.is_live:
        message = "the execution took longer than its limit on the whole duration"
        decision.emit(ExecutionTimedOut(failure=Failure(code="duration_limit", message=message)))
    elif decision.state.status not in {Status.FAILED, Status.CANCELING}:
        return  # what runs is being ended already
    decision.withdraw(all_of_it=True)
    decision.end_running()


def _impossible(decision: Decision, what: str, hint: str) -> RequestError:
    status = decision.state.status
    code = "already_finished" if status.is_final else "not_possible_now"
    return RequestError(code, f"the execution can't be {what}: it is {status}", hint=hint)
