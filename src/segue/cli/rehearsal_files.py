"""Rehearsal files on the disk: finding them, and reading what they name."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from segue.language.codes import Code
from segue.language.findings import START_OF_FILE
from segue.rehearsal import PATTERNS
from segue.rehearsal.loading import Fetched, finding
from segue.rehearsal.reading import ORQUESTA_KEY, ReadRehearsal, read_rehearsal
from segue.runtime.workflows.definitions import is_file
from segue.runtime.workflows.files import UnreadableFileError, read_text, read_whole

_YAML = (".yaml", ".yml", ".json")
_STATE_KEY = "workflow_state"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files that a rehearsal file names are: beside it."""

    path: Path

    def __call__(self, name: str, *, anywhere: bool = False) -> Fetched | str:
        """Return a file, or why it can't be read. See `segue.rehearsal.loading.Fetch`."""
        found = self._find(name) if anywhere else self.path / name
        try:
            whole = read_whole(found)
            return Fetched(path=shown_path(whole.file), text=whole.text)
        except UnreadableFileError as error:
            return f"{error}"

    def _find(self, name: str) -> Path:
        """Return where a file is: in the folder, or else in the nearest one above that has it."""
        folders = (self.path, *self.path.resolve().parents)
        candidates = [folder / name for folder in folders]
        return next((path for path in candidates if is_file(path)), candidates[0])


def read_file(path: Path) -> ReadRehearsal:
    """Read a rehearsal file and all that it names. Raises `UnreadableFileError`."""
    return read_rehearsal(read_text(path), shown_path(path), Folder(path.parent))


def unread(path: Path, error: UnreadableFileError) -> ReadRehearsal:
    """Return what became of a file of a folder that can't be read: the others are to be run."""
    said = finding(Code.FILE_NOT_READ, f"the file {error}", START_OF_FILE)
    return ReadRehearsal(file=shown_path(path), text="", tests=(), findings=(said,))


def rehearsals_in(path: Path) -> Iterator[Path]:
    """Give the rehearsal files below a folder, in the order of their names.

    Those of Orquesta have no names of their own: they are known by a key that only they have.
    """
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            found = Path(folder, name)
            if is_rehearsal_name(found) or (is_file(found) and _is_orquestas(found)):
                yield found


def is_rehearsal_name(path: Path) -> bool:
    """Say whether a file is called as native rehearsals are."""
    return any(path.match(pattern) for pattern in PATTERNS)


def _is_orquestas(path: Path) -> bool:
    if path.suffix.lower() not in _YAML:
        return False
    try:
        text = read_text(path)
    except UnreadableFileError:
        return False
    lines = text.splitlines()
    return any(line.startswith((f"{ORQUESTA_KEY}:", f"{_STATE_KEY}:")) for line in lines)


def shown_path(path: Path) -> str:
    """Return a path as it is told: from here, where it is below, or else whole."""
    here, whole = Path.cwd(), Path(os.path.normpath(Path.cwd() / path))
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)
