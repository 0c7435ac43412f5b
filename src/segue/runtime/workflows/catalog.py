"""The workflows that actions name: which file is meant, and what it holds."""

import os
from collections import OrderedDict
from pathlib import Path

from segue.actions.registry import OURS
from segue.core.errors import RequestError
from segue.runtime.workflows.definitions import (
    SUFFIXES,
    Prepared,
    Source,
    find_named,
    is_file,
    prepare,
    read_source,
)

#: So many definitions are kept ready: a list of items calls the same one again and again.
MOST_PREPARED = 50


class Catalog:
    """See the module. `folder` is where workflows are found by name (None: nowhere)."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._prepared: OrderedDict[Source, Prepared] = OrderedDict()

    def names(self, action: str | None) -> bool:
        """Return whether an action is a workflow: a path, or the name of one in the folder.

        A path is taken for one whether or not there is such a file: it can be nothing else.
        """
        if action is None:
            return False
        return is_path(action) or self._find(action) is not None

    def read(self, action: str, folder: str | None) -> Prepared:
        """Read the workflow that an action names in a file of `folder`, and make it ready.

        Raises `RequestError` for one that is not there or can't be read, `DefinitionError` for
        one that is wrong.
        """
        file = self.find(action, folder)
        if file is None or not is_file(file):
            raise RequestError("action_not_found", f"there is no file {file or action}")
        source = read_source(file)
        prepared = self._prepared.pop(source, None) or prepare(source)
        self._prepared[source] = prepared
        if len(self._prepared) > MOST_PREPARED:
            self._prepared.popitem(last=False)
        return prepared

    def find(self, action: str, folder: str | None) -> Path | None:
        """Return the file that an action means in a file of `folder`; None: it is no workflow.

        Of a path there need not be such a file.
        """
        if not is_path(action):
            return self._find(action)
        return Path(os.path.normpath(Path(folder or "") / action))

    def _find(self, name: str) -> Path | None:
        if self._folder is None or name.startswith((".", "/", OURS)) or ":" in name:
            return None
        return find_named(name, self._folder)


def is_path(action: str) -> bool:
    """Return whether an action is the path of a workflow rather than a name."""
    return action.endswith(SUFFIXES)
