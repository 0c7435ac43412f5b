"""Whether inputs are those that a workflow takes: said before anything runs, by the field."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from segue.language.input_schemas import value_problems
from segue.language.model import Workflow
from segue.language.suggestions import did_you_mean
from segue.values import JsonObject


class InputFault(StrEnum):
    """What is wrong with an input."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProblem:
    """One input that is wrong. `name` is the field; `hint` says what to do, if that is known."""

    name: str
    fault: InputFault
    message: str
    hint: str | None = None


def check_inputs(workflow: Workflow, inputs: JsonObject) -> tuple[InputProblem, ...]:
    """Return all that is wrong with the inputs given, in the order of declaration."""
    declared = {each.name: each for each in workflow.inputs}
    problems = []
    for each in workflow.inputs:
        if each.name not in inputs:
            if each.required:
                problems.append(_missing(each.name))
            continue
        problems.extend(
            InputProblem(
                name=each.name,
                fault=InputFault.WRONG,
                message=f"the input `{each.name}` is not what it must be: {message}",
            )
            for message in value_problems(each.schema, inputs[each.name])
        )
    problems.extend(_unknown(name, declared) for name in inputs if name not in declared)
    return tuple(problems)


def _missing(name: str) -> InputProblem:
    return InputProblem(
        name=name,
        fault=InputFault.MISSING,
        message=f"the input `{name}` is required and was not given",
    )


def _unknown(name: str, declared: Collection[str]) -> InputProblem:
    listed = ", ".join(f"`{known}`" for known in declared)
    return InputProblem(
        name=name,
        fault=InputFault.UNKNOWN,
        message=f"the workflow has no input `{name}`",
        hint=did_you_mean(name, declared)
        or (f"its inputs are {listed}" if listed else "it takes none"),
    )
