"""What the exit code of `segue` says. The table in docs/command-line.md is checked against it."""

from enum import IntEnum

from segue.core.status import Status


class ExitCode(IntEnum):
    """An exit code. It answers the question that was asked, so that scripts need no parsing.

    "Failed" and "cannot tell" are kept apart: whoever gets the latter knows nothing about the
    execution, which may well go on elsewhere.
    """

    SUCCEEDED = 0  # the execution succeeded; for other commands: done
    FAILED = 1  # the execution failed; for `check`: a finding is an error
    USAGE = 2  # wrong arguments, a wrong file, wrong inputs, or a request that is refused
    CANCELED = 3
    WAITING = 4  # only with --exit-on-wait: nothing runs, a delay, a retry or a person is due
    CANNOT_TELL = 5  # the database is out of reach, damaged, or too new
    NOT_FOUND = 6  # no such execution, no such task in it, or no such key
    BUG = 70  # an error of Segue itself
    TIMED_OUT = 124
    INTERRUPTED = 130  # SIGINT (Ctrl-C)
    PIPE_CLOSED = 141  # whoever read our output went away: `segue events ID | head`
    TERMINATED = 143  # SIGTERM


_BY_STATUS = {
    Status.SUCCEEDED: ExitCode.SUCCEEDED,
    Status.FAILED: ExitCode.FAILED,
    Status.ABANDONED: ExitCode.FAILED,
    Status.CANCELED: ExitCode.CANCELED,
    Status.TIMEOUT: ExitCode.TIMED_OUT,
}


def exit_code_of(status: Status) -> ExitCode:
    """Return the exit code for an execution with this status; WAITING if it is not final."""
    return _BY_STATUS.get(status, ExitCode.WAITING)
