"""The text of one of Orquesta's tasks, changed to say the same natively."""

from dataclasses import dataclass
from typing import TypeGuard

from segue.conversion.assignments import as_mapping, items_of
from segue.conversion.changes import Change
from segue.conversion.conditions import ALWAYS, Form, condition
from segue.conversion.edits import ClashError
from segue.conversion.layout import Entry, Layout, nodes_of, scalars
from segue.conversion.noting import Notes
from segue.conversion.scalars import key, token
from segue.language.findings import Span
from segue.language.inline import parse_inline
from segue.language.model import Match, Retry, Task, Template
from segue.language.nodes import Mapping, Node, Scalar, Sequence, Style
from segue.language.orquesta.tasks import RETRY_COMMAND, RETRY_COMMAND_WHEN
from segue.language.placing import offsets
from segue.language.scalars import Dialect, resolve
from segue.language.source import Source
from segue.values import JsonValue


@dataclass(frozen=True, slots=True)
class TaskText:
    """One task: where it stands, and what it is to be."""

    layout: Layout
    entry: Entry
    task: Task
    notes: Notes
    source: Source
    says_match: bool

    def change(self) -> None:
        """Change its text. Raises `ClashError` where that is not possible."""
        node = self.entry.value
        assert isinstance(node, Mapping), "the caller looked"
        entries = {each.key.text: each for each in self.layout.entries(node)}
        if "<<" in entries:
            raise ClashError
        if any(each.is_alias for each in entries.values()):
            raise ClashError
        get = entries.get
        self._action(get("action"), get("input"))
        if (join := get("join")) and self._value(join.value) == 0:
            self._put(join.value, "1")
        if items := get("with"):
            self._with(items.value)
        self._next(get("next"), get("retry"))

    # --- what a task does

    def _action(self, action: Entry | None, given: Entry | None) -> None:
        if action is None or not isinstance(action.value, Scalar):
            return
        parameters = parse_inline(action.value.text)
        if not parameters:
            return
        self._dropped(action.value, [(one.start, one.end) for one in parameters])
        name, _, _ = action.value.text.partition(" ")
        flow = self._is_flow(action.value)
        self._put(action.value, token(name, flow=flow))
        values = {one.name: one.value for one in parameters}
        if given is not None:
            self._leave_out(given, "`input` beside parameters behind the name of the action")
        if flow:
            written = ", ".join(f"{key(n)}: {token(v, flow=True)}" for n, v in values.items())
            self.layout.edits.insert(action.end, f", input: {{{written}}}")
            return
        indent = " " * self.layout.column(action.key.start)
        lines = [f"{indent}input:"]
        lines += [f"{indent}  {key(n)}: {token(v)}" for n, v in values.items()]
        self.layout.append_lines(action.end, lines)

    def _dropped(self, node: Scalar, used: list[tuple[int, int]]) -> None:
        """Take a note of words between the parameters that are none."""
        text = node.text
        first = text.find(" ")
        rest, at = "", max(first, 0)
        for start, end in used:
            begin = text.rfind("=", 0, start)
            while begin > at and (text[begin - 1].isalnum() or text[begin - 1] == "_"):
                begin -= 1
            rest += text[at:begin]
            at = end
            while at < len(text) and text[at] in "\"'":
                at += 1
        rest = " ".join((rest + text[at:]).split())
        if rest:
            self.notes.add(
                Change.NEVER_USED,
                self._span(node),
                f"`{rest}` is no parameter, and is left out",
                hint='a parameter is written as name="value"',
                path=f"tasks.{self.task.name}.action",
            )

    def _with(self, node: Node) -> None:
        if not isinstance(node, Mapping):
            return
        for each in self.layout.entries(node):
            if each.key.text == "concurrency" and self._value(each.value) == 0:
                self._put(each.value, "1")

    # --- what follows

    def _next(self, following: Entry | None, retry: Entry | None) -> None:
        if retry is not None and isinstance(retry.value, Mapping):
            for each in self.layout.entries(retry.value):
                if each.key.text == "when":
                    self._when(each.value)
        if following is None or not isinstance(following.value, Sequence):
            return
        if not self.layout.holds_its_items(following.value):
            raise ClashError
        added = ["match: all"] if self.says_match and self.task.match is Match.ALL else []
        if any(self._tries_again(one) for one in following.value.items):
            assert self.task.retry is not None, "the command makes one"
            if retry is not None:
                self._leave_out(retry, "`retry` of a task with `do: retry`")
            added.append(f"retry: {_retry(self.task.retry)}")
        self._transitions(following, following.value, added)

    def _transitions(self, following: Entry, owner: Sequence, added: list[str]) -> None:
        """Change the transitions; put what is added before them, or in their place."""
        kept = [one for one in owner.items if self._stays(one)]
        if owner.items and not kept:
            for one in owner.items:
                self._note_published(one)
            self._replace_entry(following, added)
            return
        for index, one in enumerate(owner.items):
            if one in kept:
                self._transition(one)
            else:
                self._remove_item(index, owner)
        if added and self._is_flow(following.key):
            written = "".join(f"{one}, " for one in added)
            self.layout.edits.insert(following.key.start, written)
        elif added:
            self.layout.insert_lines(following.key.start, added)

    def _tries_again(self, node: Node) -> bool:
        return RETRY_COMMAND in self._names(node)

    def _names(self, node: Node) -> list[str]:
        entries = self.layout.entries(node) if isinstance(node, Mapping) else []
        value = next((each.value for each in entries if each.key.text == "do"), None)
        if isinstance(value, Sequence):
            return [one.text for one in value.items if isinstance(one, Scalar)]
        return [part.strip() for part in value.text.split(",")] if _is_scalar(value) else []

    def _stays(self, node: Node) -> bool:
        """Say whether a transition leads anywhere but to `retry`."""
        return set(self._names(node)) != {RETRY_COMMAND}

    def _transition(self, node: Node) -> None:
        assert isinstance(node, Mapping), "it was read"
        names = self._names(node)
        left = [name for name in names if name != RETRY_COMMAND]
        if len(set(left)) < len(left):
            raise ClashError  # it becomes two
        for each in self.layout.entries(node):
            if each.is_alias:
                raise ClashError
            if each.key.text == "when":
                self._when(each.value)
            elif each.key.text == "publish":
                self._publish(each)
            else:
                self._do(each, names, left)

    def _do(self, entry: Entry, names: list[str], left: list[str]) -> None:
        if left == names and (isinstance(entry.value, Sequence) or len(names) == 1):
            if isinstance(entry.value, Scalar) and entry.value.text != names[0]:
                self._put(entry.value, token(names[0], flow=True))
            return
        if isinstance(entry.value, Sequence) and not self.layout.is_flow(entry.value):
            raise ClashError
        written = ", ".join(token(name, flow=True) for name in left)
        self._put(entry.value, left[0] if len(left) == 1 else f"[{written}]")

    def _publish(self, entry: Entry) -> None:
        layout, node = self.layout, entry.value
        if isinstance(node, Sequence):
            items = items_of(layout, node)
            if items is not None:
                as_mapping(layout, entry, items, defaults=False)
            return
        assert isinstance(node, Scalar), "it was read"
        found = parse_inline(node.text)
        if not found:
            self._leave_out(entry, "`publish` without a `name=value`")
            return
        values = [(one.name, one.value) for one in found]
        self._dropped_from_publish(node, [(one.start, one.end) for one in found])
        unique = len({name for name, _ in values}) == len(values)
        if self._is_flow(node):
            pairs = [f"{key(name)}: {token(value, flow=True)}" for name, value in values]
            written = "{" + ", ".join(pairs) + "}"
            if not unique:
                written = "[" + ", ".join("{" + pair + "}" for pair in pairs) + "]"
            self._put(node, written)
            return
        indent = " " * (layout.column(entry.key.start) + 2)
        dash = "" if unique else "- "
        layout.edits.replace(entry.colon, entry.end, "")
        lines = [f"{indent}{dash}{key(name)}: {token(value)}" for name, value in values]
        layout.append_lines(entry.end, lines)

    def _dropped_from_publish(self, node: Scalar, used: list[tuple[int, int]]) -> None:
        shifted = Scalar(start=node.start, end=node.end, text=" " + node.text, style=node.style)
        self._dropped(shifted, [(start + 1, end + 1) for start, end in used])

    def _when(self, node: Node) -> None:
        assert isinstance(node, Scalar), "it was read"
        natively = condition(node.text)
        if natively.form is Form.ALWAYS:
            self._put(node, natively.text)
        elif natively.form is Form.WRAPPED:
            at = offsets(self.layout.text, node)
            begin, end = natively.inside
            self.layout.edits.insert(at[begin], natively.before)
            self.layout.edits.insert(at[end - 1] + 1, natively.after)

    # --- changes of the text

    def _is_flow(self, node: Node) -> bool:
        """Say whether a node of this task stands inside brackets or braces."""
        return _in_flow(self.layout, self.entry.value, node)

    def _put(self, node: Node, written: str) -> None:
        end = node.end
        if isinstance(node, Scalar) and node.style in {Style.LITERAL, Style.FOLDED}:
            end = len(self.layout.text[: node.end].rstrip())
        self.layout.edits.replace(node.start, end, written)

    def _leave_out(self, entry: Entry, what: str) -> None:
        self.notes.add(
            Change.NEVER_USED,
            self.source.span(entry.key.start, entry.key.end),
            f"{what} has no effect, and is left out",
            path=f"tasks.{self.task.name}",
        )
        self._replace_entry(entry, [])

    def _replace_entry(self, entry: Entry, added: list[str]) -> None:
        layout = self.layout
        if self._is_flow(entry.key):
            assert isinstance(self.entry.value, Mapping), "the caller looked"
            entries = layout.entries(self.entry.value)
            if entry not in entries:
                raise ClashError
            if added:
                layout.edits.replace(entry.key.start, entry.end, ", ".join(added))
            else:
                parts = [(one.key.start, one.end) for one in entries]
                layout.remove_from_flow(parts, entries.index(entry))
            return
        if added:
            layout.insert_lines(entry.key.start, added)
        layout.remove_lines(entry.key.start, entry.end, scalars(entry.value))

    def _note_published(self, node: Node) -> None:
        assert isinstance(node, Mapping), "it was read"
        if any(each.key.text == "publish" for each in self.layout.entries(node)):
            self.notes.add(
                Change.NEVER_USED,
                self._span(node),
                "what a transition to `retry` publishes has no effect, and is left out",
                path=f"tasks.{self.task.name}.next",
            )

    def _remove_item(self, index: int, owner: Sequence) -> None:
        node = owner.items[index]
        self._note_published(node)
        if self.layout.is_flow(owner):
            self.layout.remove_from_flow([(one.start, one.end) for one in owner.items], index)
        else:
            self.layout.remove_lines(self.layout.dash(node), node.end, scalars(node))

    def _value(self, node: Node) -> JsonValue:
        value = resolve(node, Dialect.YAML_1_1) if isinstance(node, Scalar) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def _span(self, node: Node) -> Span:
        return self.source.span(node.start, node.end)


def _in_flow(layout: Layout, owner: Node, node: Node) -> bool:
    return any(
        not isinstance(one, Scalar)
        and layout.is_flow(one)
        and one.start <= node.start < max(one.end, one.start + 1)
        for one in nodes_of(owner)
    )


def _is_scalar(node: Node | None) -> TypeGuard[Scalar]:
    return isinstance(node, Scalar)


def _retry(retry: Retry) -> str:
    assert retry.when is not None, "the command has a condition"
    return token({"count": retry.count.value, "when": _bare(retry.when)})


def _bare(when: Template) -> JsonValue:
    """Return a condition, without its braces where they only are there by default."""
    return ALWAYS if when.value == RETRY_COMMAND_WHEN else when.value
