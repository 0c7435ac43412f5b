"""`segue graph`: draw the graph of a workflow."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.problem import Problem
from segue.cli.terminal.terminal import detect
from segue.graph.describe import describe
from segue.graph.drawing.dot import draw_dot
from segue.graph.drawing.mermaid import draw_mermaid
from segue.graph.drawing.svg import draw_svg
from segue.graph.drawing.term import draw_term
from segue.graph.task_graph import TaskGraph
from segue.language.model import Workflow
from segue.language.suggestions import closest
from segue.language.workflows import load_workflow
from segue.runtime.errors import DefinitionError
from segue.runtime.workflows.definitions import Source
from segue.runtime.workflows.files import UnreadableFileError, decoded, read_whole

#: Columns of a drawing that goes into a file or a pipe.
WIDTH = 100

#: The format that the ending of the output's name asks for.
_ENDINGS = {
    ".json": "json",
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
}


def _json(graph: TaskGraph) -> str:
    return json.dumps(describe(graph), indent=2, ensure_ascii=False) + "\n"


_DRAW: dict[str, Callable[[TaskGraph], str]] = {
    "svg": draw_svg,
    "mermaid": draw_mermaid,
    "dot": draw_dot,
    "json": _json,
    "term": draw_term,
}


@click.command("graph")
@click.argument("file", metavar="FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_DRAW)),
    help="By default `term`, or what the ending of the output's name says.",
)
@click.option(
    "--start",
    metavar="TASK",
    multiple=True,
    help="Begin at this task, not at the entry points. May be repeated.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to this file, not to stdout.")
def command(file: str, form: str | None, start: tuple[str, ...], output: str | None) -> int:
    """Draw the graph of a workflow.

    Loops are dashed and marked, joins say what they wait for. FILE may be - for the standard
    input.
    """
    graph = _graph(_workflow(file), file, start)
    chosen = form or _by_ending(output)
    if output is None and chosen == "term":
        sys.stdout.write(_on_screen(graph))
        return ExitCode.SUCCEEDED
    drawing = _encoded(_DRAW[chosen](graph))
    if output is None:
        sys.stdout.buffer.write(drawing)
    else:
        _write(output, drawing)
    return ExitCode.SUCCEEDED


def _workflow(file: str) -> Workflow:
    """Read a workflow, without the errors that only `segue check` looks for."""
    try:
        source = _source(file)
    except UnreadableFileError as error:
        raise Problem(f"{file} {error}", hint=error.hint) from error
    loaded = load_workflow(source.text, file=source.shown)
    if loaded.workflow is None:
        raise DefinitionError(loaded.findings, source.text, source.shown)
    return loaded.workflow


def _source(file: str) -> Source:
    if file == "-":
        return Source(text=decoded(sys.stdin.buffer), file="<stdin>")
    whole = read_whole(Path(file))
    return Source(text=whole.text, file=file if whole.file == Path(file) else str(whole.file))


def _graph(workflow: Workflow, file: str, start: tuple[str, ...]) -> TaskGraph:
    for name in start:
        if name not in workflow.tasks:
            near = closest(name, workflow.tasks)
            hint = f"did you mean {near!r}?" if near else "its tasks are those under `tasks`"
            raise Problem(f"{file} has no task {name!r}", hint=hint)
    return TaskGraph.of(workflow, start)


def _by_ending(output: str | None) -> str:
    ending = Path(output or "").suffix.lower()
    return _ENDINGS.get(ending, "term")


def _on_screen(graph: TaskGraph) -> str:
    """Return the drawing as wide as stdout is, in colour and with lines if it can take them."""
    terminal = detect(sys.stdout, os.environ)
    return draw_term(
        graph,
        width=min(terminal.width, WIDTH),
        ascii_only=not terminal.unicode,
        colour=terminal.color,
    )


def _write(output: str, drawing: bytes) -> None:
    try:
        Path(output).write_bytes(drawing)
    except OSError as error:
        raise Problem(f"{output} can't be written: {error.strerror}") from error


def _encoded(text: str) -> bytes:
    """Return the text as UTF-8; half a surrogate pair, which has no bytes, as an escape."""
    return text.encode("utf-8", "backslashreplace")
