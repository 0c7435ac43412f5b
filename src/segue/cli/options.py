"""Options and arguments that several commands have."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

#: No count of ours, and no number of an event, goes beyond it.
MAX_NUMBER = 2**63 - 1

F = TypeVar("F", bound=Callable[..., Any])


def db_option(command: F) -> F:
    """Add `--db`."""
    return click.option(
        "--db",
        metavar="URL",
        help="The database: a path, a URL, or :memory: which keeps nothing. Otherwise SEGUE_DB, "
        "`db` in segue.toml, or a file in the state directory.",
    )(command)


def json_option(text: str) -> Callable[[F], F]:
    """Add `--json`, with this help."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def quiet_option(command: F) -> F:
    """Add `--quiet`, of a command that shows progress."""
    return click.option("-q", "--quiet", is_flag=True, help="Show no progress.")(command)


def exit_on_wait_option(command: F) -> F:
    """Add `--exit-on-wait`."""
    return click.option(
        "--exit-on-wait",
        is_flag=True,
        help="End with exit code 4 as soon as nothing runs and all that is left waits: for a "
        "delay, for the time of a retry, or for a person.",
    )(command)


def execution_argument(command: F) -> F:
    """Add the argument that names an execution."""
    return click.argument("execution", metavar="ID")(command)
