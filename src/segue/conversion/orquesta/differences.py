"""Where an Orquesta file, once native, behaves in another way: told by what the file shows."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from segue.checking.templates import Placed, before_templates, retry_templates, transition_templates
from segue.conversion.changes import Change
from segue.conversion.noting import Notes
from segue.conversion.orquesta.branches import tell_of_branches
from segue.conversion.orquesta.values import tell_of_mappings
from segue.conversion.whole import whole
from segue.expressions import observed_tasks
from segue.expressions.strings import strings
from segue.graph.dominators import immediate_dominators
from segue.graph.task_graph import TaskGraph
from segue.language.model import EngineCommand, Task, Transition, WithItems, Workflow
from segue.values import JsonValue

_READS_VARIABLE: Final = re.compile(
    r"""\s*(ctx\(\s*\)\.\w+|ctx\(\s*['"]?\w+['"]?\s*\)|item\(\s*['"]?\w*['"]?\s*\)|ctx\(\s*\))\s*"""
)
_VARIABLE: Final = re.compile(r"""\s*(?:ctx\(\s*\)\.(\w+)|ctx\(\s*['"]?(\w+)['"]?\s*\))\s*""")
_RESULT: Final = re.compile(r"\bresult\(\)")
_SUCCEEDED: Final = re.compile(r"\s*(?:\{\{|<%)\s*succeeded\(\)")
_ZIP: Final = re.compile(r"\s*zip\(")


def tell_differences(workflow: Workflow, notes: Notes) -> None:
    """Take a note of each place. The workflow is Orquesta's, as it is executed."""
    graph = TaskGraph.of(workflow)
    tell_of_mappings(workflow, graph, notes)
    tell_of_branches(workflow, graph, notes)
    _errors(workflow, notes)
    _asked_for(workflow, graph, notes)
    _nothing_there(workflow, notes)
    for task in workflow.tasks.values():
        if task.with_items is not None:
            _items(workflow, task, task.with_items, notes)


def _errors(workflow: Workflow, notes: Notes) -> None:
    found = [
        task
        for task in workflow.tasks.values()
        if any(_may_fail(each.template.value) for each in before_templates(task))
        and any(_handles(each) for each in task.next)
    ]
    if not found:
        return
    others = f" (so do {_listed(found[1:])})" if found[1:] else ""
    notes.add(
        Change.ERRORS_HANDLED,
        found[0].span,
        f"an expression of `{found[0].name}` that can't be evaluated fails the task, and its "
        f"transitions deal with that{others}; in Orquesta the execution fails",
        hint="look whether what follows a failure is right then, too",
        path=f"tasks.{found[0].name}",
    )


def _listed(tasks: list[Task]) -> str:
    shown = ", ".join(f"`{task.name}`" for task in tasks[:4])
    return f"{shown} and {len(tasks) - 4} more" if len(tasks) > 4 else shown


def _may_fail(value: JsonValue) -> bool:
    """Say whether there is an expression in a value that does more than read a variable."""
    for _, text in strings(value):
        part = whole(text)
        if part is not None and _READS_VARIABLE.fullmatch(part.source):
            continue
        if "<%" in text or "{{" in text or "{%" in text:
            return True
    return False


def _handles(transition: Transition) -> bool:
    """Say whether a transition may be taken after a failure, and deals with it."""
    if transition.when is not None and _SUCCEEDED.match(str(transition.when.value)):
        return False
    commands = {target.command for target in transition.do}
    return EngineCommand.FAIL not in commands and bool(commands - {EngineCommand.CONTINUE})


def _asked_for(workflow: Workflow, graph: TaskGraph, notes: Notes) -> None:
    above = immediate_dominators(graph.starts, graph.successors, graph.predecessors)
    for task in workflow.tasks.values():
        passed = _passed(task.name, above)
        for placed, completed in _of_task(task):
            asked = observed_tasks(placed.template.value)
            if asked is not None and asked <= (passed | {task.name} if completed else passed):
                continue
            names = "tasks" if asked is None else _quoted(sorted(asked - passed))
            notes.add(
                Change.TASKS_ASKED_FOR,
                placed.template.span,
                f"this asks for {names}, which is known here only if this branch has passed it",
                hint="join the branches before, or publish what has to be known",
                path=placed.path,
            )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _passed(name: str, above: Mapping[str, str | None]) -> frozenset[str]:
    found: set[str] = set()
    at = above.get(name)
    while at is not None:
        found.add(at)
        at = above.get(at)
    return frozenset(found)


def _of_task(task: Task) -> Iterator[tuple[Placed, bool]]:
    """Yield what a task holds, and whether it has completed when that is evaluated."""
    for placed in before_templates(task):
        yield placed, False
    for placed in retry_templates(task):
        yield placed, True
    for transition in task.next:
        for placed in transition_templates(task, transition):
            yield placed, True


def _nothing_there(workflow: Workflow, notes: Notes) -> None:
    for task in workflow.tasks.values():
        for placed in before_templates(task):
            if any(_RESULT.search(text) for _, text in strings(placed.template.value)):
                notes.add(
                    Change.NOTHING_THERE,
                    placed.template.span,
                    "there is no result yet, which is an error here; in Orquesta it is null",
                    hint="publish the result of the task before, and read the variable",
                    path=placed.path,
                )


def _items(workflow: Workflow, task: Task, items: WithItems, notes: Notes) -> None:
    path = f"tasks.{task.name}.with"
    at_once = items.concurrency
    if at_once is not None and at_once.value not in (0, 1):
        notes.add(
            Change.ITEMS_AFTER_FAILURE,
            at_once.span,
            f"once an item of `{task.name}` has failed, no other starts; in Orquesta others start "
            "as long as some run",
            hint="`on_item_failure: continue` runs all of them",
            path=f"{path}.concurrency",
        )
    if task.retry is not None:
        notes.add(
            Change.ITEMS_TRIED_AGAIN,
            task.retry.span,
            f"a retry of `{task.name}` runs the items again that did not succeed; in Orquesta all",
            path=f"tasks.{task.name}.retry",
        )
    if items.names and not _fit(workflow, items):
        what = f"`{items.names[0]}` is the whole item, if that is a list, too"
        if len(items.names) > 1:
            what = f"each item has to have {len(items.names)} elements"
        notes.add(
            Change.PARTS_OF_ITEMS,
            items.items[0].span,
            f"{what}; in Orquesta the names are given what elements there are",
            path=f"{path}.items",
        )


def _fit(workflow: Workflow, items: WithItems) -> bool:
    """Say whether the items are what the names need, as far as the file shows."""
    part = whole(items.items[0].value)
    source = "" if part is None else part.source
    several = len(items.names) > 1
    if _ZIP.match(source):
        return several and source.count(",") == len(items.names) - 1
    found = _VARIABLE.fullmatch(source)
    value = _first_value(workflow, found[1] or found[2]) if found else None
    if not isinstance(value, list):
        return not several
    if several:
        return all(isinstance(one, list) and len(one) == len(items.names) for one in value)
    return not any(isinstance(one, list) for one in value)


def _first_value(workflow: Workflow, name: str) -> JsonValue:
    for variable in workflow.vars:
        if variable.name == name:
            return variable.value.value
    for declared in workflow.inputs:
        if declared.name == name and declared.default is not None:
            return declared.default.value
    return None
