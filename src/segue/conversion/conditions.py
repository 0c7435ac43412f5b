"""What a condition of Orquesta's is natively, where it has to be true or false."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from segue.expressions.segments import Kind, Segment, has_statement, segments
from segue.expressions.truth import Truth, truth

#: What holds natively whatever a task has come to.
ALWAYS: Final = "completed()"


class Form(Enum):
    """What is to be done with a condition."""

    KEPT = auto()  # it is true or false as it is
    WRAPPED = auto()  # it is made true or false
    ALWAYS = auto()  # it is text that is never empty, and so it always holds
    NONE = auto()  # there is no native form


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: what is done with it, and natively. `before` and `after` go into the braces.

    `inside` is where what stands between the braces begins and ends.
    """

    form: Form
    text: str
    before: str = ""
    after: str = ""
    inside: tuple[int, int] = (0, 0)


def condition(text: str) -> Condition:
    """Return what becomes of a condition, as Orquesta has it."""
    parts = segments(text)
    if len(parts) == 1 and (parts[0].start, parts[0].end) == (0, len(text)):
        return _whole(text, parts[0])
    if has_statement(text) or not _between(text, parts):
        return Condition(Form.NONE, text)
    return Condition(Form.ALWAYS, ALWAYS)


def _between(text: str, parts: tuple[Segment, ...]) -> str:
    rest, at = "", 0
    for part in parts:
        rest += text[at : part.start]
        at = part.end
    return rest + text[at:]


def _whole(text: str, part: Segment) -> Condition:
    known = truth(part)
    if known is Truth.BOOLEAN:
        return Condition(Form.KEPT, text)
    source = part.source
    begin = part.offset + len(source) - len(source.lstrip())
    end = part.offset + len(source.rstrip())
    if part.kind is Kind.JINJA:
        before, after = "true if (", ") else false"
    elif known is Truth.VALUE:
        before, after = "bool(", ")"
    else:  # what use_none() gives is there as a whole, whatever it was given
        before, after = "bool(use_none(", "))"
    wrapped = text[:begin] + before + text[begin:end] + after + text[end:]
    return Condition(Form.WRAPPED, wrapped, before, after, (begin, end))
