"""What came of rehearsals, for people: each failure with what was expected and what came."""

from collections.abc import Iterator, Sequence

from segue.cli.reports.findings_text import full_lines
from segue.cli.terminal.amounts import counted
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.rehearsal.coverage import Coverage, Untaken, WorkflowCoverage, percent
from segue.rehearsal.rehearsing import FileVerdict
from segue.rehearsal.verdict import Failure, Verdict

#: How lines of a comparison begin, and what they mean.
_MARKS = {"-": Role.BAD, "+": Role.GOOD}


def file_lines(file: FileVerdict) -> Iterator[Line]:
    """Yield what came of a file, test by test."""
    yield line(Part(printable(file.file), Role.STRONG))
    yield from full_lines(file.file, file.text, file.findings)
    for verdict in file.verdicts:
        yield from _verdict(file, verdict)


def failure_lines(file: str, failure: Failure) -> Iterator[Line]:
    """Yield a failure: where, what, and how it differs."""
    place = f"{printable(file)}:{failure.span.line}:{failure.span.column}"
    yield line(Part(printable(failure.message), Role.STRONG))
    for detail in failure.details:
        role = _MARKS.get(detail[:2].rstrip(), Role.PLAIN) if detail[1:2] == " " else Role.PLAIN
        yield line("  ", Part(printable(detail), role))
    yield line(Part(f"  --> {place}", Role.ACTIVE))


def summary_line(files: Sequence[FileVerdict]) -> Line:
    """Return what there was in all."""
    verdicts = [verdict for file in files for verdict in file.verdicts]
    failed = sum(not verdict.passed for verdict in verdicts)
    unusable = sum(not file.valid for file in files)
    parts: list[Part | str] = []
    if failed:
        parts.append(Part(f"{failed} failed", Role.BAD))
    if unusable:
        parts.append(Part(f"{counted(unusable, 'file')} not run", Role.BAD))
    passed = len(verdicts) - failed
    parts.append(Part(f"{passed} passed", Role.GOOD if passed and not parts else Role.PLAIN))
    joined: list[Part | str] = [parts[0]]
    for part in parts[1:]:
        joined += [", ", part]
    return line(*joined, f" in {counted(len(files), 'file')}")


def coverage_lines(coverage: Coverage) -> Iterator[Line]:
    """Yield which transitions no test took, workflow by workflow."""
    share = f"{coverage.taken} of {coverage.total} ({percent_text(coverage.percent)})"
    yield line(Part("transition coverage: ", Role.STRONG), share)
    for one in coverage.workflows:
        yield from _workflow(one)


def percent_text(value: float) -> str:
    """Return a share: never 100 % of what is not all of it."""
    return f"{int(value * 10) / 10:g} %"


def _verdict(file: FileVerdict, verdict: Verdict) -> Iterator[Line]:
    name = printable(verdict.name)
    if verdict.passed:
        yield line("  ", Part("ok", Role.GOOD), f"      {name}")
        return
    yield line("  ", Part("failed", Role.BAD), f"  {name}")
    for failure in verdict.failures:
        for one in failure_lines(file.file, failure):
            yield Line((Part("          "), *one.parts))


def _workflow(one: WorkflowCoverage) -> Iterator[Line]:
    share = percent_text(percent(one.taken, one.total))
    role = Role.GOOD if one.taken == one.total else Role.WAITING
    yield line("  ", printable(one.path), "  ", Part(f"{one.taken} of {one.total} ({share})", role))
    for untaken in one.untaken:
        yield line(f"    line {untaken.line}: ", printable(untaken_text(untaken)))


def untaken_text(untaken: Untaken) -> str:
    """Return a transition in words: the task, its condition, and what it leads to."""
    when = "" if untaken.when is None else f" when {untaken.when}"
    return f"{untaken.task} -> {', '.join(untaken.do)}{when}"
