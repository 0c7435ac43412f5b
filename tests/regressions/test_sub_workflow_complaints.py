"""What users of other engines complained about sub-workflows. The table is in
`test_user_complaints`."""

from pathlib import Path

import pytest

import segue
from segue.core.status import Status

PARENT = """
segue: 1
tasks:
  call:
    action: ./child.yaml
    next:
      - when: succeeded()
        publish: {answer: "{{ result().output }}"}
        do: after
  after: {action: core.noop}
output: {answer: "{{ ctx.answer | default(none) }}"}
"""
GRANDPARENT = "segue: 1\ntasks: {call: {action: ./parent.yaml}}\n"


def run(folder: Path, child: str, name: str = "parent") -> segue.ExecutionView:
    (folder / "grandparent.yaml").write_text(GRANDPARENT, "utf-8")
    (folder / "parent.yaml").write_text(PARENT, "utf-8")
    (folder / "child.yaml").write_text(child, "utf-8")
    return segue.run(folder / f"{name}.yaml", config=segue.Config())


JOIN = """
version: 1.0
tasks:
  a: {action: core.noop, next: [{do: j}]}
  b: {action: core.noop, next: [{when: <% failed() %>, do: j}]}
  j: {join: all, action: core.noop}
"""
FAILURES = {
    "a join": JOIN,
    "a task": 'segue: 1\ntasks: {a: {action: core.local, input: {cmd: "exit 3"}}}\n',
    "an expression": 'version: 1.0\ntasks: {a: {action: core.echo message="<% 1 / 0 %>"}}\n',
    "an output": 'segue: 1\ntasks: {a: {action: core.noop}}\noutput: {x: "{{ 1 / 0 }}"}\n',
    "a limit": "segue: 1\nstart: a\nlimits: {visits: 3}\n"
    "tasks: {a: {action: core.noop, next: [{do: a}]}}\n",
    "a definition": "segue: 1\ntasks: {a: {action: core.noop, next: [{do: nowhere}]}}\n",
}


@pytest.mark.parametrize("what", FAILURES)
@pytest.mark.parametrize("name", ["parent", "grandparent"])
def test_whatever_fails_a_sub_workflow_reaches_the_one_that_called_it(
    tmp_path: Path, what: str, name: str
) -> None:
    """A sub-workflow failed, at a join that nothing could satisfy, and its parent ran for hours."""
    view = run(tmp_path, FAILURES[what], name)
    assert view.status is Status.FAILED
    (error,) = [error for error in view.errors if not error.handled]
    assert error.task == "call"
    assert [task.task for task in view.tasks] == ["call"]


def test_an_empty_list_of_items_in_a_sub_workflow_ends_both(tmp_path: Path) -> None:
    """A task over an empty list in a sub-workflow kept it, and its parent, running."""
    child = """
    version: 1.0
    vars: [{l: []}]
    tasks:
      a: {with: <% ctx().l %>, action: core.echo message=<% item() %>}
    output: [{r: <% task(a).result %>}]
    """
    view = run(tmp_path, child)
    assert (view.status, view.output) == (Status.SUCCEEDED, {"answer": {"r": []}})
