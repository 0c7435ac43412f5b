"""`segue conduct`: the engine for hosts in any language, over lines of JSON."""

import random
import sys
import time

import click

from segue.conducting import Conversation
from segue.expressions.scope import Facts


@click.command("conduct")
def command() -> None:
    """Conduct a workflow for a host that runs its actions: JSON lines on stdin and stdout.

    One request per line, one response per line, until stdin ends. docs/conduct.md has the
    protocol.
    """
    conversation = Conversation()
    for line in sys.stdin.buffer:
        facts = Facts(now=time.time(), random=random.random())  # noqa: S311 - nothing secret
        sys.stdout.buffer.write(conversation.handle(line, facts) + b"\n")
        sys.stdout.buffer.flush()
