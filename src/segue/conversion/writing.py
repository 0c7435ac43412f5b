"""A native workflow as the text of a file, with the comments that another text has."""

import re
from dataclasses import dataclass, field
from typing import Final

from segue.conversion.blocks import block, indented, item
from segue.conversion.scalars import key
from segue.language.model import (
    JOIN_ALL,
    Backoff,
    Input,
    Match,
    OnCancel,
    OnItemFailure,
    Publish,
    Retry,
    Task,
    Template,
    Transition,
    UnhandledFailure,
    Variable,
    WithItems,
    Workflow,
)
from segue.language.nodes import Mapping, Node, Scalar, Sequence
from segue.values import JsonObject, JsonValue

#: The names of Attune's keys natively.
_NATIVELY: Final = {"ref": "name", "parameters": "input", "output_map": "output"}
_COMMENT: Final = re.compile(r"[ \t]*(#[^\r\n]*)")


def written(text: str, root: Mapping, workflow: Workflow, stem: str) -> str:
    """Return the text of a native file that means this workflow, if it is called so.

    The comments above the keys of `root`, and above the tasks, are those of `text`.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = _Writer(text, root, workflow, stem).lines()
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
    stem: str
    _keys: dict[str, Node] = field(init=False)
    _task_keys: dict[str, Node] = field(init=False)

    def __post_init__(self) -> None:
        self._keys = _keys(self.root)
        tasks = [value for node, value in self.root.entries if _text(node) == "tasks"]
        self._task_keys = _keys(tasks[-1]) if tasks else {}

    def lines(self) -> list[str]:
        """Return the lines of the file."""
        first = self.root.entries[0][0]
        lines = [*self._above(first), "segue: 1"]
        if says_match_once(self.workflow):
            lines.append("match: all")
        for name, section in self._sections().items():
            node = self._keys.get(name)
            comments = [] if node is None or node is first else self._above(node)
            lines += ["", *comments, *section]
        return lines

    def _sections(self) -> dict[str, list[str]]:
        """Return the lines of each key of the file, by name."""
        flow = self.workflow
        inputs = {one.name: _input(one) for one in flow.inputs}
        failure, cancel = flow.semantics.unhandled_failure, flow.on_cancel
        values: dict[str, JsonValue] = {
            "name": None if flow.name == self.stem else flow.name,
            "description": flow.description,
            "tags": list(flow.tags) or None,
            "input": inputs or None,
            "vars": _variables(flow.vars) or None,
            "limits": None if flow.limits.duration is None else {"duration": flow.limits.duration},
            "unhandled_failure": None if failure is UnhandledFailure.FAIL_FAST else failure.value,
            "on_cancel": None if cancel is OnCancel.END else cancel.value,
        }
        sections = {name: block(name, one) for name, one in values.items() if one is not None}
        sections["tasks"] = ["tasks:", *indented(self._tasks())]
        if flow.output:
            sections["output"] = block("output", _variables(flow.output))
        return sections

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


def _keys(node: Node) -> dict[str, Node]:
    """Return where the entries of a mapping begin, or the tasks of a list, by native name."""
    if isinstance(node, Mapping):
        return {
            _NATIVELY.get(name.text, name.text): name
            for name, _ in node.entries
            if isinstance(name, Scalar)
        }
    items = node.items if isinstance(node, Sequence) else ()
    return {
        value.text: item
        for item in items
        if isinstance(item, Mapping)
        for name, value in item.entries
        if _text(name) == "name" and isinstance(value, Scalar)
    }


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _field(name: str, value: JsonValue) -> list[str]:
    if name == "next" and isinstance(value, list):
        return ["next:", *indented([line for one in value for line in item(one)])]
    return block(name, value)


def _plain(template: Template | None) -> JsonValue:
    return None if template is None else template.value


def _seconds(template: Template | None) -> JsonValue:
    """Return a duration, a whole one without a point."""
    value = _plain(template)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _variables(found: tuple[Variable | Publish, ...]) -> JsonValue:
    names = {one.name for one in found}
    if len(names) < len(found):
        return [{one.name: one.value.value} for one in found]
    return {one.name: one.value.value for one in found}


def _task(task: Task, *, says_match: bool) -> JsonObject:
    several = says_match and task.match is Match.ALL and len(task.next) > 1
    fields: dict[str, JsonValue | None] = {
        "description": task.description,
        "join": {JOIN_ALL: "all", 1: "any"}.get(task.join or 0, task.join),
        "delay": _seconds(task.delay),
        "timeout": _seconds(task.timeout),
        "with": None if task.with_items is None else _with(task.with_items),
        "action": _plain(task.action),
        "input": _plain(task.input),
        "retry": None if task.retry is None else _retry(task.retry),
        "match": "all" if several else None,
        "next": [_transition(one) for one in task.next] or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _input(declared: Input) -> JsonValue:
    fields: dict[str, JsonValue] = dict(declared.schema or {})
    if declared.default is not None:
        fields["default"] = declared.default.value
    return fields or None


def _with(items: WithItems) -> JsonValue:
    (only,) = items.items
    shown: JsonValue = only.value
    if items.names and isinstance(only.value, str):
        shown = f"{', '.join(items.names)} in {only.value}"
    goes_on = items.on_failure is OnItemFailure.CONTINUE
    fields: dict[str, JsonValue] = {
        "concurrency": _plain(items.concurrency),
        "batch": _plain(items.batch),
        "on_item_failure": "continue" if goes_on else None,
    }
    more = {name: one for name, one in fields.items() if one is not None}
    return {"items": shown, **more} if more else shown


def _retry(retry: Retry) -> JsonValue:
    steady = retry.backoff is Backoff.CONSTANT
    fields: dict[str, JsonValue] = {
        "count": retry.count.value,
        "delay": _seconds(retry.delay),
        "backoff": None if steady else retry.backoff.value,
        "max_delay": _seconds(retry.max_delay),
        "when": _plain(retry.when),
    }
    return {name: one for name, one in fields.items() if one is not None}


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
