"""The actions that need nothing: core.noop, core.echo, core.sleep."""

import asyncio

from segue.actions.port import Call
from segue.core.stimuli import Outcome, Succeeded
from segue.values import JsonObject

_NOTED: JsonObject = {"description": "Any value, for whoever reads what was run."}

_NOTHING: JsonObject = {
    "description": "Does nothing. The result is null.",
    "type": "object",
    "properties": {"message": _NOTED},
    "additionalProperties": False,
}


_MESSAGE: JsonObject = {
    "description": "Gives back its message: the result is the value of `message`.",
    "type": "object",
    "properties": {"message": {"description": "Any value.", "default": None}},
    "additionalProperties": False,
}


_SECONDS: JsonObject = {
    "description": "Waits. The result is null.",
    "type": "object",
    "properties": {
        "seconds": {
            "description": "How long, in seconds; fractions are fine.",
            "type": "number",
            "minimum": 0,
        },
        "message": _NOTED,
    },
    "required": ["seconds"],
    "additionalProperties": False,
}


class Noop:
    """Does nothing, successfully."""

    name = "core.noop"
    parameters = _NOTHING

    async def run(self, call: Call) -> Outcome:
        """Return at once."""
        del call
        return Succeeded()


class Echo:
    """Gives back what it is given."""

    name = "core.echo"
    parameters = _MESSAGE

    async def run(self, call: Call) -> Outcome:
        """Return the message as the result."""
        return Succeeded(result=call.input.get("message"))


class Sleep:
    """Lets time pass."""

    name = "core.sleep"
    parameters = _SECONDS

    async def run(self, call: Call) -> Outcome:
        """Return after the given number of seconds."""
        seconds = call.input["seconds"]
        assert isinstance(seconds, int | float)
        await asyncio.sleep(seconds)
        return Succeeded()
