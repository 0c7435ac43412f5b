"""`core.ask`: a question to people. No worker runs it: the engine keeps it until it is answered."""

from segue.actions.port import Call
from segue.core.stimuli import Failed, Outcome
from segue.language.questions import ASK
from segue.values import JsonObject

_QUESTION: JsonObject = {
    "description": "Asks people, and waits until one of them answers. The result is "
    '{"response": the answer, "by": who gave it, "at": when, in seconds since the epoch}.',
    "type": "object",
    "properties": {
        "message": {"description": "What they are asked.", "type": "string"},
        "schema": {"description": "A JSON Schema of the answer.", "type": "object"},
        "prompt": {"description": "Attune's word for `message`.", "type": "string"},
        "response_schema": {
            "description": "Attune's word for `schema`; may be the properties alone.",
            "type": "object",
        },
        "users": {
            "description": "Who may answer; without it anybody.",
            "type": "array",
            "items": {"type": "string"},
        },
        "assigned_to": {
            "description": "Attune's word for `users`: one of them, or null for anybody.",
            "type": ["string", "number", "null"],
        },
        "roles": {"description": "Kept, not checked.", "type": "array"},
        "route": {"description": "Kept: where the question is to be shown.", "type": "string"},
        "ttl": {
            "description": "Minutes to wait, where the task has no `timeout`; 0: for ever.",
            "type": "number",
            "minimum": 0,
        },
    },
    "additionalProperties": False,
}


class Ask:
    """Asks people, and waits until one of them answers.

    StackStorm's `route` and `roles` are kept for whoever looks at the question.
    """

    name = ASK
    parameters = _QUESTION

    async def run(self, call: Call) -> Outcome:
        """Say that nobody can be asked here: questions are not handed to workers."""
        del call
        return Failed(code="action_failed", message="core.ask: there is nobody to ask here")
