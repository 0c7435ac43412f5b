"""Which action a name means."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path

from segue.actions.port import Action, ActionNotFoundError
from segue.actions.suggestion import did_you_mean

#: Where the built-in actions are: the registry imports one when it is asked for, because an
#: HTTP client costs a start-up that only those should pay who use it.
BUILT_IN = {
    "core.echo": ("segue.actions.basics", "Echo"),
    "core.local": ("segue.actions.local", "Local"),
    "core.noop": ("segue.actions.basics", "Noop"),
    "core.sleep": ("segue.actions.basics", "Sleep"),
}


class Registry:
    """Finds actions by name."""

    def __init__(self, *, search_path: Sequence[str | Path] = ()) -> None:
        self._search_path = tuple(str(folder) for folder in search_path)
        self._known: dict[str, Action] = {}

    def register(self, action: Action) -> None:
        """Make an action known here under its name, in the place of any other."""
        self._known[action.name] = action

    def resolve(self, name: str) -> Action:
        """Return the action of that name. Raises `ActionNotFoundError`."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def names(self) -> tuple[str, ...]:
        """Return the names that are known without importing anything, sorted."""
        return tuple(sorted({*BUILT_IN, *self._known}))

    def _find(self, name: str) -> Action:
        if name in BUILT_IN:
            module, attribute = BUILT_IN[name]
            make: Callable[[], Action] = getattr(importlib.import_module(module), attribute)
            return make()
        raise ActionNotFoundError(f"there is no action `{name}`{did_you_mean(name, self.names())}")
