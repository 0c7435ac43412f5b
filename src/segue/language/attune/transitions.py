"""What follows a task of Attune: `next`, or the older keys that say the same.

The older keys become transitions in the order in which Attune takes them. All that hold are taken.
"""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace

from segue.expressions import Used, attune_uses
from segue.language.attune.grammar import CONDITIONAL, DECISION, OLDER_KEYS, TRANSITION
from segue.language.attune.reading import AttuneReader, Inner, expression
from segue.language.codes import Code
from segue.language.findings import Span
from segue.language.model import EngineCommand, Publish, Target, Template, Transition
from segue.language.native.reading import names
from segue.language.nodes import Mapping, Node, Sequence
from segue.language.reading import Entry, Path

Fields = ReadOnly[str, Entry]

#: When the older keys hold. A timeout is no failure to Attune; `on_error` takes both.
_GUARDS = {
    "on_success": "succeeded()",
    "on_failure": "failed()",
    "on_complete": "",
    "on_timeout": "timed_out()",
    "on_error": "(failed() or timed_out())",
}
_ONCE = "a task can't be started twice by one transition"


def read_following(
    read: AttuneReader, fields: Fields, span: Span, path: Path
) -> tuple[Transition, ...]:
    """Return the transitions of a task, by `next` if there is one that is not empty."""
    following = fields.get("next")
    if following is None:
        return _Older(read, fields, span, path).transitions()
    assert isinstance(following.value, Sequence), "the shape was checked"
    if not following.value.items:
        return _Older(read, fields, span, path).transitions()
    read.without_effect(dict(fields), OLDER_KEYS, "beside `next`", path)
    return tuple(
        _transition(read, index, node, (*path, "next", index))
        for index, node in enumerate(following.value.items)
    )


def _transition(read: AttuneReader, index: int, node: Node, path: Path) -> Transition:
    fields = read.fields(node, TRANSITION, path)
    when, publish = fields.get("when"), fields.get("publish")
    span = read.head(node)
    return Transition(
        index=index,
        when=_when(read, when, (*path, "when")) if when else None,
        publish=read.published(publish, (*path, "publish")) if publish else (),
        do=targets(read, fields.get("do"), span, (*path, "do")),
        span=span,
    )


def _when(read: AttuneReader, entry: Entry, path: Path) -> Template | None:
    value = read.value(entry.value, path)
    if isinstance(value, bool):
        return expression("true" if value else "false", read.span(entry.value))
    return read.condition(entry, path)


def targets(read: AttuneReader, entry: Entry | None, span: Span, path: Path) -> tuple[Target, ...]:
    """Return the tasks that are named; without any the branch ends."""
    found: list[tuple[str, Node]] = []
    empty = entry is not None and isinstance(entry.value, Sequence) and not entry.value.items
    if entry is not None and not empty:
        found = names(read, entry, f"`{entry.key}`", path, hint=_ONCE)
    return tuple(Target(name=name, span=read.span(node)) for name, node in found) or ends_here(span)


def ends_here(span: Span) -> tuple[Target, ...]:
    """Return the target of a transition after which the branch ends."""
    return (Target(name="continue", span=span, command=EngineCommand.CONTINUE),)


@dataclass(slots=True)
class _Older:
    """The older keys of one task.

    What a task publishes is published when it has succeeded, by each transition that follows then,
    and conditions see it already. `conditions` are those of the transitions that are not certain
    to be taken after a success; `certain`: one is.
    """

    read: AttuneReader
    fields: Fields
    span: Span
    path: Path
    publish: tuple[Publish, ...] = ()
    conditions: list[str] = field(default_factory=list)
    certain: bool = False
    found: list[Transition] = field(default_factory=list)

    def transitions(self) -> tuple[Transition, ...]:
        publish = self.fields.get("publish")
        if publish is not None:
            self.publish = self.read.published(publish, (*self.path, "publish"))
        for key in ("on_success", "on_failure", "on_error", "on_complete", "on_timeout"):
            if key in self.fields:
                self._key(self.fields[key], (*self.path, key))
        if "decision" in self.fields:
            self._decision(self.fields["decision"], (*self.path, "decision"))
        if self.publish and not self.certain:
            self._add(self._otherwise(self.span), self.publish, ends_here(self.span), self.span)
        return tuple(self.found)

    def _key(self, entry: Entry, path: Path) -> None:
        node = entry.value
        if not _holds_mappings(node):
            self._plain(entry.key, targets(self.read, entry, self.span, path), self.read.span(node))
            return
        self._nested(entry.key, entry, path, ())

    def _plain(
        self, key: str, do: tuple[Target, ...], span: Span, more: tuple[Publish, ...] = ()
    ) -> None:
        guard = _GUARDS[key]
        if guard:
            publish = self.publish if key == "on_success" else ()
            self._add(expression(guard, span), (*publish, *more), do, span)
        elif self.publish:
            literal = self._without_expressions()
            self._add(expression("succeeded()", span), (*self.publish, *more), do, span)
            self._add(expression("not succeeded()", span), (*literal, *more), do, span)
        else:
            self._add(None, more, do, span)
        self.certain = self.certain or key in {"on_success", "on_complete"}

    def _conditional(self, key: str, node: Node, path: Path, outer: tuple[str, ...] = ()) -> None:
        """Add a transition with a condition of its own; `outer` are those that it stands in."""
        read = self.read
        fields = read.fields(node, CONDITIONAL, path)
        span = read.head(node)
        named = fields.get("do") or fields.get("next")
        when = fields.get("when")
        inner = read.inner(when, (*path, "when")) if when else None
        if when is not None and inner is None:
            return
        if named is not None and _holds_mappings(named.value):
            self.read.without_effect(dict(fields), ("publish",), "beside conditions", path)
            self._nested(key, named, (*path, named.key), (*outer, inner.source) if inner else outer)
            return
        do = targets(read, named, span, (*path, named.key if named else "do"))
        own = fields.get("publish")
        more = read.published(own, (*path, "publish")) if own else ()
        if inner is None and not outer:
            self._plain(key, do, span, more)
        else:
            self._add_conditional(key, inner, outer, (more, do, span))

    def _nested(self, key: str, entry: Entry, path: Path, outer: tuple[str, ...]) -> None:
        assert isinstance(entry.value, Sequence), "it holds mappings"
        for index, item in enumerate(entry.value.items):
            self._conditional(key, item, (*path, index), outer)

    def _add_conditional(
        self,
        key: str,
        inner: Inner | None,
        outer: tuple[str, ...],
        then: tuple[tuple[Publish, ...], tuple[Target, ...], Span],
    ) -> None:
        more, do, span = then
        around = [f"({source})" for source in outer]
        own = [f"({inner.source})"] if inner else []
        guard = _GUARDS[key]

        def when(guard: str) -> Template:
            guards = [guard] if guard else []
            if inner is None:
                return expression(" and ".join([*guards, *around]), span)
            before = "".join(f"{each} and " for each in [*guards, *around])
            return self.read.around(inner, f"{before}(", ")")

        if key in {"on_success", "on_complete"}:
            self.conditions.append(" and ".join([*around, *own]))
        if key == "on_success":
            self._add(self._seeing(when(guard)), (*self.publish, *more), do, span)
        elif key == "on_complete" and self.publish:
            seeing = self._seeing(when("succeeded()"))
            self._add(seeing, (*self.publish, *more), do, span)
            self._add(when("not succeeded()"), (*self._without_expressions(), *more), do, span)
        else:
            self._add(when(guard), more, do, span)

    def _decision(self, entry: Entry, path: Path) -> None:
        assert isinstance(entry.value, Sequence), "the shape was checked"
        default: tuple[tuple[Target, ...], Span] | None = None
        for index, node in enumerate(entry.value.items):
            at = (*path, index)
            fields = self.read.fields(node, DECISION, at)
            span = self.read.head(node)
            otherwise = self._default(fields, span, at)
            if otherwise is None:
                self._branch(fields, span, at)
            elif default is None:
                default = (otherwise, span)
            else:
                message = "this is the second default; a decision has one"
                self.read.report(Code.REPEATED_ENTRY, span, message, path=at)
        if default is not None:
            do, span = default
            self._add(self._otherwise(span), self.publish, do, span)
            self.certain = True

    def _default(self, fields: Fields, span: Span, path: Path) -> tuple[Target, ...] | None:
        """Return where a default branch leads, written either way; None: it is none."""
        entry = fields.get("default")
        if entry is None:
            return None
        value = self.read.value(entry.value, (*path, "default"))
        if value is False:
            return None
        named = fields.get("next") if value is True else entry
        if named is None:
            self._missing("next", span, path)
        return targets(self.read, named, span, (*path, named.key if named else "next"))

    def _branch(self, fields: Fields, span: Span, path: Path) -> None:
        for key in ("when", "next"):
            if key not in fields:
                self._missing(key, span, path)
        when = fields.get("when")
        inner = self.read.inner(when, (*path, "when")) if when else None
        do = targets(self.read, fields.get("next"), span, (*path, "next"))
        if inner is not None:
            self.conditions.append(f"({inner.source})")
            asks = _asks_how_it_ended(inner)
            if asks and not self.publish:
                self._add(self.read.around(inner), (), do, span)
                return
            condition = self.read.around(inner, "succeeded() and (", ")")
            self._add(self._seeing(condition), self.publish, do, span)
            if asks:
                condition = self.read.around(inner, "not succeeded() and (", ")")
                self._add(condition, self._without_expressions(), do, span)

    def _without_expressions(self) -> tuple[Publish, ...]:
        """Return what can be published whatever came of the task."""
        return tuple(each for each in self.publish if each.value.is_literal)

    def _missing(self, key: str, span: Span, path: Path) -> None:
        message = f"a branch of `decision` needs `{key}`, or it is the `default`"
        self.read.report(Code.MISSING_KEY, span, message, path=path)

    def _otherwise(self, span: Span) -> Template:
        """Return what holds after a success where none of the conditions does."""
        any_of = " or ".join(f"({condition})" for condition in self.conditions)
        condition = f"succeeded() and not ({any_of})" if any_of else "succeeded()"
        return self._seeing(expression(condition, span))

    def _seeing(self, when: Template) -> Template:
        return replace(when, given=tuple((each.name, each.value.value) for each in self.publish))

    def _add(
        self,
        when: Template | None,
        publish: tuple[Publish, ...],
        do: tuple[Target, ...],
        span: Span,
    ) -> None:
        self.found.append(
            Transition(index=len(self.found), when=when, publish=publish, do=do, span=span)
        )


def _asks_how_it_ended(inner: Inner) -> bool:
    """Say whether a condition is meant for other ends than a success, too."""
    used = attune_uses("{{ " + inner.source + " }}")
    return any(use.used is Used.OUTCOME and use.name != "result" for use in used)


def _holds_mappings(node: Node) -> bool:
    return isinstance(node, Sequence) and any(isinstance(item, Mapping) for item in node.items)
