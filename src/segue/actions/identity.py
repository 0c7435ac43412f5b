"""How an attempt is named to the world outside: in the environment of processes, in headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from segue.actions.port import Call

#: What may stand in a key as it is. The rest is percent-encoded: task names may be any text,
#: and the key must survive environments, headers and other people's databases.
_PLAIN = "/:@#!$&()*+,;=-._~[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptIdentity:
    """Which attempt something belongs to."""

    execution: str
    task: str
    visit: int
    attempt: int
    idempotency_key: str

    @classmethod
    def of(cls, call: Call) -> Self:
        """Return the identity of the attempt that a call is."""
        return cls(
            execution=call.execution,
            task=call.task,
            visit=call.visit,
            attempt=call.attempt,
            idempotency_key=call.idempotency_key,
        )

    @property
    def key(self) -> str:
        """Return the idempotency key in printable ASCII without blanks."""
        return quote(self.idempotency_key, safe=_PLAIN, errors="backslashreplace")

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables that tell a process, and whoever finds it, what it is part of."""
        return {
            "SEGUE_EXECUTION_ID": _environment_text(self.execution),
            "SEGUE_TASK": _environment_text(self.task),
            "SEGUE_VISIT": str(self.visit),
            "SEGUE_ATTEMPT": str(self.attempt),
            "SEGUE_IDEMPOTENCY_KEY": self.key,
        }

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers that tell a server which of our requests are the same one."""
        return {"Idempotency-Key": self.key, "Segue-Attempt": str(self.attempt)}


def _environment_text(text: str) -> str:
    """Return text that an environment can hold: it has no NUL and no half characters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
