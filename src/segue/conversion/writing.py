"""A native workflow as the text of a file, with the comments that another text has."""

import re
from dataclasses import dataclass, field
from typing import Final

from segue.conversion.blocks import block, indented, item
from segue.conversion.scalars import key
from segue.language.model import (
    JOIN_ALL,
    Match,
    Publish,
    Retry,
    Task,
    Template,
    Transition,
    Variable,
    WithItems,
    Workflow,
)
from segue.language.nodes import Mapping, Node, Scalar
from segue.values import JsonObject, JsonValue

_COMMENT: Final = re.compile(r"[ \t]*(#[^\r\n]*)")


def written(text: str, root: Mapping, workflow: Workflow) -> str:
    """Return the text of a native file that means this workflow.

    The comments above the keys of `root`, and above the tasks, are those of `text`.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = _Writer(text, root, workflow).lines()
    return newline.join(lines) + newline


def says_match_once(workflow: Workflow) -> bool:
    """Say whether `match: all` is best said once for all tasks."""
    tasks = workflow.tasks.values()
    return len(tasks) > 1 and all(task.match is Match.ALL for task in tasks)


@dataclass(slots=True)
class _Writer:
    text: str
    root: Mapping
    workflow: Workflow
    _keys: dict[str, Node] = field(init=False)
    _task_keys: dict[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        self._keys = _keys(self.root)
        tasks = [value for node, value in self.root.entries if _text(node) == "tasks"]
        self._task_keys = _keys(tasks[-1]) if isinstance(tasks[-1], Mapping) else {}

    def lines(self) -> list[str]:
        """Return the lines of the file."""
        flow = self.workflow
        first = self.root.entries[0][0]
        lines = [*self._above(first), "segue: 1"]
        if says_match_once(flow):
            lines.append("match: all")
        sections: dict[str, list[str]] = {}
        if "name" in self._keys:
            sections["name"] = block("name", flow.name)
        if flow.description is not None:
            sections["description"] = block("description", flow.description)
        if flow.tags:
            sections["tags"] = block("tags", list(flow.tags))
        if flow.inputs:
            inputs = {one.name: {"default": _plain(one.default)} for one in flow.inputs}
            sections["input"] = block("input", inputs)
        if flow.vars:
            sections["vars"] = block("vars", _variables(flow.vars))
        sections["tasks"] = ["tasks:", *indented(self._tasks())]
        if flow.output:
            sections["output"] = block("output", _variables(flow.output))
        for name, section in sections.items():
            node = self._keys.get(name)
            comments = self._above(node) if node not in {None, first} else []
            lines += ["", *comments, *section]
        return lines

    def _tasks(self) -> list[str]:
        lines: list[str] = []
        once = says_match_once(self.workflow)
        for name, task in self.workflow.tasks.items():
            node = self._task_keys.get(name)
            comments = self._above(node) if node is not None else []
            if lines:
                lines.append("")
            lines += comments
            fields = _task(task, says_match=not once)
            if not fields:
                lines.append(f"{key(name)}: {{}}")
                continue
            lines.append(f"{key(name)}:")
            for field_name, value in fields.items():
                lines += indented(_field(field_name, value))
        return lines

    def _above(self, node: Node | None) -> list[str]:
        """Return the comments on the lines directly above a key, blank lines between them too."""
        assert node is not None, "only of what is there"
        before = self.text[: node.start].splitlines(keepends=True)
        if before and not before[-1].endswith(("\n", "\r")):
            before.pop()
        found: list[str] = []
        while before:
            line = before.pop().rstrip("\r\n")
            comment = _COMMENT.fullmatch(line)
            if comment is None and line.strip():
                break
            found.append(comment[1] if comment is not None else "")
        found.reverse()
        while found and not found[0]:
            found.pop(0)
        return found


def _keys(node: Mapping) -> dict[str, Node]:
    return {name.text: name for name, _ in node.entries if isinstance(name, Scalar)}


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _field(name: str, value: JsonValue) -> list[str]:
    if name == "next" and isinstance(value, list):
        return ["next:", *indented([line for one in value for line in item(one)])]
    return block(name, value)


def _plain(template: Template | None) -> JsonValue:
    return None if template is None else template.value


def _variables(found: tuple[Variable | Publish, ...]) -> JsonValue:
    names = {one.name for one in found}
    if len(names) < len(found):
        return [{one.name: one.value.value} for one in found]
    return {one.name: one.value.value for one in found}


def _task(task: Task, *, says_match: bool) -> JsonObject:
    several = says_match and task.match is Match.ALL and len(task.next) > 1
    fields: dict[str, JsonValue | None] = {
        "description": task.description,
        "join": "all" if task.join == JOIN_ALL else task.join,
        "delay": _plain(task.delay),
        "timeout": _plain(task.timeout),
        "with": None if task.with_items is None else _with(task.with_items),
        "action": _plain(task.action),
        "input": _plain(task.input),
        "retry": None if task.retry is None else _retry(task.retry),
        "match": "all" if several else None,
        "next": [_transition(one) for one in task.next] or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _with(items: WithItems) -> JsonValue:
    (only,) = items.items
    shown: JsonValue = only.value
    if items.names and isinstance(only.value, str):
        shown = f"{', '.join(items.names)} in {only.value}"
    if items.concurrency is None:
        return shown
    return {"items": shown, "concurrency": items.concurrency.value}


def _retry(retry: Retry) -> JsonValue:
    fields: dict[str, JsonValue] = {"count": retry.count.value}
    if retry.delay is not None:
        fields["delay"] = retry.delay.value
    if retry.when is not None:
        fields["when"] = retry.when.value
    return fields


def _transition(transition: Transition) -> JsonValue:
    fields: dict[str, JsonValue] = {}
    if transition.when is not None:
        fields["when"] = transition.when.value
    if transition.publish:
        fields["publish"] = _variables(transition.publish)
    names = [target.name for target in transition.do]
    if names != ["continue"]:
        fields["do"] = names[0] if len(names) == 1 else list(names)
    return fields
