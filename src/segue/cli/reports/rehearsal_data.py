"""What came of rehearsals, for programs: JSON, and JUnit's XML."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.reports.findings_data import finding_document
from segue.rehearsal.coverage import Coverage
from segue.rehearsal.rehearsing import FileVerdict
from segue.rehearsal.verdict import Failure, Verdict
from segue.values import JsonObject, JsonValue

#: What XML 1.0 can't hold, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rehearsal_document(files: Sequence[FileVerdict], coverage: Coverage) -> JsonObject:
    """Return what `rehearse --json` prints."""
    verdicts = [verdict for file in files for verdict in file.verdicts]
    return {
        "schema_version": SCHEMA_VERSION,
        "passed": sum(verdict.passed for verdict in verdicts),
        "failed": sum(not verdict.passed for verdict in verdicts),
        "files": [_file(file) for file in files],
        "coverage": _coverage(coverage),
    }


def _file(file: FileVerdict) -> JsonObject:
    return {
        "path": file.file,
        "valid": file.valid,
        "findings": [finding_document(found) for found in file.findings],
        "tests": [_test(verdict) for verdict in file.verdicts],
    }


def _test(verdict: Verdict) -> JsonObject:
    return {
        "name": verdict.name,
        "line": verdict.span.line,
        "passed": verdict.passed,
        "workflow": verdict.rehearsed.path if verdict.rehearsed else None,
        "seconds": verdict.seconds,
        "failures": [_failure(failure) for failure in verdict.failures],
    }


def _failure(failure: Failure) -> JsonObject:
    return {
        "kind": failure.kind.value,
        "message": failure.message,
        "details": list(failure.details),
        "at": failure.at,
        "line": failure.span.line,
        "column": failure.span.column,
    }


def _coverage(coverage: Coverage) -> JsonObject:
    workflows: list[JsonValue] = [
        {
            "path": one.path,
            "taken": one.taken,
            "total": one.total,
            "untaken": [
                {
                    "task": untaken.task,
                    "transition": untaken.index,
                    "line": untaken.line,
                    "when": untaken.when,
                    "do": list(untaken.do),
                }
                for untaken in one.untaken
            ],
        }
        for one in coverage.workflows
    ]
    return {
        "taken": coverage.taken,
        "total": coverage.total,
        "percent": coverage.percent,
        "workflows": workflows,
    }


def junit_text(files: Sequence[FileVerdict]) -> str:
    """Return the tests as JUnit's XML: a suite for each file, whose findings are an error of it.

    The time of a test is that of its execution, on its own clock.
    """
    suites = ET.Element("testsuites", name="segue rehearse")
    for file in files:
        suites.append(_suite(file))
    tests = [suite.attrib for suite in suites]
    for count in ("tests", "failures", "errors"):
        suites.set(count, str(sum(int(one[count]) for one in tests)))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _suite(file: FileVerdict) -> ET.Element:
    failed = sum(not verdict.passed for verdict in file.verdicts)
    errors = 0 if file.valid else 1
    suite = ET.Element(
        "testsuite",
        name=_xml(file.file),
        tests=str(len(file.verdicts) + errors),
        failures=str(failed),
        errors=str(errors),
    )
    if not file.valid:
        case = ET.SubElement(suite, "testcase", name="(file)", classname=_xml(file.file))
        lines = [
            f"{found.span.line}:{found.span.column}: {found.code}: {found.message}"
            for found in file.findings
        ]
        error = ET.SubElement(case, "error", message=_xml(lines[0]), type="findings")
        error.text = _xml("\n".join(lines))
    for verdict in file.verdicts:
        suite.append(_case(file, verdict))
    return suite


def _case(file: FileVerdict, verdict: Verdict) -> ET.Element:
    case = ET.Element(
        "testcase",
        name=_xml(verdict.name),
        classname=_xml(file.file),
        file=_xml(file.file),
        line=str(verdict.span.line),
        time=f"{verdict.seconds:g}",
    )
    if verdict.failures:
        # A case has one failure: all of them are in its text.
        first = verdict.failures[0]
        failure = ET.SubElement(case, "failure", message=_xml(first.message), type=first.kind.value)
        failure.text = _xml("\n".join(failure_text(file.file, one) for one in verdict.failures))
    return case


def failure_text(file: str, failure: Failure) -> str:
    """Return a failure as text of several lines."""
    lines = [failure.message, *(f"  {detail}" for detail in failure.details)]
    return "\n".join([*lines, f"  --> {file}:{failure.span.line}:{failure.span.column}"])


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
