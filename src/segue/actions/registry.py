"""Which action a name means."""

import importlib
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from types import ModuleType

from segue.actions.port import Action, ActionNotFoundError
from segue.actions.python import PythonFunction, registered
from segue.language.suggestions import did_you_mean

#: Where the built-in actions are: the registry imports one when it is asked for, because an
#: HTTP client costs a start-up that only those should pay who use it.
BUILT_IN = {
    "core.echo": ("segue.actions.basics", "Echo"),
    "core.http": ("segue.actions.http", "Http"),
    "core.http_request": ("segue.actions.http_request", "HttpRequest"),
    "core.local": ("segue.actions.local", "Local"),
    "core.noop": ("segue.actions.basics", "Noop"),
    "core.sleep": ("segue.actions.basics", "Sleep"),
    "core.ask": ("segue.actions.ask", "Ask"),
}

#: The names of built-in actions begin so, and no others may.
OURS = "core."

#: The group of entry points by which an installed package brings actions: the name of one is
#: the pack ("slack" for "slack.post"), its value the module that registers them.
ENTRY_POINTS = "segue.actions"


class Registry:
    """Finds actions by name.

    A name is that of a built-in action, of a function registered with `@segue.action`, of an
    action in a pack that is installed, or `module:function`. `search_path` are directories that
    modules are imported from, too: the first time one is needed they are added to the end of
    `sys.path`, for good, since what is imported may import its neighbours later.
    """

    def __init__(self, *, search_path: Sequence[str | Path] = ()) -> None:
        self._search_path = tuple(str(Path(folder).absolute()) for folder in search_path)
        self._known: dict[str, Action] = {}

    def register(self, action: Action) -> None:
        """Make an action known here under its name, in the place of any other."""
        self._known[action.name] = action

    def resolve(self, name: str) -> Action:
        """Return the action of that name; a module may be imported for it.

        Raises `ActionNotFoundError`; if an exception kept a module from being imported, that is
        its cause.
        """
        if name in self._known:
            return self._known[name]
        if name in registered():
            return registered()[name]  # not kept: a module loaded again registers anew
        self._known[name] = found = self._find(name)
        return found

    def names(self) -> tuple[str, ...]:
        """Return the names that are known without importing anything, sorted."""
        return tuple(sorted({*BUILT_IN, *registered(), *self._known}))

    def _find(self, name: str) -> Action:
        if name in BUILT_IN:
            module, attribute = BUILT_IN[name]
            make: Callable[[], Action] = getattr(importlib.import_module(module), attribute)
            return make()
        if ":" in name:
            return self._find_function(name)
        pack = name.partition(".")[0]
        for module in _modules_of(pack):
            _import(module, f"the pack `{pack}`")
        if name in registered():
            return registered()[name]
        raise _not_found(f"there is no action `{name}`", name, self.names())

    def _find_function(self, name: str) -> Action:
        path, _, attribute = name.partition(":")
        steps = attribute.split(".")
        if not all(part.isidentifier() for part in (*path.split("."), *steps)):
            raise ActionNotFoundError(
                f"`{name}` is not the name of an action: it has the form `module:function`"
            )
        for folder in self._search_path:
            if folder not in sys.path:
                sys.path.append(folder)
        importlib.invalidate_caches()  # the module may be younger than the last look
        module = _import(path, f"the module `{path}`")
        try:
            function = reduce(getattr, steps, module)
        except AttributeError:
            what = f"the module `{path}` has no function `{attribute}`"
            raise _not_found(what, attribute, _functions(module)) from None
        return _as_action(name, function)


def _not_found(what: str, name: str, known: Sequence[str]) -> ActionNotFoundError:
    hint = did_you_mean(name, known)
    return ActionNotFoundError(what if hint is None else f"{what}; {hint}")


def _as_action(name: str, found: object) -> Action:
    if not callable(found):
        kind = type(found).__name__
        raise ActionNotFoundError(f"`{name}` is no function, it is of the type `{kind}`")
    try:
        return PythonFunction(name, found)
    except (TypeError, ValueError) as error:
        raise ActionNotFoundError(
            f"`{name}` can't be an action: it does not say what it takes"
        ) from error


def _import(path: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{path}.".startswith(f"{error.name}."):
            raise ActionNotFoundError(f"there is no module `{error.name}`") from None
        raise ActionNotFoundError(f"{what} can't be imported: {error}") from error
    except (Exception, SystemExit) as error:
        kind = type(error).__name__
        raise ActionNotFoundError(f"{what} can't be imported: {kind}: {error}") from error


def _functions(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if callable(value)]


def _modules_of(pack: str) -> Sequence[str]:
    """Return the modules that installed packages name for a pack."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - 10 ms that few need

    return [found.module for found in entry_points(group=ENTRY_POINTS, name=pack)]
