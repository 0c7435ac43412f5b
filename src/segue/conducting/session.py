"""A session: requests in, responses out, one conductor at a time."""

import msgspec

from segue.conducting.conductor import Conductor, Document
from segue.conducting.questions import described, evaluated, inspected, validated
from segue.conducting.requests import (
    AnyRequest,
    Ask,
    Expression,
    Graph,
    Inspect,
    Next,
    RefusedError,
    Report,
    Request,
    Rerun,
    Restore,
    Start,
    Validate,
    parse_request,
)
from segue.conducting.stepper import Stepper
from segue.values import JsonValue


class _Envelope(msgspec.Struct, frozen=True):
    """What is echoed of a request, whatever else it is."""

    id: msgspec.Raw = msgspec.Raw(b"null")


class Session:
    """See the module. Nothing that is sent to it raises."""

    def __init__(self) -> None:
        self._conductor: Conductor | None = None

    def handle(self, line: bytes) -> bytes:
        """Return the response to a request, both as one line of JSON without its end."""
        request: AnyRequest | None = None
        try:
            request = parse_request(line)
            response: Document = {"ok": True, **self._answer(request)}
        except RefusedError as refused:
            error: JsonValue = {"code": refused.code, "message": refused.message}
            response = {"ok": False, "error": error}
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the session
            message = f"{type(error).__name__}: {error}"
            response = {"ok": False, "error": {"code": "internal", "message": message}}
        if isinstance(request, Request) and request.conducts:
            response["state"] = self._conductor.document() if self._conductor else None
        return b'{"id":' + _id_of(line) + b"," + msgspec.json.encode(response)[1:]

    def _answer(self, request: AnyRequest) -> Document:
        match request:
            case Start():
                self._start(request)
            case Expression():
                return evaluated(request)
            case Validate():
                return validated(request)
            case Inspect():
                return inspected(request)
            case Graph():
                return described(request)
            case _:
                return self._conduct(request)
        return {}

    def _start(self, request: Start) -> None:
        self._conductor = None
        stepper = Stepper.begin(
            request.definition, request.inputs or {}, request.context or {}, request.start_at or ()
        )
        self._conductor = Conductor(stepper)

    def _conduct(self, request: Next | Report | Ask | Rerun | Restore) -> Document:
        conductor = self._conductor
        if conductor is None:
            raise RefusedError("bad-request", "nothing has been started")
        match request:
            case Next():
                return {"tasks": conductor.next()}
            case Report():
                conductor.report(request)
            case Ask(status=status):
                conductor.request(status)
            case Rerun(tasks=tasks):
                conductor.rerun(tasks)
            case Restore():
                self._conductor = Conductor.load(conductor.save())
        return {}


def _id_of(line: bytes) -> bytes:
    try:
        return bytes(msgspec.json.decode(line, type=_Envelope).id)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return b"null"
