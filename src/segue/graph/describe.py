"""The graph as data: the documented shape of `segue graph --format json`."""

from segue.graph.task_graph import Edge, TaskGraph
from segue.language.model import JOIN_ALL, Task
from segue.values import JsonObject, JsonValue

#: Raised when something of the shape is renamed, removed or changes its meaning; what is added
#: does not change it.
SCHEMA_VERSION = 1


def describe(graph: TaskGraph) -> JsonObject:
    """Return the graph as JSON.

    - `schema_version`, `workflow` (its name), `entry_points` and `starts` (names of tasks);
    - `tasks`: `task` (its name), `action` (a string or null), `join` ("all", a number or null),
      `reachable` from the starts, `in_cycle`, `split` (it runs once for each transition taken,
      and there is more than one to it);
    - `transitions`, one for each name under a `do`: `source`, `index` of the transition and
      `ordinal` of the name in it, `target`, `command` (true for an engine command), `when` (as
      written, null for always), `publish` (names of variables), `loop` (it closes a loop);
    - `joins`: `task`, `needed` (how many of the `sources`), `sources`, `dominator` (the task at
      which its rounds begin, null for the start of the execution);
    - `loop_edges`: `source`, `index`, `ordinal`, `target`.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "workflow": graph.workflow.name,
        "tasks": [_task(graph, task) for task in graph.workflow.tasks.values()],
        "transitions": _transitions(graph),
        "entry_points": list(graph.entry_points),
        "starts": list(graph.starts),
        "joins": [
            {
                "task": join.task,
                "needed": join.needed,
                "sources": list(join.sources),
                "dominator": join.dominator,
            }
            for join in graph.joins.values()
        ],
        "loop_edges": [
            {
                "source": edge.source,
                "index": edge.transition,
                "ordinal": edge.ordinal,
                "target": edge.target,
            }
            for edge in graph.loop_edges
        ],
    }


def _task(graph: TaskGraph, task: Task) -> JsonObject:
    return {
        "task": task.name,
        "action": None if task.action is None else task.action.value,
        "join": "all" if task.join == JOIN_ALL else task.join,
        "reachable": task.name in graph.reachable,
        "in_cycle": graph.in_cycle(task.name),
        "split": task.name in graph.splits,
    }


def _transitions(graph: TaskGraph) -> list[JsonValue]:
    loops = frozenset(graph.loop_edges)
    return [
        {
            "source": task.name,
            "index": transition.index,
            "ordinal": ordinal,
            "target": target.name,
            "command": target.command is not None,
            "when": None if transition.when is None else transition.when.value,
            "publish": [entry.name for entry in transition.publish],
            "loop": Edge(task.name, transition.index, ordinal, target.name) in loops,
        }
        for task in graph.workflow.tasks.values()
        for transition in task.next
        for ordinal, target in enumerate(transition.do)
    ]
