"""Collecting findings: each once, in the order of the file."""

from dataclasses import dataclass, field

from segue.language.codes import Code, severity_of
from segue.language.findings import Finding, Severity, Span


@dataclass(slots=True)
class Collector:
    """What the checks of one file have found."""

    _found: dict[Finding, None] = field(default_factory=dict)

    def add(
        self,
        code: Code,
        span: Span,
        message: str,
        *,
        hint: str | None = None,
        path: str = "",
        variable: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Add a finding, unless it is there already."""
        finding = Finding(
            code=code,
            severity=severity or severity_of(code),
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


def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings in the order of the file, each once."""
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(unique, key=lambda one: (one.span.line, one.span.column, one.severity, one.code))
    )
