"""The notes of one conversion, as they are taken."""

from dataclasses import dataclass, field

from segue.conversion.changes import Change
from segue.language.findings import Finding, Severity, Span


@dataclass(slots=True)
class Notes:
    """What will be different, each thing once; and what stands in the way, as errors."""

    _found: dict[Finding, None] = field(default_factory=dict)

    def add(
        self,
        change: Change,
        span: Span,
        message: str,
        *,
        hint: str | None = None,
        path: str = "",
    ) -> None:
        """Add a note, unless it is there already."""
        severity = Severity.ERROR if change is Change.NO_NATIVE_FORM else Severity.NOTE
        finding = Finding(
            code=change.value,
            severity=severity,
            message=message,
            span=span,
            hint=hint,
            path=path,
        )
        self._found.setdefault(finding)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order of the file."""
        return tuple(
            sorted(self._found, key=lambda one: (one.span.line, one.span.column, one.code))
        )

    @property
    def refused(self) -> bool:
        """Whether something stands in the way."""
        return any(each.severity is Severity.ERROR for each in self._found)
