"""Every value of a workflow that may hold expressions, with where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from segue.language.model import Task, Template, Transition, Workflow
from segue.values import JsonValue


@dataclass(frozen=True, slots=True)
class Placed:
    """A template and its path in the words of the definition."""

    template: Template
    path: str


def texts(template: Template) -> Iterator[Template]:
    """Yield each text with an expression in a template, keys too, as a template of its own."""
    for path, span in template.keys.items():
        yield replace(template, value=path[-1], span=span, places={(): span}, keys={}, prefix=0)
    for path, span in template.places.items():
        value = _at(template.value, path)
        yield replace(template, value=value, places={(): span}, keys={})


def _at(value: JsonValue, path: tuple[str | int, ...]) -> JsonValue:
    for part in path:
        if isinstance(value, Mapping):
            value = value[str(part)]
        else:
            assert isinstance(value, list), "a path leads through mappings and lists"
            value = value[int(part)]
    return value


def all_templates(workflow: Workflow) -> Iterator[Placed]:
    """Yield every template of a workflow, once, in the order of evaluation."""
    for index, declared in enumerate(workflow.inputs):
        if declared.default is not None:
            yield Placed(declared.default, f"input[{index}]")
    for index, variable in enumerate(workflow.vars):
        yield Placed(variable.value, f"vars[{index}]")
    for task in workflow.tasks.values():
        yield from before_templates(task)
        yield from retry_templates(task)
        for transition in task.next:
            yield from transition_templates(task, transition)
    for index, variable in enumerate(workflow.output):
        yield Placed(variable.value, f"output[{index}]")


def before_templates(task: Task) -> Iterator[Placed]:
    """Yield what is rendered before a task runs."""
    path = f"tasks.{task.name}"
    given = [("when", task.when), ("delay", task.delay), ("timeout", task.timeout)]
    if task.with_items is not None:
        with_items = task.with_items
        given += [("with.items", items) for items in with_items.items]
        given.append(("with.concurrency", with_items.concurrency))
        given.append(("with.batch", with_items.batch))
        given.append(("with.max_failures", with_items.max_failures))
    given += [("action", task.action), ("input", task.input)]
    for name, template in given:
        if template is not None:
            yield Placed(template, f"{path}.{name}")


def retry_templates(task: Task) -> Iterator[Placed]:
    """Yield what decides whether there is another attempt."""
    if task.retry is None:
        return
    path = f"tasks.{task.name}.retry"
    retry = task.retry
    for name, template in (
        ("when", retry.when),
        ("count", retry.count),
        ("delay", retry.delay),
        ("max_delay", retry.max_delay),
    ):
        if template is not None:
            yield Placed(template, f"{path}.{name}")


def transition_templates(task: Task, transition: Transition) -> Iterator[Placed]:
    """Yield what is evaluated when a task has completed: the condition, then what is published."""
    path = f"tasks.{task.name}.next[{transition.index}]"
    if transition.when is not None:
        yield Placed(transition.when, f"{path}.when")
    for index, publish in enumerate(transition.publish):
        yield Placed(publish.value, f"{path}.publish[{index}]")
