"""A task of Attune of `type: parallel`: a fork, the tasks inside it, and where they meet again.

The meeting has the name of the whole, so that `task.NAME` and what follows are of all of them: it
has succeeded if they all have, and its result lists theirs.
"""

from collections.abc import Collection
from dataclasses import replace

from segue.expressions import Dialect
from segue.language.attune.reading import expression
from segue.language.findings import Span
from segue.language.model import JOIN_ALL, Publish, Target, Task, Template, Transition


def as_tasks(
    whole: Task, members: list[tuple[Task, tuple[Publish, ...]]], known: Collection[str]
) -> tuple[str, dict[str, Task]]:
    """Return the name of the task that it begins with, and all of its tasks."""
    begin = f"{whole.name}.begin"
    while begin in known:
        begin += "_"
    span = whole.span
    names = [member.name for member, _ in members]
    fork = replace(
        whole,
        name=begin,
        next=(_to(0, None, (), names, span),),
        description=f"begins the tasks of `{whole.name}`",
    )
    quoted = ", ".join(f"task[{_quoted(name)}]" for name in names)
    meeting = replace(
        whole,
        action=Template(value="core.echo", span=span, dialect=Dialect.PLAIN),
        input=Template(
            value={"message": "{{ together([" + _listed(names) + "], [" + quoted + "]) }}"},
            span=span,
            dialect=Dialect.ATTUNE,
        ),
        when=None,
        delay=None,
        join=JOIN_ALL,
        join_span=None,
    )
    tasks = {begin: fork}
    for member, publish in members:
        tasks[member.name] = replace(member, next=_after(member, publish, whole.name))
    tasks[whole.name] = meeting
    return begin, tasks


def _after(member: Task, publish: tuple[Publish, ...], whole: str) -> tuple[Transition, ...]:
    """Lead a task inside to the meeting however it ends; it publishes if it has succeeded."""
    span = member.span
    if not publish:
        return (_to(0, None, (), [whole], span),)
    return (
        _to(0, expression("succeeded()", span), publish, [whole], span),
        _to(1, expression("not succeeded()", span), (), [whole], span),
    )


def _to(
    index: int, when: Template | None, publish: tuple[Publish, ...], names: list[str], span: Span
) -> Transition:
    do = tuple(Target(name=name, span=span) for name in names)
    return Transition(index=index, when=when, publish=publish, do=do, span=span)


def _listed(names: list[str]) -> str:
    return ", ".join(_quoted(name) for name in names)


def _quoted(name: str) -> str:
    """Return a name as text of an expression."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
