"""What went wrong in an execution, as its host is told."""

from collections.abc import Iterable, Iterator

from segue.conducting.responses import UNSET, ErrorMessage, Unset
from segue.core import events as e
from segue.core.failure import Failure
from segue.core.rerun_plan import Visited
from segue.language.model import EngineCommand

#: The task that the errors of the command `fail` are of.
FAIL = str(EngineCommand.FAIL)

#: What failures with these codes are. Those that are not here are of actions, which the host
#: itself has reported, or what it asked for.
_KINDS = {
    "expression_failed": "expression",
    "join_unsatisfied": "join",
    "visit_limit": "limit",
    "cycle_of_failures": "limit",
}


def handle_of(visited: Visited) -> str:
    """Return what hosts call a task execution."""
    task, visit = visited
    return f"{task}#{visit}"


def action_failed(visited: Visited, item: int | None) -> ErrorMessage:
    """Return the error of an action that its host reports as failed."""
    what = "the action failed" if item is None else f"the action of item {item} failed"
    return ErrorMessage(kind="action", message=what, task=visited[0], handle=handle_of(visited))


def errors_in(events: Iterable[e.AnyEvent]) -> Iterator[ErrorMessage]:
    """Give the errors that events tell of; one may come more than once."""
    for event in events:
        match event:
            case e.TransitionTaken(task=task, do=do) if EngineCommand.FAIL in do:
                message = f"`fail` was reached from task `{task}`"
                yield ErrorMessage(kind="action", message=message, task=FAIL)
            case (
                e.ExpressionFailed(failure=failure)
                | e.TaskFailed(failure=failure)
                | e.ExecutionFailed(failure=failure)
                | e.JoinRoundEnded(failure=Failure() as failure)
            ):
                yield from _told(failure)
            case e.ExecutionSettled(failures=failures):
                for failure in failures:
                    yield from _told(failure)


def _told(failure: Failure) -> Iterator[ErrorMessage]:
    kind = _KINDS.get(failure.code)
    if kind is not None:
        place = f" (at {failure.place})" if failure.place else ""
        handle: str | Unset = UNSET
        if failure.task is not None and failure.visit is not None:
            handle = handle_of((failure.task, failure.visit))
        yield ErrorMessage(
            kind=kind,
            message=f"{failure.message}{place}",
            task=failure.task or UNSET,
            handle=handle,
        )
