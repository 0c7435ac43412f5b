"""Evaluating what a definition holds, for a branch, at a moment of a decision."""

import reprlib

from segue.core.events import Failure
from segue.core.program import Compiled
from segue.expressions.errors import ExpressionError
from segue.expressions.scope import References, Scope
from segue.language.durations import LONGEST, parse_duration
from segue.values import JsonValue

#: How many characters of what an expression or an action says went wrong are kept.
MESSAGE = 10_000


class _Shown(reprlib.Repr):
    """Writes a value for a message: as much of it as helps to recognise it."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxdict = self.maxlist = self.maxtuple = 20
        self.maxstring = self.maxlong = self.maxother = 200

    def repr_NoneType(self, _value: None, _level: int) -> str:  # noqa: N802 (that of the type)
        return "null"

    def repr_bool(self, value: bool, _level: int) -> str:  # noqa: FBT001 (as it is called)
        return "true" if value else "false"


shown = _Shown().repr


def clipped(message: str) -> str:
    """Return a message, without its end if it is very long."""
    return message if len(message) <= MESSAGE else f"{message[: MESSAGE - 1]}…"


class FaultError(Exception):
    """An expression failed, or gave something that can't be used. Never leaves a decision."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def evaluate_to_hand_on(
    compiled: Compiled, scope: Scope, what: str, visited: tuple[str, int] | None
) -> JsonValue:
    """Return the value of a template that nobody looks at here: there may be references in it.

    The rest as `evaluate`.
    """
    return evaluate(compiled, scope.with_references(References.HANDED_ON), what, visited)


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
        written = compiled.template.places or compiled.template.keys
        where = f" (in {error.expression})" if written else ""  # else a front end made it up
        message = f"{what} can't be evaluated: {clipped(error.message)}{where}"
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
        raise unusable(compiled, f"{what} must be a duration, not {shown(value)}", visited)
    if seconds > LONGEST:
        raise unusable(compiled, f"{what} is longer than a century", visited)
    return float(seconds)


def evaluate_count(compiled: Compiled, scope: Scope, what: str, visited: tuple[str, int]) -> int:
    """Return a whole number that is not negative."""
    value = evaluate(compiled, scope, what, visited)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise unusable(compiled, f"{what} must be a whole number, not {shown(value)}", visited)
    return value


def unusable(compiled: Compiled, message: str, visited: tuple[str, int]) -> FaultError:
    """Return the error for a value of a type that can't be used."""
    task, visit = visited
    place = compiled.place((), 0)
    return FaultError(
        Failure(code="expression_failed", message=message, task=task, visit=visit, place=place)
    )
