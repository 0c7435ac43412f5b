"""The functions that expressions of both languages can call: one registry.

Each takes the scope and the arguments. To add one is to write it and to name it in `FUNCTIONS`;
it is then there in Jinja (as a filter too, if it is a helper), in YAQL, in the checks and for the
closures. A function is pure: what it needs from outside is in the facts of the scope.
"""

import json
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Final

from segue.expressions.errors import FactMissingError
from segue.expressions.limits import MAX_STEPS, EvaluationError, too_much, undefined
from segue.expressions.plain import describe
from segue.expressions.scope import Scope, TaskRecord

#: Names of variables that begin so are the engine's own.
PRIVATE: Final = "__"

FAILED: Final = frozenset({"failed", "timeout", "abandoned"})
COMPLETED: Final = FAILED | {"succeeded", "canceled"}
#: The status of a task that was not executed on this branch; Orquesta's word.
UNSET: Final = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function of the registry. `named` are arguments that can be given by name only.

    `helper`: it does not look at the scope, and Jinja has it as a filter too.
    """

    name: str
    run: Callable[..., Any]
    least: int = 0
    most: int | None = 0
    named: frozenset[str] = frozenset()
    helper: bool = False

    def __call__(self, scope: Scope, *args: Any, **named: Any) -> Any:
        """Return what the function gives. Raises `EvaluationError`, `FactMissingError`."""
        if not self.accepts(len(args)) or not self.named.issuperset(named):
            raise EvaluationError(f"{self.name}() takes {self.arity}")
        return self.run(scope, *args, **named)

    def accepts(self, count: int) -> bool:
        """Return whether so many arguments can be given."""
        return count >= self.least and (self.most is None or count <= self.most)

    @property
    def arity(self) -> str:
        """Return how many arguments it takes, in words."""
        if self.most is None:
            return f"at least {self.least} arguments" if self.least else "any arguments"
        if self.most == 0:
            return "no arguments"
        count = str(self.most) if self.least == self.most else f"at most {self.most}"
        return f"{count} argument{'s' if self.most > 1 else ''}"


def variable(context: Mapping[str, Any], name: Any) -> Any:
    """Return a variable. Raises `EvaluationError` if it is private or not there."""
    if isinstance(name, str):
        if name.startswith(PRIVATE):
            raise undefined(f"the variable {name!r} is the engine's own and can't be used")
        if name in context:
            return context[name]
        raise undefined(f"there is no variable {name!r}")
    raise EvaluationError(f"the name of a variable must be text, not {describe(name)}")


def variables(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return all the variables but the engine's own."""
    return {name: value for name, value in context.items() if not name.startswith(PRIVATE)}


def _ctx(scope: Scope, name: Any = None) -> Any:
    return variables(scope.context) if name is None or name == "" else variable(scope.context, name)


def _completed_task(scope: Scope) -> Scope:
    if scope.task is None:
        raise EvaluationError("there is no current task here")
    return scope


def _result(scope: Scope) -> Any:
    return _completed_task(scope).result


def _succeeded(scope: Scope) -> bool:
    return _completed_task(scope).status == "succeeded"


def _failed(scope: Scope) -> bool:
    return _completed_task(scope).status in FAILED


def _timed_out(scope: Scope) -> bool:
    return _completed_task(scope).status == "timeout"


def _completed(scope: Scope) -> bool:
    return _completed_task(scope).status in COMPLETED


def _record(scope: Scope, task: Any) -> TaskRecord | None:
    if isinstance(task, str):
        return scope.tasks.get(task)
    raise EvaluationError(f"the name of a task must be text, not {describe(task)}")


def _task_status(scope: Scope, task: Any) -> str:
    record = _record(scope, task)
    return UNSET if record is None else record.status


def _task(scope: Scope, task: Any) -> Any:
    record = _record(scope, task)
    if record is None:
        raise undefined(f"the task {task!r} was not executed on this branch")
    return {"status": record.status, "result": record.result}


def _item(scope: Scope, key: Any = None) -> Any:
    if scope.item is None:
        raise EvaluationError("there is no current item here")
    value = scope.item.value
    if key is None or key == "":
        return value
    if not isinstance(value, Mapping):
        raise EvaluationError(f"the item is {describe(value)} and has no keys")
    if not isinstance(key, str) or key not in value:
        raise undefined(f"the item has no key {key!r}")
    return value[key]


def _index(scope: Scope) -> int:
    if scope.item is None:
        raise EvaluationError("there is no current item here")
    return scope.item.index


def _visit(scope: Scope) -> int:
    if scope.visit is None:
        raise EvaluationError("there is no current task here")
    return scope.visit


def _attempt(scope: Scope) -> int:
    if scope.attempt is None:
        raise EvaluationError("there is no current task here")
    return scope.attempt


def _env(scope: Scope, name: Any) -> str:
    if not isinstance(name, str):
        raise EvaluationError(
            f"the name of an environment variable must be text, not {describe(name)}"
        )
    if name not in scope.facts.env:
        raise FactMissingError("env", name)
    value = scope.facts.env[name]
    if value is None:
        raise undefined(f"the environment variable {name!r} is not set or not allowed")
    return value


def _secret(_scope: Scope, _name: Any) -> str:
    raise EvaluationError("secret() is not built yet: secrets can't be used in expressions")


def _now(scope: Scope) -> str:
    return _iso_time(scope, scope.facts.now)


def _random(scope: Scope, least: Any = None, most: Any = None) -> float:
    if least is None:
        return scope.facts.random
    if type(least) is not int or type(most) is not int or least > most:
        raise EvaluationError("random(a, b) takes two whole numbers, the smaller one first")
    return int(least + min(int(scope.facts.random * (most - least + 1)), most - least))


def _iso_time(_scope: Scope, seconds: Any) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise EvaluationError(f"iso_time() takes seconds, not {describe(seconds)}")
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise EvaluationError(f"{seconds} seconds are no time of this calendar") from error
    return at.isoformat().replace("+00:00", "Z")


def _json(_scope: Scope, text: Any) -> Any:
    if isinstance(text, Mapping):
        return text
    if not isinstance(text, str):
        raise EvaluationError(f"json() takes text, not {describe(text)}")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise EvaluationError(f"the text is not JSON: {error}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not in JSON")


def _zip(_scope: Scope, *lists: Any, pad: Any = None) -> Any:
    columns = [[] if one is None else one for one in lists]
    for one in columns:
        if isinstance(one, str | Mapping) or not hasattr(one, "__iter__"):
            raise EvaluationError(f"zip() takes lists, not {describe(one)}")
    if len(columns) == 1:
        return columns[0]
    columns = [one if isinstance(one, Sized) else list(one) for one in columns]
    if len(columns) * max(map(len, columns), default=0) > MAX_STEPS:
        raise too_much(f"zip() would give more than {MAX_STEPS:,} values")
    return [list(row) for row in zip_longest(*columns, fillvalue=pad)]


_ALL: Final = (
    Function(name="ctx", run=_ctx, most=1),
    Function(name="result", run=_result),
    Function(name="succeeded", run=_succeeded),
    Function(name="failed", run=_failed),
    Function(name="timed_out", run=_timed_out),
    Function(name="completed", run=_completed),
    Function(name="task_status", run=_task_status, least=1, most=1),
    Function(name="task", run=_task, least=1, most=1),
    Function(name="item", run=_item, most=1),
    Function(name="index", run=_index),
    Function(name="visit", run=_visit),
    Function(name="attempt", run=_attempt),
    Function(name="env", run=_env, least=1, most=1),
    Function(name="secret", run=_secret, least=1, most=1),
    Function(name="now", run=_now),
    Function(name="random", run=_random, most=2),
    Function(name="iso_time", run=_iso_time, least=1, most=1, helper=True),
    Function(name="json", run=_json, least=1, most=1, helper=True),
    Function(name="zip", run=_zip, most=None, named=frozenset({"pad"}), helper=True),
)

#: Every function, by name.
FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType({one.name: one for one in _ALL})
#: Functions whose first argument is the name of a task.
OF_TASKS: Final = frozenset({"task", "task_status"})
#: Functions that are known by name and can't be used yet.
NOT_BUILT: Final = frozenset({"secret"})
