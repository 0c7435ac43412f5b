"""Whether the workflows that a workflow calls are there, and take what they are given.

Which file an action means, and what is in it, is found out by whoever looks at files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from segue.checking.collector import Collector
from segue.checking.defaults import known_value
from segue.expressions import has_expression
from segue.language.codes import Code
from segue.language.findings import Span
from segue.language.input_schemas import Place, value_problems
from segue.language.inputs import InputFault, check_inputs
from segue.language.model import Task, Template, Workflow
from segue.language.placing import locate_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """The workflow that an action names; where it can't be used, `problem` says why."""

    file: str
    workflow: Workflow | None
    problem: str | None = None


#: Finds the workflow that an action names; None: it names none.
FindCallee = Callable[[str], Callee | None]


def check_calls(text: str, workflow: Workflow, found: Collector, find: FindCallee) -> None:
    """Look at every task whose action is a workflow. `text` is the file of the one that calls."""
    for task in workflow.tasks.values():
        action = task.action
        if action is None or not action.is_literal or not isinstance(action.value, str):
            continue
        callee = find(action.value)
        if callee is None:
            continue
        path = f"tasks.{task.name}"
        if callee.workflow is None:
            message = f"the workflow `{action.value}` can't be used: {callee.problem}"
            found.add(Code.UNUSABLE_WORKFLOW, action.span, message, path=f"{path}.action")
        else:
            _check_input(text, task, action, callee.workflow, found)


def _check_input(
    text: str, task: Task, action: Template, callee: Workflow, found: Collector
) -> None:
    given = {} if task.input is None else task.input.value
    if not isinstance(given, Mapping):
        return  # an expression: what it gives is not known
    sure = {name: value for name, value in given.items() if not has_expression(name)}
    schemas = {each.name: each.schema for each in callee.inputs}
    path = f"tasks.{task.name}.input"

    def add(span: Span, message: str, hint: str | None = None) -> None:
        found.add(Code.WRONG_CALL, span, f"`{action.value}`: {message}", hint=hint, path=path)

    for problem in check_inputs(callee, dict.fromkeys(sure)):
        if problem.fault is InputFault.UNKNOWN:
            add(_place(text, task.input, problem.name), problem.message, problem.hint)
        elif problem.fault is InputFault.MISSING and len(sure) == len(given):
            add(action.span, problem.message)
    for name, value in sure.items():
        unknown: list[Place] = []
        known = known_value(value, (), unknown)
        for message in value_problems(schemas.get(name), known, unknown=unknown):
            wrong = f"the input `{name}` is not what it must be: {message}"
            add(_place(text, task.input, name), wrong)


def _place(text: str, given: Template | None, name: str) -> Span:
    assert given is not None, "what is given stands somewhere"
    return locate_entry(text, given, name)
