"""What can be asked without a conductor: expressions, findings, graphs."""

import msgspec

from segue.checking import check
from segue.conducting.requests import Expression, Graph, Inspect, RefusedError, Validate
from segue.expressions import ExpressionError, Reason, compile_template, inspect_template
from segue.expressions.errors import FactMissingError
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord
from segue.graph.task_graph import TaskGraph
from segue.language.codes import kind_of
from segue.language.findings import Finding, Severity
from segue.language.model import JOIN_ALL, Task, Template
from segue.language.workflows import load_workflow
from segue.values import JsonValue

Document = dict[str, JsonValue]


def evaluated(request: Expression) -> Document:
    """Return the value of a statement. Raises `RefusedError` (`expression`)."""
    statuses = request.tasks or {}
    task = request.task
    scope = Scope(
        context=request.context or {},
        facts=Facts(now=0.0),
        task=None if task is None else task.id,
        status=None if task is None else statuses.get(task.id),
        result=None if task is None else task.result,
        tasks={name: TaskRecord(status=status) for name, status in statuses.items()},
        item=None
        if isinstance(request.item, msgspec.UnsetType)
        else CurrentItem(value=request.item, index=0),
    )
    try:
        return {"result": compile_template(request.statement).evaluate(scope)}
    except ExpressionError as error:
        raise RefusedError("expression", error.message) from error
    except FactMissingError as error:
        raise RefusedError("expression", f"there is no {error.kind} here") from error


def validated(request: Validate) -> Document:
    """Return what is wrong with the syntax of the expressions in a statement."""
    findings = [
        {"kind": "expressions", "message": one.message}
        for one in inspect_template(request.statement)
        if one.reason is Reason.SYNTAX
    ]
    return {"findings": findings}


def inspected(request: Inspect) -> Document:
    """Return the errors of a definition."""
    checked = check(request.definition, context=request.context or ())
    errors = [one for one in checked.findings if one.severity is Severity.ERROR]
    return {"findings": [_finding(one) for one in errors]}


def _finding(finding: Finding) -> Document:
    document: Document = {
        "kind": kind_of(finding.code).value,
        "message": finding.message,
        "path": finding.path or "",
        "line": finding.span.line,
        "column": finding.span.column,
    }
    if finding.variable is not None:
        document["variable"] = finding.variable
    return document


def described(request: Graph) -> Document:
    """Return the graph of a definition. Raises `RefusedError` (`invalid-definition`)."""
    loaded = load_workflow(request.definition)
    workflow = loaded.workflow
    if workflow is None:
        raise RefusedError("invalid-definition", _first(loaded.findings))
    graph = TaskGraph.of(workflow)
    reachable = {name: task for name, task in workflow.tasks.items() if name in graph.reachable}
    return {
        "tasks": [_task(task) for task in reachable.values()],
        "transitions": [row for task in reachable.values() for row in _transitions(task)],
        "start": list(graph.starts),
    }


def _first(findings: tuple[Finding, ...]) -> str:
    errors = [one for one in findings if one.severity is Severity.ERROR]
    return f"line {errors[0].span.line}: {errors[0].message}"


def _task(task: Task) -> Document:
    document: Document = {"task": task.name}
    if task.join is not None:
        document["join"] = "all" if task.join == JOIN_ALL else task.join
    if task.retry is not None:
        retry = {
            "when": _plain(task.retry.when),
            "count": _plain(task.retry.count),
            "delay": _plain(task.retry.delay),
        }
        document["retry"] = {key: value for key, value in retry.items() if value is not None}
    return document


def _transitions(task: Task) -> list[Document]:
    return [
        {
            "source": task.name,
            "destination": target.name,
            "index": transition.index,
            "when": _plain(transition.when),
        }
        for transition in task.next
        for target in transition.do
    ]


def _plain(template: Template | None) -> JsonValue:
    return None if template is None else template.value
