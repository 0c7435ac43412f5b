"""`segue conduct`: the engine for hosts in any language, over lines of JSON."""

import random
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

import click

from segue.cli.exit_codes import ExitCode
from segue.conducting import Conversation
from segue.conducting.requests import MAX_BYTES
from segue.expressions.scope import Facts


@click.command("conduct")
def command() -> int:
    """Conduct a workflow for another program: JSON lines on stdin and stdout.

    One request a line in, one response a line out, until stdin ends. It runs no action and keeps
    nothing; the page conduct.md of the documentation has the protocol.
    """
    conversation = Conversation()
    for line in request_lines(sys.stdin.buffer):
        facts = Facts(now=time.time(), random=random.random())  # noqa: S311 - nothing secret
        sys.stdout.buffer.write(conversation.handle(line, facts) + b"\n")
        sys.stdout.buffer.flush()
    return ExitCode.SUCCEEDED


def request_lines(stream: BinaryIO, longest: int = MAX_BYTES) -> Iterator[bytes]:
    """Give the lines of a stream; of one that is longer, just enough to see that it is."""
    while line := stream.readline(longest + 1):
        rest = line
        while len(rest) > longest and not rest.endswith(b"\n"):
            rest = stream.readline(longest + 1)
        yield line
