"""What an action is: a name, the parameters it takes, and a coroutine that runs it once.

An action knows nothing of workflows, stores or engines. It is given a `Call` and gives an
outcome. To be ended is to be cancelled (`asyncio.CancelledError`): it cleans up and lets the
cancellation pass.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from segue.core.stimuli import Outcome
from segue.values import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One attempt, as the action sees it.

    `idempotency_key` is the same for all attempts and redeliveries of a task execution (and of an
    item); `attempt` counts from 1. `log` keeps a piece of output (stream "stdout", "stderr" or
    "log"). `announce_process` must be awaited with (process group id, start time in seconds)
    before a process that was started may do anything, so that it can be found and ended if this
    process is killed.
    """

    execution: str
    task: str
    visit: int
    attempt: int
    idempotency_key: str
    input: JsonObject
    log: Callable[[str, str], None]
    announce_process: Callable[[int, float], Awaitable[None]]


class Action(Protocol):
    """Something a task can call."""

    @property
    def name(self) -> str:
        """Return the name that files use: "core.http", "module:function"."""
        ...

    @property
    def parameters(self) -> JsonObject:
        """Return a JSON Schema (draft 7) of the input, an object."""
        ...

    async def run(self, call: Call) -> Outcome:
        """Run it once. An exception is an error of the action, too: it becomes `Failed`."""
        ...


class ActionNotFoundError(Exception):
    """There is no such action. The message says what was looked for and what is close."""


class ActionFailedError(Exception):
    """What a Python function raises to fail with a code, and a result, of its own.

    `code` is what retries and people tell failures apart by; `result` is what `result()` gives in
    the transitions of the task, any JSON value.
    """

    def __init__(
        self, message: str, *, code: str = "action_failed", result: JsonValue = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.result = result
