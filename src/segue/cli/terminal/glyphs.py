"""The symbols of the tree, and what stands for them where the encoding has none."""

from dataclasses import dataclass

from segue.cli.terminal.styled import Role
from segue.core.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """One set of symbols. `turning` are the frames of what runs, shown ten a second."""

    marks: dict[Status, str]
    turning: str
    waiting: str
    branch: str
    last: str
    detail: str
    times: str
    dot: str
    ellipsis: str

    def turn(self, now: float) -> str:
        """Return the frame of the turning symbol at this moment."""
        return self.turning[int(now * 10) % len(self.turning)]

    def mark(self, status: Status) -> str:
        """Return the symbol of a status."""
        return self.marks[status]


def _marks(good: str, bad: str, active: str, waiting: str, ended: str) -> dict[Status, str]:
    kinds = {
        Role.GOOD: good,
        Role.BAD: bad,
        Role.ACTIVE: active,
        Role.WAITING: waiting,
        Role.ENDED: ended,
    }
    return {status: kinds[role_of(status)] for status in Status}


_ROLES = {
    Status.SUCCEEDED: Role.GOOD,
    Status.FAILED: Role.BAD,
    Status.TIMEOUT: Role.BAD,
    Status.ABANDONED: Role.BAD,
    Status.RUNNING: Role.ACTIVE,
    Status.RESUMING: Role.ACTIVE,
    Status.CANCELING: Role.ENDED,
    Status.CANCELED: Role.ENDED,
}


def role_of(status: Status) -> Role:
    """Return what a status means to whoever looks."""
    return _ROLES.get(status, Role.WAITING)


UNICODE = Glyphs(
    marks=_marks("✓", "✗", "●", "◌", "⊘"),
    turning="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
    waiting="◌",
    branch="├",
    last="└",
    detail="│",
    times="×",  # noqa: RUF001 (it is meant: "seven times")
    dot="·",
    ellipsis="…",
)
ASCII = Glyphs(
    marks=_marks("+", "x", "*", "o", "/"),
    turning="|/-\\",
    waiting="o",
    branch="|",
    last="`",
    detail="|",
    times="x",
    dot="-",
    ellipsis="...",
)


def glyphs_for(*, unicode: bool) -> Glyphs:
    """Return the symbols that can be written."""
    return UNICODE if unicode else ASCII
