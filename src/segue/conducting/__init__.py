"""The engine for hosts in any language: one JSON object in, one out (docs/conduct.md).

A host runs the actions, waits for the delays and keeps what must be kept; this says what is to be
run next, and what has become of the execution. The core (`segue.core`) decides; what is here is
what belongs to hosts alone: names for what they have begun, statuses that are only words of theirs,
and what it means for the whole that a task waits, pauses or was canceled.
"""

from segue.conducting.conversation import Conversation

__all__ = ["Conversation"]
