"""The drawing as DOT, for Graphviz and what reads its language."""

from collections.abc import Iterator

from segue.graph.drawing.captions import (
    condition,
    details,
    join_badge,
    named_commands,
    published,
    visible,
)
from segue.graph.task_graph import TaskGraph
from segue.language.model import EngineCommand, Task, Transition


def draw_dot(graph: TaskGraph) -> str:
    """Return a directed graph in DOT. Tasks are numbered: their names may be any text."""
    return "\n".join(_Digraph(graph).lines()) + "\n"


class _Digraph:
    def __init__(self, graph: TaskGraph) -> None:
        self.graph = graph
        self.ids = {name: f"t{at}" for at, name in enumerate(graph.tasks)}
        self.loops = frozenset(graph.loop_edges)

    def lines(self) -> Iterator[str]:
        yield f"digraph {_quoted([self.graph.workflow.name])} {{"
        yield '  node [shape=box, style=rounded, fontname="monospace", fontsize=11];'
        yield '  edge [fontname="monospace", fontsize=9, color="#64748b"];'
        tasks = self.graph.workflow.tasks
        for name, task in tasks.items():
            yield f"  {self.ids[name]} [{self.looks(name, task)}];"
        for name, task in tasks.items():
            for transition in task.next:
                yield from self.transition(name, task, transition)
        yield "}"

    def looks(self, name: str, task: Task) -> str:
        lines = [name, details(task)]
        looks = []
        if badge := join_badge(task, len(self.graph.predecessors(name))):
            lines.append(f"join: {badge}")
            looks.append('color="#7c3aed"')
        if name in self.graph.starts:
            looks.append('style="rounded,bold"')
        elif self.graph.starts and name not in self.graph.reachable:
            looks.append('style="rounded,dotted"')
        return ", ".join([f"label={_quoted(lines)}", *looks])

    def transition(self, name: str, task: Task, transition: Transition) -> Iterator[str]:
        writes = published(transition)
        label = _quoted([condition(task, transition), f"sets {writes}" if writes else ""])
        source = self.ids[name]
        for edge in self.graph.outbound(name):
            if edge.transition == transition.index:
                backward = edge in self.loops
                looks = ', style=dashed, color="#b45309", constraint=false' if backward else ""
                yield f"  {source} -> {self.ids[edge.target]} [label={label}{looks}];"
        for command in named_commands(transition):
            end = f"{source}_{transition.index}_{command}"
            colour = "#dc2626" if command is EngineCommand.FAIL else "#64748b"
            yield f'  {end} [label="{command}", shape=oval, color="{colour}"];'
            yield f"  {source} -> {end} [label={label}];"


def _quoted(lines: list[str]) -> str:
    """Return the lines as one string of DOT, in which a backslash is never an escape of ours."""
    texts = [visible(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines if line]
    return '"' + "\\n".join(texts) + '"'
