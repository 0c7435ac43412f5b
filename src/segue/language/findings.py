"""What is wrong with a definition, as values: all of it, with code, place and hint."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Only an error keeps a workflow from running.

    Nothing is wrong where a note is: it only tells something, to who asked for it.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file. Lines and columns count from 1; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


#: Where there is no better place: the very beginning of the file.
START_OF_FILE = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or looks wrong, in a definition.

    `code` is stable (`SEG204`) and explained by `segue explain`; `path` says where in the words
    of the definition (`tasks.probe.next[0].do`, "" for the file); `variable` is the name
    concerned, for findings about variables.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    hint: str | None = None
    path: str = ""
    variable: str | None = None
