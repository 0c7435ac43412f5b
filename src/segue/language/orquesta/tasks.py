"""Orquesta's tasks: nodes to `Task`."""

import re
from dataclasses import dataclass, replace
from typing import Final

from segue.language.codes import Code
from segue.language.findings import Severity, Span
from segue.language.inline import unread
from segue.language.model import (
    JOIN_ALL,
    EngineCommand,
    Match,
    OnItemFailure,
    Publish,
    Retry,
    Target,
    Task,
    Template,
    Transition,
    WithItems,
    Workflow,
)
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.language.orquesta.reading import OrquestaReader
from segue.language.reading import Entry, Path
from segue.values import JsonValue

TASK_KEYS: Final = ("delay", "join", "with", "action", "input", "retry", "next")
RETRY_KEYS: Final = ("when", "count", "delay")
WITH_KEYS: Final = ("items", "concurrency")
TRANSITION_KEYS: Final = ("when", "publish", "do")
RESERVED: Final = frozenset({"noop", "fail", "continue", "retry"})

#: A command that is no target: see `as_executed`.
RETRY_COMMAND: Final = "retry"
#: What `do: retry` makes of its task, whatever retry the task had.
RETRY_COMMAND_COUNT: Final = 3
RETRY_COMMAND_WHEN: Final = "<% completed() %>"

_NAME = re.compile(r"\w+")
_ITEMS = re.compile(r"\s*(?:(?:\w+,\s*)*\w+\s+in\s+)?(?:\{\{.*\}\}|<%.*%>)\s*")
_IN: Final = " in "


@dataclass(frozen=True, slots=True)
class _Fields:
    """The entries of a mapping, and where the mapping is."""

    entries: dict[str, Entry]
    path: Path


@dataclass(frozen=True, slots=True)
class OrquestaTasks:
    """Reads the tasks of one file."""

    read: OrquestaReader

    def tasks(self, node: Node) -> dict[str, Task]:
        """Return the tasks by name, those that are wrong in parts included."""
        path = ("tasks",)
        if not isinstance(node, Mapping) or not node.entries:
            self.read.wrong(node, "`tasks`", "a mapping from names to tasks", path)
            return {}
        tasks: dict[str, Task] = {}
        for name, entry in self.read.entries(node, path).items():
            self._check_name(entry)
            task = self._task(entry, ("tasks", name))
            if name in RESERVED:
                # The engine's command hides the task: what it says is never looked at.
                task = replace(task, next=(), join=None)
            tasks[name] = task
        return tasks

    def _check_name(self, entry: Entry) -> None:
        path = ("tasks", entry.key)
        if self.read.text(entry.key_node) is None:
            self.read.report(
                Code.KEY_NOT_TEXT,
                entry.key_node,
                f"the name of a task must be text, and YAML 1.1 reads `{entry.key}` otherwise",
                hint="quote it",
                path=path,
            )
        elif not _NAME.fullmatch(entry.key):
            self.read.report(
                Code.UNUSABLE_NAME,
                entry.key_node,
                f"`{entry.key}` can't be the name of a task: Orquesta takes letters, digits and _",
                path=path,
            )
        elif entry.key in RESERVED:
            self.read.report(
                Code.RESERVED_NAME,
                entry.key_node,
                f"no task can be named `{entry.key}`: the word is a command of the engine",
                hint="give it another name",
                path=path,
            )

    def _fields(self, node: Node, known: tuple[str, ...], owner: str, path: Path) -> _Fields | None:
        if not isinstance(node, Mapping) or not node.entries:
            self.read.wrong(node, owner, "a mapping", path)
            return None
        entries = self.read.entries(node, path)
        self.read.check_keys(entries, known, owner, path)
        return _Fields(entries, path)

    def _task(self, entry: Entry, path: Path) -> Task:
        fields = self._fields(entry.value, TASK_KEYS, "a task", path)
        span = self.read.span(entry.key_node)
        if fields is None:
            return Task(
                name=entry.key, action=None, input=None, next=(), match=Match.ALL, span=span
            )
        get = fields.entries.get
        join = get("join")
        action, inline = self._action(get("action"), path)
        given = self._input(get("input"), path)
        return Task(
            name=entry.key,
            action=action,
            input=inline if inline is not None else given,
            next=self._next(get("next"), path),
            match=Match.ALL,
            join=self._join(join, path) if join else None,
            join_span=self.read.span(join.value) if join else None,
            delay=self.read.number_template(get("delay"), path),
            retry=self._retry(get("retry"), path),
            with_items=self._with(get("with"), path),
            span=span,
        )

    def _join(self, entry: Entry, path: Path) -> int | None:
        value = self.read.value(entry.value, (*path, "join"))
        if value == "all":
            return JOIN_ALL
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        wanted = "`all`, or how many tasks to wait for"
        self.read.wrong(entry.value, "`join`", wanted, (*path, "join"))
        return None

    def _action(self, entry: Entry | None, path: Path) -> tuple[Template | None, Template | None]:
        """Return the action, and the input where the text has that too."""
        text = self.read.nonempty(entry, path)
        if entry is None or text is None:
            return None, None
        node = entry.value
        assert isinstance(node, Scalar), "it has text"
        parameters = self.read.inline(node)
        self.read.check_inline(node, (*path, "action"))
        if not parameters:
            return self.read.template(node, (*path, "action")), None
        end = text.find(" ")
        if end < 0:
            self.read.report(
                Code.WRONG_VALUE,
                node,
                "a blank must stand between an action and its parameters",
                path=(*path, "action"),
            )
            return None, None
        value: dict[str, JsonValue] = {}
        places: dict[Path, Span] = {}
        for name, template in parameters:
            value[name] = template.value
            places.pop((name,), None)  # a repeated name: the last one counts
            if () in template.places:
                places[name,] = template.places[()]
        span = self.read.span(node)
        return self.read.fragment(node, 0, end), Template(value=value, span=span, places=places)

    def _input(self, entry: Entry | None, path: Path) -> Template | None:
        if entry is None:
            return None
        at = (*path, "input")
        node = entry.value
        if isinstance(node, Mapping) and node.entries:
            return self.read.template(node, at)
        if self.read.text(node):
            return self.read.template(node, at)
        self.read.wrong(node, "`input`", "a mapping from parameters to values, or text", at)
        return None

    def _retry(self, entry: Entry | None, path: Path) -> Retry | None:
        if entry is None:
            return None
        at = (*path, "retry")
        fields = self._fields(entry.value, RETRY_KEYS, "`retry`", at)
        if fields is None:
            return None
        get = fields.entries.get
        when = self.read.text_template(get("when"), at)
        count = self.read.number_template(get("count"), at)
        delay = self.read.number_template(get("delay"), at)
        if "count" not in fields.entries:
            message = "`retry` needs `count`: how many attempts there may be after the first"
            self.read.report(Code.MISSING_KEY, entry.key_node, message, path=at)
        if count is None:
            return None
        return Retry(count=count, delay=delay, when=when, span=self.read.span(entry.value))

    def _with(self, entry: Entry | None, path: Path) -> WithItems | None:
        if entry is None:
            return None
        at = (*path, "with")
        items = entry
        concurrency = None
        if not self.read.text(entry.value):
            empty = isinstance(entry.value, Mapping) and not entry.value.entries
            fields = None if empty else self._fields(entry.value, WITH_KEYS, "`with`", at)
            if fields is None and not empty:
                return None
            given = fields.entries if fields else {}
            concurrency = self.read.number_template(given.get("concurrency"), at)
            if "items" not in given:
                # Orquesta lets this pass, and fails when the task is to run.
                message = "`with` needs `items`: an expression that gives a list"
                self.read.report(
                    Code.MISSING_KEY, entry.key_node, message, path=at, severity=Severity.WARNING
                )
                return None
            items = given["items"]
        return self._items(items, concurrency, at)

    def _items(self, entry: Entry, concurrency: Template | None, path: Path) -> WithItems | None:
        text = self.read.text(entry.value)
        wanted = "`NAME in <% ... %>`, or an expression alone"
        if not text or not _ITEMS.fullmatch(text):
            self.read.wrong(entry.value, "the items of `with`", wanted, (*path, "items"))
            return None
        node = entry.value
        assert isinstance(node, Scalar), "it has text"
        begin = text.find(_IN)
        names: tuple[str, ...] = ()
        if begin >= 0:
            names = tuple(text[:begin].replace(" ", "").split(","))
        start = begin + len(_IN) if begin >= 0 else 0
        start += len(text[start:]) - len(text[start:].lstrip())
        return WithItems(
            items=(self.read.fragment(node, start, len(text.rstrip())),),
            names=names,
            concurrency=concurrency,
            on_failure=OnItemFailure.WHILE_ACTIVE,
            span=self.read.span(node),
        )

    def _next(self, entry: Entry | None, path: Path) -> tuple[Transition, ...]:
        if entry is None:
            return ()
        at = (*path, "next")
        if not isinstance(entry.value, Sequence):
            self.read.wrong(entry.value, "`next`", "a list of transitions", at)
            return ()
        read = [
            self._transition(index, item, (*at, index))
            for index, item in enumerate(entry.value.items)
        ]
        return tuple(transition for transition in read if transition is not None)

    def _transition(self, index: int, node: Node, path: Path) -> Transition | None:
        fields = self._fields(node, TRANSITION_KEYS, "a transition", path)
        if fields is None:
            return None
        get = fields.entries.get
        span = self.read.span(node)
        return Transition(
            index=index,
            when=self.read.text_template(get("when"), path),
            publish=self._publish(get("publish"), path),
            do=self._do(get("do"), path)
            or (Target(name="continue", span=span, command=EngineCommand.CONTINUE),),
            span=span,
        )

    def _publish(self, entry: Entry | None, path: Path) -> tuple[Publish, ...]:
        if entry is None:
            return ()
        at = (*path, "publish")
        node = entry.value
        if isinstance(node, Scalar) and self.read.text(node):
            found = self.read.inline(node)
            self.read.check_inline(node, at)
            if not found and not unread(node.text):
                self.read.report(
                    Code.WRONG_VALUE,
                    node,
                    "nothing is published: this text has no `name=value`",
                    path=at,
                    severity=Severity.WARNING,
                )
            return tuple(Publish(name=name, value=value, span=value.span) for name, value in found)
        return tuple(
            Publish(
                name=each.key,
                value=self.read.template(each.value, place),
                span=self.read.span(each.key_node),
            )
            for each, place in self.read.assignments(entry, at)
        )

    def _do(self, entry: Entry | None, path: Path) -> tuple[Target, ...]:
        if entry is None:
            return ()
        at = (*path, "do")
        node = entry.value
        text = self.read.text(node)
        if text and isinstance(node, Scalar):
            return tuple(
                _target(name, self.read.content_span(node, start, end))
                for name, start, end in _separated(text)
            )
        if not isinstance(node, Sequence) or not node.items:
            self.read.wrong(node, "`do`", "the name of a task, or a list of names", at)
            return ()
        names = [(self.read.text(item), item) for item in node.items]
        for name, item in names:
            if not name:
                self.read.wrong(item, "a name under `do`", "text", at)
        self.read.unique(node.items, "`do`", at)
        return tuple(_target(name, self.read.span(item)) for name, item in names if name)


def as_executed(workflow: Workflow) -> Workflow:
    """Return a workflow in which `do: retry` has become what it does: a retry of its task."""
    tasks = {name: _as_executed(task) for name, task in workflow.tasks.items()}
    return replace(workflow, tasks=tasks)


def _as_executed(task: Task) -> Task:
    transitions: list[Transition] = []
    retry = task.retry
    for transition in task.next:
        kept = tuple(target for target in transition.do if target.name != RETRY_COMMAND)
        if len(kept) < len(transition.do):
            span = transition.span
            retry = Retry(
                count=Template(value=RETRY_COMMAND_COUNT, span=span),
                when=transition.when or Template(value=RETRY_COMMAND_WHEN, span=span),
                span=span,
            )
        if kept:
            transitions.append(replace(transition, do=kept))
    return replace(task, next=tuple(transitions), retry=retry)


def _target(name: str, span: Span) -> Target:
    command = EngineCommand(name) if name in {"continue", "noop", "fail"} else None
    return Target(name=name, span=span, command=command)


def _separated(text: str) -> list[tuple[str, int, int]]:
    """Return the names in a text with commas between them, with their offsets."""
    found = []
    start = 0
    for part in text.split(","):
        name = part.strip()
        begin = start + len(part) - len(part.lstrip()) if name else start
        found.append((name, begin, begin + len(name)))
        start += len(part) + 1
    return found
