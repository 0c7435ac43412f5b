"""Native tasks: nodes to `Task`."""

import re
from dataclasses import dataclass

from segue.language.codes import Code
from segue.language.grammar import (
    BACKOFF_WORDS,
    COMMAND_WORDS,
    DELIVERY_WORDS,
    MATCH_WORDS,
    RESERVED_WORDS,
    RETRY,
    TASK,
    TRANSITION,
)
from segue.language.model import (
    JOIN_ALL,
    Backoff,
    Delivery,
    EngineCommand,
    Match,
    Retry,
    Target,
    Task,
    Template,
    Transition,
)
from segue.language.native.items import read_with
from segue.language.native.reading import NativeReader, names
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.reading import Entry, Path, holds_expression

_INLINE = re.compile(r"\s*(\S+)\s+\w+=")


@dataclass(frozen=True, slots=True)
class NativeTasks:
    """Reads the tasks of one file. `match` is what tasks have that do not say."""

    read: NativeReader
    match: Match

    def tasks(self, node: Node) -> dict[str, Task]:
        """Return the tasks by name, those that are wrong in parts included."""
        assert isinstance(node, Mapping), "the shape was checked"
        tasks = {}
        for name, entry in self.read.entries(node, ("tasks",)).items():
            path = ("tasks", name)
            if self._is_usable(entry, path):
                tasks[name] = self._task(entry, path)
        if not node.entries:
            self.read.report(
                Code.EMPTY, node, "a workflow needs at least one task", path=("tasks",)
            )
        return tasks

    def _is_usable(self, entry: Entry, path: Path) -> bool:
        if entry.key in RESERVED_WORDS:
            self.read.report(
                Code.RESERVED_NAME,
                entry.key_node,
                f"no task can be named `{entry.key}`: the word is a command of the engine",
                hint="give it another name",
                path=path,
            )
        elif not entry.key:
            self.read.report(Code.EMPTY, entry.value, "a task needs a name", path=path)
            return False
        return True

    def _task(self, entry: Entry, path: Path) -> Task:
        read = self.read
        if read.is_null(entry.value):
            read.report(
                Code.WRONG_TYPE,
                entry.key_node,
                f"the task `{entry.key}` is empty",
                hint=f"write `{entry.key}: {{}}` for a task that does nothing",
                path=path,
            )
            fields: dict[str, Entry] = {}
        else:
            fields = read.section(entry.value, TASK, path)
        delay, timeout = fields.get("delay"), fields.get("timeout")
        retry, items, join = (fields.get(name) for name in ("retry", "with", "join"))
        match = self._match(fields.get("match"), path)
        description = fields.get("description")
        return Task(
            name=entry.key,
            action=self._action(fields.get("action"), path),
            input=self._input(fields.get("input"), path),
            next=self._next(fields.get("next"), path),
            match=match,
            join=self._join(join, path) if join else None,
            join_span=read.span(join.value) if join else None,
            delay=read.duration(delay, (*path, "delay")) if delay else None,
            timeout=read.duration(timeout, (*path, "timeout")) if timeout else None,
            retry=self._retry(retry, (*path, "retry")) if retry else None,
            with_items=read_with(read, items, (*path, "with")) if items else None,
            delivery=self._delivery(fields.get("delivery"), path),
            description=read.text(description.value) if description else None,
            span=read.span(entry.key_node),
        )

    def _delivery(self, entry: Entry | None, path: Path) -> Delivery:
        word = self.read.word(entry, DELIVERY_WORDS, (*path, "delivery")) if entry else None
        return Delivery(word) if word else Delivery.AT_LEAST_ONCE

    def _match(self, entry: Entry | None, path: Path) -> Match:
        word = self.read.word(entry, MATCH_WORDS, (*path, "match")) if entry else None
        return Match(word) if word else self.match

    def _action(self, entry: Entry | None, path: Path) -> Template | None:
        if entry is None:
            return None
        path = (*path, "action")
        text = self.read.name(entry.value, "`action`", path)
        if text is None:
            return None
        if found := _INLINE.match(text):
            self.read.report(
                Code.INLINE_INPUT,
                entry.value,
                "the parameters of an action are written under `input`, not behind its name",
                hint=f"write `action: {found[1]}` and an `input:` of its own",
                path=path,
            )
        elif len(text.split()) != 1 and not holds_expression(text):
            self.read.report(
                Code.WRONG_VALUE, entry.value, f"`{text}` can't be the name of an action", path=path
            )
        assert isinstance(entry.value, Scalar), "it has text"
        start = len(text) - len(text.lstrip())
        return self.read.fragment(entry.value, start, len(text.rstrip()))

    def _input(self, entry: Entry | None, path: Path) -> Template | None:
        if entry is None:
            return None
        path = (*path, "input")
        node = entry.value
        if not isinstance(node, Scalar):
            return self.read.template(node, path)
        template = self.read.expression(node)
        if template is None:
            self.read.wrong_type(node, "`input`", TASK.keys["input"].shape.words, path)
        return template

    def _join(self, entry: Entry, path: Path) -> int | None:
        value = self.read.value(entry.value, (*path, "join"))
        if value == "all":
            return JOIN_ALL
        if value == "any":
            return 1
        if isinstance(value, int) and value >= 1:
            return value
        words = TASK.keys["join"].shape.words
        hint = "write the number without quotes" if str(value).isdigit() else None
        self.read.report(
            Code.WRONG_VALUE,
            entry.value,
            f"`join` is {words}, not `{value}`",
            hint=hint,
            path=(*path, "join"),
        )
        return None

    def _retry(self, entry: Entry, path: Path) -> Retry | None:
        read = self.read
        fields = read.section(entry.value, RETRY, path)
        count_entry, delay, longest = (fields.get(name) for name in ("count", "delay", "max_delay"))
        backoff = fields.get("backoff")
        word = read.word(backoff, BACKOFF_WORDS, (*path, "backoff")) if backoff else None
        jitter, when = fields.get("jitter"), fields.get("when")
        count = read.count(count_entry, (*path, "count")) if count_entry else None
        retry_delay = read.duration(delay, (*path, "delay")) if delay else None
        max_delay = read.duration(longest, (*path, "max_delay")) if longest else None
        condition = read.condition(when, (*path, "when")) if when else None
        if count is None:
            return None
        return Retry(
            count=count,
            delay=retry_delay,
            backoff=Backoff(word) if word else Backoff.CONSTANT,
            max_delay=max_delay,
            jitter=bool(jitter and read.value(jitter.value, (*path, "jitter"))),
            when=condition,
            span=read.span(entry.value),
        )

    def _next(self, entry: Entry | None, path: Path) -> tuple[Transition, ...]:
        if entry is None:
            return ()
        assert isinstance(entry.value, Sequence), "the shape was checked"
        return tuple(
            self._transition(index, item, (*path, "next", index))
            for index, item in enumerate(entry.value.items)
        )

    def _transition(self, index: int, node: Node, path: Path) -> Transition:
        read = self.read
        fields = read.section(node, TRANSITION, path)
        when, publish = fields.get("when"), fields.get("publish")
        return Transition(
            index=index,
            when=read.condition(when, (*path, "when")) if when else None,
            publish=read.publishes(publish, (*path, "publish")) if publish else (),
            do=self._do(fields.get("do"), node, (*path, "do")),
            span=read.head(node),
        )

    def _do(self, entry: Entry | None, transition: Node, path: Path) -> tuple[Target, ...]:
        ends_here = Target(
            name="continue", span=self.read.head(transition), command=EngineCommand.CONTINUE
        )
        if entry is None:
            return (ends_here,)
        once = "a task can't be started twice by one transition"
        found = names(self.read, entry, "`do`", path, hint=once)
        targets = tuple(
            Target(
                name=name,
                span=self.read.span(node),
                command=EngineCommand(name) if name in COMMAND_WORDS else None,
            )
            for name, node in found
            if not self._is_retry(name, node, path)
        )
        return targets or (ends_here,)

    def _is_retry(self, name: str, node: Node, path: Path) -> bool:
        if name != "retry":
            return False
        self.read.report(
            Code.RETRY_COMMAND,
            node,
            "`retry` is not a command of the native language",
            hint="give the task a `retry:` of its own, with `count` and `when`",
            path=path,
        )
        return True
