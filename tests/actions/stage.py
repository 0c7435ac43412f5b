"""What an action sees of an engine, and what an engine sees of an action, without an engine."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from segue.actions.port import Call
from segue.actions.registry import Registry
from segue.actions.running import run_action
from segue.core.stimuli import Outcome
from segue.values import JsonValue


async def say_nothing(group: int, started_at: float) -> None:
    """Take note of a process as an engine that keeps no notes would."""


@dataclass
class Stage:
    """Runs actions and keeps what they log."""

    registry: Registry = field(default_factory=Registry)
    announce: Callable[[int, float], Awaitable[None]] = say_nothing
    attempt: int = 1
    task: str = "probe"
    idempotency_key: str = "x1/probe/1"
    on_log: Callable[[], object] = object
    logged: list[tuple[str, str]] = field(default_factory=list)

    def call(self, given: dict[str, JsonValue]) -> Call:
        return Call(
            execution="x1",
            task=self.task,
            visit=1,
            attempt=self.attempt,
            idempotency_key=self.idempotency_key,
            input=given,
            log=self.log,
            announce_process=self.announce,
        )

    def log(self, stream: str, text: str) -> None:
        self.logged.append((stream, text))
        self.on_log()

    async def run(self, name: str, /, **given: JsonValue) -> Outcome:
        return await run_action(self.registry, name, self.call(given))

    def text(self, stream: str) -> str:
        return "".join(text for of, text in self.logged if of == stream)

    def announcing(self, announce: Callable[[int, float], Awaitable[None]]) -> "Stage":
        return replace(self, announce=announce)
