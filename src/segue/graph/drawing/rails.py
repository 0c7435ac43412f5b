"""The rails of the drawing for a terminal: one row a task, and one for what leads on from it.

Tasks stand one below the other, each after all from which a transition leads forward to it. To
the left of their names run the rails: one for each task that a transition has named and that is
still to come, so that all who name it share its rail. Loops run backwards in a gutter to the
left of all rails, one dashed line for each task that they lead back to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from segue.graph.drawing.captions import condition, named_commands, published
from segue.graph.task_graph import Edge, TaskGraph
from segue.language.model import EngineCommand, Transition

#: Where a rail leads to from the middle of a cell, as bits.
UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8

#: Columns beyond which nobody can draw the rails, so that they are no longer kept in each row.
MOST_COLUMNS = 200


@dataclass(slots=True)
class Row:
    """One row in the making. `rails` has the directions by column of the rails (0, 1, 2, ...).

    `transition` is None in the row of a task itself. `back` are the tasks that the row leads
    back to, `onward` those that it leads on to.
    """

    task: str
    column: int
    rails: dict[int, int] = field(default_factory=dict)
    across: set[int] = field(default_factory=set)  # gaps to the right of columns
    transition: Transition | None = None
    onward: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    commands: tuple[EngineCommand, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """The line from all rows that lead back to a task up to its row; lane 0 is the innermost."""

    task: str
    first: int
    last: int
    lane: int


def rows_of(graph: TaskGraph) -> list[Row]:
    """Return the rows from top to bottom."""
    return list(_Rails(graph).rows())


def loops_of(rows: list[Row]) -> list[Loop]:
    """Return the loops, each in the innermost lane that is free over all of its rows."""
    first = {row.task: at for at, row in enumerate(rows) if row.transition is None}
    last = {task: at for at, row in enumerate(rows) for task in row.back}
    found: list[Loop] = []
    for task in sorted(last, key=lambda name: last[name] - first[name]):
        taken = {
            loop.lane for loop in found if loop.first <= last[task] and loop.last >= first[task]
        }
        lane = next(lane for lane in count() if lane not in taken)
        found.append(Loop(task, first[task], last[task], lane))
    return found


def forward_order(graph: TaskGraph) -> list[str]:
    """Return all tasks, each after those that lead forward to it, first branches first."""
    loops = frozenset(graph.loop_edges)
    met: set[str] = set()
    roots = [root for root in (*graph.starts, *graph.tasks) if _walk(graph, root, loops, met)]
    met.clear()
    done = [task for root in reversed(roots) for task in _walk(graph, root, loops, met)]
    return list(reversed(done))


def _walk(graph: TaskGraph, root: str, loops: frozenset[Edge], met: set[str]) -> list[str]:
    """Return the tasks not yet met that the root leads to, each after what it leads to itself."""

    def last_branch_first(task: str) -> Iterator[str]:
        edges = reversed(graph.outbound(task))
        return (edge.target for edge in edges if edge not in loops)

    if root in met:
        return []
    met.add(root)
    done: list[str] = []
    path = [(root, last_branch_first(root))]
    while path:
        task, following = path[-1]
        target = next(following, None)
        if target is None:
            done.append(task)
            path.pop()
        elif target not in met:
            met.add(target)
            path.append((target, last_branch_first(target)))
    return done


class _Rails:
    def __init__(self, graph: TaskGraph) -> None:
        self.graph = graph
        self.loops = frozenset(graph.loop_edges)
        self.columns: list[str | None] = []  # the task that the rail in each column leads to
        self.column_of: dict[str, int] = {}

    def rows(self) -> Iterator[Row]:
        for task in forward_order(self.graph):
            column = self.column_of.pop(task, None)
            if column is None:
                column = self.free(0)
            self.columns[column] = task
            yield Row(task, column, rails=self.passing(column))
            yield from self.leave(task, column)

    def passing(self, column: int) -> dict[int, int]:
        if len(self.columns) > MOST_COLUMNS:
            return {}
        return {
            at: UP | DOWN
            for at, task in enumerate(self.columns)
            if task is not None and at != column
        }

    def free(self, after: int) -> int:
        """Return the first column from `after` on in which there is no rail."""
        for column in range(after, len(self.columns)):
            if self.columns[column] is None:
                return column
        self.columns.extend([None] * (max(after - len(self.columns), 0) + 1))
        return len(self.columns) - 1

    def leave(self, task: str, column: int) -> Iterator[Row]:
        rows = list(self.outgoing(task, column))
        if len(rows) == 1 and self.is_straight(rows[0]):
            self.settle(rows[0].onward[0], column)
            return
        for number, row in enumerate(rows, 1):
            self.draw(row, is_last=number == len(rows))
            yield row
        if self.columns[column] == task:
            self.columns[column] = None

    def outgoing(self, task: str, column: int) -> Iterator[Row]:
        """Yield a row for each transition that leads anywhere."""
        for transition in self.graph.workflow.tasks[task].next:
            edges = [e for e in self.graph.outbound(task) if e.transition == transition.index]
            row = Row(
                task,
                column,
                transition=transition,
                onward=[e.target for e in edges if e not in self.loops],
                back=[e.target for e in edges if e in self.loops],
                commands=named_commands(transition),
            )
            if row.onward or row.back or row.commands:
                yield row

    def is_straight(self, row: Row) -> bool:
        """Return whether there is nothing to say but that the next task follows."""
        transition = row.transition
        assert transition is not None, "rows of tasks are not asked"
        plain = not (row.back or row.commands or published(transition))
        plain = plain and not condition(self.graph.workflow.tasks[row.task], transition)
        return plain and len(row.onward) == 1 and row.onward[0] not in self.column_of

    def settle(self, target: str, column: int) -> None:
        self.columns[column] = target
        self.column_of[target] = column

    def draw(self, row: Row, *, is_last: bool) -> None:
        row.rails = self.passing(row.column)
        row.rails[row.column] = UP if is_last else UP | DOWN
        joined = []
        for target in row.onward:
            known = self.column_of.get(target)
            if known is not None:
                joined.append(known)
            elif is_last and self.columns[row.column] == row.task:
                self.settle(target, row.column)
                row.rails[row.column] |= DOWN
            else:
                column = self.free(row.column + 1)
                self.settle(target, column)
                row.rails[column] = DOWN
                joined.append(column)
        if len(self.columns) <= MOST_COLUMNS:
            for column in joined:
                self.connect(row, column, joined)
        if row.back:
            row.rails[row.column] |= LEFT

    def connect(self, row: Row, column: int, joined: list[int]) -> None:
        """Draw across from the rail of the row to another; what is not joined is passed under."""
        left, right = sorted((row.column, column))
        if left == right:  # named twice by one transition
            return
        row.across.update(range(left, right))
        row.rails[left] = row.rails.get(left, 0) | RIGHT
        row.rails[right] = row.rails.get(right, 0) | LEFT
        for between in joined:
            if left < between < right:
                row.rails[between] |= LEFT | RIGHT
