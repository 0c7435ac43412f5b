"""What the expressions of Attune name beside variables: parameters, tasks, items and outcomes."""

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
from segue.expressions import Dialect, Use, Used, attune_uses
from segue.language.codes import Code
from segue.language.model import Task, Template, Workflow
from segue.language.placing import locate
from segue.language.suggestions import did_you_mean

#: What is rendered for each item, where there are items.
_RENDERED = ("action", "input", "timeout")
_NONE = "`{}` has no value here"
_WHERE = "only the action, the input and the timeout of a task with items know one"
_NOTHING = "no task has just completed here, so `{}` has nothing to tell"


def check_attune_names(text: str, workflow: Workflow, found: Collector) -> None:
    """Look at every name in the expressions of a workflow. `text` is its file."""
    published = {
        publish.name
        for task in workflow.tasks.values()
        for transition in task.next
        for publish in transition.publish
    }
    published.update(each.name for each in workflow.inputs)
    published.update(each.name for each in workflow.vars)
    checks = _Checks(text, workflow, found, has_result="result" in published)
    for placed in all_templates(workflow):
        if placed.template.dialect is Dialect.ATTUNE:
            checks.anywhere(placed)
            if not placed.path.startswith("tasks."):
                checks.without(placed, Used.OUTCOME, Used.ITEM)
    for task in workflow.tasks.values():
        rendered = [f"tasks.{task.name}.{key}" for key in _RENDERED if task.with_items]
        for placed in before_templates(task):
            items = () if placed.path in rendered else (Used.ITEM,)
            checks.without(placed, Used.OUTCOME, *items)
        for placed in _after(task):
            checks.without(placed, Used.ITEM)


def _after(task: Task) -> Iterator[Placed]:
    yield from retry_templates(task)
    for transition in task.next:
        yield from transition_templates(task, transition)


@dataclass(frozen=True, slots=True)
class _Checks:
    text: str
    workflow: Workflow
    found: Collector
    has_result: bool  # a variable of that name, which goes before what tasks give

    def anywhere(self, placed: Placed) -> None:
        """Find parameters and tasks that there are none of."""
        inputs = {each.name for each in self.workflow.inputs}
        for template, use in _uses(placed):
            if use.optional or not use.name:
                continue
            if use.used is Used.PARAMETER and use.name not in inputs:
                message = f"the workflow has no parameter `{use.name}`"
                told = (message, did_you_mean(use.name, inputs))
                self._add(Code.UNDEFINED_VARIABLE, placed.path, template, use, told)
            elif use.used is Used.TASK and use.name not in self.workflow.tasks:
                message = f"there is no task `{use.name}`"
                told = (message, did_you_mean(use.name, self.workflow.tasks))
                self._add(Code.UNKNOWN_TASK, placed.path, template, use, told)

    def without(self, placed: Placed, *missing: Used) -> None:
        """Find what has no value where this is evaluated."""
        for template, use in _uses(placed):
            if use.used not in missing or use.optional:
                continue
            if use.used is Used.ITEM:
                self._add(
                    Code.NO_ITEM, placed.path, template, use, (_NONE.format(use.name), _WHERE)
                )
            elif use.name != "result" or not self.has_result:
                told = (_NOTHING.format(use.name), "name the task, as in `task.NAME.result`")
                self._add(Code.UNDEFINED_VARIABLE, placed.path, template, use, told)

    def _add(
        self, code: Code, path: str, template: Template, use: Use, told: tuple[str, str | None]
    ) -> None:
        span = locate(self.text, template, (), use.start, use.end)
        self.found.add(code, span, told[0], hint=told[1], path=path)


def _uses(placed: Placed) -> Iterator[tuple[Template, Use]]:
    if placed.template.dialect is not Dialect.ATTUNE:
        return
    for template in texts(placed.template):
        for use in attune_uses(template.value):
            yield template, use
