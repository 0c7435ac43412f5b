"""The differences from Orquesta, for people: in the terminal, and as a page."""

from collections.abc import Iterator

from segue.checking.differences import DIFFERENCES, Area, Difference, Told, name_of_test
from segue.cli.terminal.styled import Line, Part, Role, line

#: What `segue explain` lists them under.
ALL = "orquesta"


def listed() -> Iterator[Line]:
    """Yield each difference in a line."""
    for told in DIFFERENCES.values():
        yield line(Part(told.id.value, Role.ACTIVE), f"  {told.title}")


def explained(difference: Difference) -> Iterator[Line]:
    """Yield all that there is to tell about one."""
    told = DIFFERENCES[difference]
    yield line(Part(told.id.value, Role.ACTIVE), Part(f": {told.title}", Role.STRONG))
    yield line()
    yield line(f"In Orquesta: {told.orquesta}")
    yield line(f"In Segue: {told.why}")
    yield line()
    for text in told.example.splitlines():
        yield line(f"    {text}")


def section(difference: Difference) -> str:
    """Return one of them in Markdown."""
    told = DIFFERENCES[difference]
    language = "text" if told.area is Area.FUNCTIONS else "yaml"
    return (
        f"### {told.id}\n\n"
        f"**{_capitalized(told.title)}.** {told.why}\n\n"
        f"*In Orquesta:* {told.orquesta}\n\n"
        f"```{language}\n{told.example}\n```\n\n"
        f"Test: `{name_of_test(told)}`\n"
    )


def page() -> str:
    """Return the page of all of them, in Markdown."""
    parts = [_INTRODUCTION, "\n| id | in Segue | pointed at |\n|---|---|---|\n"]
    parts += [_row(told) for told in DIFFERENCES.values()]
    for area in Area:
        parts.append(f"\n## {area}\n")
        parts += [f"\n{section(told.id)}" for told in DIFFERENCES.values() if told.area is area]
    return "".join(parts)


def _row(told: Told) -> str:
    return f"| [{told.id}](#{told.id}) | {told.title} | {'yes' if told.pointed_at else ''} |\n"


def _capitalized(text: str) -> str:
    return text[0].upper() + text[1:]


_INTRODUCTION = """\
# Differences from Orquesta

Segue conducts Orquesta's files as Orquesta 1.6 does, save where it deliberately does not. These are
all such points, each with two lines of example and the name of the test in `tests/orquesta` that
shows it.

```sh
segue check --compare orquesta FILE...
```

points at the places in your own files where one of them could matter, as far as a file can show
that ("pointed at"). The others are about what people and hosts do, such as reruns, or could matter
anywhere. `segue explain ID` prints one of them, `segue explain orquesta` lists them.

[Coming from Orquesta](orquesta.md) says what else there is to know.
"""
