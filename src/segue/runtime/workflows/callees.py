"""What a file calls, workflows and actions, found for whoever checks that file."""

from pathlib import Path

from segue.actions.registry import BUILT_IN, OURS, Registry
from segue.checking import HOSTED, check
from segue.checking.actions import KnownAction
from segue.checking.calls import Callee, FindCallee
from segue.core.errors import RequestError
from segue.language.suggestions import did_you_mean
from segue.runtime.workflows.catalog import Catalog
from segue.runtime.workflows.definitions import is_file, read_source


def callee_finder(catalog: Catalog, folder: str) -> FindCallee:
    """Return what finds the workflows that a file in `folder` calls. Each is read once."""
    known: dict[str, Callee | None] = {}

    def find(action: str) -> Callee | None:
        if action not in known:
            file = catalog.find(action, folder)
            known[action] = None if file is None else _read(file)
        return known[action]

    return find


def built_in_action(name: str) -> KnownAction | None:
    """Return what is known of an action without running anything of the user's."""
    if not name.startswith(OURS):
        return None
    registry = Registry()
    if name in BUILT_IN:
        return KnownAction(parameters=registry.resolve(name).parameters)
    hint = did_you_mean(name, BUILT_IN) or f"there are {', '.join(f'`{one}`' for one in BUILT_IN)}"
    return KnownAction(parameters={}, problem=f"there is no action `{name}`", hint=hint)


def _read(file: Path) -> Callee:
    if not is_file(file):
        return _unusable(file, f"there is no file {file}")
    try:
        source = read_source(file)
    except RequestError as error:
        return _unusable(file, error.message)
    checked = check(source.text, source.shown, hosted=HOSTED)
    if checked.workflow is None:
        return _unusable(file, f"{file} has errors: segue check shows them")
    return Callee(file=str(file), workflow=checked.workflow)


def _unusable(file: Path, problem: str) -> Callee:
    return Callee(file=str(file), workflow=None, problem=problem)
