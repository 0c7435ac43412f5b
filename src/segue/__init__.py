"""Segue: a durable workflow engine that follows transitions.

The names below are the library; each is imported when it is first used, so that `import segue`
costs nothing. `segue.core` is the engine without I/O, for those who bring their own persistence.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.actions.port import Call
    from segue.actions.python import action
    from segue.core.errors import RequestError
    from segue.core.rerun_plan import RerunPlan, RerunRequest, Target
    from segue.core.view import ExecutionView
    from segue.runtime.config import Config
    from segue.runtime.desk.values import ValuesTooLargeError
    from segue.runtime.engine import Engine
    from segue.runtime.errors import (
        ConfigError,
        DefinitionError,
        EngineStoppedError,
        ExecutionParkedError,
    )
    from segue.runtime.running import run
    from segue.store.port import StoreError

__version__ = "0.1.0"

__all__ = [
    "Call",
    "Config",
    "ConfigError",
    "DefinitionError",
    "Engine",
    "EngineStoppedError",
    "ExecutionParkedError",
    "ExecutionView",
    "RequestError",
    "RerunPlan",
    "RerunRequest",
    "StoreError",
    "Target",
    "ValuesTooLargeError",
    "__version__",
    "action",
    "run",
]

_HOMES = {
    "Call": "segue.actions.port",
    "Config": "segue.runtime.config",
    "ConfigError": "segue.runtime.errors",
    "DefinitionError": "segue.runtime.errors",
    "Engine": "segue.runtime.engine",
    "EngineStoppedError": "segue.runtime.errors",
    "ExecutionParkedError": "segue.runtime.errors",
    "ExecutionView": "segue.core.view",
    "RequestError": "segue.core.errors",
    "RerunPlan": "segue.core.rerun_plan",
    "RerunRequest": "segue.core.rerun_plan",
    "StoreError": "segue.store.port",
    "Target": "segue.core.rerun_plan",
    "ValuesTooLargeError": "segue.runtime.desk.values",
    "action": "segue.actions.python",
    "run": "segue.runtime.running",
}


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'segue' has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
