"""What a user gives to a workflow, checked before anything begins."""

from collections.abc import Mapping

from segue.actions.payload import NotJsonError, TooLargeError, to_payload
from segue.core import inputs as fitting
from segue.core.errors import RequestError
from segue.language.model import Workflow
from segue.values import JsonObject, JsonValue


def require_inputs(workflow: Workflow, inputs: Mapping[str, JsonValue]) -> JsonObject:
    """Return the inputs, as a copy, if a workflow can be begun with them.

    Raises `RequestError` with all that is wrong; `field` is the first input concerned.
    """
    given = json_inputs(inputs)
    fitting.require_inputs(workflow, given)
    return given


def json_inputs(inputs: Mapping[str, JsonValue]) -> JsonObject:
    """Return the inputs as JSON, as a copy. Raises `RequestError` for what is none."""
    return {name: _as_json(name, value) for name, value in inputs.items()}


def _as_json(name: str, value: JsonValue) -> JsonValue:
    """Return what the log will keep of an input: what it can't keep must not be begun with."""
    try:
        return to_payload(value)
    except NotJsonError as error:
        message = f"the input `{name}` is not JSON: {error}"
    except TooLargeError as error:
        message = f"the input `{name}` is too large: {error} as JSON"
    raise RequestError("invalid_inputs", message, field=f"inputs.{name}")
