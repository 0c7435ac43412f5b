"""Findings for people: the place in the file with what is wrong underlined, and what to do."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len

from segue.cli.reports.findings_data import page_of
from segue.cli.terminal.amounts import counted
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.language.attune_pair import placed
from segue.language.findings import Finding, Severity
from segue.language.source import Source

#: Columns of the file that are shown around what is wrong when a line is longer.
_WINDOW = 100

_ROLES = {
    Severity.ERROR: Role.BAD,
    Severity.WARNING: Role.WAITING,
    Severity.NOTE: Role.ACTIVE,
}


def full_lines(path: str, text: str, findings: Iterable[Finding]) -> Iterator[Line]:
    """Yield each finding with its excerpt, an empty line after each."""
    for part in placed(text.removeprefix("\ufeff"), path, findings):
        source = Source(part.text)
        for finding in part.findings:
            yield from _finding(part.file, source, finding)
            yield line()


def concise_lines(path: str, findings: Iterable[Finding]) -> Iterator[Line]:
    """Yield each finding on a line of its own."""
    for finding in findings:
        role = _ROLES[finding.severity]
        hint = f" ({printable(finding.hint)})" if finding.hint else ""
        yield line(
            Part(f"{printable(path)}:{finding.span.line}:{finding.span.column}: ", Role.STRONG),
            Part(f"{finding.severity.value}[{finding.code}]", role),
            f" {printable(finding.message)}{hint}",
        )


def summary_line(files: int, findings: Sequence[Finding]) -> Line:
    """Return what there was in all."""
    errors = sum(each.severity is Severity.ERROR for each in findings)
    warnings = len(findings) - errors
    where = counted(files, "file")
    if not findings:
        return line(Part("ok: ", Role.GOOD), f"no findings in {where}")
    counts = [
        Part(counted(number, word), role)
        for number, word, role in (
            (errors, "error", Role.BAD),
            (warnings, "warning", Role.WAITING),
        )
        if number
    ]
    parts: list[Part | str] = [counts[0]]
    if len(counts) > 1:
        parts += [", ", counts[1]]
    example = findings[0].code
    return line(*parts, f" in {where}; `segue explain {example}` tells more about a code")


def _finding(path: str, source: Source, finding: Finding) -> Iterator[Line]:
    role = _ROLES[finding.severity]
    span = finding.span
    width = len(str(span.line))
    margin = " " * width
    yield line(
        Part(f"{finding.severity.value}[{finding.code}]", role),
        Part(f": {printable(finding.message)}", Role.STRONG),
    )
    yield line(Part(f"{margin}--> ", Role.ACTIVE), f"{printable(path)}:{span.line}:{span.column}")
    yield line(Part(f"{margin} |", Role.ACTIVE))
    for number in range(_first_shown(source, span.line), span.line + 1):
        yield _excerpt(source, number, width, finding)
    yield line(Part(f"{margin} | ", Role.ACTIVE), *_underline(source, finding, role))
    if finding.hint:
        yield line(Part(f"{margin} = ", Role.ACTIVE), f"help: {printable(finding.hint)}")
    if finding.severity is Severity.NOTE:
        yield line(Part(f"{margin} = ", Role.ACTIVE), f"see: {page_of(finding.code)}")


def _first_shown(source: Source, number: int) -> int:
    """Return the line before, where it helps to see what the place belongs to."""
    before = source.line(number - 1)
    return number - 1 if before.strip() and len(before) <= _WINDOW else number


def _excerpt(source: Source, number: int, width: int, finding: Finding) -> Line:
    text, _ = _window(source.line(number), finding.span.column)
    if number != finding.span.line:
        text = printable(source.line(number))
    return line(Part(f"{number:>{width}} | ", Role.ACTIVE), text)


def _window(text: str, column: int) -> tuple[str, int]:
    """Return what is shown of a line, and how many characters before it are not."""
    if len(text) <= _WINDOW:
        return printable(text), 0
    start = max(0, min(column - 1 - _WINDOW // 3, len(text) - _WINDOW))
    return printable(text[start : start + _WINDOW]), start


def _underline(source: Source, finding: Finding, role: Role) -> tuple[Part | str, ...]:
    span = finding.span
    text = source.line(span.line)
    _, hidden = _window(text, span.column)
    end = span.end_column if span.end_line == span.line else len(text) + 1
    start = span.column - 1
    before = printable(text[hidden:start])
    marked = printable(text[start : min(end - 1, hidden + _WINDOW)])
    carets = "^" * max(1, cell_len(marked))
    more = " ..." if span.end_line > span.line else ""
    return " " * cell_len(before), Part(carets + more, role)
