"""What the tests of the language ask of findings, in few words."""

from textwrap import dedent

from segue.language import Loaded, load_workflow
from segue.language.findings import Finding
from segue.language.model import Task, Workflow


def native(text: str) -> Loaded:
    """Load a native file whose marker is left out."""
    return load_workflow("segue: 1\n" + dedent(text))


def orquesta(text: str) -> Loaded:
    """Load an Orquesta file whose marker is left out."""
    return load_workflow("version: 1.0\n" + dedent(text))


def workflow_of(loaded: Loaded) -> Workflow:
    """Return the workflow of a file that is right."""
    assert loaded.workflow is not None, brief(loaded.findings)
    return loaded.workflow


def task_of(loaded: Loaded, name: str = "a") -> Task:
    """Return a task of a file that is right."""
    return workflow_of(loaded).tasks[name]


def brief(findings: tuple[Finding, ...]) -> list[str]:
    """Return findings as `SEG101 5:9`."""
    return [f"{each.code} {each.span.line}:{each.span.column}" for each in findings]


def only(loaded: Loaded) -> Finding:
    """Return the one finding there is."""
    assert len(loaded.findings) == 1, brief(loaded.findings)
    return loaded.findings[0]
