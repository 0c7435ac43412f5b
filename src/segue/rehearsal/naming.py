"""What rehearsal files name: tasks and visits (`probe`, `probe#2`), and keys that are `true`."""

import re
from typing import Final

from segue.language.codes import Code
from segue.language.model import Workflow
from segue.language.nodes import Node
from segue.language.reading import Entry, Path, Reader
from segue.language.suggestions import did_you_mean
from segue.rehearsal.spec import Named

_NAMED: Final = re.compile(r"(?P<task>.+?)(#(?P<visit>[0-9]{1,9}))?\Z", re.DOTALL)


def named(
    read: Reader, workflow: Workflow | None, text: str, node: Node, path: Path
) -> Named | None:
    """Return the task, or the visit of one, that a text names; report what is none."""
    if workflow is not None and text in workflow.tasks:
        return Named(text)  # a task may be called so: `probe#2`
    found = _NAMED.match(text)
    if found is None:
        read.report(Code.EMPTY, node, "a task needs a name", path=path)
        return None
    visit = found["visit"]
    if visit is not None and int(visit) < 1:
        read.report(Code.WRONG_VALUE, node, "visits count from 1", path=path)
        return None
    return Named(found["task"], None if visit is None else int(visit))


def require_task(
    read: Reader, workflow: Workflow | None, name: str, node: Node, path: Path
) -> None:
    """Report a task that the workflow does not have."""
    if workflow is not None and name not in workflow.tasks:
        read.report(
            Code.UNKNOWN_TASK,
            node,
            f"the workflow has no task `{name}`",
            hint=did_you_mean(name, workflow.tasks) or f"its tasks are {', '.join(workflow.tasks)}",
            path=path,
        )


def require_not_false(read: Reader, entry: Entry, path: Path) -> None:
    """Report a key that says that it is not there: `never: false`."""
    if read.value(entry.value, path) is False:
        message = f"`{entry.key}` is `true`, or it is left out"
        read.report(Code.WRONG_VALUE, entry.value, message, path=path)
