"""The trees of sub-workflows, drawn below the tasks that they run for."""

from collections.abc import Sequence
from dataclasses import replace

from segue.cli.reports.kin import by_task, told
from segue.cli.reports.tree import Canvas, draw_tree
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.watch.watching import Watched, catch_up, fetch_children, progress_of
from segue.runtime.engine import Engine
from segue.runtime.records.explaining import Explained
from segue.store.port import ExecutionRow, UnreadableError

#: So many of a task execution are drawn, those that go on first; the others are named.
MOST_DRAWN = 5
#: So deep; further down they are named.
DEEPEST = 4
_INDENT = 4


async def draw_below(
    engine: Engine,
    watched: Watched,
    canvas: Canvas,
    explained: Explained,
    depth: int = 1,
) -> None:
    """Draw the sub-workflows of the latest visit of each task. Raises `StoreError`."""
    await fetch_children(engine, watched)
    progress = watched.progress
    if depth > DEEPEST or not progress.children:
        return
    latest = {task.task: task.visit for task in progress.view.tasks}
    narrower = replace(canvas, width=max(20, canvas.width - _INDENT))
    for (task, visit), rows in by_task(progress.children).items():
        if visit != latest.get(task):
            continue
        lines: list[Line] = []
        drawn, named = _chosen(rows)
        for row in drawn:
            try:
                lines += await _tree_of(engine, row.id, narrower, explained, depth)
            except UnreadableError as error:
                lines.append(line(f"{row.workflow} {row.id}: {printable(str(error))}"))
        if named:
            words = f"{canvas.glyphs.ellipsis} and {told(named)}"
            lines.append(line(Part(words, Role.FAINT)))
        progress.below[task] = lines


async def _tree_of(
    engine: Engine, execution: str, canvas: Canvas, explained: Explained, depth: int
) -> Sequence[Line]:
    child = Watched(await progress_of(engine, execution))
    await catch_up(engine, child)
    child.progress.known = explained.below.get(execution, child.progress.known)
    await draw_below(engine, child, canvas, explained, depth + 1)
    return draw_tree(child.progress.view, explained.at, canvas, child.progress.aside)


def _chosen(
    rows: Sequence[ExecutionRow],
) -> tuple[Sequence[ExecutionRow], Sequence[ExecutionRow]]:
    """Return which are drawn, and which only named."""
    urgent = sorted(rows, key=lambda row: row.settled)[:MOST_DRAWN]
    ids = {row.id for row in urgent}
    drawn = [row for row in rows if row.id in ids]
    return drawn, [row for row in rows if row.id not in ids]
