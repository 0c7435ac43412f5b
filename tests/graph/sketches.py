"""Workflows written as drawings in one line per task."""

import re
from collections.abc import Mapping, Sequence

from segue.graph.joins import Join
from segue.language.findings import START_OF_FILE, Span
from segue.language.model import (
    JOIN_ALL,
    NATIVE,
    EngineCommand,
    Limits,
    Match,
    Publish,
    Target,
    Task,
    Template,
    Transition,
    Workflow,
)

_COMMANDS = {command.value: command for command in EngineCommand}
_NAMED = Span(1, 2, 1, 3)  # elsewhere than the transition: it was written
_ENDS_HERE = (Target(name="continue", span=START_OF_FILE, command=EngineCommand.CONTINUE),)
_LINE = re.compile(r"(\w+)(?:: (\S+))?(?: \((\w+)\))?( \*)?(?: ->(?: (.*))?)?")


class _Sketch:
    """One workflow in the making. `words` replaces words of the text by what no text could say."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def word(self, word: str) -> str:
        return self.words.get(word, word)

    def template(self, text: str) -> Template | None:
        return Template(value=self.word(text), span=START_OF_FILE) if text else None

    def task(self, line: str) -> Task:
        found = _LINE.fullmatch(line.strip())
        assert found is not None, f"not a line of a sketch: {line}"
        name, action, join, every, transitions = found.groups()
        parts = [part for part in (transitions or "").split("|") if part.strip()]
        return Task(
            name=self.word(name),
            action=self.template(action or ""),
            input=None,
            next=tuple(self.transition(index, part) for index, part in enumerate(parts)),
            match=Match.ALL if every else Match.FIRST,
            join=None if join is None else JOIN_ALL if join == "all" else int(join),
            span=START_OF_FILE,
        )

    def transition(self, index: int, text: str) -> Transition:
        first, _, when = text.partition("?")
        words = first.split()
        targets = [word for word in words if not word.endswith("=")]
        return Transition(
            index=index,
            when=self.template(when.strip()),
            publish=tuple(self.publish(word) for word in words if word.endswith("=")),
            do=tuple(map(self.target, targets)) or _ENDS_HERE,
            span=START_OF_FILE,
        )

    def publish(self, word: str) -> Publish:
        value = Template(value=1, span=START_OF_FILE)
        return Publish(name=self.word(word[:-1]), value=value, span=START_OF_FILE)

    def target(self, word: str) -> Target:
        return Target(name=self.word(word), span=_NAMED, command=_COMMANDS.get(word))


def sketch(
    text: str, start: Sequence[str] = (), words: Mapping[str, str] | None = None
) -> Workflow:
    """Make a workflow of lines `name: action (JOIN) * -> a b x= ? condition | c`.

    All but the name may be left out. JOIN is `all` or a number, `*` stands for `match: all`,
    `|` is between transitions, and `x=` publishes x.
    """
    drawn = _Sketch(words or {})
    tasks = [drawn.task(line) for line in text.strip().splitlines()]
    return Workflow(
        name="sketch",
        description=None,
        inputs=(),
        vars=(),
        tasks={task.name: task for task in tasks},
        output=(),
        start=tuple(start),
        limits=Limits(),
        semantics=NATIVE,
        span=START_OF_FILE,
    )


def feeders(join: Join) -> dict[str, set[str]]:
    """The sources that can still arrive in the same round, by the task at which a branch is."""
    return {
        task: {source for at, source in enumerate(join.sources) if bits >> at & 1}
        for task, bits in join.feeder_bits.items()
    }
