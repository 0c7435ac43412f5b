"""A conductor as text, and back: all of it, so that a host can keep it wherever it likes."""

import msgspec
from rpds import List

from segue.conducting.conductor import Conductor
from segue.conducting.definitions import usable
from segue.conducting.refusal import Code, RefusedError
from segue.conducting.responses import ErrorMessage
from segue.conducting.stepper import Stepper
from segue.core import events as e
from segue.core.codec import VERSION as STATE_VERSION
from segue.core.codec import read_state, save_state
from segue.core.program import Program
from segue.core.rerun_plan import Visited
from segue.core.saved import SavedState
from segue.core.status import Status
from segue.values import JsonObject


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A conductor as it is written down. What is read back by a later release has a default."""

    definition: str
    state: SavedState
    log: tuple[e.Recorded, ...]
    before: bool
    word: Status | None
    resuming: bool
    unusable: bool
    offered: dict[str, Visited]
    shown: tuple[tuple[str, int, Status], ...]
    superseded: tuple[Visited, ...]
    errors: tuple[ErrorMessage, ...]
    output: JsonObject | None


_decoder: msgspec.json.Decoder[Saved] = msgspec.json.Decoder(Saved)


def save(conductor: Conductor) -> str:
    """Return a conductor as text."""
    saved = Saved(
        definition=conductor.definition,
        state=save_state(conductor.stepper.state),
        log=tuple(conductor.stepper.log)[::-1],
        before=conductor.before,
        word=conductor.word,
        resuming=conductor.resuming,
        unusable=conductor.unusable,
        offered=conductor.offered,
        shown=tuple((*visited, status) for visited, status in conductor.shown.items()),
        superseded=tuple(sorted(conductor.superseded)),
        errors=tuple(conductor.errors),
        output=conductor.output,
    )
    return msgspec.json.encode(saved).decode()


def load(text: str) -> Conductor:
    """Return the conductor that `save` gave the text of.

    Raises `RefusedError` (bad-request) for anything else, and for what another release saved.
    """
    try:
        saved = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise RefusedError(Code.BAD_REQUEST, f"this was not saved here: {error}") from error
    if saved.state.version != STATE_VERSION:
        raise RefusedError(Code.BAD_REQUEST, "this was saved by another release of Segue")
    found = usable(saved.definition, None)
    log: List[e.Recorded] = List()
    for recorded in saved.log:
        log = log.push_front(recorded)
    return Conductor(
        definition=saved.definition,
        language=found.language,
        stepper=Stepper(program=Program.of(found.workflow), state=read_state(saved.state), log=log),
        before=saved.before,
        word=saved.word,
        resuming=saved.resuming,
        unusable=saved.unusable,
        offered=saved.offered,
        shown={(task, visit): status for task, visit, status in saved.shown},
        superseded=set(saved.superseded),
        errors=dict.fromkeys(saved.errors),
        output=saved.output,
    )
