"""Which executions are meant by whoever lists or counts them."""

from dataclasses import dataclass

from segue.core.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which executions are meant: see `Store.list_executions`."""

    status: Status | None
    workflow: str | None
    parent: str | None
    top: bool

    @property
    def filters(self) -> tuple[bool, ...]:
        """Which conditions hold, in the order of the queries of each database."""
        return (
            self.status is not None,
            self.workflow is not None,
            self.parent is not None,
            self.top,
        )

    def bindings(self) -> dict[str, str | int]:
        """Return the values of the conditions."""
        given = {"status": self.status, "workflow": self.workflow, "parent": self.parent}
        return {name: str(value) for name, value in given.items() if value is not None}
