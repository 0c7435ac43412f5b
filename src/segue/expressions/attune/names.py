"""What the names in an expression of Attune stand for: its namespaces, and variables by name."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from segue.expressions.attune.values import Outcome
from segue.expressions.errors import FactMissingError
from segue.expressions.following import followed
from segue.expressions.functions.context import PRIVATE, variable, variables
from segue.expressions.functions.time import iso_time
from segue.expressions.limits import EvaluationError, undefined
from segue.expressions.names import suggested
from segue.expressions.scope import Scope

#: The variable in which an execution keeps what its namespaces are made of: `parameters` (the
#: inputs as they were given) and `workflow_start`. It is the engine's own.
KEPT: Final = "__attune"
#: The text that gives the value of that variable when an execution begins.
BEGINNING: Final = "{{ __attune }}"

#: What the result of a sub-workflow has.
_OF_WORKFLOW: Final = frozenset({"id", "status", "output", "errors"})
_FAILED: Final = frozenset({"failed", "abandoned"})


def beginning(scope: Scope) -> Any:
    """Return what is kept for the namespaces, at the beginning of an execution."""
    return {"parameters": variables(scope), "workflow_start": iso_time(scope.facts.now)}


def _kept(scope: Scope, name: str) -> Any:
    kept = followed(scope, scope.context.get(KEPT))
    return kept.get(name) if isinstance(kept, Mapping) else None


def _parameters(scope: Scope) -> Any:
    kept = _kept(scope, "parameters")
    return variables(scope) if kept is None else kept


def _parameter(scope: Scope, name: str) -> Any:
    known = _parameters(scope)
    if name not in known:
        raise undefined(f"there is no parameter {name!r}{suggested(name, known)}")
    return known[name]


def _variables(scope: Scope) -> Any:
    return variables(scope)


def _variable(scope: Scope, name: str) -> Any:
    if name not in scope.context and not name.startswith(PRIVATE):
        known = variables(scope)
        raise undefined(f"there is no variable {name!r}{suggested(name, known)}")
    return variable(scope, name)


def _tasks(scope: Scope) -> Any:
    return {name: _record(scope, name) for name in scope.tasks}


def _record(scope: Scope, name: str) -> Outcome:
    record = scope.tasks.get(name)
    if record is None:
        raise undefined(
            f"the task {name!r} was not executed on this branch{suggested(name, scope.tasks)}"
        )
    return outcome(record.status, followed(scope, record.result))


def outcome(status: str, result: Any) -> Outcome:
    """Return the result of a task as expressions look at it; of a sub-workflow it is the output."""
    if isinstance(result, list | tuple):
        first = next((one for one in result if one is not None), None)
        if not _is_of_workflow(first):
            return _outcome(status, result)
        result = [one["output"] if _is_of_workflow(one) else one for one in result]
    elif _is_of_workflow(result):
        result = result["output"]
    return _outcome(status, result)


def _outcome(status: str, result: Any) -> Outcome:
    succeeded = status == "succeeded"
    known = {"status": status, "succeeded": succeeded, "error": None}
    if not succeeded:
        kind = "timeout" if status == "timeout" else "error"
        known["error"] = {"type": kind, "message": f"the task ended as {status}"}
    if isinstance(result, list | tuple):
        known["items"] = known["results"] = result
    return Outcome(result, known)


def _is_of_workflow(result: Any) -> bool:
    return isinstance(result, Mapping) and result.keys() == _OF_WORKFLOW


def _system(scope: Scope) -> Any:
    return {"workflow_start": _kept(scope, "workflow_start"), "timestamp": scope.facts.now}


def _no_whole(what: str) -> Callable[[Scope], Any]:
    def refuse(_: Scope) -> Any:
        raise EvaluationError(f"{what} is only looked into by name: {what}.NAME")

    return refuse


def key(scope: Scope, names: tuple[str, ...], before: str = "") -> tuple[Any, int]:
    """Return the value of the first key that the beginning of a path names, and how many of it.

    `keystore.db.password` is the field `password` of the key `db`, or else the key `db.password`.
    Raises `EvaluationError`, and `FactMissingError` for a key that was not fetched yet.
    """
    tried = []
    for count in range(1, len(names) + 1):
        name = before + ".".join(names[:count])
        if not name.isprintable():
            raise EvaluationError(f"{name!r} can't be the name of a key")
        if name not in scope.facts.keys:
            raise FactMissingError("key", name)
        value = scope.facts.keys[name]
        if value is not None:
            return value, count
        tried.append(repr(name))
    raise undefined(f"there is no key {' or '.join(tried)} in the key store")


def _inquiry(_: Scope) -> Any:
    raise EvaluationError("inquiries are not built: ask with core.ask, and look at its result")


def _item(scope: Scope) -> Any:
    if scope.item is None:
        raise undefined("there is no current item here")
    return followed(scope, scope.item.value)


def _index(scope: Scope) -> Any:
    if scope.item is None:
        raise undefined("there is no current item here")
    return scope.item.index


def result(scope: Scope) -> Any:
    """Return what `result()` is: of the task that just completed."""
    if scope.status is None:
        raise EvaluationError("there is no task that just completed here: name it, as in task.NAME")
    return outcome(scope.status, followed(scope, scope.result))


def bare(name: str) -> Callable[[Scope], Any]:
    """Return what a name alone stands for: a variable, or what Attune's older files mean by it."""

    def found(scope: Scope) -> Any:
        if name == KEPT:
            return beginning(scope)
        if name == "result" and name not in scope.context:
            return result(scope)
        return _variable(scope, name)

    return found


#: The values of names, where they stand alone.
NAMES: Final[Mapping[str, Callable[[Scope], Any]]] = MappingProxyType(
    {
        "parameters": _parameters,
        "workflow": _variables,
        "vars": _variables,
        "variables": _variables,
        "task": _tasks,
        "tasks": _tasks,
        "config": _no_whole("config"),
        "keystore": _no_whole("keystore"),
        "item": _item,
        "index": _index,
        "system": _system,
        "inquiry": _inquiry,
    }
)

#: The values of `name.field`, where there is no need to make all that the name stands for.
FIELDS: Final[Mapping[str, Callable[[Scope, str], Any]]] = MappingProxyType(
    {
        "parameters": _parameter,
        "workflow": _variable,
        "vars": _variable,
        "variables": _variable,
        "task": _record,
        "tasks": _record,
    }
)

#: The beginning of the names of the keys in which `config.x` and `keystore.x` are kept.
KEYS: Final[Mapping[str, str]] = MappingProxyType({"config": "config.", "keystore": ""})


def together(scope: Scope, names: Any, results: Any) -> Any:
    """Return what came of tasks that ran in parallel. Raises `EvaluationError` if one failed.

    It is for where they meet, and not for files.
    """
    statuses = [scope.tasks[name].status for name in names]
    failed = [
        f"`{name}`" for name, status in zip(names, statuses, strict=True) if status != "succeeded"
    ]
    if failed:
        raise EvaluationError(
            f"{len(failed)} of {len(names)} parallel tasks failed: {', '.join(failed)}"
        )
    return [
        {"task": name, "status": status, "result": one}
        for name, status, one in zip(names, statuses, results, strict=True)
    ]


def uuid(scope: Scope) -> str:
    """Return text that no other call gives, in the form of a UUID of version 4."""
    facts = scope.facts
    seed = f"{facts.random!r}/{facts.now!r}/{next(facts.serial)}"
    digits = sha256(seed.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def _ended(*statuses: str) -> Callable[[Scope], bool]:
    return lambda scope: scope.status is not None and scope.status in statuses


#: The functions that ask for the task that just completed. After a timeout `failed()` is false.
OUTCOMES: Final[Mapping[str, Callable[[Scope], Any]]] = MappingProxyType(
    {
        "result": result,
        "succeeded": _ended("succeeded"),
        "failed": _ended(*_FAILED),
        "timed_out": _ended("timeout"),
        "cancelled": _ended("canceled"),
        "canceled": _ended("canceled"),
    }
)
