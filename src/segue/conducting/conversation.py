"""One host and one conductor at a time: each request is answered, whatever it is."""

from segue.conducting.conductor import Conductor
from segue.conducting.definitions import graph, inspect
from segue.conducting.evaluating import evaluate, validate
from segue.conducting.facts import told
from segue.conducting.refusal import Code, RefusedError
from segue.conducting.requests import (
    AnyRequest,
    Ask,
    ConductorRequest,
    Expression,
    Graph,
    Inspect,
    Load,
    Next,
    Report,
    Rerun,
    Restore,
    Save,
    Start,
    Validate,
    read_envelope,
    read_request,
)
from segue.conducting.responses import (
    UNSET,
    Offers,
    Refusal,
    Refused,
    Response,
    SavedResponse,
    StateMessage,
    StateResponse,
    Unset,
    encode_response,
)
from segue.conducting.saving import load, save
from segue.core.status import Status
from segue.expressions.scope import Facts


class Conversation:
    """Answers requests in the order in which they come. It does no I/O and has no clock.

    A request that is refused changes nothing: it is tried on a fork of the conductor.
    """

    def __init__(self) -> None:
        self._conductor: Conductor | None = None

    def handle(self, line: bytes, facts: Facts) -> bytes:
        """Return the response to a request: a line of JSON (without its break), as that is one.

        `facts` are the time and a random number. Never raises: what is wrong with a request, and
        a bug of ours, are responses, too.
        """
        try:
            request = read_request(line)
        except RefusedError as error:
            envelope = read_envelope(line)
            state = self._state() if envelope.is_about_conductor else UNSET
            return encode_response(_refused(error, state), envelope.id)
        try:
            response = self._answer(request, told(facts, request.facts))
        except RefusedError as error:
            response = _refused(error, self._state_for(request))
        except Exception as error:  # noqa: BLE001 - the host is told, and may go on
            bug = RefusedError(Code.INTERNAL, f"a bug of Segue: {type(error).__name__}: {error}")
            response = _refused(bug, self._state_for(request))
        return encode_response(response, request.id)

    def _answer(self, request: AnyRequest, facts: Facts) -> Response:
        match request:
            case Start():
                self._conductor = None
                self._conductor = Conductor.begin(request, facts)
                return self._seen()
            case Load(saved=text):
                self._conductor = load(text)
                return self._seen()
            case Expression():
                return evaluate(request, facts)
            case Validate():
                return validate(request)
            case Inspect():
                return inspect(request)
            case Graph():
                return graph(request)
            case _:
                return self._conduct(request, facts)

    def _conduct(
        self, request: Next | Report | Ask | Rerun | Restore | Save, facts: Facts
    ) -> Response:
        if self._conductor is None:
            raise RefusedError(Code.BAD_REQUEST, "nothing has been started")
        trial = self._conductor.fork()
        match request:
            case Next():
                offers = trial.next(facts)
                self._conductor = trial
                return Offers(state=trial.state(), tasks=offers)
            case Report():
                trial.report(request, facts)
            case Ask(status=status):
                trial.request(Status(status), facts)
            case Rerun(tasks=tasks):
                trial.rerun(tasks or (), facts)
            case Save():
                return SavedResponse(state=trial.state(), saved=save(trial))
            case _:
                trial = load(save(trial))
        self._conductor = trial
        return self._seen()

    def _seen(self) -> StateResponse:
        return StateResponse(state=self._state())

    def _state(self) -> StateMessage | None:
        return None if self._conductor is None else self._conductor.state()

    def _state_for(self, request: AnyRequest) -> StateMessage | Unset | None:
        return self._state() if isinstance(request, ConductorRequest) else UNSET


def _refused(error: RefusedError, state: StateMessage | Unset | None = UNSET) -> Refused:
    return Refused(error=Refusal(code=error.code, message=error.message), state=state)
