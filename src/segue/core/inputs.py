"""Inputs that are given to an execution: refused before anything is done with them."""

from collections.abc import Collection

from segue.core.errors import RequestError
from segue.language.inputs import check_inputs
from segue.language.model import Workflow
from segue.values import JsonObject


def require_inputs(
    workflow: Workflow, inputs: JsonObject, given: Collection[str] | None = None
) -> None:
    """Raise `RequestError` with all that is wrong with the inputs; `field` is the first concerned.

    `given` are the names that somebody has just given (None: all of them); what was taken before is
    not asked about.
    """
    problems = [
        problem
        for problem in check_inputs(workflow, inputs)
        if given is None or problem.name in given
    ]
    if not problems:
        return
    message = "; ".join(problem.message for problem in problems)
    hint = "; ".join(problem.hint for problem in problems if problem.hint)
    raise RequestError(
        "invalid_inputs", message, hint=hint or None, field=f"inputs.{problems[0].name}"
    )
