"""Why something failed."""

from typing import Final

import msgspec

#: The code of an attempt that may run once at most, and whose engine was lost meanwhile.
OUTCOME_UNKNOWN: Final = "outcome_unknown"

#: The code of an execution that failed because a task led to `fail`.
FAIL_COMMAND: Final = "fail_command"


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something failed, as users see it in `errors`. `code` is stable and documented."""

    code: str
    message: str
    task: str | None = None
    visit: int | None = None
    #: the place in the definition, "file:line:column", where there is one
    place: str | None = None


def failed_by_command(task: str, visit: int) -> Failure:
    """Return how an execution fails in which `fail` was reached from this task execution."""
    message = f"`fail` was reached from task `{task}`"
    return Failure(code=FAIL_COMMAND, message=message, task=task, visit=visit)
