"""Attune's tasks: nodes to `Task`."""

from collections import Counter
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace

from segue.language.attune.grammar import (
    INNER,
    INNER_KIND_WORDS,
    KIND_WORDS,
    PARALLEL,
    PLACEMENT_KEYS,
    RETRY,
    TASK,
)
from segue.language.attune.parallel import as_tasks
from segue.language.attune.reading import AttuneReader
from segue.language.attune.transitions import Fields, read_following
from segue.language.codes import Code
from segue.language.grammar import BACKOFF_WORDS
from segue.language.model import (
    JOIN_ALL,
    Backoff,
    Match,
    OnItemFailure,
    Publish,
    Retry,
    Target,
    Task,
    Template,
    Transition,
    WithItems,
)
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path

_HERE = "here: actions run where the engine's workers are"


@dataclass(slots=True)
class AttuneTasks:
    """Reads the tasks of one file.

    `begins` says where a task of `type: parallel` begins; `inside` are those that it consists of.
    """

    read: AttuneReader
    found: dict[str, Task] = field(default_factory=dict)
    begins: dict[str, str] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)

    def tasks(self, entry: Entry) -> dict[str, Task]:
        """Return the tasks by name, those that are wrong in parts included."""
        assert isinstance(entry.value, Sequence), "the shape was checked"
        path: Path = ("tasks",)
        if not entry.value.items:
            self.read.report(
                Code.EMPTY, entry.value, "a workflow needs at least one task", path=path
            )
        for index, node in enumerate(entry.value.items):
            self._task(node, (*path, index))
        return _once(
            {
                name: task if name in self.inside else self._led(task)
                for name, task in self.found.items()
            }
        )

    def _led(self, task: Task) -> Task:
        """Lead the transitions to a task of `type: parallel` to where it begins."""
        following = tuple(
            replace(each, do=tuple(self._target(target) for target in each.do))
            for each in task.next
        )
        return replace(task, next=following)

    def _target(self, target: Target) -> Target:
        begin = self.begins.get(target.name)
        return (
            target if begin is None or target.command is not None else replace(target, name=begin)
        )

    def _task(self, node: Node, path: Path) -> None:
        kind = self._kind(node, path)
        if kind == "parallel":
            self._parallel(node, path)
            return
        fields = self.read.fields(node, TASK, path)
        name = self._name(fields, path)
        if name is not None:
            span = self.read.span(fields["name"].value)
            following = read_following(self.read, fields, span, path)
            self.found[name] = self._single(name, fields, following, path)

    def _kind(self, node: Node, path: Path) -> str | None:
        entry = self.read.entries(node, path).get("type") if isinstance(node, Mapping) else None
        return self.read.text(entry.value) if entry else None

    def _name(self, fields: Fields, path: Path) -> str | None:
        entry = fields.get("name")
        name = self.read.name(entry.value, "the name of a task", path) if entry else None
        if entry is None or name is None:
            return None
        if name in self.found:
            line = self.found[name].span.line
            message = f"there is a task `{name}` already, on line {line}"
            hint = "give it another name"
            self.read.report(Code.REPEATED_ENTRY, entry.value, message, hint=hint, path=path)
            return None
        return name

    def _single(
        self,
        name: str,
        fields: Fields,
        following: tuple[Transition, ...],
        path: Path,
        kinds: tuple[str, ...] = KIND_WORDS,
    ) -> Task:
        read = self.read
        read.without_effect(dict(fields), PLACEMENT_KEYS, _HERE, path)
        if "type" in fields:
            read.word(fields["type"], kinds, (*path, "type"))
        action, given, retry = (fields.get(key) for key in ("action", "input", "retry"))
        return replace(
            self._around(name, fields, following, path),
            action=self._action(action, path) if action else None,
            input=self._input(given, path) if given else None,
            timeout=self._seconds(fields, "timeout", path),
            retry=self._retry(retry, (*path, "retry")) if retry else None,
            with_items=self._with(fields, path),
        )

    def _around(
        self, name: str, fields: Fields, following: tuple[Transition, ...], path: Path
    ) -> Task:
        """Return what a task has whatever it runs."""
        when, join, description = (fields.get(key) for key in ("when", "join", "description"))
        return Task(
            name=name,
            action=None,
            input=None,
            next=following,
            match=Match.ALL,
            when=self.read.condition(when, (*path, "when")) if when else None,
            join=self._join(join, path) if join else None,
            join_span=self.read.span(join.value) if join else None,
            delay=self._seconds(fields, "delay", path),
            description=self.read.text(description.value) if description else None,
            span=self.read.span(fields["name"].value),
        )

    def _action(self, entry: Entry, path: Path) -> Template | None:
        at = (*path, "action")
        name = self.read.name(entry.value, "`action`", at)
        return None if name is None else self.read.template(entry.value, at)

    def _input(self, entry: Entry, path: Path) -> Template | None:
        at = (*path, "input")
        if isinstance(entry.value, Mapping):
            return self.read.template(entry.value, at)
        inner = self.read.inner(entry, at)
        return self.read.around(inner) if inner else None

    def _seconds(self, fields: Fields, key: str, path: Path) -> Template | None:
        entry = fields.get(key)
        return self.read.duration(entry, (*path, key)) if entry else None

    def _join(self, entry: Entry, path: Path) -> int | None:
        at = (*path, "join")
        value = self.read.value(entry.value, at)
        if value == "all":
            return JOIN_ALL
        if isinstance(value, int) and value >= 1:
            return value
        message = f"`join` is how many tasks to wait for, not `{value}`"
        self.read.report(Code.WRONG_VALUE, entry.value, message, path=at)
        return None

    def _retry(self, entry: Entry, path: Path) -> Retry | None:
        read = self.read
        fields = read.fields(entry.value, RETRY, path)
        count, backoff, error = (fields.get(key) for key in ("count", "backoff", "on_error"))
        word = read.word(backoff, BACKOFF_WORDS, (*path, "backoff")) if backoff else None
        times = read.count(count, (*path, "count"), least=1) if count else None
        inner = read.inner(error, (*path, "on_error")) if error else None
        delay = self._seconds(fields, "delay", path)
        longest = self._seconds(fields, "max_delay", path)
        if times is None:
            return None
        return Retry(
            count=times,
            delay=delay,
            backoff=Backoff(word) if word else Backoff.CONSTANT,
            max_delay=longest,
            when=read.around(inner, "not succeeded() and (", ")") if inner else None,
            span=read.span(entry.value),
        )

    def _with(self, fields: Fields, path: Path) -> WithItems | None:
        entry = fields.get("with_items")
        if entry is None:
            keys = ("batch_size", "concurrency")
            self.read.without_effect(dict(fields), keys, "without `with_items`", path)
            return None
        span = self.read.span(entry.value)
        batch = self._count(fields, "batch_size", path)
        return WithItems(
            items=(self.read.items(entry, (*path, "with_items")),),
            names=(),
            concurrency=self._count(fields, "concurrency", path) or Template(value=1, span=span),
            # To Attune a batch of one is the item itself.
            batch=None if batch is None or batch.value == 1 else batch,
            on_failure=OnItemFailure.CONTINUE,
            span=span,
        )

    def _count(self, fields: Fields, key: str, path: Path) -> Template | None:
        entry = fields.get(key)
        return self.read.count(entry, (*path, key), least=1) if entry else None

    def _parallel(self, node: Node, path: Path) -> None:
        fields = self.read.fields(node, PARALLEL, path)
        self.read.without_effect(dict(fields), PLACEMENT_KEYS, _HERE, path)
        name = self._name(fields, path)
        if name is None:
            return
        span = self.read.span(fields["name"].value)
        following = read_following(self.read, fields, span, path)
        whole = self._around(name, fields, following, path)
        self.found[name] = whole  # so that no task inside it has the same name
        members = self._members(fields.get("tasks"), path)
        if not members:
            return
        begin, tasks = as_tasks(whole, members, self.found)
        for each in tasks:
            self.found.pop(each, None)
        self.found.update(tasks)
        self.begins[name] = begin
        self.inside |= {each for each in tasks if each != name}

    def _members(self, entry: Entry | None, path: Path) -> list[tuple[Task, tuple[Publish, ...]]]:
        if entry is None:
            return []
        assert isinstance(entry.value, Sequence), "the shape was checked"
        at = (*path, "tasks")
        if not entry.value.items:
            message = "a task of `type: parallel` needs at least one task"
            self.read.report(Code.EMPTY, entry.value, message, path=at)
        members = []
        for index, node in enumerate(entry.value.items):
            member = self._member(node, (*at, index))
            if member is not None:
                members.append(member)
        return members

    def _member(self, node: Node, path: Path) -> tuple[Task, tuple[Publish, ...]] | None:
        fields = self.read.fields(node, INNER, path)
        name = self._name(fields, path)
        if name is None:
            return None
        task = self._single(name, fields, (), path, INNER_KIND_WORDS)
        self.found[name] = task
        publish = fields.get("publish")
        return task, self.read.published(publish, (*path, "publish")) if publish else ()


def _once(tasks: ReadOnly[str, Task]) -> dict[str, Task]:
    """Have a task that several transitions lead to run at the first that arrives, as Attune does.

    Within a round of a loop the others are absorbed; in the next round it runs again.
    """
    inbound = Counter(
        target.name
        for task in tasks.values()
        for transition in task.next
        for target in transition.do
        if target.command is None
    )
    return {
        name: replace(task, join=1) if task.join is None and inbound[name] > 1 else task
        for name, task in tasks.items()
    }
