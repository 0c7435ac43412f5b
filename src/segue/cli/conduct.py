"""`segue conduct`: the pure conductor on stdin and stdout."""

import sys

import click

from segue.cli.exit_codes import ExitCode
from segue.conducting import Session


@click.command("conduct")
def command() -> int:
    """Conduct a workflow for another program: JSON lines on stdin and stdout.

    It runs no action, has no clock and keeps nothing: a request a line in, a response a line out,
    as the documentation of the protocol says. It ends with stdin.
    """
    session = Session()
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.buffer.write(session.handle(line) + b"\n")
            sys.stdout.buffer.flush()
    return ExitCode.SUCCEEDED
