"""Findings for programs: JSON, SARIF 2.1.0, and the annotations of GitHub."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePath
from urllib.parse import quote

from segue.checking.differences import DIFFERENCES, Difference
from segue.conversion.changes import Change
from segue.language.codes import Code
from segue.language.explanations import EXPLANATIONS
from segue.language.findings import Finding, Severity
from segue.values import JsonObject, JsonValue

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"

#: How GitHub calls them.
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

#: The page of the documentation that has all differences from Orquesta.
DIFFERENCES_PAGE = "docs/differences-from-orquesta.md"
#: The page that tells what converting a file changes.
CONVERSION_PAGE = "docs/convert.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file. `unreadable` says why it could not be looked at, if so.

    `compared` is set where differences from Orquesta were asked for: whether there was something to
    compare. The findings are places then, unless the file has errors.
    """

    path: str
    text: str = ""
    findings: tuple[Finding, ...] = ()
    unreadable: str | None = None
    compared: bool | None = None

    @property
    def valid(self) -> bool:
        """Whether it was read and no finding is an error."""
        errors = any(each.severity is Severity.ERROR for each in self.findings)
        return self.unreadable is None and not errors


def json_document(reports: Iterable[FileReport]) -> JsonObject:
    """Return what `check --format json` prints."""
    return {"files": [_file(report) for report in reports]}


def _file(report: FileReport) -> JsonObject:
    document: dict[str, JsonValue] = {
        "path": report.path,
        "valid": report.valid,
        "findings": [finding_document(each) for each in report.findings],
    }
    if report.compared is not None:
        document["compared"] = report.compared
    if report.unreadable is not None:
        document["unreadable"] = report.unreadable
    return document


def finding_document(finding: Finding) -> JsonObject:
    """Return a finding as `check --format json` prints it."""
    document: dict[str, JsonValue] = {
        "code": str(finding.code),
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
    }
    if finding.severity is Severity.NOTE:
        document["see"] = page_of(finding.code)
    return document


def page_of(code: str) -> str:
    """Return where the documentation tells of a difference from Orquesta, or of a conversion."""
    page = CONVERSION_PAGE if code in set(Change) else DIFFERENCES_PAGE
    return f"{page}#{code}"


def sarif_document(reports: Sequence[FileReport]) -> JsonObject:
    """Return the findings as SARIF 2.1.0, with the rule of each code that occurs."""
    used = sorted({str(each.code) for report in reports for each in report.findings})
    driver: JsonObject = {
        "name": "segue",
        "version": version("segue"),
        "rules": [_rule(code) for code in used],
    }
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(report, each, used.index(str(each.code)))
            for report in reports
            for each in report.findings
        ],
        "invocations": [
            {
                "executionSuccessful": all(report.unreadable is None for report in reports),
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": f"{report.path}: {report.unreadable}"}}
                    for report in reports
                    if report.unreadable is not None
                ],
            }
        ],
    }
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> JsonObject:
    if code in set(Difference):
        told = DIFFERENCES[Difference(code)]
        return {
            "id": code,
            "name": told.id.name.title().replace("_", ""),
            "shortDescription": {"text": told.title},
            "fullDescription": {"text": f"In Orquesta: {told.orquesta} In Segue: {told.why}"},
            "help": {"text": f"segue explain {code}"},
        }
    explanation = EXPLANATIONS[Code(code)]
    return {
        "id": code,
        "name": explanation.code.name.title().replace("_", ""),
        "shortDescription": {"text": explanation.title},
        "fullDescription": {"text": explanation.why},
        "help": {"text": f"segue explain {code}"},
    }


def _result(report: FileReport, finding: Finding, rule: int) -> JsonObject:
    span = finding.span
    text = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
    return {
        "ruleId": str(finding.code),
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(report.path)},
                    "region": {
                        "startLine": span.line,
                        "startColumn": span.column,
                        "endLine": span.end_line,
                        "endColumn": span.end_column,
                    },
                }
            }
        ],
    }


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


def github_lines(reports: Iterable[FileReport]) -> Iterator[str]:
    """Yield a command of GitHub's workflows for each finding, which annotates the place."""
    for report in reports:
        for each in report.findings:
            span = each.span
            properties = {
                "file": report.path,
                "line": str(span.line),
                "col": str(span.column),
                "endLine": str(span.end_line),
                "endColumn": str(span.end_column),
                "title": str(each.code),
            }
            listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
            text = f"{each.message} ({each.hint})" if each.hint else each.message
            yield f"::{_LEVELS[each.severity]} {listed}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
