"""Variables that nothing defines on any way to where they are read: in native files and Attune's.

What a branch may have at a task is what inputs, `vars` and the transitions on *some* way to it
define. Only a variable outside of that can't be there; whether one of the others is, the run shows.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from segue.checking.collector import Collector
from segue.checking.templates import (
    Placed,
    before_templates,
    retry_templates,
    texts,
    transition_templates,
)
from segue.expressions import Dialect, Reference, Used, attune_uses, references
from segue.language.codes import Code
from segue.language.model import Publish, Task, Template, Workflow
from segue.language.placing import locate
from segue.language.suggestions import did_you_mean
from segue.values import JsonValue


@dataclass(frozen=True, slots=True)
class VariableChecks:
    """The checks of one workflow. `outside` are variables that are there from the beginning."""

    text: str
    workflow: Workflow
    found: Collector
    outside: frozenset[str]

    def run(self) -> None:
        """Look at every reference to a variable."""
        visible = set(self.outside)
        for index, declared in enumerate(self.workflow.inputs):
            if declared.default is not None:
                self._read(Placed(declared.default, f"input[{index}]"), visible)
            visible.add(declared.name)
        for index, variable in enumerate(self.workflow.vars):
            self._read(Placed(variable.value, f"vars[{index}]"), visible)
            visible.add(variable.name)
        reaching = _reaching(self.workflow, frozenset(visible))
        everything = set(visible)
        for task in self.workflow.tasks.values():
            self._task(task, reaching[task.name])
            everything |= reaching[task.name]
            everything.update(name for each in task.next for name in _published(each.publish))
        for index, variable in enumerate(self.workflow.output):
            self._read(Placed(variable.value, f"output[{index}]"), everything)
            everything.add(variable.name)

    def _task(self, task: Task, before: frozenset[str]) -> None:
        for placed in (*before_templates(task), *retry_templates(task)):
            self._read(placed, before, task)
        for transition in task.next:
            visible = set(before)
            templates = list(transition_templates(task, transition))
            if transition.when is not None:
                self._read(templates.pop(0), visible)
            for placed, publish in zip(templates, transition.publish, strict=True):
                self._read(placed, visible)
                visible.add(publish.name)

    def _read(self, placed: Placed, visible: Collection[str], task: Task | None = None) -> None:
        given = {name for name, _ in placed.template.given}
        for template, each in _references(placed):
            if each.name in given:
                continue
            if each.name in visible or each.optional or each.name.startswith("__"):
                continue  # private ones are told apart with the expressions
            hint = did_you_mean(each.name, visible) or self._publishers(each.name)
            if task is not None and task.with_items and each.name in task.with_items.names:
                hint = f"it is a part of the item: `item('{each.name}')`"
            self.found.add(
                Code.UNDEFINED_VARIABLE,
                locate(self.text, template, (), each.start, each.end),
                f"nothing defines the variable `{each.name}` before this",
                hint=hint,
                path=placed.path,
                variable=each.name,
            )

    def _publishers(self, name: str) -> str | None:
        """Say who publishes a variable, where no path leads from there."""
        for task in self.workflow.tasks.values():
            if any(name in _published(transition.publish) for transition in task.next):
                return f"`{task.name}` publishes it, and no path leads from there to here"
        return None


def _references(placed: Placed) -> Iterator[tuple[Template, Reference]]:
    for template in texts(placed.template):
        found = references if template.dialect is Dialect.MIXED else _attunes
        for each in found(template.value):
            yield template, each


def _attunes(value: JsonValue) -> Iterator[Reference]:
    """Yield the variables that expressions of Attune read."""
    for use in attune_uses(value):
        if use.used is Used.VARIABLE:
            yield Reference(
                name=use.name,
                path=use.path,
                start=use.start,
                end=use.end,
                optional=use.optional,
            )


def _published(publishes: Iterable[Publish]) -> set[str]:
    return {each.name for each in publishes}


def _reaching(workflow: Workflow, base: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return what a branch may have when it comes to each task, joins being unions too."""
    reaching = dict.fromkeys(workflow.tasks, base)
    waiting = deque(workflow.tasks)
    queued = set(waiting)
    while waiting:
        name = waiting.popleft()
        queued.discard(name)
        for transition in workflow.tasks[name].next:
            after = reaching[name] | _published(transition.publish)
            for target in transition.do:
                known = reaching.get(target.name)
                if known is None or target.command is not None or after <= known:
                    continue
                reaching[target.name] = known | after
                if target.name not in queued:
                    queued.add(target.name)
                    waiting.append(target.name)
    return reaching
