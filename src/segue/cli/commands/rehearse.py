"""`segue rehearse`: tests of workflows, with mocked actions and a clock that jumps."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.options import json_option
from segue.cli.problem import Problem
from segue.cli.rehearsal_files import read_file, rehearsals_in, unread
from segue.cli.reports.rehearsal_data import junit_text, rehearsal_document
from segue.cli.reports.rehearsal_text import coverage_lines, file_lines, percent_text, summary_line
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Part, Role, line, printable
from segue.cli.terminal.terminal import detect
from segue.rehearsal.coverage import Coverage, coverage_of
from segue.rehearsal.reading import ReadRehearsal
from segue.rehearsal.rehearsing import FileVerdict, rehearse_file
from segue.runtime.workflows.files import UnreadableFileError


@click.command("rehearse")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("-k", "wanted", metavar="TEXT", help="Only tests with this in their name.")
@click.option("--coverage", "covers", is_flag=True, help="Tell which transitions no test took.")
@click.option(
    "--fail-under",
    "least",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Fail if fewer of the transitions were taken.",
)
@click.option("--junit", metavar="FILE", help="Write the results as JUnit's XML, too.")
@json_option("Print one JSON document.")
def command(
    paths: tuple[str, ...],
    wanted: str | None,
    least: float | None,
    junit: str | None,
    *,
    covers: bool,
    as_json: bool,
) -> int:
    """Rehearse workflows: run their tests, with mocked actions.

    PATH is a rehearsal file, or a folder in which all of them are looked for. The exit code is 0 if
    every test passes, 1 if one fails or a file has errors, 2 if a file that is named can't be
    read.
    """
    reads = [_only(one, wanted) for one in _read(paths)]
    if (
        wanted is not None
        and not any(read.tests for read in reads)
        and all(read.valid for read in reads)
    ):
        raise Problem(f"no test has {wanted!r} in its name")
    terminal = detect(sys.stdout, os.environ)
    files: list[FileVerdict] = []
    for read in reads:
        files.append(rehearse_file(read))
        if not as_json:
            print_lines(file_lines(files[-1]), sys.stdout, terminal)
    coverage = coverage_of(verdict for file in files for verdict in file.verdicts)
    if junit is not None:
        _write(junit, junit_text(files))
    if as_json:
        print_json(rehearsal_document(files, coverage), pretty=True)
    else:
        if covers or least is not None:
            print_lines([line(), *coverage_lines(coverage)], sys.stdout, terminal)
        print_lines([line(), summary_line(files)], sys.stdout, terminal)
    enough = least is None or _is_enough(coverage, least)
    return ExitCode.SUCCEEDED if enough and all(one.passed for one in files) else ExitCode.FAILED


def _read(paths: Sequence[str]) -> Iterator[ReadRehearsal]:
    found = list(dict.fromkeys(_files(paths)))
    named = {Path(each) for each in paths}
    if not found:
        listed = " and ".join(paths)
        raise Problem(
            f"there is no rehearsal file in {listed}",
            hint="they are called NAME.rehearsal.yaml or rehearse_NAME.yaml",
        )
    for path in found:
        try:
            yield read_file(path)
        except UnreadableFileError as error:
            if path in named:
                raise Problem(f"{path} {error}") from error
            yield unread(path, error)


def _files(paths: Iterable[str]) -> Iterator[Path]:
    for each in paths:
        path = Path(each)
        if os.path.isdir(path):  # noqa: PTH112 - no path is so odd that it raises
            yield from rehearsals_in(path)
        else:
            yield path


def _only(read: ReadRehearsal, wanted: str | None) -> ReadRehearsal:
    if wanted is None:
        return read
    return replace(read, tests=tuple(test for test in read.tests if wanted in test.name))


def _is_enough(coverage: Coverage, least: float) -> bool:
    if coverage.percent >= least:
        return True
    message = f"transition coverage is {percent_text(coverage.percent)}, below {least:g} %"
    said = line(Part("error: ", Role.BAD), printable(message))
    print_lines([said], sys.stderr)
    return False


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(f"{file} can't be written: {error.strerror}") from error
