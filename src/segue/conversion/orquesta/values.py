"""Variables into which Orquesta merges one mapping after another."""

from dataclasses import dataclass

from segue.conversion.changes import Change
from segue.conversion.noting import Notes
from segue.conversion.whole import whole
from segue.expressions.truth import may_be_mapping
from segue.graph.task_graph import TaskGraph
from segue.language.findings import Span
from segue.language.model import Template, Workflow


@dataclass(frozen=True, slots=True)
class _Write:
    """Something that gives a variable a value. `task` None: before the first task."""

    span: Span
    path: str
    task: str | None
    again: bool


def tell_of_mappings(workflow: Workflow, graph: TaskGraph, notes: Notes) -> None:
    """Take a note of each variable that may be given a mapping where it may have one."""
    for name, writes in _writes(workflow, graph).items():
        published = [each for each in writes if each.task is not None]
        last = published[0] if published else writes[-1]
        if len(writes) < 2 and not last.again:
            continue
        lines = sorted({each.span.line for each in writes if each is not last})
        others = ", ".join(str(line) for line in lines[:5])
        also = f" It is written on line {others}, too." if lines else ""
        if len(lines) > 1:
            also = f" It is written on lines {others}, too."
        notes.add(
            Change.MERGED_DEEPLY,
            last.span,
            f"a mapping written to `{name}` replaces the one it has; Orquesta merges the two."
            f"{also}".removesuffix("."),
            hint="if the parts are to add up, write all of it, or use a variable for each",
            path=last.path,
        )


def _writes(workflow: Workflow, graph: TaskGraph) -> dict[str, list[_Write]]:
    """Return what may give each variable a mapping, by its name."""
    found: dict[str, list[_Write]] = {}

    def add(name: str, span: Span, path: str, task: str | None, *, again: bool) -> None:
        found.setdefault(name, []).append(_Write(span, path, task, again))

    for index, declared in enumerate(workflow.inputs):
        if declared.default is None or _may_be(declared.default) or declared.default.value is None:
            add(declared.name, declared.span, f"input[{index}]", None, again=False)
    for index, variable in enumerate(workflow.vars):
        if _may_be(variable.value):
            add(variable.name, variable.span, f"vars[{index}]", None, again=False)
    for name, task in workflow.tasks.items():
        again = graph.in_cycle(name) or name in graph.splits
        for transition in task.next:
            path = f"tasks.{name}.next[{transition.index}].publish"
            for one in transition.publish:
                if _may_be(one.value):
                    changes = again and not one.value.is_literal
                    add(one.name, one.span, path, name, again=changes)
    return found


def _may_be(template: Template) -> bool:
    """Say whether a template may give a mapping with anything in it."""
    value = template.value
    if isinstance(value, str):
        part = whole(value)
        return part is not None and may_be_mapping(part)
    return hasattr(value, "items") and bool(value)
