"""Small Orquesta files, and what becomes of them."""

from segue.conversion.converting import Converted, convert
from segue.language.model import Task
from segue.language.workflows import load_workflow


def converted(text: str) -> str:
    """Return the native form of a file that has one."""
    result = convert(text, "w.yaml")
    assert result.text is not None, (result.findings, result.stricter, result.result)
    return result.text


def of_task(body: str) -> str:
    """Return what becomes of a task, whose lines are given without indentation."""
    lines = "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    head = "version: 1.0\ntasks:\n  b: {action: core.noop}\n  c: {action: core.noop}\n  a:\n"
    text = converted(head + lines)
    after = text.partition("  a:\n")[2]
    return "".join(line.removeprefix("    ") + "\n" for line in after.splitlines())


def of_flow(body: str) -> str:
    """Return what becomes of a task that is written in braces."""
    head = "version: 1.0\ntasks:\n  b: {action: core.noop}\n  c: {action: core.noop}\n"
    return converted(f"{head}  a: {body}\n").partition("  a: ")[2].removesuffix("\n")


def task(text: str, name: str = "a") -> Task:
    """Return a task of a native file."""
    workflow = load_workflow(text, file="w.yaml").workflow
    assert workflow is not None
    return workflow.tasks[name]


def notes(text: str) -> list[str]:
    """Return the notes as `code line:column`."""
    return [f"{one.code} {one.span.line}:{one.span.column}" for one in convert(text).findings]


def refused(text: str) -> list[str]:
    """Return why a file is not converted."""
    result: Converted = convert(text, "w.yaml")
    assert result.text is None
    return [one.message for one in (*result.findings, *result.stricter)]
