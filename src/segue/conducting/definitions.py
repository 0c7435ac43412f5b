"""What can be said of a definition without running it: findings, and its graph."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from segue.checking import check, check_loaded
from segue.conducting.refusal import Code, RefusedError
from segue.conducting.requests import Graph, Inspect
from segue.conducting.responses import (
    UNSET,
    FindingMessage,
    Findings,
    GraphResponse,
    GraphTask,
    GraphTransition,
    RetryMessage,
    Unset,
)
from segue.graph.task_graph import TaskGraph
from segue.language.codes import kind_of
from segue.language.findings import Finding, Severity
from segue.language.model import JOIN_ALL, Retry, Task, Template, Workflow
from segue.language.workflows import Language, load_workflow
from segue.values import JsonValue


def inspect(request: Inspect) -> Findings:
    """Return all errors of a definition; warnings are no reason not to run it."""
    found = check(request.definition, context=request.context or ()).findings
    return Findings(findings=tuple(_finding(each) for each in found if _is_error(each)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """A definition without errors."""

    workflow: Workflow
    language: Language


def usable(definition: str, context: Collection[str] | None = ()) -> Usable:
    """Return the workflow that a text defines.

    `context` names the variables that are there from outside; None: it was usable before.
    Raises `RefusedError` (invalid-definition).
    """
    loaded = load_workflow(definition)
    checked = check_loaded(loaded, context=context or ())
    workflow = loaded.workflow if context is None else checked.workflow
    if workflow is None or checked.language is None:
        wrong = [each for each in checked.findings if _is_error(each)]
        first = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        place = f"{first.span.line}:{first.span.column}"
        raise RefusedError(Code.INVALID_DEFINITION, f"{place}: {first.message}{more}")
    return Usable(workflow=workflow, language=checked.language)


def graph(request: Graph) -> GraphResponse:
    """Return the graph of a definition, so far as it can be reached.

    Raises `RefusedError` (invalid-definition).
    """
    workflow = usable(request.definition).workflow
    whole = TaskGraph.of(workflow)
    tasks = {name: task for name, task in workflow.tasks.items() if name in whole.reachable}
    reached = TaskGraph.of(replace(workflow, tasks=tasks))
    return GraphResponse(
        tasks=tuple(_task(task) for task in tasks.values()),
        transitions=tuple(each for task in tasks.values() for each in _transitions(task)),
        start=reached.starts,
    )


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _finding(finding: Finding) -> FindingMessage:
    return FindingMessage(
        kind=str(kind_of(finding.code)),
        message=finding.message,
        code=str(finding.code),
        path=finding.path,
        line=finding.span.line,
        column=finding.span.column,
        variable=finding.variable or UNSET,
        hint=finding.hint or UNSET,
    )


def _task(task: Task) -> GraphTask:
    join: str | int | Unset = UNSET
    if task.join is not None:
        join = "all" if task.join == JOIN_ALL else task.join
    return GraphTask(task=task.name, join=join, retry=_retry(task.retry) if task.retry else UNSET)


def _retry(retry: Retry) -> RetryMessage:
    return RetryMessage(
        count=retry.count.value, when=_written(retry.when), delay=_written(retry.delay)
    )


def _written(template: Template | None) -> JsonValue | Unset:
    return UNSET if template is None or template.value is None else template.value


def _transitions(task: Task) -> list[GraphTransition]:
    return [
        GraphTransition(
            source=task.name,
            destination=target.name,
            index=transition.index,
            when=None if transition.when is None else transition.when.value,
        )
        for transition in task.next
        for target in transition.do
    ]
