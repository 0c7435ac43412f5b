"""What is known of an execution while its events come in: its view, and what belongs beside it."""

from collections.abc import Mapping, Sequence

from segue.cli.reports.kin import by_task, told
from segue.cli.reports.rows import Aside
from segue.cli.terminal.styled import Line
from segue.core import events as e
from segue.core.events import Recorded
from segue.core.reasoning import Known
from segue.core.view import ExecutionView
from segue.core.viewing import JoinFacts, ViewBuilder
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
        self.known = Known(tries=tries or {})
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
        if isinstance(event, e.ExecutionSettled):
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
            known=self.known,
            logs=self.logs,
            children={visited: told(rows) for visited, rows in by_task(self.children).items()},
            below=self.below,
        )
