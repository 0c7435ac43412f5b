"""`segue check`: all findings of workflow files."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from segue.checking import HOSTED, check
from segue.cli.exit_codes import ExitCode
from segue.cli.reports.comparison import comparison, comparison_line
from segue.cli.reports.findings_data import FileReport, github_lines, json_document, sarif_document
from segue.cli.reports.findings_text import concise_lines, full_lines, summary_line
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.terminal import detect
from segue.language.attune_pair import placed
from segue.runtime.config import Config
from segue.runtime.errors import ConfigError
from segue.runtime.workflows.callees import built_in_action, callee_finder
from segue.runtime.workflows.catalog import Catalog
from segue.runtime.workflows.files import UnreadableFileError, decoded, read_whole

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
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--compare",
    type=click.Choice(("orquesta",)),
    help="Point at places where it could matter that Segue is not Orquesta, instead of checking.",
)
def command(files: tuple[str, ...], form: str, *, as_json: bool, compare: str | None) -> int:
    """Check workflow files, and print all findings of all of them. `-` is stdin.

    The exit code is 0 if no finding is an error, 1 if one is, 2 if a file can't be read.
    `segue explain CODE` tells more about a finding.
    """
    catalog = _catalog()
    reports = [
        report for file in files for report in _look(file, catalog, compare=compare is not None)
    ]
    _print("json" if as_json else form, reports)
    _complain(reports)
    if any(report.unreadable is not None for report in reports):
        return ExitCode.USAGE
    return ExitCode.SUCCEEDED if all(report.valid for report in reports) else ExitCode.FAILED


def _look(file: str, catalog: Catalog, *, compare: bool) -> list[FileReport]:
    """Return what is to be told of a file, and of another one that belongs to it."""
    path = _STDIN if file == "-" else file
    try:
        if file == "-":
            text = decoded(sys.stdin.buffer)
        else:
            whole = read_whole(Path(file))
            text, path = whole.text, str(whole.file) if whole.file != Path(file) else path
    except UnreadableFileError as error:
        return [FileReport(path=path, unreadable=f"{error}")]
    folder = str(Path(path).parent)  # that of the standard input is the working directory
    checked = check(
        text,
        path,
        hosted=HOSTED,
        find_callee=callee_finder(catalog, folder),
        find_action=built_in_action,
    )
    if compare:
        return [comparison(path, text, checked)]
    return [
        FileReport(path=part.file, text=part.text, findings=part.findings)
        for part in placed(text, path, checked.findings)
    ]


def _catalog() -> Catalog:
    try:
        return Catalog(Config.load().workflows)
    except ConfigError:  # what is wrong with it is no affair of these files
        return Catalog()


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
        print_lines([_summary(read)], sys.stdout, terminal)


def _summary(reports: Sequence[FileReport]) -> Line:
    findings = [each for report in reports for each in report.findings]
    if any(report.compared is not None for report in reports) and all(
        report.valid for report in reports
    ):
        return comparison_line(reports)
    return summary_line(len(reports), findings)


def _complain(reports: Sequence[FileReport]) -> None:
    """Name the files that can't be read on stderr: whoever reads stdout wants findings."""
    lines = [
        line(Part("error: ", Role.BAD), f"{printable(report.path)} {report.unreadable}")
        for report in reports
        if report.unreadable is not None
    ]
    print_lines(lines, sys.stderr)
