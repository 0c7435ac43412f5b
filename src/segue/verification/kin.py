"""Whether sub-workflows belong to an attempt each, and end before what they run for."""

import re
from collections.abc import Iterator

from segue.core import events as e
from segue.core.state import State
from segue.verification.check import Check
from segue.verification.kept import Kept, KeptChild

_ATTEMPT = re.compile(r"(?P<task>.+)#(?P<visit>\d+)\.(?P<attempt>\d+)(\[\d+\])?\Z", re.DOTALL)


class Kin(Check):
    """There is one sub-workflow for an attempt, and it ends with what it runs for."""

    def __init__(self) -> None:
        self._parent: str | None = None
        self._visits: dict[str, int] = {}

    def see(self, one: e.Recorded) -> Iterator[str]:
        """Take note of what sub-workflows can run for."""
        event = one.event
        if isinstance(event, e.ExecutionStarted):
            self._parent = event.parent
        elif isinstance(event, e.TaskScheduled):
            self._visits[event.task] = max(event.visit, self._visits.get(event.task, 0))
        yield from ()

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Compare with the sub-workflows that there are."""
        if kept.parent != self._parent:
            yield f"the row says that it runs for {kept.parent}, the log {self._parent}"
        found: dict[str, str] = {}
        for child in kept.children or ():
            other = found.setdefault(child.attempt, child.id)
            if other != child.id:
                yield f"{other} and {child.id} both run for {child.attempt}"
            if kept.settled and not child.ends and not child.rerun:
                yield f"it is settled, and {child.id}, which runs for {child.attempt}, goes on"
            yield from self._known(child)

    def _known(self, child: KeptChild) -> Iterator[str]:
        parts = _ATTEMPT.match(child.attempt)
        if parts is None or int(parts["visit"]) > self._visits.get(parts["task"], 0):
            yield f"{child.id} runs for {child.attempt}, which there is not"
