"""The drawing as Mermaid text, for pages that render it themselves."""

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

#: Characters that mean nothing to Mermaid inside quotes; all other ASCII is written as a number.
_PLAIN = frozenset(" _-.:,()=/+*?!'")


def draw_mermaid(graph: TaskGraph) -> str:
    """Return a Mermaid flowchart. Tasks are numbered: their names may be any text."""
    return "\n".join(_Flowchart(graph).lines()) + "\n"


class _Flowchart:
    def __init__(self, graph: TaskGraph) -> None:
        self.graph = graph
        self.ids = {name: f"t{at}" for at, name in enumerate(graph.tasks)}
        self.loops = frozenset(graph.loop_edges)
        self.links = 0
        self.backward: list[int] = []

    def lines(self) -> Iterator[str]:
        yield "flowchart TD"
        tasks = self.graph.workflow.tasks
        for name, task in tasks.items():
            yield f"  {self.node(name, task)}"
        for name, task in tasks.items():
            for transition in task.next:
                yield from self.transition(name, task, transition)
        yield from self.classes()

    def node(self, name: str, task: Task) -> str:
        lines = [visible(name), details(task)]
        opening, closing = ("([", "])") if name in self.graph.starts else ("[", "]")
        if badge := join_badge(task, len(self.graph.predecessors(name))):
            opening, closing = "{{", "}}"
            lines.append(f"join: {badge}")
        label = "<br/>".join(_quoted(line) for line in lines if line)
        return f'{self.ids[name]}{opening}"{label}"{closing}'

    def transition(self, name: str, task: Task, transition: Transition) -> Iterator[str]:
        writes = published(transition)
        said = [condition(task, transition), f"sets {writes}" if writes else ""]
        label = "<br/>".join(_quoted(line) for line in said if line)
        for edge in self.graph.outbound(name):
            if edge.transition == transition.index:
                backward = edge in self.loops
                yield self.link(name, self.ids[edge.target], label, backward=backward)
        for command in named_commands(transition):
            end = f"{self.ids[name]}_{transition.index}_{command}"
            kind = "fail" if command is EngineCommand.FAIL else "end_"
            yield f'  {end}(["{command}"]):::{kind}'
            yield self.link(name, end, label, backward=False)

    def link(self, source: str, target: str, label: str, *, backward: bool) -> str:
        if backward:
            self.backward.append(self.links)
            label = f"↻ {label}".rstrip()
        self.links += 1
        arrow = "-.->" if backward else "-->"
        middle = f'|"{label}"|' if label else ""
        return f"  {self.ids[source]} {arrow}{middle} {target}"

    def classes(self) -> Iterator[str]:
        yield "  classDef fail fill:#fee2e2,stroke:#dc2626,color:#b91c1c"
        yield "  classDef end_ fill:#f1f5f9,stroke:#64748b,color:#475569"
        if self.backward:
            yield f"  linkStyle {','.join(map(str, self.backward))} stroke:#b45309"


def _quoted(text: str) -> str:
    return "".join(
        char if not char.isascii() or char.isalnum() or char in _PLAIN else f"#{ord(char)};"
        for char in text
    )
