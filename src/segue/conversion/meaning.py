"""What a workflow means, wherever it is written: to compare two of them."""

from collections.abc import Mapping

from segue.expressions import has_expression
from segue.language.durations import parse_duration
from segue.language.model import JOIN_ALL, Match, Task, Template, Transition, Workflow
from segue.values import JsonValue

Meaning = JsonValue | tuple["Meaning", ...]


def meaning(workflow: Workflow) -> Meaning:
    """Return all of a workflow but the places in its file."""
    return (
        workflow.name,
        workflow.description,
        workflow.limits.duration,
        workflow.on_cancel.value,
        workflow.semantics.unhandled_failure.value,
        tuple(
            (one.name, _value(one.default), one.required, _exact(one.schema))
            for one in workflow.inputs
        ),
        tuple((one.name, _value(one.value)) for one in workflow.vars),
        tuple(_task(task) for task in workflow.tasks.values()),
        tuple((one.name, _value(one.value)) for one in workflow.output),
        tuple(workflow.tags),
        workflow.start,
    )


def _value(template: Template | None) -> Meaning:
    return None if template is None else (_exact(template.value),)


def _exact(value: JsonValue) -> Meaning:
    """Return a value such that 1, 1.0 and true are three."""
    if isinstance(value, list | tuple):
        return ("list", *(_exact(one) for one in value))
    if isinstance(value, Mapping):
        return ("mapping", *((name, _exact(one)) for name, one in value.items()))
    return (type(value).__name__, value)


def _number(template: Template | None) -> Meaning:
    """Return a duration, or something else that may be a whole number or not."""
    if template is None:
        return None
    value = template.value
    if isinstance(value, str) and not has_expression(value):
        value = parse_duration(value)
    return float(value) if isinstance(value, int) else value


def _task(task: Task) -> Meaning:
    items = task.with_items
    retry = task.retry
    return (
        task.name,
        task.description,
        _value(task.action),
        _value(task.input),
        JOIN_ALL if task.join == JOIN_ALL else task.join,
        _number(task.delay),
        _number(task.timeout),
        None
        if items is None
        else (
            tuple(_value(each) for each in items.items),
            items.names,
            _value(items.concurrency),
            _value(items.batch),
            items.on_failure.value,
        ),
        None
        if retry is None
        else (
            _value(retry.count),
            _number(retry.delay),
            _number(retry.max_delay),
            _when(retry.when),
            retry.backoff.value,
        ),
        len(task.next) > 1 and task.match is Match.ALL,
        tuple(_transition(each) for each in task.next),
    )


def _transition(transition: Transition) -> Meaning:
    return (
        _when(transition.when),
        tuple((one.name, _value(one.value)) for one in transition.publish),
        tuple(target.name for target in transition.do),
    )


def _when(when: Template | None) -> Meaning:
    """Return a condition; `<% completed() %>` and `{{ completed() }}` are one."""
    if when is None:
        return None
    text = str(when.value)
    return "{{ completed() }}" if text == "<% completed() %>" else text
