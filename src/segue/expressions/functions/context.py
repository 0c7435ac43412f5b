"""Functions that look at the circumstances: the context, the tasks, the item of a list."""

from collections.abc import Mapping
from typing import Any, Final

from segue.expressions.following import Followed, followed
from segue.expressions.functions.function import Function
from segue.expressions.limits import EvaluationError, undefined
from segue.expressions.plain import describe
from segue.expressions.scope import References, Scope, TaskRecord

#: Names of variables that begin so are the engine's own.
PRIVATE: Final = "__"

_FAILED: Final = frozenset({"failed", "timeout", "abandoned"})
_COMPLETED: Final = _FAILED | {"succeeded", "canceled"}
#: The status of a task that was not executed on this branch; Orquesta's word.
_UNSET: Final = "null"


def variable(scope: Scope, name: Any) -> Any:
    """Return a variable. Raises `EvaluationError` if it is private or not there."""
    if isinstance(name, str):
        if name.startswith(PRIVATE):
            raise undefined(f"the variable {name!r} is the engine's own and can't be used")
        if name in scope.context:
            return followed(scope, scope.context[name])
        raise undefined(f"there is no variable {name!r}")
    raise EvaluationError(f"the name of a variable must be text, not {describe(name)}")


def variables(scope: Scope) -> Mapping[str, Any]:
    """Return all the variables but the engine's own."""
    context = scope.context
    public = {name: value for name, value in context.items() if not name.startswith(PRIVATE)}
    return public if scope.references is References.NONE else Followed(scope, public)


def _ctx(scope: Scope, key: Any = None) -> Any:
    return variables(scope) if key is None or key == "" else variable(scope, key)


def _completed_task(scope: Scope) -> Scope:
    if scope.task is None:
        raise EvaluationError("there is no current task here")
    return scope


def _result(scope: Scope) -> Any:
    return followed(scope, _completed_task(scope).result)


def _succeeded(scope: Scope) -> bool:
    return _completed_task(scope).status == "succeeded"


def _failed(scope: Scope) -> bool:
    return _completed_task(scope).status in _FAILED


def _timed_out(scope: Scope) -> bool:
    return _completed_task(scope).status == "timeout"


def _completed(scope: Scope) -> bool:
    return _completed_task(scope).status in _COMPLETED


def _record(scope: Scope, task: Any) -> TaskRecord | None:
    if isinstance(task, str):
        return scope.tasks.get(task)
    raise EvaluationError(f"the name of a task must be text, not {describe(task)}")


def _task_status(scope: Scope, task_id: Any) -> str:
    record = _record(scope, task_id)
    return _UNSET if record is None else record.status


def _task(scope: Scope, task_id: Any = None) -> Any:
    if task_id is None:
        here = _completed_task(scope)
        name, status, result = here.task, here.status, here.result
    else:
        record = _record(scope, task_id)
        if record is None:
            raise undefined(f"the task {task_id!r} was not executed on this branch")
        name, status, result = task_id, record.status, record.result
    # Two words for its name, because StackStorm's record of a task has both.
    return {
        "task_id": name,
        "task_name": name,
        "status": status,
        "result": followed(scope, result),
    }


def _item(scope: Scope, key: Any = None) -> Any:
    if scope.item is None:
        raise EvaluationError("there is no current item here")
    value = followed(scope, scope.item.value)
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


CONTEXT_FUNCTIONS: Final = (
    Function.of("ctx", _ctx),
    Function.of("result", _result),
    Function.of("succeeded", _succeeded),
    Function.of("failed", _failed),
    Function.of("timed_out", _timed_out),
    Function.of("completed", _completed),
    Function.of("task_status", _task_status),
    Function.of("task", _task),
    Function.of("item", _item),
    Function.of("index", _index),
    Function.of("visit", _visit),
    Function.of("attempt", _attempt),
)
