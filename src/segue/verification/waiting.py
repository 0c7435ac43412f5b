"""Whether what is outstanding is kept, and whether everything that is not over waits for it."""

from collections.abc import Iterator
from typing import assert_never

from segue.core import events as e
from segue.core.commands import (
    CancelAttempt,
    ClearTimer,
    EndAttempt,
    OpenQuestion,
    SetTimer,
    StartAttempt,
    attempt_name,
)
from segue.core.commands_of import DEADLINE, commands_of, delay_timer, retry_timer
from segue.core.state import State, TaskExecution
from segue.core.status import Status
from segue.verification.check import Check
from segue.verification.kept import Kept, KeptWork

_KINDS = {"attempt": "action", "child": "action", "question": "question", "timer": "timer"}


class Outstanding(Check):
    """What the log asks to be done is outstanding work, once each, and nothing else is."""

    def __init__(self) -> None:
        self._work: dict[str, tuple[str, float | None]] = {}
        self._canceled: set[str] = set()

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Follow what is asked for, and what is over."""
        event = one.event
        for command in commands_of(event):
            match command:
                case StartAttempt():
                    self._work[_attempt(command)] = ("action", None)
                case OpenQuestion(due=due):
                    self._work[_attempt(command)] = ("question", due)
                case SetTimer(name=name, due=due):
                    self._work[name] = ("timer", due)
                case EndAttempt():
                    self._end(_attempt(command))
                case ClearTimer(name=name):
                    self._end(name)
                case CancelAttempt():
                    self._canceled.add(_attempt(command))
                case _:
                    assert_never(command)
        if isinstance(event, e.ExecutionSettled) and self._work:
            yield f"it is settled, and {', '.join(sorted(self._work))} is outstanding"

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Compare with what is kept."""
        if kept.work is None:
            return
        rows = {work.name: work for work in kept.work}
        yield from (f"{name} is not outstanding" for name in sorted(self._work.keys() - rows))
        yield from (
            f"{name} is outstanding for nothing" for name in sorted(rows - self._work.keys())
        )
        for name in sorted(rows.keys() & self._work):
            yield from self._compared(rows[name])

    def _compared(self, row: KeptWork) -> Iterator[str]:
        kind, due = self._work[row.name]
        if _KINDS.get(row.kind) != kind:
            yield f"{row.name} is outstanding as {row.kind}, not as {kind}"
        elif kind != "action" and row.due != due:
            yield f"{row.name} is due at {row.due}, not at {due}"
        if row.name in self._canceled and not row.cancel:
            yield f"nobody can see that {row.name} is to be ended"

    def _end(self, name: str) -> None:
        self._work.pop(name, None)
        self._canceled.discard(name)


class Reasons(Check):
    """What is not over waits for something: an action, a time, or a person."""

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:
        """Look for what waits for nothing."""
        if state is None or state.settled:
            return
        names = None if kept.work is None else {work.name for work in kept.work}
        if state.status is not Status.PAUSED and not state.tasks:
            yield f"it is {state.status}, and waits for nothing"
        for execution in state.living():
            yield from _reasons(execution, state, names)
        if names is not None and state.deadline is not None and DEADLINE not in names:
            yield from _deadline(state)


def _deadline(state: State) -> Iterator[str]:
    if state.status is not Status.TIMEOUT:
        yield "its limit is not kept"


def _reasons(execution: TaskExecution, state: State, names: set[str] | None) -> Iterator[str]:
    task, visit = execution.task, execution.visit
    waits_for: list[str] = []
    if execution.open and execution.items is not None:
        waits_for = [
            attempt_name(task, visit, execution.attempt, item) for item in execution.items.open
        ]
        if not waits_for and state.status is Status.RUNNING:
            yield f"{task}#{visit} runs, and none of its items does"
    elif execution.open:
        waits_for = [attempt_name(task, visit, execution.attempt)]
    elif execution.status is Status.DELAYED:
        waits_for = [delay_timer(task, visit)]
    elif execution.order in state.ready:
        if state.status is Status.RUNNING:
            yield f"{task}#{visit} may start, and does not"
    else:
        waits_for = [retry_timer(task, visit)]
    if names is not None:
        yield from (
            f"{task}#{visit} waits for {n}, which is not kept" for n in waits_for if n not in names
        )


def _attempt(command: StartAttempt | OpenQuestion | EndAttempt | CancelAttempt) -> str:
    return attempt_name(command.task, command.visit, command.attempt, command.item)
