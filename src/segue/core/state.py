"""The hot state of an execution: what a decision can still depend on, and nothing more.

It is a fold over the log (`segue.core.evolve`) of frozen values that share structure, so that a
decision can be tried and thrown away, and that one step costs the same however long the
execution has been going on. What is finished and can't be referred to any more is not in it.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from rpds import HashTrieMap

from segue.core.context import Context, empty
from segue.core.failure import Failure
from segue.core.items import DORMANT, Items
from segue.core.maps import entries
from segue.core.status import Status
from segue.expressions.scope import TaskRecord
from segue.values import JsonValue


class Record(msgspec.Struct, frozen=True):
    """The latest execution of a task on a branch; `order` tells which of two is later."""

    order: int
    record: TaskRecord


Records: TypeAlias = "HashTrieMap[str, Record]"


class Branch(msgspec.Struct, frozen=True):
    """What travels along the transitions.

    `keys` has, for each join, the latest event in the branch's past that began a round of it (a
    visit of its dominator, or its own firing; missing: 0, the beginning of the execution).
    `records` is kept only for tasks that the definition asks about. `route` are the transitions to
    splits that it has come by, where these make routes (Orquesta's files).
    """

    context: Context
    keys: HashTrieMap[str, int]
    records: Records
    route: tuple[str, ...] = ()


NO_BRANCH = Branch(empty(), HashTrieMap(), HashTrieMap())


class TaskExecution(msgspec.Struct, frozen=True, kw_only=True):
    """A visit of a task that is not finished.

    `order` is the number of the event that scheduled it, `handed_off_at` that of the first hand
    off (0: not yet). `open`: the attempt `attempt` runs. `result` is that of the last attempt.
    `round` is set for the visit of a joined task: the key of the round that fired. `exempt`: it
    was named beside `fail`, and runs although the execution has failed. `items` are those of the
    attempt. `delay` (seconds) is what a host that steps through the execution has to wait before
    the next attempt, or before more items of it. `watched`: others can ask about it while it runs
    (see `State.seen`). `place` is that among those that started, where a rerun had it begin (0:
    that of its hand off).
    """

    task: str
    visit: int
    status: Status
    order: int
    branch: Branch
    attempt: int = 0
    open: bool = False
    handed_off_at: int = 0
    result: JsonValue = None
    round: int | None = None
    exempt: bool = False
    items: Items | None = None
    delay: float = 0.0
    watched: bool = False
    place: int = 0

    @property
    def started_as(self) -> int:
        """Its place among the task executions in the order in which they started."""
        return self.place or self.handed_off_at or self.order

    @property
    def is_active(self) -> bool:
        """Whether something of it runs: not what only waits for a person, or is paused."""
        if not self.open:
            return False
        if self.items is None or not self.items.values:
            return self.status not in DORMANT
        return self.items.active > 0

    @property
    def is_pending(self) -> bool:
        """Whether only people can move it: an answer, or what resumes a paused sub-workflow."""
        if self.items is None:
            return self.status in DORMANT
        return len(self.items.open) > 0 and self.items.active == 0

    @property
    def has_only_items_to_come(self) -> bool:
        """Whether its attempt is open, but no item of it: those that are left wait to start."""
        items = self.items
        return self.open and items is not None and not items.open and items.are_left


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A branch that has come to a task and waits to be dealt with.

    Outside of a decision only in an execution in which nothing may be scheduled. `direct`: it
    is not subject to the task's join, for it is where the execution begins, or what the join
    has fired with (`round`). A task execution that was withdrawn leaves its `visit`, number of
    attempts and items here: it goes on with them if the execution is taken up again. `again` is
    the visit that a rerun runs again here, and `place` the one that it has kept.
    """

    task: str
    branch: Branch
    source: tuple[str, int] | None
    direct: bool = False
    round: int | None = None
    exempt: bool = False
    visit: int | None = None
    attempt: int = 0
    items: Items | None = None
    again: int | None = None
    place: int = 0


class Round(msgspec.Struct, frozen=True):
    """A round of a join that has not fired: who has arrived, and their branches merged.

    `dormant`: nothing is missed in it, for it was given up already, or has fired before a rerun;
    whoever arrives wakes it.
    """

    sources: tuple[str, ...]
    branch: Branch
    dormant: bool = False


class Ended(msgspec.Struct, frozen=True):
    """The end of a branch; `order` is where it comes in the merging for the output."""

    order: int
    branch: Branch


#: The latest execution of a task on a route: the route, its order, and what is known of it.
Seen: TypeAlias = "tuple[tuple[str, ...], int, TaskRecord]"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """See the module. `seq` is the number of events folded so far.

    `tasks` are the task executions that are not finished, by their `order`; `index` finds them
    by task and visit. `ready` are the orders of those that may start, first come first.
    `leaving` is the one that completed last: its transitions start from its branch. `fired` are
    rounds that have fired and that living branches can still arrive in (the visit that followed).
    `superseded` counts the visits that reruns have gone back before: the limit is not on them.
    `ends` are ended branches that are not yet merged into `end`. `counted` are sources of rounds
    whose transition held, though nothing came of it (see `TransitionLost`). `refers`: there are, or
    were, references to values that are kept beside the log.
    """

    seq: int = 0
    status: Status = Status.REQUESTED
    settled: bool = False
    workflow: str = ""
    definition: str = ""
    start: tuple[str, ...] = ()
    deadline: float | None = None
    visit_limit: int | None = None
    deep: bool = False
    by_start: bool = False
    tasks: HashTrieMap[int, TaskExecution] = msgspec.field(default_factory=HashTrieMap)
    index: HashTrieMap[tuple[str, int], int] = msgspec.field(default_factory=HashTrieMap)
    visits: HashTrieMap[str, int] = msgspec.field(default_factory=HashTrieMap)
    superseded: HashTrieMap[str, int] = msgspec.field(default_factory=HashTrieMap)
    ready: tuple[int, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    leaving: TaskExecution | None = None
    rounds: HashTrieMap[tuple[str, int], Round] = msgspec.field(default_factory=HashTrieMap)
    fired: HashTrieMap[tuple[str, int], int] = msgspec.field(default_factory=HashTrieMap)
    last_fired: HashTrieMap[str, int] = msgspec.field(default_factory=HashTrieMap)
    counted: HashTrieMap[tuple[str, int], tuple[str, ...]] = msgspec.field(
        default_factory=HashTrieMap
    )
    end: Branch = NO_BRANCH
    ends: tuple[Ended, ...] = ()
    unhandled: Failure | None = None
    stepwise: bool = False
    seen: HashTrieMap[str, tuple[Seen, ...]] = msgspec.field(default_factory=HashTrieMap)
    refers: bool = False

    def find(self, task: str, visit: int) -> TaskExecution | None:
        """Return the task execution, if it is not finished."""
        order = self.index.get((task, visit))
        return None if order is None else self.tasks[order]

    @property
    def shown_status(self) -> Status:
        """The status as people see it: pending, where only they can move the execution."""
        if self.status is not Status.RUNNING or not self.index or self.arrivals:
            return self.status
        pending = all(execution.is_pending for execution in self.unfinished())
        return Status.PENDING if pending else self.status

    def living(self) -> list[TaskExecution]:
        """Return the task executions that are not finished, in the order of their scheduling."""
        return sorted(self.unfinished(), key=lambda execution: execution.order)

    def unfinished(self) -> list[TaskExecution]:
        """Return the same in no order, which is fast however many there are."""
        return [execution for _, execution in entries(self.tasks)]


NEW = State()
