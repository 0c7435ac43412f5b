"""What an action takes, as it declares it: whether an input is that, said for people."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
from jsonschema_rs import Draft7Validator, ValidationError

from segue.language.suggestions import did_you_mean
from segue.values import JsonObject, JsonValue

_SHOWN = 80  # characters of a value that a message shows


def input_problems(parameters: JsonObject, given: JsonObject) -> tuple[str, ...]:
    """Return what is wrong with an input, by the JSON Schema (draft 7) of what is taken.

    Each problem is a sentence that names the parameter; none means that the action can run.
    """
    validator = _validator(msgspec.json.encode(parameters))
    problems: list[str] = []
    for error in validator.iter_errors(given):
        problems.extend(_describe(error, parameters))
    return tuple(dict.fromkeys(problems))


def unknown_parameter(parameters: JsonObject, name: str) -> str | None:
    """Return what is to be said of a name in an input; None where it is one that is taken."""
    known = _known(parameters)
    if name in known or parameters.get("additionalProperties") is not False:
        return None
    return _unknown(name, known)


@lru_cache(maxsize=512)
def _validator(parameters: bytes) -> Draft7Validator:
    return Draft7Validator(msgspec.json.decode(parameters))


def _known(parameters: JsonObject) -> tuple[str, ...]:
    properties = parameters.get("properties", {})
    return tuple(properties) if isinstance(properties, Mapping) else ()


def _describe(error: ValidationError, parameters: JsonObject) -> Iterator[str]:
    details = error.kind.as_dict()
    place = _place(error.instance_path)
    match error.kind.name:
        case "required" if not place:
            yield f"`{details['property']}` is missing"
        case "additionalProperties" if not place:
            known = _known(parameters)
            yield from (_unknown(name, known) for name in details["unexpected"])
        case "oneOf" if not place and (names := _alternatives(parameters)):
            yield f"give exactly one of {' and '.join(names)}"
        case "not" if not place and (names := _required(parameters.get("not"))):
            yield f"{' and '.join(names)} can't be given together"
        case "type":
            yield f"{place} must be {_types(details['types'])}, not {_value(error.instance)}"
        case _:
            yield f"{place or 'the input'}: {_shorten(error.message)}"


def _unknown(name: str, known: Sequence[str]) -> str:
    hint = did_you_mean(name, known)
    if hint is None:
        hint = f"there are {_list(known)}" if known else "this action takes none"
    return f"there is no parameter `{name}`; {hint}"


def _alternatives(parameters: JsonObject) -> list[str]:
    """Return the parameters of which one is needed, where that is all that a `oneOf` asks."""
    branches = parameters.get("oneOf")
    assert isinstance(branches, Sequence)
    return [name for branch in branches for name in _required(branch)]


def _required(schema: JsonValue) -> list[str]:
    """Return what a schema demands, if that is presence and nothing else."""
    names = schema.get("required") if isinstance(schema, Mapping) and len(schema) == 1 else None
    return [f"`{name}`" for name in names] if isinstance(names, Sequence) else []


def _place(path: Sequence[str | int]) -> str:
    """Return where in the input: "`headers.Accept`", "`argv[2]`", "" for the whole of it."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"`{words.removeprefix('.')}`" if words else ""


_ARTICLES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def _types(names: Sequence[str]) -> str:
    return _either([_ARTICLES.get(name, name) for name in names])


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _value(value: object) -> str:
    return _shorten(msgspec.json.encode(value).decode())


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
