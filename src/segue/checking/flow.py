"""Whether tasks follow one another in a way that can work: what any language's file is told.

In a native file, and in one of Attune, what can't work is an error. In an Orquesta file only what
Orquesta refuses is (that is in `orquesta_flow`), and the rest is a warning.
"""

from dataclasses import dataclass

from segue.checking.collector import Collector
from segue.graph.task_graph import TaskGraph
from segue.language.codes import Code
from segue.language.findings import Severity
from segue.language.model import EngineCommand, Match, Task, Template, Transition, Workflow
from segue.language.suggestions import did_you_mean
from segue.language.workflows import Language

#: Actions that do not fail as long as their input can be rendered.
_HARMLESS = frozenset({"core.noop", "core.echo", "core.sleep"})

_ABOUT_FAILURE = ("failed", "timed_out", "completed", "task_status")


@dataclass(frozen=True, slots=True)
class FlowChecks:
    """The checks of one workflow. `language` says in whose words and how strictly."""

    workflow: Workflow
    graph: TaskGraph
    found: Collector
    language: Language

    @property
    def native(self) -> bool:
        """Whether the words are the native ones."""
        return self.language is Language.NATIVE

    @property
    def strict(self) -> bool:
        """Whether what can't work is an error, for there is nobody else who has a say in it."""
        return self.language is not Language.ORQUESTA

    @property
    def _severity(self) -> Severity:
        return Severity.ERROR if self.strict else Severity.WARNING

    def run(self) -> None:
        """Look at everything."""
        for task in self.workflow.tasks.values():
            self._targets(task)
            self._dead_transitions(task)
            if self.native:
                self._swallowed(task)
        self._entry_points()
        self._unreachable()
        self._joins()
        self._endless()

    def _targets(self, task: Task) -> None:
        tasks = self.workflow.tasks
        for transition in task.next:
            for target in transition.do:
                if target.command is not None or target.name in tasks:
                    continue
                if target.name == "retry" and self.language is not Language.ATTUNE:
                    continue
                self.found.add(
                    Code.UNKNOWN_TASK,
                    target.span,
                    f"there is no task `{target.name}`",
                    hint=self._meant(target.name),
                    path=f"tasks.{task.name}.next[{transition.index}].do",
                    severity=self._severity_of_target(task),
                )

    def _severity_of_target(self, task: Task) -> Severity:
        """Orquesta follows the transitions from the starts, and does not look at other tasks."""
        reached = self.strict or task.name in self.graph.reachable
        return Severity.ERROR if reached else Severity.WARNING

    def _meant(self, name: str) -> str | None:
        if "," in name:
            parts = [part.strip() for part in name.split(",")]
            return f"several tasks are a list: [{', '.join(parts)}]"
        attune = self.language is Language.ATTUNE
        commands = [] if attune else [command.value for command in EngineCommand]
        return did_you_mean(name, (*commands, *self.workflow.tasks))

    def _dead_transitions(self, task: Task) -> None:
        if task.match is not Match.FIRST:
            return
        always = next((each for each in task.next if each.when is None), None)
        if always is None:
            return
        for transition in task.next:
            if transition.index > always.index:
                self.found.add(
                    Code.UNREACHABLE_TRANSITION,
                    transition.span,
                    "this transition is never tried: the one on line "
                    f"{always.span.line} always holds, and only the first that holds is taken",
                    hint="move the one without `when` to the end, or set `match: all`",
                    path=f"tasks.{task.name}.next[{transition.index}]",
                )

    def _swallowed(self, task: Task) -> None:
        if not _can_fail(task) or any(_is_about_failure(each.when) for each in task.next):
            return
        for transition in task.next:
            if transition.when is None and _handles(transition):
                self.found.add(
                    Code.SWALLOWED_FAILURE,
                    transition.span,
                    f"without `when` this is taken after a failure of `{task.name}` too, "
                    "which then counts as handled",
                    hint="write `when: succeeded()`, or `when: completed()` if that is meant",
                    path=f"tasks.{task.name}.next[{transition.index}]",
                )
                return

    def _entry_points(self) -> None:
        tasks = list(self.workflow.tasks.values())
        if not tasks or self.graph.starts or self.workflow.start:
            return
        message = "every task has a transition that leads to it, so nothing says where to begin"
        hint = {
            Language.NATIVE: f"write `start: {tasks[0].name}`, or start it with `--start TASK`",
            Language.ATTUNE: "add a task that leads into the loop, or start it with `--start TASK`",
            Language.ORQUESTA: "add a task that leads into the loop",
        }[self.language]
        self.found.add(
            Code.NO_ENTRY_POINT,
            tasks[0].span,
            message,
            hint=hint,
            path="tasks",
            severity=Severity.WARNING if self.strict else Severity.ERROR,
        )

    def _unreachable(self) -> None:
        if not self.graph.starts:
            return
        starts = ", ".join(f"`{name}`" for name in self.graph.starts[:3])
        more = ", ..." if len(self.graph.starts) > 3 else ""
        for name, task in self.workflow.tasks.items():
            if name not in self.graph.reachable:
                self.found.add(
                    Code.UNREACHABLE_TASK,
                    task.span,
                    f"no path leads to `{name}` from where the workflow begins ({starts}{more})",
                    hint="name it under a `do`, name it in `start`, or remove it",
                    path=f"tasks.{name}",
                )

    def _joins(self) -> None:
        impossible = set(self.graph.unsatisfiable_joins)
        for name, join in self.graph.joins.items():
            task = self.workflow.tasks[name]
            sources = len(join.sources)
            path = f"tasks.{name}.join"
            span = task.join_span or task.span
            leads = {0: "no task leads", 1: "only one task leads"}.get(
                sources, f"only {sources} tasks lead"
            )
            if join.needed > max(sources, 1):
                self.found.add(
                    Code.JOIN_UNSATISFIABLE,
                    span,
                    f"`{name}` waits for {join.needed} tasks, and {leads} to it",
                    hint="each source task counts once: lower `join`, or write `join: all`",
                    path=path,
                    severity=self._severity,
                )
            elif name in impossible:
                self.found.add(
                    Code.JOIN_UNSATISFIABLE,
                    span,
                    f"`{name}` waits for {join.needed} tasks, and not that many of those that "
                    "lead to it can be reached from where the workflow begins",
                    hint=f"it is led to by {_listed(join.sources)}",
                    path=path,
                    severity=self._severity,
                )
            elif sources <= 1 and task.join_span is not None:
                self.found.add(
                    Code.JOIN_OF_ONE,
                    span,
                    f"`join` of `{name}` waits for nothing: {leads} to it",
                    hint="remove `join`, or add the transitions that are missing",
                    path=path,
                )

    def _endless(self) -> None:
        for cycle in self.graph.cycles_without_exit:
            tasks = self.workflow.tasks
            first = next(name for name in tasks if name in cycle)
            around = " -> ".join((*cycle, cycle[0])) if len(cycle) < 6 else _listed(cycle)
            self.found.add(
                Code.ENDLESS_CYCLE,
                tasks[first].span,
                f"nothing leads out of this cycle: {around}",
                hint="give one of its transitions a `when`, and another one a way out",
                path=f"tasks.{first}",
            )


def _listed(names: tuple[str, ...]) -> str:
    shown = [f"`{name}`" for name in names[:5]]
    return ", ".join(shown) + (", ..." if len(names) > 5 else "")


def _can_fail(task: Task) -> bool:
    action = task.action.value if task.action else None
    if action is None:
        return False
    rendered = [task.input, *(task.with_items.items if task.with_items else ())]
    return action not in _HARMLESS or any(each and not each.is_literal for each in rendered)


def _is_about_failure(when: Template | None) -> bool:
    return when is not None and any(word in str(when.value) for word in _ABOUT_FAILURE)


def _handles(transition: Transition) -> bool:
    """Say whether a failure counts as handled when this is taken."""
    commands = {target.command for target in transition.do}
    if EngineCommand.FAIL in commands:
        return False
    return bool(commands - {EngineCommand.CONTINUE})
