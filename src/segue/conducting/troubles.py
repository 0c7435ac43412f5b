"""What went wrong in an execution, as the protocol tells it."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from segue.core import events as e
from segue.core.failure import Failure


class Trouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error. `kind` is action, expression or join; `handle` is of the task execution."""

    kind: str
    message: str
    task: str | None = None
    handle: str | None = None


_OF_EXPRESSIONS = frozenset({"expression_failed"})


class Troubles:
    """The errors so far, each once, in the order in which they came."""

    def __init__(self, troubles: Iterable[Trouble] = ()) -> None:
        self._troubles = dict.fromkeys(troubles)

    def __iter__(self) -> Iterator[Trouble]:
        return iter(self._troubles)

    def add(self, trouble: Trouble) -> None:
        """Add an error, unless there is one just like it."""
        self._troubles[trouble] = None

    def forget(self, tasks: Collection[str]) -> None:
        """Forget the errors of tasks that are run again."""
        self._troubles = {one: None for one in self._troubles if one.task not in tasks}

    def take(self, event: e.AnyEvent) -> None:
        """Take note of what an event says went wrong. What actions did is told by the host."""
        match event:
            case e.ExpressionFailed(failure=failure) | e.TaskFailed(failure=failure):
                self._expression(failure)
            case e.ExecutionFailed(failure=failure) if failure.code == "fail_command":
                self.add(Trouble(kind="action", message=failure.message, task="fail"))
            case e.ExecutionFailed(failure=failure):
                self._expression(failure)
            case e.JoinRoundEnded(failure=Failure() as failure):
                self.add(Trouble(kind="join", message=failure.message, task=failure.task))
            case e.ExecutionSettled(failures=failures):
                for failure in failures:
                    self._expression(failure)

    def _expression(self, failure: Failure) -> None:
        if failure.code in _OF_EXPRESSIONS:
            self.add(Trouble(kind="expression", message=failure.message, task=failure.task))
