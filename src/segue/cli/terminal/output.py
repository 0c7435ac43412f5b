"""Writing to stdout (data) and stderr (progress), each as its stream can take it."""

import os
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import msgspec

from segue.cli.terminal.styled import Line
from segue.cli.terminal.terminal import Terminal, detect
from segue.values import JsonValue


def compact_text(value: JsonValue) -> str:
    """Return a value as JSON on one line."""
    return msgspec.json.encode(value).decode()


def pretty_text(value: JsonValue) -> str:
    """Return a value as JSON for people, indented by two spaces."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def print_json(value: JsonValue, *, pretty: bool = False) -> None:
    """Write one JSON document to stdout: on one line, or for people."""
    text = pretty_text(value) if pretty else compact_text(value)
    if not detect(sys.stdout, os.environ).unicode:
        text = _escaped(text)
    sys.stdout.write(text + "\n")


def print_lines(lines: Iterable[Line], stream: TextIO, terminal: Terminal | None = None) -> None:
    """Write lines, in colour where the stream has it; `terminal` is what it can do, if known."""
    terminal = terminal or detect(stream, os.environ)
    stream.writelines((one.colored() if terminal.color else one.plain) + "\n" for one in lines)
    stream.flush()


def _escaped(text: str) -> str:
    """Return JSON without a character beyond ASCII; outside strings JSON has none anyway."""
    return re.sub(r"[^\x00-\x7f]", lambda found: _escape(found.group()), text)


def _escape(character: str) -> str:
    pairs = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{pairs[i]:02x}{pairs[i + 1]:02x}" for i in range(0, len(pairs), 2))
