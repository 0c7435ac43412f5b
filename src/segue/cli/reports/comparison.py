"""`segue check --compare`: where in a file a difference from Orquesta could matter."""

from collections.abc import Sequence

from segue.checking import Checked
from segue.checking.comparison.comparing import compare
from segue.cli.reports.findings_data import FileReport
from segue.cli.terminal.styled import Line, Part, Role, line
from segue.language.findings import Severity
from segue.language.workflows import Language


def comparison(path: str, text: str, checked: Checked) -> FileReport:
    """Return the places in a file that was checked; of one with errors the errors.

    There is nothing to compare in a file of another language.
    """
    if checked.workflow is None:
        errors = tuple(each for each in checked.findings if each.severity is Severity.ERROR)
        return FileReport(path=path, text=text, findings=errors, compared=False)
    if checked.language is not Language.ORQUESTA:
        return FileReport(path=path, text=text, compared=False)
    return FileReport(path=path, text=text, findings=compare(text, checked.workflow), compared=True)


def comparison_line(reports: Sequence[FileReport]) -> Line:
    """Return what there was in all."""
    places = [each for report in reports for each in report.findings]
    others = sum(report.compared is False for report in reports)
    rest = f" ({others} of {len(reports)} files not Orquesta's)" if others else ""
    if not places:
        return line(f"no place where a difference could matter{rest}")
    word = "place" if len(places) == 1 else "places"
    return line(
        Part(f"{len(places)} {word}", Role.ACTIVE),
        f" where a difference could matter{rest}; "
        f"`segue explain {places[0].code}` tells more about one",
    )
