"""`segue convert`: a workflow file of another language as a native one."""

import os
import sys
import tempfile
from pathlib import Path

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.problem import Problem
from segue.cli.reports.findings_data import finding_document
from segue.cli.reports.findings_text import full_lines
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.conversion.converting import Converted, convert
from segue.language.attune_pair import placed, split_pair
from segue.language.findings import Severity
from segue.language.workflows import Language
from segue.runtime.workflows.callees import built_in_action
from segue.runtime.workflows.files import UnreadableFileError, decoded, read_whole
from segue.values import JsonObject

_STDIN = "<stdin>"


@click.command("convert")
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", help="Write to this file, not to stdout.")
@click.option("--write", is_flag=True, help="Put the result in the place of the file itself.")
@click.option("--force", is_flag=True, help="Overwrite the file that -o names, if it is there.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the result and the notes as one JSON document."
)
def command(file: str, output: str | None, *, write: bool, force: bool, as_json: bool) -> int:
    """Turn a workflow of Orquesta or Attune into a native one. `-` is stdin.

    Comments stay where that is possible. The result goes to stdout, and a note for each
    thing that will behave differently to stderr. The exit code is 0 if there is a result, 1 if
    there is none because of what the file says, 2 if it can't be read or written.
    """
    if write and (output is not None or file == "-"):
        raise Problem("--write is for a file that is named, and goes without -o")
    target = file if write else output
    if target is not None and not write and not force and os.path.exists(target):  # noqa: PTH110
        hint = "--force overwrites it; --write is for the file itself"
        raise Problem(f"{target} is there already", hint=hint)
    converted = _converted(file)
    if write and split_pair(converted.source) is not None:
        hint = "name a new file with -o"
        raise Problem(f"{file} is one of two files, and native is one", hint=hint)
    native = converted.language is Language.NATIVE
    if target is not None and converted.text is not None and not (native and write):
        _write(Path(target), converted.text)
    if as_json:
        print_json(_document(converted), pretty=True)
    else:
        if target is None and converted.text is not None:
            sys.stdout.write(converted.text)
            sys.stdout.flush()
        _tell(converted, target)
    return ExitCode.FAILED if converted.text is None else ExitCode.SUCCEEDED


def _converted(file: str) -> Converted:
    """Convert a file, together with another one that belongs to it."""
    try:
        if file == "-":
            return convert(decoded(sys.stdin.buffer), _STDIN, find_action=built_in_action)
        whole = read_whole(Path(file))
    except UnreadableFileError as error:
        raise Problem(f"{file} {error}", hint=error.hint) from error
    name = str(whole.file) if whole.file != Path(file) else file
    return convert(whole.text, name, find_action=built_in_action)


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all: it may be the only copy of what it was made of.

    What is no file, such as a device, takes what is written, and no other is put in its place.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(text.encode())
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise Problem(f"{path} can't be written: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as stream:
        written = Path(stream.name)
        try:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
            written.chmod(mode)
            written.replace(path)
        except OSError:
            written.unlink()
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _document(converted: Converted) -> JsonObject:
    return {
        "path": converted.file,
        "language": None if converted.language is None else converted.language.value,
        "converted": converted.text is not None,
        "text": converted.text,
        "notes": [finding_document(each) for each in converted.findings],
        "errors_of_result": [finding_document(each) for each in converted.stricter],
    }


def _tell(converted: Converted, target: str | None) -> None:
    lines: list[Line] = []
    for part in placed(converted.source, converted.file, converted.findings):
        lines += full_lines(part.file, part.text, part.findings)
    if converted.stricter:
        shown = f"{converted.file} (converted)"
        lines += full_lines(shown, converted.result or "", converted.stricter)
    lines += _summary(converted, target)
    print_lines(lines, sys.stderr)


def _summary(converted: Converted, target: str | None) -> list[Line]:
    name = printable(converted.file)
    if converted.text is None:
        why = "natively it would have errors, which are no errors in its own language"
        if not converted.stricter:
            errors = sum(each.severity is Severity.ERROR for each in converted.findings)
            why = "it has an error" if errors == 1 else f"it has {errors} errors"
        return [line(Part("error: ", Role.BAD), f"{name} is not converted: {why}")]
    if converted.language is Language.NATIVE:
        return [line(f"{name} is native already: there is nothing to convert")]
    notes = len(converted.findings)
    counted = {0: "nothing in it behaves differently", 1: "1 note"}.get(notes, f"{notes} notes")
    where = "" if target is None else f" to {printable(target)}"
    return [line(Part("ok: ", Role.GOOD), f"converted {name}{where}; {counted}")]
