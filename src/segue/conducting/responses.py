"""The responses of the protocol. What is not set is not written."""

from collections.abc import Mapping

import msgspec

from segue.values import JsonValue

Unset = msgspec.UnsetType
UNSET = msgspec.UNSET


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all responses."""

    id: JsonValue = None
    ok: bool = True


class ErrorMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Something that went wrong in the execution. `message` is for people."""

    kind: str
    message: str
    task: str | Unset = UNSET
    handle: str | Unset = UNSET


class TaskMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A task execution of which something was reported."""

    handle: str
    task: str
    status: str


class StateMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The execution as a host sees it."""

    status: str | None
    errors: tuple[ErrorMessage, ...]
    output: Mapping[str, JsonValue] | None
    tasks: tuple[TaskMessage, ...]


class StateResponse(Response, frozen=True, kw_only=True):
    """The response to whatever is about the conductor; `state` is null where there is none."""

    state: StateMessage | None


class ActionMessage(msgspec.Struct, frozen=True, kw_only=True):
    """An action to run."""

    action: str | None
    input: Mapping[str, JsonValue]
    item: int | Unset = UNSET


class OfferMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A task execution that may be begun, or of which more items may."""

    task: str
    handle: str
    actions: tuple[ActionMessage, ...]
    delay: JsonValue | Unset = UNSET
    items_count: int | Unset = UNSET
    concurrency: int | Unset | None = UNSET


class Offers(StateResponse, frozen=True, kw_only=True):
    """The response to `next`."""

    tasks: tuple[OfferMessage, ...]


class SavedResponse(StateResponse, frozen=True, kw_only=True):
    """The response to `save`."""

    saved: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request is refused."""

    code: str
    message: str


class Refused(Response, frozen=True, kw_only=True):
    """The response to what is refused; `state` where the request was about the conductor."""

    ok: bool = False
    error: Refusal
    state: StateMessage | Unset | None = UNSET


class Result(Response, frozen=True, kw_only=True):
    """The response to `expression`."""

    result: JsonValue


class FindingMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong with a definition, or with one expression."""

    kind: str
    message: str
    code: str | Unset = UNSET
    path: str | Unset = UNSET
    line: int | Unset = UNSET
    column: int | Unset = UNSET
    variable: str | Unset = UNSET
    hint: str | Unset = UNSET


class Findings(Response, frozen=True, kw_only=True):
    """The response to `validate` and `inspect`."""

    findings: tuple[FindingMessage, ...]


class RetryMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The retry of a task, as written."""

    count: JsonValue
    when: JsonValue | Unset = UNSET
    delay: JsonValue | Unset = UNSET


class GraphTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a graph."""

    task: str
    join: str | int | Unset = UNSET
    retry: RetryMessage | Unset = UNSET


class GraphTransition(msgspec.Struct, frozen=True, kw_only=True):
    """One destination of a transition."""

    source: str
    destination: str
    index: int
    when: JsonValue


class GraphResponse(Response, frozen=True, kw_only=True):
    """The response to `graph`."""

    tasks: tuple[GraphTask, ...]
    transitions: tuple[GraphTransition, ...]
    start: tuple[str, ...]


def encode_response(response: Response, request_id: JsonValue) -> bytes:
    """Return a response as a line of JSON, without the line break."""
    return msgspec.json.encode(msgspec.structs.replace(response, id=request_id))
