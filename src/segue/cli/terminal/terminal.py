"""What the place that we write to can do: colour, symbols, and being drawn over."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

#: Wide enough for what is not a screen: nothing is cut that goes into a file or a pipe.
UNBOUNDED = 10_000

_SMALLEST_WIDTH = 20


class Stream(Protocol):
    """As much of a text stream as is asked here."""

    def isatty(self) -> bool:
        """Whether somebody sits in front of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What one output stream can do.

    `live`: lines may be drawn over; otherwise lines are only ever appended, without cursor codes.
    `unicode`: symbols can be written, otherwise ASCII stands for them.
    """

    live: bool
    color: bool
    unicode: bool
    width: int
    height: int


def detect(stream: Stream, environment: Mapping[str, str]) -> Terminal:
    """Return what a stream can do, by what it is and by what the user asks for.

    NO_COLOR (set and not empty) wins over FORCE_COLOR (set, not empty, not "0"). CI and TERM=dumb
    keep a terminal from being drawn over; TERM=dumb has no colour either.
    """
    tty = stream.isatty()
    dumb = environment.get("TERM", "") == "dumb"
    width, height = shutil.get_terminal_size() if tty else (UNBOUNDED, UNBOUNDED)
    return Terminal(
        live=tty and not dumb and not _is_on(environment.get("CI")),
        color=_has_color(tty=tty and not dumb, environment=environment),
        unicode=_encodes_symbols(getattr(stream, "encoding", None)),
        width=max(_SMALLEST_WIDTH, width),
        height=height,
    )


def _has_color(*, tty: bool, environment: Mapping[str, str]) -> bool:
    if environment.get("NO_COLOR"):
        return False
    return tty or _is_on(environment.get("FORCE_COLOR"))


def _is_on(value: str | None) -> bool:
    return (value or "").lower() not in {"", "0", "false", "no"}


def _encodes_symbols(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").replace("_", "") in {"utf8", "utf8sig"}
