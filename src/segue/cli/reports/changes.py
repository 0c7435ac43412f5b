"""What a conversion changes, for people: in the terminal, and as sections of a page."""

from collections.abc import Iterator

from segue.cli.terminal.styled import Line, Part, Role, line
from segue.conversion.changes import CHANGES, Change


def explained(change: Change) -> Iterator[Line]:
    """Yield all that there is to tell about one."""
    told = CHANGES[change]
    yield line(Part(told.id.value, Role.ACTIVE), Part(f": {told.title}", Role.STRONG))
    yield line()
    yield line(f"Before: {told.before}")
    yield line(f"Natively: {told.after}")
    yield line(f"What to do: {told.advice}")


def section(change: Change) -> str:
    """Return one of them in Markdown."""
    told = CHANGES[change]
    title = told.title[0].upper() + told.title[1:]
    return (
        f"### {told.id}\n\n**{title}.** {told.after}\n\n"
        f"*Before:* {told.before}\n\n*What to do:* {told.advice}\n"
    )


def sections() -> str:
    """Return all of them in Markdown."""
    return "\n".join(section(change) for change in CHANGES)
