"""What a native rehearsal expects, under `expect`."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly

from segue.language.codes import Code
from segue.language.findings import Span
from segue.language.model import Workflow
from segue.language.native.reading import NativeReader, names
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path
from segue.rehearsal import grammar, spec
from segue.rehearsal.naming import named, require_task
from segue.rehearsal.spec import Expected, ExpectedError, ExpectedVisit, InAnyOrder, InOrder, Named
from segue.values import JsonValue


def read_expected(
    read: NativeReader, node: Node, workflow: Workflow | None, path: Path
) -> Expected:
    """Return what is expected of an execution."""
    return _Expectations(read, workflow, path).read(node)


class _Expectations:
    """Reads one `expect`."""

    def __init__(self, read: NativeReader, workflow: Workflow | None, path: Path) -> None:
        self._read = read
        self._workflow = workflow
        self._path = path
        self._fields: ReadOnly[str, Entry] = {}

    def read(self, node: Node) -> Expected:
        """Return all of it."""
        read = self._read
        self._fields = fields = read.section(node, grammar.EXPECT, self._path)
        output = self._value("output")
        duration = fields.get("duration")
        return Expected(
            status=self._status() or "succeeded",
            output=output if isinstance(output, dict) else None,
            looks_at_output="output" in fields,
            errors=self._errors() if "errors" in fields else None,
            tasks=self._tasks() if "tasks" in fields else None,
            order=self._order() if "order" in fields else (),
            never=self._never() if "never" in fields else (),
            visits=self._visits() if "visits" in fields else (),
            duration=read.seconds(duration, self._at("duration")) if duration else None,
            spans={name: read.span(entry.key_node) for name, entry in fields.items()},
        )

    def _at(self, *rest: str | int) -> Path:
        return (*self._path, *rest)

    def _value(self, name: str) -> JsonValue:
        if name not in self._fields:
            return None
        return self._read.value(self._fields[name].value, self._at(name))

    def _status(self) -> str | None:
        entry = self._fields.get("status")
        if entry is None:
            return None
        return self._read.word(entry, grammar.STATUS_WORDS, self._at("status"))

    def _named(self, node: Node, path: Path) -> Named | None:
        text = self._read.name(node, "a task", path)
        found = named(self._read, self._workflow, text, node, path) if text is not None else None
        if found is not None:
            require_task(self._read, self._workflow, found.task, node, path)
        return found

    def _tasks(self) -> spec.Sequence:
        node = self._fields["tasks"].value
        found = self._sequence(node, self._at("tasks"), ordered=True)
        assert found is not None, "the shape was checked"
        return found

    def _sequence(self, node: Node, path: Path, *, ordered: bool) -> spec.Sequence | None:
        if not isinstance(node, Sequence):
            return self._named(node, path)
        parts = tuple(
            part
            for index, item in enumerate(node.items)
            if (part := self._sequence(item, (*path, index), ordered=not ordered)) is not None
        )
        return InOrder(parts) if ordered else InAnyOrder(parts)

    def _order(self) -> tuple[tuple[Named, ...], ...]:
        node = self._fields["order"].value
        assert isinstance(node, Sequence), "the shape was checked"
        chains = []
        for index, item in enumerate(node.items):
            at = self._at("order", index)
            if not isinstance(item, Sequence):
                self._read.wrong_type(item, "an entry of `order`", "a list of tasks", at)
                continue
            if len(item.items) < 2:
                message = "an order is of two tasks or more"
                self._read.report(Code.WRONG_VALUE, item, message, path=at)
            found = [self._named(one, (*at, place)) for place, one in enumerate(item.items)]
            chains.append(tuple(one for one in found if one is not None))
        return tuple(chains)

    def _never(self) -> tuple[str, ...]:
        at = self._at("never")
        found = names(self._read, self._fields["never"], "`never`", at)
        for name, node in found:
            require_task(self._read, self._workflow, name, node, at)
        return tuple(name for name, _ in found)

    def _errors(self) -> tuple[ExpectedError, ...]:
        node = self._fields["errors"].value
        assert isinstance(node, Sequence), "the shape was checked"
        found = [
            self._error(item, self._at("errors", index)) for index, item in enumerate(node.items)
        ]
        return tuple(one for one in found if one is not None)

    def _error(self, node: Node, path: Path) -> ExpectedError | None:
        read = self._read
        text = read.text(node)
        if text is not None:
            return ExpectedError(message=text, span=read.head(node))
        if not isinstance(node, Mapping):
            read.wrong_type(node, "an error", "text or a mapping", path)
            return None
        fields = read.section(node, grammar.ERROR, path)
        values = {name: read.value(entry.value, (*path, name)) for name, entry in fields.items()}
        message, code, handled = (values.get(name) for name in ("message", "code", "handled"))
        task = self._named(fields["task"].value, (*path, "task")) if "task" in fields else None
        return ExpectedError(
            message=message if isinstance(message, str) else None,
            code=code if isinstance(code, str) else None,
            task=task,
            handled=handled if isinstance(handled, bool) else None,
            span=read.head(node),
        )

    def _visits(self) -> tuple[ExpectedVisit, ...]:
        node = self._fields["visits"].value
        assert isinstance(node, Mapping), "the shape was checked"
        found = []
        for name, entry in self._read.entries(node, self._at("visits")).items():
            at = self._at("visits", name)
            wanted = named(self._read, self._workflow, name, entry.key_node, at)
            if wanted is None:
                continue
            require_task(self._read, self._workflow, wanted.task, entry.key_node, at)
            values, spans = self._visit(entry.value, at)
            found.append(
                ExpectedVisit(
                    task=wanted.task,
                    visit=wanted.visit or 1,
                    fields=values,
                    spans=spans,
                    span=self._read.span(entry.key_node),
                )
            )
        return tuple(found)

    def _visit(self, node: Node, path: Path) -> tuple[dict[str, JsonValue], dict[str, Span]]:
        read = self._read
        fields = read.section(node, grammar.VISIT, path)
        values: dict[str, JsonValue] = {}
        for name, entry in fields.items():
            at: Path = (*path, name)
            if name == "status":
                values[name] = read.word(entry, grammar.VISIT_STATUS_WORDS, at)
            elif name == "at":
                values[name] = read.seconds(entry, at)
            else:
                values[name] = read.value(entry.value, at)
        return values, {name: read.span(entry.key_node) for name, entry in fields.items()}
