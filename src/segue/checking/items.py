"""The items of `with` in native files: `item()` and `index()` where there is one, and its parts.

Orquesta gives null where there is no item, and says nothing of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from segue.checking.collector import Collector
from segue.checking.templates import (
    Placed,
    all_templates,
    before_templates,
    retry_templates,
    texts,
    transition_templates,
)
from segue.expressions import Dialect, ItemUse, Reference, item_uses
from segue.language.codes import Code
from segue.language.findings import Span
from segue.language.model import Task, Template, WithItems, Workflow
from segue.language.placing import locate
from segue.language.suggestions import did_you_mean

#: What is rendered for each item, where there are items.
_RENDERED = ("action", "input", "timeout")
_WHERE = "only the action, the input and the timeout of a task with items know one"


def check_items(text: str, workflow: Workflow, found: Collector) -> None:
    """Look at every `item()` and `index()` of a workflow. `text` is its file."""
    checks = _Checks(text, found)
    for placed in all_templates(workflow):
        if not placed.path.startswith("tasks."):
            checks.outside(placed, "")
    for task in workflow.tasks.values():
        rendered = {f"tasks.{task.name}.{key}" for key in _RENDERED}
        for placed in before_templates(task):
            if placed.path not in rendered:
                checks.outside(placed, "")
            elif task.with_items is None:
                checks.outside(placed, f": give `{task.name}` a `with`")
            else:
                checks.inside(placed, task.with_items)
        hint = "; when they are over, `result()` is the list of their results"
        for placed in _after(task):
            checks.outside(placed, hint if task.with_items else "")


def _after(task: Task) -> Iterator[Placed]:
    yield from retry_templates(task)
    for transition in task.next:
        yield from transition_templates(task, transition)


@dataclass(frozen=True, slots=True)
class _Checks:
    text: str
    found: Collector

    def outside(self, placed: Placed, hint: str) -> None:
        for template, use in _uses(placed):
            self.found.add(
                Code.NO_ITEM,
                locate(self.text, template, (), use.start, use.end),
                f"`{use.function}()` has no value here",
                hint=f"{_WHERE}{hint}",
                path=placed.path,
            )

    def inside(self, placed: Placed, items: WithItems) -> None:
        for template, use in _uses(placed):
            if use.part is not None and not use.part.optional:
                span = locate(self.text, template, (), use.part.start, use.part.end)
                self._part(placed.path, span, use.part, items)

    def _part(self, path: str, span: Span, part: Reference, items: WithItems) -> None:
        names = items.names
        if items.batch is not None:
            message = f"with `batch` an item is a list, and has no `{part.name}`"
            hint: str | None = "name a part of one of them, as in `item()[0]`"
        elif names and part.name not in names:
            message = f"the item has no part named `{part.name}`"
            listed = ", ".join(f"`{name}`" for name in names)
            hint = did_you_mean(part.name, names) or f"it has {listed}"
        else:
            return
        self.found.add(Code.UNKNOWN_ITEM_PART, span, message, hint=hint, path=path)


def _uses(placed: Placed) -> Iterator[tuple[Template, ItemUse]]:
    for template in texts(placed.template):
        for use in item_uses(template.value) if template.dialect is Dialect.MIXED else ():
            yield template, use
