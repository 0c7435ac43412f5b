"""The two files of a workflow of Attune: whichever of them is named, the other is found."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from segue.language.attune_pair import graph_file, join_pair

#: What the names of files with a graph end with, before the ending of YAML.
_GRAPH = ".workflow"
_YAML = (".yaml", ".yml")
#: So many files of a folder are looked into for the action of a graph, if it is not called so.
_MOST_LOOKED_INTO = 500
#: An action is small; what is larger is none.
_MOST_READ = 256 * 1024


@dataclass(frozen=True, slots=True)
class Completed:
    """The text of a workflow with all of its files, and the file that its places are of.

    `missing` is the file that should have the graph and can't be read.
    """

    text: str
    file: Path
    missing: Path | None = None


def completed(text: str, file: Path) -> Completed:
    """Return a text with what belongs to it; most are whole, and come back as they are."""
    named = graph_file(text)
    if named is not None:
        graph = file.parent / named
        found = _read(graph)
        if found is None:
            return Completed(text, file, missing=graph)
        return Completed(join_pair(found, text, _seen_from(graph, file)), _normal(graph))
    for action in _candidates(file):
        found = _read(action, _MOST_READ)
        if found is not None and _is_of(found, action, file):
            return Completed(join_pair(text, found, _seen_from(file, action)), file)
    return Completed(text, file)


def _candidates(graph: Path) -> Iterator[Path]:
    """Give the files that may have the action of a graph: those called so, then its neighbours."""
    stem = graph.stem.removesuffix(_GRAPH)
    folders = [graph.parent.parent, graph.parent]
    for folder in folders:
        for suffix in _YAML:
            candidate = folder / f"{stem}{suffix}"
            if candidate != graph:
                yield candidate
    if graph.stem == stem:
        return
    for folder in folders:
        for name in _names(folder)[:_MOST_LOOKED_INTO]:
            if name.endswith(_YAML) and Path(name).stem != stem:
                yield folder / name


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except OSError:
        return []


def _is_of(text: str, action: Path, graph: Path) -> bool:
    if graph.name not in text:
        return False
    named = graph_file(text)
    return named is not None and _normal(action.parent / named) == _normal(graph)


def _seen_from(graph: Path, action: Path) -> str:
    """Return how the action is found from the folder of the graph."""
    return os.path.relpath(action, graph.parent).replace(os.sep, "/")


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))


def _read(file: Path, most: int | None = None) -> str | None:
    try:
        if most is not None and file.stat().st_size > most:
            return None
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
