"""Draw the workflows of the guides anew: `.venv/bin/python -m tests.docs.redraw`."""

from tests.docs.guides import DOCS, Page

from segue.graph.drawing.svg import draw_svg
from segue.graph.task_graph import TaskGraph
from segue.language import load_workflow


def drawing(page: str, name: str) -> str:
    """Return what `segue graph` makes of a file of a page."""
    workflow = load_workflow(Page(page).files[f"{name}.yaml"], file=f"{name}.yaml").workflow
    assert workflow is not None, f"{name}.yaml has errors"
    return draw_svg(TaskGraph.of(workflow))


if __name__ == "__main__":
    for page in sorted(DOCS.glob("*.md")):
        for name in Page(page.name).drawings:
            path = DOCS / "drawings" / f"{name}.svg"
            path.write_text(drawing(page.name, name), encoding="utf-8")
