"""The requests of the protocol, and how they are read."""

from enum import StrEnum

import msgspec

from segue.conducting.refusal import Code, RefusedError
from segue.values import JsonObject, JsonValue

#: A request that is longer is refused unread.
MAX_BYTES = 64 * 1024 * 1024


class AskedStatus(StrEnum):
    """What a host may ask an execution to become."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    DELAYED = "delayed"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    CANCELING = "canceling"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ReportedStatus(StrEnum):
    """What a host may say of a task or an item."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    DELAYED = "delayed"
    RUNNING = "running"
    PENDING = "pending"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    CANCELING = "canceling"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMEOUT = "timeout"
    ABANDONED = "abandoned"


class KnownFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the host knows of the surroundings: `now` in seconds since the epoch, and values.

    An environment variable or a key that it does not name is not set.
    """

    now: float | None = None
    env: dict[str, str] = {}
    keys: dict[str, JsonValue] = {}


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """The base of all requests. `id` comes back with the response, whatever it is."""

    id: JsonValue = None
    facts: KnownFacts | None = None


class ConductorRequest(Request, frozen=True, kw_only=True):
    """The base of those that are about the conductor: their responses tell its state."""


class Start(ConductorRequest, frozen=True, kw_only=True, tag="start"):
    """Begin a new conductor."""

    definition: str
    inputs: JsonObject | None = None
    context: JsonObject | None = None
    start_at: tuple[str, ...] | None = None


class Next(ConductorRequest, frozen=True, kw_only=True, tag="next"):
    """Tell what may be begun now."""


class Report(ConductorRequest, frozen=True, kw_only=True, tag="report"):
    """A task, or an item of it, is now in this status."""

    handle: str
    status: ReportedStatus
    result: JsonValue = None
    item: int | None = None


class Ask(ConductorRequest, frozen=True, kw_only=True, tag="request"):
    """The execution is to become something."""

    status: AskedStatus


class RerunTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A task execution to run again."""

    handle: str
    reset_items: bool = False


class Rerun(ConductorRequest, frozen=True, kw_only=True, tag="rerun"):
    """Run again what failed, or what is named."""

    tasks: tuple[RerunTarget, ...] | None = None


class Restore(ConductorRequest, frozen=True, kw_only=True, tag="restore"):
    """Write the conductor down, forget it, and read it back."""


class Save(ConductorRequest, frozen=True, kw_only=True, tag="save"):
    """Give the conductor as text."""


class Load(ConductorRequest, frozen=True, kw_only=True, tag="load"):
    """Go on with a conductor that was saved; a former one is forgotten."""

    saved: str


class CurrentTask(msgspec.Struct, frozen=True, kw_only=True):
    """The task that an expression takes for the current one."""

    id: str
    result: JsonValue = None


class Expression(Request, frozen=True, kw_only=True, tag="expression"):
    """Evaluate one value."""

    statement: JsonValue
    context: JsonObject | None = None
    task: CurrentTask | None = None
    item: JsonValue | msgspec.UnsetType = msgspec.UNSET
    tasks: dict[str, str] | None = None


class Validate(Request, frozen=True, kw_only=True, tag="validate"):
    """Look at the syntax of the expressions in one value."""

    statement: JsonValue


class Inspect(Request, frozen=True, kw_only=True, tag="inspect"):
    """Check a definition."""

    definition: str
    context: tuple[str, ...] | None = None


class Graph(Request, frozen=True, kw_only=True, tag="graph"):
    """Tell the graph of a definition."""

    definition: str


AnyRequest = (
    Start
    | Next
    | Report
    | Ask
    | Rerun
    | Restore
    | Save
    | Load
    | Expression
    | Validate
    | Inspect
    | Graph
)


class Envelope(msgspec.Struct, frozen=True):
    """What is known of a line that is no request."""

    id: JsonValue = None
    op: JsonValue = None

    @property
    def is_about_conductor(self) -> bool:
        """Whether it names what is asked of a conductor."""
        return self.op in _ABOUT_CONDUCTOR


_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_envelopes: msgspec.json.Decoder[Envelope] = msgspec.json.Decoder(Envelope)
_ABOUT_CONDUCTOR = tuple(each.__struct_config__.tag for each in ConductorRequest.__subclasses__())


def read_request(line: bytes) -> AnyRequest:
    """Return the request in a line. Members that are not known are left alone.

    Raises `RefusedError` (bad-request).
    """
    if len(line) > MAX_BYTES:
        raise RefusedError(Code.BAD_REQUEST, f"a request may have {MAX_BYTES} bytes at most")
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(Code.BAD_REQUEST, f"this is no request: {error}") from error


def read_envelope(line: bytes) -> Envelope:
    """Return the id of a line that is no request, and what it asks for, so far as it has them."""
    try:
        return _envelopes.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Envelope()
