"""JSON Schemas of inputs: whether they are right, and whether a value fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import jsonschema_rs

from segue.values import JsonObject, JsonValue

Place: TypeAlias = tuple[str | int, ...]

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """Why a schema can't be used, and the keyword that is wrong ("" when it is the whole)."""

    keyword: str
    message: str


def schema_problem(schema: JsonObject) -> SchemaProblem | None:
    """Return what is wrong with a schema, or None. References are refused: they reach outside."""
    if _refers(schema):
        return SchemaProblem("", "`$ref` can't be used here")
    try:
        _validator(schema)
    except jsonschema_rs.ValidationError as error:
        at = [str(part) for part in error.instance_path]
        return SchemaProblem(at[0] if at else "", _sentence(error.message))
    return None


def value_problems(
    schema: JsonObject | None, value: JsonValue, *, unknown: Sequence[Place] = ()
) -> tuple[str, ...]:
    """Return why a value does not fit a schema; nothing when it does.

    `unknown` are the places in the value of which nothing is known yet: what is wrong with them,
    or with what they are in, is not told.
    """
    return tuple(_problems(schema, value, unknown)) if schema else ()


def _problems(schema: JsonObject, value: JsonValue, unknown: Sequence[Place]) -> Iterator[str]:
    for error in _validator(schema).iter_errors(value):
        place = tuple(error.instance_path)
        if any(place == each[: len(place)] or each == place[: len(each)] for each in unknown):
            continue
        at = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path
        ).lstrip(".")
        yield f"{at}: {_sentence(error.message)}" if at else _sentence(error.message)


def _validator(schema: JsonObject) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        {"$schema": _DRAFT, **schema}, validate_formats=True, offline=True
    )


def _sentence(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:197]}..."


def _refers(value: JsonValue) -> bool:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if "$ref" in part:
                return True
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return False
