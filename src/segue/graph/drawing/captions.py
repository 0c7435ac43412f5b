"""What is written in a drawing: short, on one line, and of a known width."""

import unicodedata
from itertools import accumulate, takewhile

from segue.language.model import EngineCommand, Match, Task, Template, Transition

#: Pairs that an expression is written in, which a drawing leaves out.
_BRACES = (("{{", "}}"), ("<%", "%>"))


def visible(text: str) -> str:
    """Return the text on one line, with what can't be seen written as an escape."""
    return "".join(
        char if char == " " or _is_visible(char) else char.encode("unicode_escape").decode()
        for char in text
    )


def _is_visible(char: str) -> bool:
    """Return whether it takes ink: no control, no surrogate, nothing that turns the direction."""
    return unicodedata.category(char)[0] not in "CZ"


def cells(text: str) -> int:
    """Return how many columns the text takes on a terminal."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shortened(text: str, limit: int) -> str:
    """Return the text, cut so that it takes at most `limit` columns, an ellipsis included."""
    if cells(text) <= limit:
        return text
    widths = accumulate(map(_cells, text))
    kept = sum(1 for _ in takewhile(lambda width: width < limit, widths))
    return text[:kept].rstrip() + "…"


def wrapped(text: str, limit: int) -> list[str]:
    """Return the text in one line, or two, of at most `limit` columns; what is over is cut."""
    if cells(text) <= limit:
        return [text]
    words = text.split(" ")
    first = words.pop(0)
    while words and cells(first) + 1 + cells(words[0]) <= limit:
        first += " " + words.pop(0)
    if not words or cells(first) > limit:
        return [shortened(text, limit)]
    return [first, shortened(" ".join(words), limit)]


def expression(template: Template) -> str:
    """Return a template in one line, without the braces around a whole expression."""
    text = " ".join(str(template.value).split())
    for opening, closing in _BRACES:
        inner = text[2:-2]
        if text.startswith(opening) and text.endswith(closing) and opening not in inner:
            return visible(inner.strip(" -"))
    return visible(text)


def condition(task: Task, transition: Transition) -> str:
    """Return when the transition is taken, "" for always: its `when`, or that no other was."""
    if transition.when is not None:
        return expression(transition.when)
    return "otherwise" if task.match is Match.FIRST and transition.index > 0 else ""


def published(transition: Transition) -> str:
    """Return the names of the variables that the transition writes, "" for none."""
    return ", ".join(visible(name) for name in dict.fromkeys(p.name for p in transition.publish))


def join_badge(task: Task, sources: int) -> str:
    """Return what a join waits for: `all`, or `2 of 3`; "" for a task that is none."""
    if task.join is None:
        return ""
    return "all" if task.join < 0 else f"{task.join} of {sources}"


def details(task: Task) -> str:
    """Return what a task does: its action, and in a word each, what goes on around it."""
    marks = {
        "with": task.with_items,
        "retry": task.retry,
        "delay": task.delay,
        "timeout": task.timeout,
    }
    action = [] if task.action is None else [expression(task.action)]
    return " · ".join(action + [mark for mark, given in marks.items() if given is not None])


def named_commands(transition: Transition) -> tuple[EngineCommand, ...]:
    """Return the engine commands worth drawing: not the `continue` of one without `do`."""
    commands = dict.fromkeys(t.command for t in transition.do if t.command is not None)
    if list(commands) == [EngineCommand.CONTINUE] and transition.do[0].span == transition.span:
        return ()
    return tuple(commands)
