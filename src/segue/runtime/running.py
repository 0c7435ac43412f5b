"""One call for one execution: for scripts, notebooks and tests."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from segue.core.view import ExecutionView
from segue.runtime.config import MEMORY, Config
from segue.runtime.engine import Engine
from segue.values import JsonValue


def run(
    workflow: str | Path,
    inputs: Mapping[str, JsonValue] | None = None,
    start: Sequence[str] | None = None,
    *,
    db: str = MEMORY,
    config: Config | None = None,
) -> ExecutionView:
    """Run a workflow to its end, and return all of the execution, whatever became of it.

    `workflow` is a path or the text of a definition. Nothing is kept unless `db` names a
    database. Raises what `Engine.start` and `Engine.result` raise, and `RuntimeError` where an
    event loop is running: use `Engine` there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("an event loop is running here: use `async with segue.Engine()`")
    return asyncio.run(_run(workflow, inputs, start, db, config))


async def _run(
    workflow: str | Path,
    inputs: Mapping[str, JsonValue] | None,
    start: Sequence[str] | None,
    db: str,
    config: Config | None,
) -> ExecutionView:
    async with Engine(db, config) as engine:
        execution = await engine.start(workflow, inputs, start=start)
        return await engine.result(execution)
