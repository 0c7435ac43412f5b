"""Functions that look outside: all that they see was fetched before, and is in the facts."""

import json
from typing import Any, Final

from segue.expressions.errors import FactMissingError
from segue.expressions.functions.function import Function
from segue.expressions.functions.time import iso_time
from segue.expressions.limits import EvaluationError, undefined
from segue.expressions.plain import describe
from segue.expressions.scope import Scope


class _Nothing:
    """Stands for a default that was not given: null can be one."""


_NOTHING: Final = _Nothing()


def _env(scope: Scope, name: Any) -> str:
    _require_name("an environment variable", name)
    if name not in scope.facts.env:
        raise FactMissingError("env", name)
    value = scope.facts.env[name]
    if value is None:
        raise undefined(f"the environment variable {name!r} is not set or not allowed")
    return value


def _key(scope: Scope, name: Any, *, default: Any = _NOTHING) -> Any:
    _require_name("a key", name)
    if not name.isprintable():  # nobody can have set it, and no store need know what to do with it
        raise EvaluationError(f"{name!r} can't be the name of a key")
    if name not in scope.facts.keys:
        raise FactMissingError("key", name)
    value = scope.facts.keys[name]
    if value is not None:
        return value
    if default is _NOTHING:
        raise undefined(f"there is no key {name!r} in the key store")
    return default


def _st2kv(scope: Scope, key: Any, *, default: Any = _NOTHING, decrypt: Any = False) -> Any:
    if not isinstance(decrypt, bool):
        raise EvaluationError(f"decrypt is true or false, not {describe(decrypt)}")
    value = _key(scope, key, default=_NOTHING if default is _NOTHING else None)
    if value is None:
        return default
    # StackStorm's store has nothing but text, and its files reckon with that.
    return value if isinstance(value, str) else json.dumps(value)


def _require_name(of_what: str, name: Any) -> None:
    if not isinstance(name, str):
        raise EvaluationError(f"the name of {of_what} must be text, not {describe(name)}")


def _secret(_scope: Scope, _name: Any) -> str:
    raise EvaluationError("secret() is not built yet: secrets can't be used in expressions")


def _decrypt_kv(_scope: Scope, _value: Any) -> str:
    raise EvaluationError(
        "decrypt_kv() is not built: keys are kept in clear, read them as they are"
    )


def _now(scope: Scope) -> str:
    return iso_time(scope.facts.now)


def _random(scope: Scope, least: Any = None, most: Any = None) -> float:
    if least is None:
        return scope.facts.random
    if type(least) is not int or type(most) is not int or least > most:
        raise EvaluationError("random(a, b) takes two whole numbers, the smaller one first")
    return int(least + min(int(scope.facts.random * (most - least + 1)), most - least))


OUTSIDE_FUNCTIONS: Final = (
    Function.of("env", _env, lenient=True),
    Function.of("key", _key, lenient=True),
    Function.of("st2kv", _st2kv, lenient=True),
    Function.of("secret", _secret),
    Function.of("decrypt_kv", _decrypt_kv),
    Function.of("now", _now),
    Function.of("random", _random),
)
