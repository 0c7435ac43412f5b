"""What is known of an execution while its events come in: its view, and what belongs beside it."""

from collections.abc import Mapping, Sequence

from segue.cli.kin import by_task, told
from segue.cli.rows import Aside
from segue.cli.styled import Line
from segue.core import events as e
from segue.core.events import Recorded
from segue.core.view import ExecutionView
from segue.core.viewing import JoinFacts, ViewBuilder
from segue.language.model import Workflow
from segue.store.port import ExecutionRow


class Progress:
    """Takes events one by one. `joins` and `tries` come from the definition, where it is known."""

    def __init__(
        self,
        execution: str,
        joins: Mapping[str, JoinFacts] | None = None,
        tries: Mapping[str, int] | None = None,
    ) -> None:
        self.execution = execution
        self._builder = ViewBuilder(execution, joins)
        self._tries = tries or {}
        self._actions: dict[str, str] = {}
        self._view: ExecutionView | None = None
        self.logs: dict[tuple[str, int], Sequence[str]] = {}
        self.children: Sequence[ExecutionRow] = ()
        self.below: dict[str, Sequence[Line]] = {}
        self.started = False
        self.settled = False

    def add(self, recorded: Recorded) -> None:
        """Take the next event."""
        self._builder.add(recorded)
        self._view = None
        self.started = True
        event = recorded.event
        if isinstance(event, e.AttemptStarted) and event.action:
            self._actions[event.task] = event.action
        elif isinstance(event, e.ExecutionSettled):
            self.settled = True
        elif isinstance(event, e.ExecutionRerun):
            self.settled = False

    @property
    def view(self) -> ExecutionView:
        """The execution after the events so far."""
        if self._view is None:
            self._view = self._builder.view()
        return self._view

    @property
    def aside(self) -> Aside:
        """What the tree shows beside the view."""
        return Aside(
            actions=self._actions,
            tries=self._tries,
            logs=self.logs,
            children={visited: told(rows) for visited, rows in by_task(self.children).items()},
            below=self.below,
        )


def tries_of(workflow: Workflow) -> Mapping[str, int]:
    """Return how many attempts the tasks of a workflow may have, where the file has a number."""
    return {
        name: task.retry.count.value + 1
        for name, task in workflow.tasks.items()
        if task.retry is not None
        and isinstance(task.retry.count.value, int)
        and not isinstance(task.retry.count.value, bool)
    }
