"""Where in a file it could matter that Segue does something else than Orquesta.

Only what the file itself shows is pointed at. Of a difference that could matter in any file, such
as that data are never evaluated, only the places are told that give a reason to think of it.
"""

from segue.checking.collector import in_order
from segue.checking.comparison.branches import compare_branches
from segue.checking.comparison.contexts import compare_contexts
from segue.checking.comparison.joins import compare_joins
from segue.checking.comparison.places import Places
from segue.checking.comparison.tasks import compare_tasks
from segue.checking.comparison.values import compare_values
from segue.graph.task_graph import TaskGraph
from segue.language.findings import Finding
from segue.language.model import Workflow


def compare(text: str, workflow: Workflow) -> tuple[Finding, ...]:
    """Return the places in an Orquesta file, in its order, as notes. `text` is the file.

    The code of each is the id of a difference (`segue.checking.differences`).
    """
    graph = TaskGraph.of(workflow)
    places = Places()
    compare_values(text, workflow, places)
    compare_tasks(text, workflow, places)
    compare_joins(workflow, graph, places)
    compare_branches(workflow, graph, places)
    compare_contexts(workflow, graph, places)
    return in_order(places.findings)
