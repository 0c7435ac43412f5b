"""A workflow made ready to be conducted: expressions compiled and the graph drawn, once.

A program is made once per definition and shared by all its executions; it never changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from segue.core.errors import RequestError
from segue.expressions import CompiledTemplate, compile_template, observed_tasks
from segue.graph.task_graph import TaskGraph
from segue.language.findings import Span
from segue.language.model import (
    EngineCommand,
    JoinScope,
    Match,
    Retry,
    Task,
    Template,
    Transition,
    Variable,
    WithItems,
    Workflow,
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template of the definition and what it was compiled to."""

    template: Template
    program: CompiledTemplate

    def place(self, path: tuple[str | int, ...], offset: int) -> str:
        """Return "line:column" of a place inside the template, as far as is known."""
        span: Span = self.template.places.get(path, self.template.span)
        return f"{span.line}:{span.column + offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryProgram:
    """The retry of a task, compiled."""

    retry: Retry
    count: Compiled
    delay: Compiled | None
    max_delay: Compiled | None
    when: Compiled | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionProgram:
    """A transition, compiled. `tasks` and `commands` are what it names, each in order."""

    transition: Transition
    when: Compiled | None
    publish: tuple[tuple[str, Compiled], ...]
    do: tuple[str, ...]
    tasks: tuple[str, ...]
    commands: frozenset[EngineCommand]

    @property
    def handles_failure(self) -> bool:
        """Whether taking it means that a failure was dealt with."""
        return bool(self.tasks) or EngineCommand.NOOP in self.commands


@dataclass(frozen=True, slots=True, kw_only=True)
class WithItemsProgram:
    """The items of a task, compiled."""

    with_items: WithItems
    items: tuple[Compiled, ...]
    concurrency: Compiled | None
    batch: Compiled | None
    max_failures: Compiled | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgram:
    """A task, compiled. `kept`: expressions may ask for its latest execution."""

    task: Task
    when: Compiled | None
    action: Compiled | None
    input: Compiled | None
    delay: Compiled | None
    timeout: Compiled | None
    retry: RetryProgram | None
    with_items: WithItemsProgram | None
    transitions: tuple[TransitionProgram, ...]
    kept: bool

    @property
    def takes_all(self) -> bool:
        """Whether every transition that holds is taken, not the first one only."""
        return self.task.match is Match.ALL


class Program:
    """A workflow, compiled. Making one of a workflow that has errors may raise anything."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.inputs = tuple(
            (declared.name, _compiled(declared.default)) for declared in workflow.inputs
        )
        self.vars = _variables(workflow.vars)
        self.output = _variables(workflow.output)
        asked = _asked_for(workflow)
        once = workflow.semantics.join_scope is JoinScope.ROUTE
        self.tasks: Mapping[str, TaskProgram] = {
            name: _task(task, kept=asked is None or name in asked, once=once)
            for name, task in workflow.tasks.items()
        }
        self._graphs: dict[tuple[str, ...], TaskGraph] = {}
        self._splits: dict[tuple[str, ...], frozenset[str]] = {}
        self._opens: dict[tuple[str, ...], Mapping[str, tuple[str, ...]]] = {}

    @classmethod
    def of(cls, workflow: Workflow) -> "Program":
        """Return the program of a workflow in which `check` found no error."""
        return cls(workflow)

    def graph(self, start: tuple[str, ...] = ()) -> TaskGraph:
        """Return the graph as seen from these tasks (empty: the declared start, entry points).

        Raises `RequestError` for a task that does not exist.
        """
        known = self._graphs.get(start)
        if known is None:
            for task in start:
                if task not in self.workflow.tasks:
                    raise RequestError(
                        "unknown_task",
                        f"there is no task {task!r} to start at",
                        hint=f"the tasks are {', '.join(self.workflow.tasks)}",
                        field="start",
                    )
            known = self._graphs[start] = TaskGraph.of(self.workflow, start)
        return known

    def splits(self, start: tuple[str, ...]) -> frozenset[str]:
        """Return the tasks that begin a route of their own whenever they are reached."""
        known = self._splits.get(start)
        if known is None:
            graph = self.graph(start)
            if self.workflow.semantics.join_scope is JoinScope.ROUTE:
                known = frozenset(name for name in graph.splits if not graph.in_cycle(name))
            else:
                known = frozenset()
            self._splits[start] = known
        return known

    def feeding(self, start: tuple[str, ...]) -> frozenset[str]:
        """Return the tasks from which a transition leads to a join."""
        joins = self.graph(start).joins.values()
        return frozenset(source for join in joins for source in join.sources)

    def opens(self, start: tuple[str, ...], task: str) -> tuple[str, ...]:
        """Return the joins of which a visit of this task begins a new round."""
        return self._opens_by_task(start).get(task, ())

    def _opens_by_task(self, start: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        known = self._opens.get(start)
        if known is None:
            found: dict[str, tuple[str, ...]] = {}
            for name, join in self.graph(start).joins.items():
                for opener in sorted(join.openers):
                    found[opener] = (*found.get(opener, ()), name)
            known = self._opens[start] = found
        return known


def _compiled(template: Template | None) -> Compiled | None:
    return None if template is None else _compile(template)


def _compile(template: Template) -> Compiled:
    return Compiled(template, compile_template(template.value, template.dialect, template.given))


def _variables(variables: tuple[Variable, ...]) -> tuple[tuple[str, Compiled], ...]:
    return tuple((variable.name, _compile(variable.value)) for variable in variables)


def _task(task: Task, *, kept: bool, once: bool) -> TaskProgram:
    return TaskProgram(
        task=task,
        when=_compiled(task.when),
        action=_compiled(task.action),
        input=_compiled(task.input),
        delay=_compiled(task.delay),
        timeout=_compiled(task.timeout),
        retry=_retry(task.retry) if task.retry else None,
        with_items=_with_items(task.with_items) if task.with_items else None,
        transitions=tuple(_transition(transition, once=once) for transition in task.next),
        kept=kept,
    )


def _with_items(with_items: WithItems) -> WithItemsProgram:
    return WithItemsProgram(
        with_items=with_items,
        items=tuple(_compile(template) for template in with_items.items),
        concurrency=_compiled(with_items.concurrency),
        batch=_compiled(with_items.batch),
        max_failures=_compiled(with_items.max_failures),
    )


def _retry(retry: Retry) -> RetryProgram:
    return RetryProgram(
        retry=retry,
        count=_compile(retry.count),
        delay=_compiled(retry.delay),
        max_delay=_compiled(retry.max_delay),
        when=_compiled(retry.when),
    )


def _transition(transition: Transition, *, once: bool) -> TransitionProgram:
    """Compile a transition; `once`: a target that it names twice is reached once."""
    do = transition.do
    if once:
        do = tuple({target.name: target for target in reversed(do)}.values())[::-1]
    return TransitionProgram(
        transition=transition,
        when=_compiled(transition.when),
        publish=tuple((publish.name, _compile(publish.value)) for publish in transition.publish),
        do=tuple(target.name for target in do),
        tasks=tuple(target.name for target in do if target.command is None),
        commands=frozenset(target.command for target in do if target.command),
    )


def _asked_for(workflow: Workflow) -> frozenset[str] | None:
    """Return the tasks that some expression asks about; None: that can't be known, any of them."""
    asked: frozenset[str] = frozenset()
    for template in _templates(workflow):
        for value in (template.value, *(given for _, given in template.given)):
            observed = observed_tasks(value, template.dialect)
            if observed is None:
                return None
            asked |= observed
    return asked


def _templates(workflow: Workflow) -> list[Template]:
    found: list[Template | None] = [variable.value for variable in workflow.vars + workflow.output]
    for task in workflow.tasks.values():
        found += [task.when, task.action, task.input, task.delay, task.timeout]
        if task.with_items:
            items = task.with_items
            found += [*items.items, items.concurrency, items.batch, items.max_failures]
        if task.retry:
            found += [task.retry.count, task.retry.delay, task.retry.max_delay, task.retry.when]
        for transition in task.next:
            found.append(transition.when)
            found += [publish.value for publish in transition.publish]
    return [template for template in found if template is not None]
