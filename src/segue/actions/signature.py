"""What a Python function takes, as a JSON Schema, and how an input becomes its arguments."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import PurePath

import msgspec

from segue.actions.payload import NotJsonError, TooLargeError, plain, to_payload
from segue.actions.port import Call
from segue.values import JsonObject, JsonValue


class ArgumentError(Exception):
    """An argument that can't be what its annotation says. The message names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The parameters of a function.

    `parameters` is their JSON Schema (draft 7). `types` are the annotations that arguments are
    converted to, `positional` the parameters that have no keyword, `calls` those that receive the
    `Call` itself and are no part of the input.
    """

    parameters: JsonObject
    types: Mapping[str, object]
    positional: tuple[str, ...]
    calls: tuple[str, ...]

    @classmethod
    def of(cls, function: Callable[..., object]) -> "Signature":
        """Return the signature of a function. An annotation that means nothing to us is no limit.

        Raises ValueError for what has no signature: some functions written in C.
        """
        return _read(function)

    def bind(self, call: Call) -> tuple[list[object], dict[str, object]]:
        """Return positional and keyword arguments for a call. Raises `ArgumentError`."""
        arguments: dict[str, object] = dict.fromkeys(self.calls, call)
        for name, value in call.input.items():
            arguments[name] = self._convert(name, plain(value))
        positional = []
        for name in self.positional:
            if name not in arguments:
                break  # its default holds, and so do those of all that follow
            positional.append(arguments.pop(name))
        return positional, arguments

    def _convert(self, name: str, value: JsonValue) -> object:
        if name not in self.types:
            return value
        try:
            converted = msgspec.convert(value, self.types[name], dec_hook=_from_text)
        except msgspec.ValidationError as error:
            raise ArgumentError(f"`{name}`: {error}") from error
        _complete(converted)
        return converted


def _read(function: Callable[..., object]) -> Signature:
    properties: dict[str, JsonValue] = {}
    definitions: dict[str, JsonValue] = {}
    types: dict[str, object] = {}
    required: list[str] = []
    positional: list[str] = []
    calls: list[str] = []
    extra = False
    for parameter in _parameters(function):
        name, annotation = parameter.name, parameter.annotation
        if parameter.kind is parameter.VAR_KEYWORD:
            extra = True
        if parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}:
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(name)
        if _is_call(annotation):
            calls.append(name)
            continue
        schema = _schema(annotation, definitions)
        if schema is None:
            properties[name] = _with_default({}, parameter.default)
        else:
            types[name] = annotation
            properties[name] = _with_default(schema, parameter.default)
        if parameter.default is parameter.empty:
            required.append(name)
    parameters: dict[str, JsonValue] = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": extra,
    }
    if definitions:
        parameters["definitions"] = definitions
    if description := _first_paragraph(inspect.getdoc(function)):
        parameters["description"] = description
    return Signature(
        parameters=parameters, types=types, positional=tuple(positional), calls=tuple(calls)
    )


def _parameters(function: Callable[..., object]) -> Sequence[inspect.Parameter]:
    try:
        signature = inspect.signature(function, eval_str=True)
    except (TypeError, ValueError):
        raise
    except Exception:  # noqa: BLE001 - names that exist for type checkers only, for one
        signature = inspect.signature(function)
    return tuple(signature.parameters.values())


def _is_call(annotation: object) -> bool:
    if isinstance(annotation, str):  # it could not be evaluated
        return annotation.rpartition(".")[2] == "Call"
    return annotation is Call


def _schema(annotation: object, definitions: dict[str, JsonValue]) -> dict[str, JsonValue] | None:
    """Return what an annotation demands; None: nothing that we understand."""
    if annotation is inspect.Parameter.empty or isinstance(annotation, str):
        return None
    try:
        (schema,), components = msgspec.json.schema_components(
            (annotation,), schema_hook=_schema_of, ref_template="#/definitions/{name}"
        )
    except (TypeError, ValueError, NotImplementedError):
        return None
    for name, component in components.items():
        definitions[name] = _as_draft_7(component)
    adapted = _as_draft_7(schema)
    assert isinstance(adapted, dict)
    return adapted


def _as_draft_7(schema: JsonValue) -> JsonValue:
    """Return a schema with tuples in the words of draft 7: msgspec speaks a later one."""
    if isinstance(schema, list | tuple):
        return [_as_draft_7(inner) for inner in schema]
    if not isinstance(schema, Mapping):
        return schema
    adapted = {key: _as_draft_7(inner) for key, inner in schema.items()}
    if "prefixItems" in adapted:
        rest = adapted.pop("items", True)
        adapted["items"] = adapted.pop("prefixItems")
        adapted["additionalItems"] = rest
    return adapted


def _with_default(schema: dict[str, JsonValue], default: object) -> dict[str, JsonValue]:
    if default is inspect.Parameter.empty:
        return schema
    try:
        return {**schema, "default": to_payload(default)}
    except (NotJsonError, TooLargeError):
        return schema


def _schema_of(kind: type) -> dict[str, object]:
    if issubclass(kind, PurePath):
        return {"type": "string"}
    raise NotImplementedError  # so a hook tells msgspec that it has no schema for this kind


def _from_text(kind: type, value: object) -> object:
    assert issubclass(kind, PurePath)
    assert isinstance(value, str)
    return kind(value)


def _complete(value: object) -> None:
    """Give the dataclasses in a value the defaults that msgspec leaves to their classes.

    Without them in the instance, it would leave them out again when it makes JSON of one.
    """
    if isinstance(value, Mapping):
        inner: Iterable[object] = value.values()
    elif isinstance(value, list | tuple):
        inner = value
    elif is_dataclass(value):
        if hasattr(value, "__dict__"):
            for field in fields(value):
                vars(value).setdefault(field.name, getattr(value, field.name))
        inner = [getattr(value, field.name) for field in fields(value)]
    else:
        return
    for part in inner:
        _complete(part)


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())
