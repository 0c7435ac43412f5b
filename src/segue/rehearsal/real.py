"""The actions that can be run in a rehearsal as they are, for they only need time."""

from dataclasses import dataclass
from typing import Final

from segue.core import stimuli as s
from segue.values import JsonObject

#: What `run: true` can be said of.
RUNNABLE: Final = ("core.noop", "core.echo", "core.sleep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an action, and the seconds that it took."""

    outcome: s.Outcome
    seconds: float = 0.0


def run_really(action: str, given: JsonObject) -> Done | None:
    """Run an action; None: it is none that can be run here."""
    match action:
        case "core.noop":
            return Done(outcome=s.Succeeded())
        case "core.echo":
            if "message" not in given:
                return Done(outcome=_wrong("core.echo: the input `message` is required"))
            return Done(outcome=s.Succeeded(result=given["message"]))
        case "core.sleep":
            seconds = given.get("seconds")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
                return Done(outcome=_wrong("core.sleep: `seconds` must be a number, 0 or more"))
            return Done(outcome=s.Succeeded(), seconds=float(seconds))
        case _:
            return None


def _wrong(message: str) -> s.Outcome:
    return s.Failed(message=message, code="invalid_input")
