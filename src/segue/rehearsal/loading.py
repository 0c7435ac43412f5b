"""A rehearsal file, whoever's it is, to its tests: findings are values, all of them at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from segue.checking import check_loaded
from segue.language.codes import Code, severity_of
from segue.language.findings import Finding, Severity, Span
from segue.language.nodes import Node
from segue.language.reading import Path, Reader
from segue.language.workflows import load_workflow
from segue.rehearsal.spec import Rehearsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that a rehearsal names. `path` is how it is called in reports."""

    path: str
    text: str


class Fetch(Protocol):
    """Reads a file that a rehearsal file names; what is wrong comes back in words.

    `anywhere`: it may also be in a folder above the one of the rehearsal file, as Orquesta's files
    have it.
    """

    def __call__(self, name: str, *, anywhere: bool = False) -> Fetched | str:
        """Return the file, or why it can't be read ("is not there")."""
        ...


def rehearsed(  # noqa: PLR0913 (a place in a file, and what stands around it)
    read: Reader,
    fetch: Fetch,
    name: str,
    node: Node,
    path: Path,
    *,
    anywhere: bool = False,
    context: Collection[str] = (),
    hosted: Collection[str] = (),
) -> Rehearsed | None:
    """Return the workflow that a rehearsal names; report that it can't be used.

    `context` names the variables that are there from outside, `hosted` those that only Orquesta's
    files find there.
    """
    found = fetch(name, anywhere=anywhere)
    if isinstance(found, str):
        read.report(Code.FILE_NOT_READ, node, f"`{name}` {found}", path=path)
        return None
    return usable(read, found, read.span(node), path, context=context, hosted=hosted)


def usable(
    read: Reader,
    found: Fetched,
    span: Span,
    path: Path,
    *,
    context: Collection[str] = (),
    hosted: Collection[str] = (),
) -> Rehearsed | None:
    """Return a workflow that has no errors; report that it has."""
    loaded = load_workflow(found.text, file=found.path)
    checked = check_loaded(loaded, context=context, hosted=hosted)
    if checked.workflow is None or checked.language is None:
        wrong = [each for each in checked.findings if each.severity is Severity.ERROR]
        read.report(
            Code.WORKFLOW_UNUSABLE,
            span,
            f"`{found.path}` can't be run: {_told(wrong)}",
            hint="`segue check` tells more about it",
            path=path,
        )
        return None
    return Rehearsed(
        path=found.path,
        text=loaded.text,
        workflow=checked.workflow,
        language=checked.language,
    )


def _told(findings: list[Finding]) -> str:
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"line {first.span.line}: {first.message}{more}"


def finding(code: Code, message: str, span: Span, hint: str | None = None) -> Finding:
    """Return a finding about a file as a whole."""
    return Finding(code=code, severity=severity_of(code), message=message, span=span, hint=hint)
