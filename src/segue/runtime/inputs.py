"""What a user gives to a workflow, checked before anything begins."""

from collections.abc import Mapping

from segue.core.errors import RequestError
from segue.language.inputs import check_inputs
from segue.language.model import Workflow
from segue.values import JsonObject, JsonValue


def require_inputs(workflow: Workflow, inputs: Mapping[str, JsonValue]) -> JsonObject:
    """Return the inputs if a workflow can be begun with them.

    Raises `RequestError` with all that is wrong; `field` is the first input concerned.
    """
    problems = check_inputs(workflow, inputs)
    if not problems:
        return inputs
    first = problems[0]
    message = "; ".join(problem.message for problem in problems)
    hint = "; ".join(problem.hint for problem in problems if problem.hint)
    raise RequestError("invalid_inputs", message, hint=hint or None, field=f"inputs.{first.name}")
