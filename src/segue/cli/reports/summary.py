"""What is said of an execution at its end: errors and where to look further, and its output."""

from collections.abc import Sequence

from segue.cli.reports.document import execution_document
from segue.cli.terminal.output import print_json
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.core.view import ErrorView, ExecutionView
from segue.store.port import ExecutionRow

#: How many errors are told; `show` tells all of them.
MOST_ERRORS = 5


def print_result(
    view: ExecutionView, children: Sequence[ExecutionRow] = (), *, as_json: bool
) -> None:
    """Write to stdout what an execution gave: all of it as one document, or its output."""
    if as_json:
        print_json(execution_document(view, children))
    elif view.settled and view.output is not None:
        print_json(view.output, pretty=True)


def error_lines(view: ExecutionView, most: int | None = MOST_ERRORS) -> list[Line]:
    """Return the errors that nothing handled, each on a line of its own."""
    errors = [error for error in view.errors if not error.handled]
    shown = errors if most is None else errors[:most]
    lines = [_error_line(error) for error in shown]
    if len(shown) < len(errors):
        more = len(errors) - len(shown)
        lines.append(line(Part(f"... and {more} more: segue show {view.id}", Role.FAINT)))
    return lines


def _error_line(error: ErrorView) -> Line:
    where = "" if error.task is None else f" {printable(error.task)}"
    where += "" if error.visit is None else f"#{error.visit}"
    head = Part(f"error[{error.code}]", Role.BAD)
    return line(head, f"{where}: {printable(error.message)}")


def look_further(view: ExecutionView, db: str) -> Line:
    """Return the commands that tell more. `db` is what they need to find the database."""
    commands = [f"segue show {view.id}{db}"]
    failed = next((e.task for e in view.errors if not e.handled and e.task is not None), None)
    if failed is not None:
        commands.append(f"segue logs {view.id} {_shell_word(failed)}{db}")
    return line(Part("more: " + "  ".join(commands), Role.FAINT))


def _shell_word(text: str) -> str:
    from shlex import quote  # noqa: PLC0415 (only for failures)

    return quote(printable(text))
