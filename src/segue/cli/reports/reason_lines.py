"""Why an execution is not finished, as lines: one for each thing, and what to do below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote
from textwrap import wrap

from rich.cells import cell_len

from segue.cli.reports.reason_words import UNHELD, lease_words, notes_of
from segue.cli.reports.tree import Canvas, header_line, mark_of
from segue.cli.terminal.glyphs import role_of
from segue.cli.terminal.styled import Line, Part, Role, line, padded, printable
from segue.cli.terminal.times import date_text
from segue.core import reasons as r
from segue.core.status import Status

_STATUS_WIDTH = len("succeeded")
_LEAST_WORDS = 24
_INDENT = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is written on, when, and what to add to commands so that they find the database."""

    canvas: Canvas
    now: float
    db: str = ""


def why_lines(why: r.Why, page: Page) -> list[Line]:
    """Return the lines of `segue why`."""
    seconds = (why.finished_at or page.now) - why.started_at
    lines = [header_line((why.workflow, why.execution), why.status, seconds, page.canvas, page.now)]
    if why.settled:
        return [*lines, *_ended(why, page)]
    lines += _waits(why.waits, why.execution, page, _INDENT)
    return [*lines, *lease_lines(why, page)]


def lease_lines(why: r.Why, page: Page) -> list[Line]:
    """Return which engines go on with an execution, or how to go on with what nobody has."""
    held = [_fact("held by", lease_words(lease, page.now)) for lease in why.leases]
    if held or why.settled:
        return held
    if why.status is Status.PAUSED:
        return []
    command = f"segue resume {why.execution}{page.db}"
    return [_fact("held by", f"{UNHELD}; go on with {command}")]


def _ended(why: r.Why, page: Page) -> list[Line]:
    at = f" at {date_text(why.finished_at)}" if why.finished_at is not None else ""
    words = f"it has ended{at}: {why.status}"
    if why.failure is not None:
        words += f", {printable(why.failure)}"
    return [line(_INDENT, Part(one)) for one in _wrapped(words, page, len(_INDENT))]


def _fact(name: str, text: str) -> Line:
    return line(Part(f"{name:<9}", Role.FAINT), printable(text))


def _waits(waits: Sequence[r.Wait], execution: str, page: Page, indent: str) -> list[Line]:
    names = [printable(_name(wait)) for wait in waits]
    width = max((cell_len(name) for name in names), default=0)
    lines: list[Line] = []
    for wait, name in zip(waits, names, strict=True):
        lines += _wait(wait, padded(name, width), execution, page, indent)
    return lines


def _name(wait: r.Wait) -> str:
    if wait.task is None:
        return "execution"
    return wait.task if wait.visit is None else f"{wait.task}#{wait.visit}"


def _wait(wait: r.Wait, name: str, execution: str, page: Page, indent: str) -> Iterator[Line]:
    glyphs, status = page.canvas.glyphs, wait.status
    role = Role.WAITING if status is None else role_of(status)
    mark = glyphs.waiting if status is None else mark_of(status, page.canvas, page.now)
    word = padded("waiting" if status is None else str(status), _STATUS_WIDTH)
    notes = notes_of(wait.reason, page.now, since=True)
    words = printable(f" {glyphs.dot} ".join(notes))
    margin = cell_len(f"{indent}{mark} {name}  {word}  ")
    first, *others = _wrapped(words, page, margin) or [""]
    yield line(indent, Part(mark, role), f" {name}  ", Part(word, role), f"  {first}")
    for one in others:
        yield line(" " * margin, one)
    deeper = indent + _INDENT * 2
    for command in _commands(wait.reason, execution, page):
        yield line(deeper, Part(printable(command), Role.STRONG))
    for below in _below(wait.reason):
        yield from _sub_workflow(below, page, deeper)
    if more := _more(wait.reason, execution, page):
        yield line(deeper, Part(more, Role.FAINT))


def _sub_workflow(below: r.SubWorkflow, page: Page, indent: str) -> Iterator[Line]:
    status = below.status or Status.REQUESTED
    told = line(
        indent,
        Part(printable(below.workflow), Role.STRONG),
        "  ",
        Part(below.execution, Role.FAINT),
        "  ",
        Part(f"{mark_of(status, page.canvas, page.now)} {status}", role_of(status)),
    )
    yield told
    yield from _waits(below.waits, below.execution, page, indent + _INDENT)


def _below(reason: r.Reason) -> tuple[r.SubWorkflow, ...]:
    match reason:
        case r.Late(was=was) | r.Unheld(was=was):
            return _below(was)
        case r.SubWorkflow():
            return (reason,)
        case r.Items(workflows=workflows):
            return workflows
        case _:
            return ()


def _commands(reason: r.Reason, execution: str, page: Page) -> tuple[str, ...]:
    """Return what one can do about a reason."""
    match reason:
        case r.Late(was=was) | r.Unheld(was=was):
            return _commands(was, execution, page)
        case r.Answer(until=until) if until is not None and until <= page.now:
            return ()
        case r.Answer(question=question):
            return (f"segue answer {quote(question)}{page.db}",)
        case r.Items(questions=questions, pending=pending) if questions:
            told = [f"segue answer {quote(question)}{page.db}" for question in questions]
            more = [f"segue inbox {execution}{page.db}"] if pending > len(told) else []
            return (*told, *more)
        case r.Paused():
            return (f"segue resume {execution}{page.db}",)
        case r.Nothing() | r.Parked():
            return (f"segue verify {execution}{page.db}",)
        case _:
            return ()


def _more(reason: r.Reason, execution: str, page: Page) -> str | None:
    """Return what lists the sub-workflows of items, where not all are shown."""
    match reason:
        case r.Late(was=was) | r.Unheld(was=was):
            return _more(was, execution, page)
        case r.Items(workflows=workflows, running=running) if 0 < len(workflows) < running:
            more = f"{page.canvas.glyphs.ellipsis} and {running - len(workflows)} more"
            return f"{more}: segue list --parent {execution}{page.db}"
        case _:
            return None


def _wrapped(words: str, page: Page, margin: int) -> list[str]:
    width = max(_LEAST_WORDS, page.canvas.width - margin)
    # What is in brackets stays together.
    words = re.sub(r"\([^()]*\)", lambda found: found.group().replace(" ", "\xa0"), words)
    lines = wrap(words, width, break_long_words=False, break_on_hyphens=False)
    return [one.replace("\xa0", " ") for one in lines]
