"""The requests of the protocol, one shape for each operation. What is not known is ignored."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from segue.values import JsonValue


class RefusedError(Exception):
    """A request that is refused; nothing has changed by it. `code` is one of the protocol's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """The base of all requests. Those that `conducts` answer with the state."""

    conducts: ClassVar[bool] = False


class Start(Request, frozen=True, kw_only=True, tag="start"):
    """Begin a new conductor; a former one is forgotten."""

    conducts: ClassVar[bool] = True
    definition: str
    inputs: Mapping[str, JsonValue] | None = None
    context: Mapping[str, JsonValue] | None = None
    start_at: tuple[str, ...] | None = None


class Next(Request, frozen=True, kw_only=True, tag="next"):
    """Ask what may be begun."""

    conducts: ClassVar[bool] = True


class Report(Request, frozen=True, kw_only=True, tag="report"):
    """Say how far a task, or an item of it, has come."""

    conducts: ClassVar[bool] = True
    handle: str
    status: str
    result: JsonValue = None
    item: int | None = None


class Ask(Request, frozen=True, kw_only=True, tag="request"):
    """Ask for a status of the workflow."""

    conducts: ClassVar[bool] = True
    status: str


class RerunTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A task to run again."""

    handle: str
    reset_items: bool = False


class Rerun(Request, frozen=True, kw_only=True, tag="rerun"):
    """Run again: the failed tasks, or these."""

    conducts: ClassVar[bool] = True
    tasks: tuple[RerunTarget, ...] | None = None


class Restore(Request, frozen=True, kw_only=True, tag="restore"):
    """Write everything down, forget it, and go on from what was written."""

    conducts: ClassVar[bool] = True


class CurrentTask(msgspec.Struct, frozen=True, kw_only=True):
    """The task that has just completed, for an expression."""

    id: str
    result: JsonValue = None


class Expression(Request, frozen=True, kw_only=True, tag="expression"):
    """Evaluate a value. An `item` that is null is one; a missing one is none."""

    statement: JsonValue
    context: Mapping[str, JsonValue] | None = None
    task: CurrentTask | None = None
    item: JsonValue | msgspec.UnsetType = msgspec.UNSET
    tasks: Mapping[str, str] | None = None


class Validate(Request, frozen=True, kw_only=True, tag="validate"):
    """Look at the syntax of the expressions in a value."""

    statement: JsonValue


class Inspect(Request, frozen=True, kw_only=True, tag="inspect"):
    """Check a definition."""

    definition: str
    context: tuple[str, ...] | None = None


class Graph(Request, frozen=True, kw_only=True, tag="graph"):
    """Describe the graph of a definition."""

    definition: str


AnyRequest = Start | Next | Report | Ask | Rerun | Restore | Expression | Validate | Inspect | Graph

_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)


def parse_request(line: bytes) -> AnyRequest:
    """Return the request that a line holds. Raises `RefusedError` (`bad-request`)."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError("bad-request", str(error)) from error
