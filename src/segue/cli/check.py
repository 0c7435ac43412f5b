"""`segue check`: all findings of workflow files."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from segue.checking import check
from segue.cli.exit_codes import ExitCode
from segue.cli.findings_data import FileReport, github_lines, json_document, sarif_document
from segue.cli.findings_text import concise_lines, full_lines, summary_line
from segue.cli.output import print_json, print_lines
from segue.cli.styled import Part, Role, line, printable
from segue.cli.terminal import detect
from segue.language.loading import MAX_BYTES

_FORMATS = ("text", "concise", "json", "sarif", "github")
_STDIN = "<stdin>"


@click.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="text",
    help="How to print: for people (text, concise) or for programs.",
)
def command(files: tuple[str, ...], form: str) -> int:
    """Check workflow files, and print all findings of all of them. `-` is stdin.

    The exit code is 0 if no finding is an error, 1 if one is, 2 if a file can't be read.
    `segue explain CODE` tells more about a finding.
    """
    reports = [_look(file) for file in files]
    _print(form, reports)
    _complain(reports)
    if any(report.unreadable is not None for report in reports):
        return ExitCode.USAGE
    return ExitCode.SUCCEEDED if all(report.valid for report in reports) else ExitCode.FAILED


def _look(file: str) -> FileReport:
    path = _STDIN if file == "-" else file
    try:
        text = _read(file)
    except UnicodeDecodeError as error:
        return FileReport(path=path, unreadable=f"is not text in UTF-8 (byte {error.start})")
    except OSError as error:
        return FileReport(path=path, unreadable=f"can't be read: {error.strerror}")
    return FileReport(path=path, text=text, findings=check(text, path).findings)


def _read(file: str) -> str:
    if file == "-":
        return _decoded(sys.stdin.buffer)
    with Path(file).open("rb") as stream:
        return _decoded(stream)


def _decoded(stream: BinaryIO) -> str:
    """Return the text of a stream; of what is too large, enough to say so."""
    data = stream.read(MAX_BYTES + 1)
    errors = "replace" if len(data) > MAX_BYTES else "strict"
    return data.decode("utf-8", errors)


def _print(form: str, reports: Sequence[FileReport]) -> None:
    if form == "json":
        print_json(json_document(reports), pretty=True)
        return
    if form == "sarif":
        print_json(sarif_document(reports), pretty=True)
        return
    if form == "github":
        sys.stdout.writelines(f"{text}\n" for text in github_lines(reports))
        return
    terminal = detect(sys.stdout, os.environ)
    for report in reports:
        lines = (
            concise_lines(report.path, report.findings)
            if form == "concise"
            else full_lines(report.path, report.text, report.findings)
        )
        print_lines(lines, sys.stdout, terminal)
    read = [report for report in reports if report.unreadable is None]
    if form == "text" and read:
        findings = [each for report in read for each in report.findings]
        print_lines([summary_line(len(read), findings)], sys.stdout, terminal)


def _complain(reports: Sequence[FileReport]) -> None:
    """Name the files that can't be read on stderr: whoever reads stdout wants findings."""
    lines = [
        line(Part("error: ", Role.BAD), f"{printable(report.path)} {report.unreadable}")
        for report in reports
        if report.unreadable is not None
    ]
    print_lines(lines, sys.stderr, detect(sys.stderr, os.environ))
