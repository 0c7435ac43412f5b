"""What the expressions of a definition see, at a moment of a decision."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from typing import cast

from segue.core.context import Context, Variables
from segue.core.decision import Decision
from segue.core.state import NO_BRANCH, Branch, Record, Records, State, TaskExecution
from segue.core.status import Status
from segue.expressions.scope import CurrentItem, References, Scope, TaskRecord
from segue.language.model import Absent, TaskRecords

_NO_ITEM = CurrentItem(value=None, index=0)


class _Records(Mapping[str, TaskRecord]):
    """The records of a branch, as expressions see them."""

    __slots__ = ("_records",)

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records

    def __getitem__(self, task: str) -> TaskRecord:
        return self._records[task].record

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._records))

    def __len__(self) -> int:
        return len(self._records)


class _OnRoutes(Mapping[str, TaskRecord]):
    """The latest executions of tasks on a route, or on one that it continues."""

    __slots__ = ("_route", "_state")

    def __init__(self, state: State, route: tuple[str, ...]) -> None:
        self._state = state
        self._route = route

    def __getitem__(self, task: str) -> TaskRecord:
        here = set(self._route)
        found = [one for one in self._state.seen.get(task, ()) if set(one[0]) <= here]
        if not found:
            raise KeyError(task)
        return max(found, key=lambda one: (len(one[0]), one[1]))[2]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(task for task in self._state.seen if task in self))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def context_scope(
    decision: Decision,
    context: Context,
    records: Records = NO_BRANCH.records,
    *,
    leaves_undefined: bool = False,
) -> Scope:
    """Return the scope of inputs, vars and output: variables, and no task that completes."""
    branch = Branch(context, NO_BRANCH.keys, records)
    absent = decision.program.workflow.semantics.absent
    return Scope(
        context=Variables(context),
        facts=decision.facts,
        tasks=_records(decision, branch),
        item=_NO_ITEM if absent is Absent.NULL else None,
        references=_references(decision),
        leaves_undefined=leaves_undefined,
    )


def scope_of(
    decision: Decision,
    execution: TaskExecution,
    *,
    attempt: int,
    status: Status | None = None,
    branch: Branch | None = None,
    item: CurrentItem | None = None,
) -> Scope:
    """Return what the expressions of a task see.

    `status` is set once an attempt has ended. `branch` has the variables as far as they are
    published (None: as the task found them).
    """
    branch = branch or execution.branch
    task, result = (None, None) if status is None else (execution.task, execution.result)
    if decision.program.workflow.semantics.absent is Absent.NULL:
        item, task = item or _NO_ITEM, execution.task
    return Scope(
        context=Variables(branch.context),
        facts=decision.facts,
        task=task,
        status=None if status is None else str(status),
        result=result,
        tasks=_records(decision, branch, execution, status),
        item=item,
        visit=execution.visit,
        attempt=attempt,
        references=_references(decision),
    )


def _references(decision: Decision) -> References:
    return References.FOLLOWED if decision.refers else References.NONE


def _records(
    decision: Decision,
    branch: Branch,
    execution: TaskExecution | None = None,
    status: Status | None = None,
) -> Mapping[str, TaskRecord]:
    """Return what is known of tasks; of the one that just completed with this status, too."""
    if execution is not None and status is not None:
        if not decision.program.tasks[execution.task].kept:
            return _known(decision, branch)
        own = {execution.task: TaskRecord(status=str(status), result=execution.result)}
        return ChainMap(own, cast("MutableMapping[str, TaskRecord]", _known(decision, branch)))
    return _known(decision, branch)


def _known(decision: Decision, branch: Branch) -> Mapping[str, TaskRecord]:
    if decision.program.workflow.semantics.task_records is TaskRecords.ROUTE:
        return _OnRoutes(decision.state, branch.route)
    return _Records(branch.records)
