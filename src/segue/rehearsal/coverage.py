"""Transition coverage: which transitions of which workflows no test took."""

from collections.abc import Iterable
from dataclasses import dataclass

from segue.language.findings import START_OF_FILE
from segue.language.model import Template, Transition
from segue.language.workflows import load_workflow
from segue.rehearsal.spec import Rehearsed
from segue.rehearsal.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """A transition that no test took: an entry under `next` of a task, from 0.

    `line` is where it stands, `when` its condition as written, `do` what it leads to.
    """

    task: str
    index: int
    line: int
    when: str | None
    do: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowCoverage:
    """How many of a workflow's transitions were taken, and which were not."""

    path: str
    taken: int
    total: int
    untaken: tuple[Untaken, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All workflows that tests are of, in the order of their paths."""

    workflows: tuple[WorkflowCoverage, ...]

    @property
    def taken(self) -> int:
        """How many transitions were taken, of all workflows."""
        return sum(one.taken for one in self.workflows)

    @property
    def total(self) -> int:
        """How many transitions there are, of all workflows."""
        return sum(one.total for one in self.workflows)

    @property
    def percent(self) -> float:
        """The part that was taken, from 0 to 100; of nothing at all 100."""
        return percent(self.taken, self.total)


def percent(taken: int, total: int) -> float:
    """Return a part of a whole, from 0 to 100; of nothing at all 100."""
    return 100.0 if not total else 100.0 * taken / total


def taken_of(path: str, text: str, taken: Iterable[tuple[str, int]]) -> Verdict:
    """Return a verdict that counts for the coverage alone: another process came to it."""
    loaded = load_workflow(text, file=path)
    assert loaded.workflow is not None, "it was rehearsed"
    assert loaded.language is not None, "it was rehearsed"
    rehearsed = Rehearsed(path=path, text=text, workflow=loaded.workflow, language=loaded.language)
    return Verdict(
        name=path, span=START_OF_FILE, failures=(), rehearsed=rehearsed, taken=frozenset(taken)
    )


def coverage_of(verdicts: Iterable[Verdict]) -> Coverage:
    """Return what tests took, those that failed included."""
    workflows: dict[str, Rehearsed] = {}
    taken: dict[str, set[tuple[str, int]]] = {}
    for verdict in verdicts:
        if verdict.rehearsed is not None:
            path = verdict.rehearsed.path
            workflows[path] = verdict.rehearsed
            taken.setdefault(path, set()).update(verdict.taken)
    return Coverage(
        workflows=tuple(_workflow(workflows[path], taken[path]) for path in sorted(workflows))
    )


def _workflow(rehearsed: Rehearsed, taken: set[tuple[str, int]]) -> WorkflowCoverage:
    transitions = [
        (task.name, transition)
        for task in rehearsed.workflow.tasks.values()
        for transition in task.next
    ]
    untaken = tuple(
        _untaken(task, transition)
        for task, transition in transitions
        if (task, transition.index) not in taken
    )
    return WorkflowCoverage(
        path=rehearsed.path,
        taken=len(transitions) - len(untaken),
        total=len(transitions),
        untaken=untaken,
    )


def _untaken(task: str, transition: Transition) -> Untaken:
    return Untaken(
        task=task,
        index=transition.index,
        line=transition.span.line,
        when=_condition(transition.when),
        do=tuple(target.name for target in transition.do),
    )


def _condition(when: Template | None) -> str | None:
    if when is None:
        return None
    return when.value if isinstance(when.value, str) else str(when.value)
