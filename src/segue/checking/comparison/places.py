"""The places at which a difference from Orquesta could matter, as they are found."""

from dataclasses import dataclass, field

from segue.checking.differences import Difference
from segue.language.findings import Finding, Severity, Span


@dataclass(slots=True)
class Places:
    """What comparing one file has found, each once."""

    _found: dict[Finding, None] = field(default_factory=dict)

    def add(
        self,
        difference: Difference,
        span: Span,
        message: str,
        *,
        path: str,
        hint: str | None = None,
        variable: str | None = None,
    ) -> None:
        """Add a place, unless it is there already. It is a note: nothing is wrong there."""
        finding = Finding(
            code=difference.value,
            severity=Severity.NOTE,
            message=message,
            span=span,
            hint=hint,
            path=path,
            variable=variable,
        )
        self._found.setdefault(finding)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found so far."""
        return tuple(self._found)
