"""Workflows as they are in files: their texts, however many files one takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from segue.language.loading import MAX_BYTES
from segue.runtime.workflows.attune_files import completed


class UnreadableFileError(Exception):
    """A file can't be read. The message is what follows its name in a sentence."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Whole:
    """The text of a workflow with all of its files, and the file that its places are of."""

    text: str
    file: Path


def read_whole(file: Path) -> Whole:
    """Read a workflow, together with another file that belongs to it.

    Raises `UnreadableFileError`.
    """
    found = completed(read_text(file), file)
    if found.missing is not None:
        raise UnreadableFileError(
            f"has its graph in {found.missing}, which can't be read",
            hint="`workflow_file` is a path that begins at the folder of the action",
        )
    return Whole(text=found.text, file=found.file)


def read_text(file: Path) -> str:
    """Return the text of a file; of what is too large, enough to say so.

    Raises `UnreadableFileError`.
    """
    try:
        with file.open("rb") as stream:
            return decoded(stream)
    except OSError as error:
        raise UnreadableFileError(f"can't be read: {error.strerror}") from error


def decoded(stream: BinaryIO) -> str:
    """Return the text of a stream, as `read_text` does. Raises `UnreadableFileError`, OSError."""
    data = stream.read(MAX_BYTES + 1)
    try:
        return data.decode("utf-8", "replace" if len(data) > MAX_BYTES else "strict")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"is not text in UTF-8 (byte {error.start})") from error
