"""The Attune front end: an action with its graph, a graph alone, or both in one file."""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, replace

from segue.expressions import Dialect, Used, attune_uses
from segue.expressions.attune.names import BEGINNING, KEPT
from segue.language.attune.grammar import ACTION, CANCELLATION_WORDS, PLATFORM_KEYS, WORKFLOW
from segue.language.attune.parameters import read_parameters
from segue.language.attune.reading import AttuneReader
from segue.language.attune.tasks import AttuneTasks
from segue.language.codes import Code
from segue.language.findings import Span
from segue.language.model import (
    ATTUNE,
    Input,
    Limits,
    OnCancel,
    Publish,
    Task,
    Template,
    Variable,
    Workflow,
)
from segue.language.nodes import Mapping
from segue.language.reading import Entry
from segue.values import JsonValue

Fields = ReadOnly[str, Entry]

_HERE = "here: the workflow runs where it is started"
_BESIDE = "beside an action of its own, which says it"
#: What an action says, and its graph need not say again.
_OF_ACTION = ("parameters", "output", "output_schema", "timeout_seconds")


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two files: how it is read, and its root."""

    read: AttuneReader
    root: Mapping


def read_attune(graph: Part, action: Part | None, name: str) -> Workflow:
    """Return what could be read; it is to be trusted only if no reader reported an error."""
    read = graph.read
    fields = read.fields(graph.root, WORKFLOW, ())
    about = (action.read.fields(action.root, ACTION, ()), action.read) if action else (fields, read)
    if action is not None:
        read.without_effect(fields, _OF_ACTION, _BESIDE, ())
    said, by = about
    by.without_effect(said, PLATFORM_KEYS, _HERE, ())
    _check_enabled(by, said)
    tasks = AttuneTasks(read).tasks(fields["tasks"]) if "tasks" in fields else {}
    alone = action is None and not {"ref", "label", "parameters"} & set(fields)
    beginning = _beginning(read.head(graph.root))
    workflow = Workflow(
        name=_text(by, said, "ref") or _text(by, said, "name") or name.removesuffix(".workflow"),
        description=_text(by, said, "description") or _text(by, said, "label"),
        inputs=read_parameters(by, said.get("parameters")),
        vars=(beginning, *_variables(read, fields.get("vars"))),
        tasks=tasks,
        output=_variables(read, fields.get("output_map")),
        start=(),
        limits=_limits(by, said.get("timeout_seconds")),
        semantics=ATTUNE,
        on_cancel=_on_cancel(read, fields.get("cancellation_policy")),
        tags=_tags(by, said.get("tags")),
        span=read.head(graph.root),
    )
    return replace(workflow, inputs=_asked_for(workflow)) if alone else workflow


def _beginning(span: Span) -> Variable:
    """Return the variable that keeps what the namespaces of expressions are made of."""
    value = Template(value=BEGINNING, span=span)
    return Variable(name=KEPT, value=replace(value, dialect=Dialect.ATTUNE), span=span)


def _text(read: AttuneReader, fields: Fields, key: str) -> str | None:
    entry = fields.get(key)
    return (read.text(entry.value) or None) if entry else None


def _check_enabled(read: AttuneReader, fields: Fields) -> None:
    entry = fields.get("enabled")
    if entry is not None and read.value(entry.value, ("enabled",)) is False:
        message = "`enabled: false` keeps nobody from running the workflow here"
        read.report(Code.NO_EFFECT, entry.key_node, message, path=("enabled",))


def _variables(read: AttuneReader, entry: Entry | None) -> tuple[Variable, ...]:
    return read.variables(entry, (entry.key,)) if entry else ()


def _limits(read: AttuneReader, entry: Entry | None) -> Limits:
    if entry is None:
        return Limits()
    path = ("timeout_seconds",)
    seconds = read.seconds(entry, path)
    if seconds == 0:
        message = "a limit of nothing lets nothing run"
        read.report(Code.WRONG_VALUE, entry.value, message, path=path)
        return Limits()
    return Limits(duration=seconds)


def _on_cancel(read: AttuneReader, entry: Entry | None) -> OnCancel:
    path = ("cancellation_policy",)
    word = read.word(entry, CANCELLATION_WORDS, path) if entry else None
    return OnCancel.END if word == "cancel_running" else OnCancel.FINISH


def _tags(read: AttuneReader, entry: Entry | None) -> tuple[JsonValue, ...]:
    value = read.value(entry.value, ("tags",)) if entry else None
    return tuple(value) if isinstance(value, list) else ()


def _asked_for(workflow: Workflow) -> tuple[Input, ...]:
    """Return the inputs of a graph alone: the parameters that its expressions look at.

    One is required, unless its absence is dealt with wherever it is looked at.
    """
    found: dict[str, Input] = {}
    for template in _templates(workflow):
        values = (template.value, *(given for _, given in template.given))
        for use in (use for value in values for use in attune_uses(value)):
            if use.used is not Used.PARAMETER or (use.optional and use.name in found):
                continue
            none = Template(value=None, span=template.span)
            found[use.name] = Input(
                name=use.name,
                required=not use.optional,
                default=none if use.optional else None,
                schema=None,
                span=template.span,
            )
    return tuple(found.values())


def _templates(workflow: Workflow) -> list[Template]:
    found = [each.value for each in workflow.vars]
    for task in workflow.tasks.values():
        found += _of_task(task)
    return found + [each.value for each in workflow.output]


def _of_task(task: Task) -> list[Template]:
    found: list[Template | None] = [task.when, task.delay, task.action, task.input, task.timeout]
    if task.with_items is not None:
        items = task.with_items
        found += [*items.items, items.concurrency, items.batch]
    if task.retry is not None:
        retry = task.retry
        found += [retry.count, retry.delay, retry.max_delay, retry.when]
    for transition in task.next:
        found.append(transition.when)
        found += _published(transition.publish)
    return [template for template in found if template is not None]


def _published(publish: tuple[Publish, ...]) -> list[Template | None]:
    return [each.value for each in publish]
