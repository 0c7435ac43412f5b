"""What a layered drawing consists of: tasks, transitions worth a caption, ends, and their links."""

from dataclasses import dataclass
from enum import StrEnum

from segue.graph.drawing.captions import condition, named_commands, published
from segue.graph.task_graph import Edge, TaskGraph
from segue.language.model import EngineCommand, Task, Transition


class Kind(StrEnum):
    """What a node of a drawing stands for."""

    TASK = "task"
    TRANSITION = "transition"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of a drawing.

    `task` is the task itself, or the one that a transition or an end belongs to. A transition
    has a node of its own when there is something to say about it: when it is taken
    (`condition`), or what it writes (`published`). An end is an engine command.
    """

    kind: Kind
    task: str
    transition: int | None = None
    condition: str = ""
    published: str = ""
    command: EngineCommand | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A line between two nodes, by their places in the diagram.

    `loop`: it closes a loop and has to be drawn backwards. `arrow`: it arrives at a task or an
    end, and not at the caption of its transition.
    """

    source: int
    target: int
    loop: bool
    arrow: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """Nodes and links. The tasks come first, in the order of the graph's `tasks`."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


def diagram_of(graph: TaskGraph) -> Diagram:
    """Return the diagram of a graph. Edges of one transition share the node of that transition."""
    return _Drawer(graph).diagram()


class _Drawer:
    def __init__(self, graph: TaskGraph) -> None:
        self.graph = graph
        self.nodes = [Node(kind=Kind.TASK, task=name) for name in graph.tasks]
        self.place = {name: at for at, name in enumerate(graph.tasks)}
        self.ends: dict[tuple[str, EngineCommand], int] = {}
        self.links: list[Link] = []
        self.loops = frozenset(graph.loop_edges)

    def diagram(self) -> Diagram:
        for name, task in self.graph.workflow.tasks.items():
            edges = self.graph.outbound(name)
            for transition in task.next:
                of_it = [edge for edge in edges if edge.transition == transition.index]
                self.draw(task, transition, of_it)
        return Diagram(tuple(self.nodes), tuple(self.links))

    def draw(self, task: Task, transition: Transition, edges: list[Edge]) -> None:
        commands = named_commands(transition)
        if not edges and not commands:
            return
        source = self.place[task.name]
        when, writes = condition(task, transition), published(transition)
        if when or writes:
            caption = self.add(
                Node(
                    kind=Kind.TRANSITION,
                    task=task.name,
                    transition=transition.index,
                    condition=when,
                    published=writes,
                )
            )
            self.links.append(Link(source, caption, loop=False, arrow=False))
            source = caption
        for edge in edges:
            target = self.place[edge.target]
            self.links.append(Link(source, target, loop=edge in self.loops, arrow=True))
        for command in commands:
            self.links.append(Link(source, self.end(task.name, command), loop=False, arrow=True))

    def end(self, task: str, command: EngineCommand) -> int:
        known = self.ends.get((task, command))
        if known is None:
            known = self.add(Node(kind=Kind.END, task=task, command=command))
            self.ends[task, command] = known
        return known

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1
