"""Evaluating what a definition holds, for a branch, at a moment of a decision."""

from collections.abc import Iterator, Mapping

from segue.core.context import Context, Variables
from segue.core.events import Failure
from segue.core.program import Compiled
from segue.core.state import NO_BRANCH, Branch, Record, Records, TaskExecution
from segue.core.status import Status
from segue.expressions.errors import ExpressionError
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.language.durations import LONGEST, parse_duration
from segue.values import JsonValue


class FaultError(Exception):
    """An expression failed, or gave something that can't be used. Never leaves a decision."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class _Records(Mapping[str, TaskRecord]):
    """The records of a branch, as expressions see them."""

    __slots__ = ("_records",)

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records

    def __getitem__(self, task: str) -> TaskRecord:
        return self._records[task].record

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._records))

    def __len__(self) -> int:
        return len(self._records)


def context_scope(context: Context, facts: Facts, records: Records = NO_BRANCH.records) -> Scope:
    """Return the scope of inputs, vars and output: variables, and no task that completes."""
    return Scope(context=Variables(context), facts=facts, tasks=_Records(records))


def branch_scope(
    execution: TaskExecution,
    facts: Facts,
    *,
    status: Status | None = None,
    attempt: int,
    item: CurrentItem | None = None,
) -> Scope:
    """Return what the expressions of a task see; `status` is set once an attempt has ended."""
    branch = execution.branch
    return scope_with(branch, execution, facts, status=status, attempt=attempt, item=item)


def scope_with(
    branch: Branch,
    execution: TaskExecution,
    facts: Facts,
    *,
    status: Status | None,
    attempt: int,
    item: CurrentItem | None = None,
) -> Scope:
    """Return `branch_scope` with another branch: the variables as far as they are published."""
    return Scope(
        context=Variables(branch.context),
        facts=facts,
        task=None if status is None else execution.task,
        status=None if status is None else str(status),
        result=None if status is None else execution.result,
        tasks=_Records(branch.records),
        item=item,
        visit=execution.visit,
        attempt=attempt,
    )


def evaluate(
    compiled: Compiled, scope: Scope, what: str, visited: tuple[str, int] | None
) -> JsonValue:
    """Return the value of a template.

    `what` names it in the message ("the input"), `visited` is the task and visit that an error is
    of. Raises `FaultError`.
    """
    try:
        return compiled.program.evaluate(scope)
    except ExpressionError as error:
        task, visit = visited or (None, None)
        message = f"{what} can't be evaluated: {error.message} (in {error.expression})"
        failure = Failure(
            code="expression_failed",
            message=message,
            task=task,
            visit=visit,
            place=compiled.place(error.path, error.start),
        )
        raise FaultError(failure) from error


def evaluate_seconds(
    compiled: Compiled, scope: Scope, what: str, visited: tuple[str, int]
) -> float:
    """Return a duration in seconds: a number from 0 to `LONGEST`, or text like "1m30s"."""
    value = evaluate(compiled, scope, what, visited)
    seconds = parse_duration(value) if isinstance(value, str) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise unusable(compiled, f"{what} must be a duration, not {value!r}", visited)
    if seconds > LONGEST:
        raise unusable(compiled, f"{what} is longer than a century", visited)
    return float(seconds)


def evaluate_count(compiled: Compiled, scope: Scope, what: str, visited: tuple[str, int]) -> int:
    """Return a whole number that is not negative."""
    value = evaluate(compiled, scope, what, visited)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise unusable(compiled, f"{what} must be a whole number, not {value!r}", visited)
    return value


def unusable(compiled: Compiled, message: str, visited: tuple[str, int]) -> FaultError:
    """Return the error for a value of a type that can't be used."""
    task, visit = visited
    place = compiled.place((), 0)
    return FaultError(
        Failure(code="expression_failed", message=message, task=task, visit=visit, place=place)
    )
