"""Workflow definitions on their way from a file or a text to a program."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from segue.checking import HOSTED, check
from segue.core.errors import RequestError
from segue.core.program import Program
from segue.language.findings import Finding
from segue.language.model import Workflow
from segue.language.workflows import Language, load_workflow
from segue.runtime.errors import DefinitionError
from segue.runtime.workflows.files import UnreadableFileError, read_whole
from segue.store.port import Definition, UnreadableError
from segue.store.soundness import storable

#: How files of workflows end; a name is looked up with each of them.
SUFFIXES = (".yaml", ".yml")
#: What messages call a definition that came as a text.
TEXT = "<text>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of a definition. `file` is its name as the user gave it (None: it is a text)."""

    text: str
    file: str | None = None

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.file or TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A definition without errors, ready to be begun. `findings` are its warnings."""

    definition: Definition
    workflow: Workflow
    program: Program
    findings: tuple[Finding, ...]
    language: Language | None = None

    @property
    def folder(self) -> str:
        """Where relative paths in it begin: the folder of its file, or the working directory."""
        return str(Path(self.definition.file or TEXT).absolute().parent)


def read_source(what: str | Path, folder: str | None = None) -> Source:
    """Read a definition: a path, the name of a workflow in `folder`, or the text itself.

    A string is the text if it has more than one line. Raises `RequestError` for a file that is
    not there or can't be read.
    """
    if isinstance(what, str) and "\n" in what.strip():
        return Source(text=what)
    try:
        file = _find(what, folder)
    except OSError as error:  # a folder that nobody may look into, a name that is too long
        raise RequestError(
            "workflow_unreadable",
            f"{what} can't be read: {error.strerror}",
            hint="what has more than one line is the text of a definition, and no file",
            field="workflow",
        ) from error
    try:
        whole = read_whole(file)
    except UnreadableFileError as error:
        raise RequestError(
            "workflow_unreadable", f"{file} {error}", hint=error.hint, field="workflow"
        ) from error
    return Source(text=whole.text, file=storable(str(whole.file)))


def prepare(source: Source) -> Prepared:
    """Make a definition ready. Raises `DefinitionError` with all that is wrong with it."""
    checked = check(source.text, source.shown, hosted=HOSTED)
    if checked.workflow is None:
        raise DefinitionError(checked.findings, source.text, source.file)
    name = checked.workflow.name
    return Prepared(
        definition=Definition(
            hash=_hash(source.text, name), name=name, source=source.text, file=source.file
        ),
        workflow=checked.workflow,
        program=Program.of(checked.workflow),
        findings=checked.findings,
        language=checked.language,
    )


def load_program(definition: Definition) -> Program:
    """Return the program of a stored definition.

    It is not checked again: it was, when its first execution began, and a stricter check of a later
    release must not keep it from going on. Raises `UnreadableError` if it can't be read any more.
    """
    loaded = load_workflow(definition.source, file=definition.file or TEXT, name=definition.name)
    if loaded.workflow is None:
        raise UnreadableError(f"The definition {definition.hash} can't be read any more.")
    return Program.of(loaded.workflow)


def find_named(name: str, folder: str) -> Path | None:
    """Return the file of the workflow of that name in a folder, if there is one.

    "a.b" is a.b.yaml or a/b.yaml there, or where the packs of StackStorm or Attune have it.
    """
    if not name or ".." in Path(name).parts:
        return None
    pack, _, rest = name.partition(".")
    packs = ("actions/workflows/{}", "actions/workflows/{}.workflow", "workflows/{}")
    stems = [name, name.replace(".", "/"), f"{pack}/{rest}"]
    stems += [f"{pack}/{stem.format(rest)}" for stem in packs]
    for stem in dict.fromkeys(stems if rest else (name,)):
        for suffix in SUFFIXES:
            file = Path(folder) / f"{stem}{suffix}"
            if is_file(file):
                return file
    return None


def is_file(file: Path) -> bool:
    """Return whether there is such a file; no name is so odd that it raises, as with Path."""
    return os.path.isfile(file)  # noqa: PTH113


def _find(what: str | Path, folder: str | None) -> Path:
    path = Path(what)
    if not str(what):
        raise RequestError("workflow_not_found", "no workflow is named", field="workflow")
    if isinstance(what, Path) or path.suffix in SUFFIXES or path.exists():
        if path.is_dir():
            raise RequestError(
                "workflow_not_found", f"{what} is a folder, not a file", field="workflow"
            )
        if not path.exists():
            raise RequestError("workflow_not_found", f"there is no file {what}", field="workflow")
        return path
    if folder is not None:
        named = find_named(str(what), folder)
        if named is not None:
            return named
        raise RequestError(
            "workflow_not_found",
            f"there is no file {what}, and no workflow of that name in {folder}",
            field="workflow",
        )
    raise RequestError(
        "workflow_not_found",
        f"there is no file {what}",
        hint="the setting `workflows` names a folder in which workflows are found by name",
        field="workflow",
    )


def _hash(text: str, name: str) -> str:
    """Return what names a definition by its content; the name it runs under is part of it."""
    return hashlib.sha256(f"{name}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
