"""Defaults of inputs that hold expressions, as far as they are known before anything runs.

A default without expressions is looked at when the file is read; one with expressions has its
value when an execution starts. What is known of it before, literals and what is made of them, is
held against the schema here, so that a wrong one is not met first by whoever leaves the input out.
"""

from collections.abc import Mapping

from segue.checking.collector import Collector
from segue.expressions import constant, has_expression
from segue.language.codes import Code
from segue.language.input_schemas import Place, value_problems
from segue.language.model import Workflow
from segue.values import JsonValue


def check_defaults(workflow: Workflow, found: Collector) -> None:
    """Hold what is known of each default against the schema of its input."""
    for index, declared in enumerate(workflow.inputs):
        default = declared.default
        if default is None or default.is_literal:
            continue
        unknown: list[Place] = []
        value = known_value(default.value, (), unknown)
        for message in value_problems(declared.schema, value, unknown=unknown):
            found.add(
                Code.BAD_DEFAULT,
                default.span,
                f"the default of `{declared.name}` is not what it must be: {message}",
                path=f"input[{index}]",
            )


def known_value(value: JsonValue, place: Place, unknown: list[Place]) -> JsonValue:
    """Return a value with its constant expressions evaluated.

    The places of others, of which nothing is known, are added to `unknown`.
    """
    if isinstance(value, str):
        made = constant(value)
        if made == value and has_expression(value):
            unknown.append(place)
        return made
    if isinstance(value, list):
        return [known_value(item, (*place, at), unknown) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        if any(has_expression(key) for key in value):
            unknown.append(place)
        return {key: known_value(item, (*place, key), unknown) for key, item in value.items()}
    return value
