"""Whether what a log refers to is there."""

from collections.abc import Iterator

from segue.core.state import State
from segue.verification.check import Check
from segue.verification.kept import Kept


class Values(Check):
    """The values that stand beside the log are kept for as long as it is, and never change."""

    def end(self, kept: Kept, state: State | None) -> Iterator[str]:  # noqa: ARG002
        """Tell which are lost."""
        for sha256, why in kept.lost.items():
            yield f"the value {sha256} {why}"
