"""A plugin of pytest that runs rehearsal files as tests of their own.

It is loaded with pytest itself, so it imports the engine only when there is a rehearsal to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from segue.rehearsal.orquesta.spec import OrquestaTest
    from segue.rehearsal.spec import Test
    from segue.rehearsal.verdict import Verdict

_SUFFIXES = (".yaml", ".yml", ".json")
#: What one process of several has for the one that began them.
_TAKEN = "segue_taken"
_VERDICTS: pytest.StashKey[list[Verdict]] = pytest.StashKey()


class RehearsalFailedError(Exception):
    """A rehearsal did not go as expected. The message tells all of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("segue", "rehearsals of workflows (segue)")
    group.addoption(
        "--transition-coverage",
        action="store_true",
        help="Tell which transitions of the rehearsed workflows no rehearsal took.",
    )
    group.addoption(
        "--transition-coverage-fail-under",
        metavar="PERCENT",
        type=float,
        help="Fail if rehearsals took fewer of the transitions.",
    )
    parser.addini(
        "rehearsal_files",
        type="args",
        default=[],
        help="Patterns of the names of rehearsal files. Otherwise *.rehearsal.yaml and "
        "rehearse_*.yaml, or .yml.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no rehearsals."""
    config.stash[_VERDICTS] = []


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    """Collect rehearsal files."""
    if file_path.suffix not in _SUFFIXES:
        return None
    from segue.rehearsal import PATTERNS  # noqa: PLC0415

    patterns: Iterable[str] = parent.config.getini("rehearsal_files") or PATTERNS
    if any(file_path.match(pattern) for pattern in patterns):
        collector: pytest.Collector = RehearsalFile.from_parent(parent, path=file_path)
        return collector
    return None


class RehearsalFile(pytest.File):
    """A rehearsal file."""

    def collect(self) -> Iterable[RehearsalItem]:
        """Return its tests. What is wrong with the file is an error of collecting."""
        from segue.cli.rehearsal_files import read_file  # noqa: PLC0415
        from segue.cli.reports.findings_text import full_lines  # noqa: PLC0415
        from segue.runtime.workflows.files import UnreadableFileError  # noqa: PLC0415

        try:
            read = read_file(self.path)
        except UnreadableFileError as error:
            raise self.CollectError(f"{self.path} {error}") from error
        if not read.valid:
            lines = full_lines(read.file, read.text, read.findings)
            raise self.CollectError("\n".join(one.plain for one in lines).rstrip())
        return [
            RehearsalItem.from_parent(self, name=test.name, test=test, shown=read.file)
            for test in read.tests
        ]


class RehearsalItem(pytest.Item):
    """One test of a rehearsal file."""

    def __init__(self, *, test: Test | OrquestaTest, shown: str, **rest: Any) -> None:
        super().__init__(**rest)
        self._test = test
        self._shown = shown

    def runtest(self) -> None:
        """Rehearse it."""
        from segue.cli.reports.rehearsal_data import failure_text  # noqa: PLC0415
        from segue.rehearsal.rehearsing import rehearse  # noqa: PLC0415

        verdict = rehearse(self._test)
        self.config.stash[_VERDICTS].append(verdict)
        if not verdict.passed:
            told = (failure_text(self._shown, failure) for failure in verdict.failures)
            raise RehearsalFailedError("\n".join(told))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,
    ) -> Any:
        """Tell what was expected and what came; where in our code that was found is no help."""
        if isinstance(excinfo.value, RehearsalFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test is, and what it is called."""
        return self.path, self._test.span.line - 1, self.name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the coverage of transitions, where that was asked for."""
    config = terminalreporter.config
    verdicts = config.stash[_VERDICTS]
    least = _least(config)
    if not verdicts or (not config.getoption("--transition-coverage") and least is None):
        return
    from segue.cli.reports.rehearsal_text import coverage_lines, percent_text  # noqa: PLC0415
    from segue.rehearsal.coverage import coverage_of  # noqa: PLC0415

    coverage = coverage_of(verdicts)
    terminalreporter.section("transition coverage")
    for one in coverage_lines(coverage):
        terminalreporter.write_line(one.plain)
    if least is not None and coverage.percent < least:
        share = percent_text(coverage.percent)
        terminalreporter.write_line(f"FAILED: it is {share}, below {least:g} %", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where fewer transitions were taken than there should be.

    One process of several (pytest-xdist) tells what it took: it does not know the whole.
    """
    least, verdicts = _least(session.config), session.config.stash[_VERDICTS]
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told[_TAKEN] = [
            (one.rehearsed.path, one.rehearsed.text, sorted(one.taken))
            for one in verdicts
            if one.rehearsed is not None
        ]
        return
    if least is None or not verdicts or session.exitstatus != pytest.ExitCode.OK:
        return
    from segue.rehearsal.coverage import coverage_of  # noqa: PLC0415

    if coverage_of(verdicts).percent < least:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what another process has told (a hook of pytest-xdist)."""
    from segue.rehearsal.coverage import taken_of  # noqa: PLC0415

    told = getattr(node, "workeroutput", {}).get(_TAKEN, ())
    node.config.stash[_VERDICTS] += [
        taken_of(path, text, {(task, index) for task, index in taken}) for path, text, taken in told
    ]


def _least(config: pytest.Config) -> float | None:
    least: float | None = config.getoption("--transition-coverage-fail-under")
    return least
