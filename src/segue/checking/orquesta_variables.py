"""Variables that Orquesta's inspection says are not defined, found the way it finds them.

It walks the tasks breadth first from the starts, each way with the variables published on it; a
join has those of all ways that came to it so far. The output sees what was met anywhere.
"""

import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from segue.checking.collector import Collector
from segue.checking.hosted import ST2
from segue.checking.templates import Placed, before_templates, texts, transition_templates
from segue.expressions import noticed_references, references
from segue.expressions.findings import Reference
from segue.graph.task_graph import TaskGraph
from segue.language.codes import Code
from segue.language.findings import Severity
from segue.language.model import Task, Template, Transition, Workflow
from segue.language.placing import locate
from segue.language.suggestions import did_you_mean

Names = frozenset[str]
_Read = tuple[Template, Reference, Severity]

#: Ways through a graph can be more than anybody wants to walk; so many tell all they can tell.
_MAX_VISITS: Final = 5_000


@dataclass(slots=True)
class OrquestaVariables:
    """The inspection of one workflow. `outside` are variables of a parent workflow."""

    text: str
    workflow: Workflow
    graph: TaskGraph
    found: Collector
    outside: Names
    _everywhere: set[str] = field(default_factory=set)
    _at_joins: dict[str, Names] = field(default_factory=dict)
    _waiting: deque[tuple[str, Names]] = field(default_factory=deque)
    _queued: set[tuple[str, Names]] = field(default_factory=set)
    _traversed: set[str] = field(default_factory=set)
    _known: dict[str, tuple[_Read, ...]] = field(default_factory=dict)

    def run(self) -> None:
        """Look at every reference that Orquesta looks at."""
        visible = self.outside
        for index, declared in enumerate(self.workflow.inputs):
            assert declared.default is not None, "without one it is null"
            self._read(Placed(declared.default, f"input[{index}]"), visible)
            visible |= {declared.name}
        for index, variable in enumerate(self.workflow.vars):
            self._read(Placed(variable.value, f"vars[{index}]"), visible)
            visible |= {variable.name}
        self._everywhere = set(visible)
        for name in sorted(self.graph.entry_points):
            self._queue(name, visible)
        visits = 0
        while self._waiting and visits < _MAX_VISITS:
            visits += 1
            self._visit(*self._waiting.popleft())
        if self._waiting:
            return  # what the output sees is not known
        for index, variable in enumerate(self.workflow.output):
            self._read(Placed(variable.value, f"output[{index}]"), self._everywhere)
            self._everywhere.add(variable.name)

    def _queue(self, name: str, visible: Names) -> None:
        visit = (name, visible)
        if visit not in self._queued:  # the same again tells nothing new
            self._queued.add(visit)
            self._waiting.append(visit)

    def _visit(self, name: str, visible: Names) -> None:
        self._queued.discard((name, visible))
        self._traversed.add(name)
        visible = visible or self._at_joins.get(name, frozenset())
        self._everywhere |= visible
        task = self.workflow.tasks.get(name)
        if task is None or name in _COMMANDS:
            return
        for placed in before_templates(task):
            self._read(placed, visible)
        for transition in task.next:
            self._follow(task, transition, visible)

    def _follow(self, task: Task, transition: Transition, visible: Names) -> None:
        after = visible
        for placed, published in _steps(task, transition):
            self._read(placed, after)
            after |= published
        for target in transition.do:
            known = target.name in self.workflow.tasks or target.name in _COMMANDS
            if not known or target.name in self._traversed:
                continue
            next_task = self.workflow.tasks.get(target.name)
            if next_task is None or not next_task.join:
                self._queue(target.name, after)
                continue
            arrived = self._at_joins.get(target.name, frozenset())
            self._at_joins[target.name] = arrived | after
            self._queue(target.name, frozenset())

    def _read(self, placed: Placed, visible: Collection[str]) -> None:
        if placed.path not in self._known:
            self._known[placed.path] = tuple(_reads(placed.template))
        for template, each, severity in self._known[placed.path]:
            span = locate(self.text, template, (), each.start, each.end)
            if each.name.startswith("__"):
                self.found.add(
                    Code.PRIVATE_VARIABLE,
                    span,
                    f"`{each.name}` is private: two underscores begin names of the engine",
                    path=placed.path,
                    variable=each.name,
                    severity=severity,
                )
            elif each.name not in visible:
                self.found.add(
                    Code.UNDEFINED_VARIABLE,
                    span,
                    f"nothing defines the variable `{each.name}` before this",
                    hint=_ST2_HINT if each.name == ST2 else did_you_mean(each.name, visible),
                    path=placed.path,
                    variable=each.name,
                    severity=severity,
                )


def _reads(whole: Template) -> Iterator[_Read]:
    """Yield the variables read; with what Orquesta overlooks a file is only warned of."""
    for template in texts(whole):
        noticed = noticed_references(template.value)
        for each in noticed:
            yield template, each, Severity.ERROR
        for each in references(template.value):
            seen = any(each.start <= one.start < each.end for one in noticed)  # it may be quoted
            if not seen and not _is_in_statement(template, each):
                yield template, each, Severity.WARNING


def _is_in_statement(template: Template, reference: Reference) -> bool:
    """Whether a Jinja statement reads it: `{% if ctx().x is defined %}`. Those ask such things."""
    text = template.value
    return isinstance(text, str) and any(
        found.start() < reference.start < found.end() for found in _STATEMENT.finditer(text)
    )


_STATEMENT: Final = re.compile(r"\{%.*?%\}", re.DOTALL)
_ST2_HINT: Final = "nothing gives it here: name `st2` among the inputs"
_COMMANDS: Final = frozenset({"noop", "fail", "continue", "retry"})


def _steps(task: Task, transition: Transition) -> Iterator[tuple[Placed, Names]]:
    """Yield the templates of a transition, each with what is defined after it."""
    templates = list(transition_templates(task, transition))
    if transition.when is not None:
        yield templates.pop(0), frozenset()
    for placed, publish in zip(templates, transition.publish, strict=True):
        yield placed, frozenset({publish.name})
