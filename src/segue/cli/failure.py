"""How a command that can't go on says so: one clear line, a hint, an exit code, no traceback."""

import os
import sys
import time
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.problem import Problem
from segue.cli.reports.findings_text import full_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.terminal.terminal import detect
from segue.core.errors import RequestError
from segue.language.findings import Severity
from segue.runtime.errors import ConfigError, DefinitionError, ExecutionParkedError
from segue.store.port import StoreError, UnreadableError

#: What to do about a record that can't be read.
_VERIFY = "`segue verify --all` tells what else is damaged; a backup may still have it whole"
#: Codes of refused requests that mean: there is no such thing.
_NOT_FOUND = frozenset({"execution_not_found"})
#: Codes of the store that refuse a request, and what to do then.
_REFUSED = {
    "store_exists": "name another file, or move that one away",
    "store_in_use": "end what uses it: `segue doctor` lists the engines that live",
}


def report(error: BaseException) -> int:
    """Say on stderr what went wrong and return the exit code for it."""
    if isinstance(error, BaseExceptionGroup):
        return _report_several(error)
    if isinstance(error, BrokenPipeError):
        return _stop_writing()
    if isinstance(error, SystemExit):
        return _code_of_exit(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return ExitCode.INTERRUPTED
    try:
        return _report(error)
    except BrokenPipeError:
        return _stop_writing()


def _report_several(group: BaseExceptionGroup) -> int:
    """Say each thing once, for several that watch fail together when the store does.

    What is a bug is said alone. The exit code is that of the first.
    """
    all_of_it = _leaves(group)
    bug = next((one for one in all_of_it if problem_of(one) is None), None)
    if bug is not None:
        return report(bug)
    codes = [report(one) for one in {str(one): one for one in all_of_it}.values()]
    return codes[0]


def unknown_command(name: str, known: Sequence[str]) -> Problem:
    """Return what to say about a command that does not exist."""
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean `segue {close[0]}`?" if close else "`segue --help` lists the commands"
    return Problem(f"there is no command {name!r}", hint=hint)


def problem_of(error: BaseException) -> Problem | None:
    """Return what an error means for the user; None: it is a bug of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, click.ClickException):
        return _problem_of_words(error)
    if isinstance(error, RequestError):
        code = ExitCode.NOT_FOUND if error.code in _NOT_FOUND else ExitCode.USAGE
        return Problem(error.message, hint=error.hint, code=code)
    if isinstance(error, StoreError):
        return _problem_of_store(error)
    if isinstance(error, ExecutionParkedError):
        return _problem_of_parked(error)
    if isinstance(error, ConfigError):
        return Problem("the configuration can't be used", details=error.problems)
    if isinstance(error, DefinitionError):
        return _problem_of_definition(error)
    return None


def _leaves(error: BaseException) -> list[BaseException]:
    """Return what a group is made of, in its order."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in _leaves(one)]


def _problem_of_words(error: click.ClickException) -> Problem:
    if not isinstance(error, click.UsageError):
        return Problem(error.format_message(), code=ExitCode(error.exit_code))
    path = error.ctx.command_path if error.ctx else "segue"
    message = error.format_message().rstrip(".")
    return Problem(message[:1].lower() + message[1:], hint=f"see `{path} --help`")


def _problem_of_store(error: StoreError) -> Problem:
    if error.code in _REFUSED:
        return Problem(str(error), hint=error.hint or _REFUSED[error.code])
    about = _VERIFY if isinstance(error, UnreadableError) else "`segue doctor` tells more about it"
    hint = error.hint or about
    return Problem(str(error), hint=hint, code=ExitCode.CANNOT_TELL)


def _problem_of_parked(error: ExecutionParkedError) -> Problem | None:
    if error.unreadable is None:
        return None
    return Problem(str(error), hint=_VERIFY, code=ExitCode.CANNOT_TELL)


def _problem_of_definition(error: DefinitionError) -> Problem:
    errors = sum(finding.severity is Severity.ERROR for finding in error.findings)
    counted = "an error" if errors == 1 else f"{errors} errors"
    codes = sorted({finding.code for finding in error.findings})
    return Problem(
        f"{error.file or 'the workflow'} has {counted}",
        hint=f"`segue explain {codes[0]}` tells more" if codes else None,
    )


def _report(error: BaseException) -> int:
    problem = problem_of(error)
    if problem is None:
        return _report_bug(error)
    lines: list[Line] = []
    if isinstance(error, DefinitionError):
        lines += full_lines(error.file or "<text>", error.source, error.findings)
    lines.append(line(Part("error: ", Role.BAD), printable(problem.message)))
    lines += [line(f"  {printable(detail)}") for detail in problem.details]
    if problem.hint:
        lines.append(line(Part("hint: ", Role.ACTIVE), printable(problem.hint)))
    _say(lines)
    return problem.code


def _say(lines: Sequence[Line]) -> None:
    color = detect(sys.stderr, os.environ).color
    for one in lines:
        sys.stderr.write((one.colored() if color else one.plain) + "\n")
    sys.stderr.flush()


def _report_bug(error: BaseException) -> int:
    text = "".join(traceback.format_exception(error))
    summary = traceback.format_exception_only(error)[-1].strip()
    lines = [line(Part("error: ", Role.BAD), f"this is a bug in Segue: {printable(summary)}")]
    if os.environ.get("SEGUE_DEBUG"):
        sys.stderr.write(text)
    elif written := _keep_traceback(text):
        lines.append(line(Part("hint: ", Role.ACTIVE), f"please report it with {written}"))
    else:
        hint = "please report it with what SEGUE_DEBUG=1 prints"
        lines.append(line(Part("hint: ", Role.ACTIVE), hint))
    _say(lines)
    return ExitCode.BUG


def _keep_traceback(text: str) -> Path | None:
    """Write a traceback where only the user can read it: it may quote what they work with."""
    from segue.runtime.config import default_database  # noqa: PLC0415 (only for bugs)

    try:
        directory = default_database().parent
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = directory / f"bug-{stamp}-{os.getpid()}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 (a descriptor)
            file.write(text)
    except OSError:
        return None
    return path


def _stop_writing() -> int:
    # The interpreter flushes at its end and would complain of the same closed pipe.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return ExitCode.PIPE_CLOSED


def _code_of_exit(error: SystemExit) -> int:
    if error.code is None:
        return ExitCode.SUCCEEDED
    if isinstance(error.code, int):
        return error.code
    sys.stderr.write(f"{error.code}\n")
    return ExitCode.FAILED
