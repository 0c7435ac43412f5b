"""Values by name as they are given on the command line: inputs, answers, variables."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from segue.cli.problem import Problem
from segue.language.model import Workflow
from segue.values import JsonObject, JsonValue

Read = Callable[[str], str]


def read_text(path: str) -> str:
    """Return the text of a file, `-` being the standard input.

    Raises OSError, UnicodeDecodeError.
    """
    return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")


def parse_inputs(
    workflow: Workflow, pairs: Sequence[str], whole: str | None, read: Read = read_text
) -> JsonObject:
    """Return the inputs that `--inputs` and `-i` give together; a pair wins over `--inputs`.

    `read` gives the text of a file. Raises `Problem`.
    """
    given = parse_whole(whole, "--inputs", read)
    return given | parse_pairs(pairs, {one.name: one.schema for one in workflow.inputs})


def parse_pairs(
    pairs: Sequence[str], schemas: Mapping[str, JsonObject | None]
) -> dict[str, JsonValue]:
    """Return what `key=value` pairs give, by name.

    A value is text where the schema of its key asks for a string, otherwise JSON if it can be
    read as that, else text. `key:=value` is always JSON. Raises `Problem`.
    """
    types = {name: _types_of(schema) for name, schema in schemas.items()}
    return dict(_parse_pair(pair, types) for pair in pairs)


def parse_whole(whole: str | None, option: str, read: Read = read_text) -> dict[str, JsonValue]:
    """Return the JSON object that a text is, or the file that it names with an @; {} for None.

    `option` is what it was given with. Raises `Problem`.
    """
    if whole is None:
        return {}
    text = whole
    if whole.startswith("@"):
        try:
            text = read(whole[1:])
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise Problem(f"can't read {option} from {whole[1:]!r}: {reason}") from None
    value = parse_json(text, option, "JSON in quotes, '{\"key\": 1}', or @FILE")
    if not isinstance(value, Mapping):
        raise Problem(
            f"{option} is not a JSON object", hint="give the values by name: '{\"key\": 1}'"
        )
    return dict(value)


def _parse_pair(pair: str, types: Mapping[str, frozenset[str]]) -> tuple[str, JsonValue]:
    key, equals, text = pair.partition("=")
    if not equals or key in {"", ":"}:
        raise Problem(f"can't read {pair!r}", hint="write it as key=value or key:=JSON")
    if key.endswith(":") and key not in types:
        key = key[:-1]
        return key, parse_json(text, f"the value of {key!r}", f"{key}=TEXT takes it as text")
    declared = types.get(key, frozenset())
    if declared == {"string"}:
        return key, text
    try:
        value = _loads(text)
    except ValueError:
        return key, text
    # A number where text is allowed, but no number is, was meant as text.
    return key, text if declared and not _fits(value, declared) and "string" in declared else value


def parse_json(text: str, what: str, hint: str) -> JsonValue:
    """Return a JSON text as its value. Raises `Problem`, which calls it `what`."""
    try:
        return _loads(text)
    except ValueError as error:
        raise Problem(f"{what} is not JSON: {error}", hint=hint) from None


def _loads(text: str) -> JsonValue:
    """Return a JSON text as its value. Raises ValueError."""
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return value


def _refuse_constant(word: str) -> JsonValue:
    raise ValueError(f"{word} is not JSON")


def _types_of(schema: JsonObject | None) -> frozenset[str]:
    """Return the types that a schema allows at its top; empty: any."""
    declared = (schema or {}).get("type")
    if isinstance(declared, str):
        return frozenset({declared})
    if isinstance(declared, Sequence):
        return frozenset(str(one) for one in declared)
    return frozenset()


def _fits(value: JsonValue, types: frozenset[str]) -> bool:
    return bool(_TYPES_OF_VALUES[type(value)] & types)


_TYPES_OF_VALUES = {
    type(None): {"null"},
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    str: {"string"},
    list: {"array"},
    dict: {"object"},
}
