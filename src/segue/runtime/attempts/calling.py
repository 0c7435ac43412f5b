"""Calling a workflow: an execution is begun for an attempt, or the attempt has failed at once."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from segue.core.errors import RequestError
from segue.core.stimuli import Failed, Start
from segue.failpoints import Failpoint, reach
from segue.runtime.attempts.performing import input_too_large, whole_input
from segue.runtime.config import Config
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.values import ValuesTooLargeError
from segue.runtime.errors import DefinitionError
from segue.runtime.workflows.beginning import start_of
from segue.store.port import ExecutionRow
from segue.transport.port import Job

#: Begins an execution, durably: its id, the stimulus, and where relative paths in it begin.
Begin = Callable[[str, Start, str | None], Coroutine[Any, Any, ExecutionRow]]


class Calling:
    """See the module."""

    def __init__(self, desk: Desk, config: Config, begin: Begin) -> None:
        self._desk = desk
        self._config = config
        self._begin = begin

    async def call(self, job: Job, execution: str) -> Failed | None:
        """Begin the execution that runs for an attempt; return why not, if that can't be.

        One that has been begun already is left as it is. Raises `StoreError`.
        """
        desk, config = self._desk, self._config
        action = job.action or ""
        above = await desk.store.get_execution(job.execution)
        assert above is not None, "it has outstanding work"
        depth, most = above.depth + 1, config.max_workflow_depth
        if depth > most:
            inside = f"{most} workflows run inside one another, and that is the limit"
            return Failed(code="too_deep", message=f"{action}: {inside}")
        try:
            prepared = desk.catalog.read(action, above.folder)
            inputs = await whole_input(desk, job.input)
            start = await start_of(
                desk.store, desk.programs, config, prepared, execution=execution, inputs=inputs
            )
        except ValuesTooLargeError as error:
            return input_too_large(action, error)
        except DefinitionError as error:
            return Failed(code="workflow_invalid", message=f"{action}: {error}")
        except RequestError as error:
            code = "invalid_input" if error.code == "invalid_inputs" else error.code
            return Failed(code=code, message=f"{action}: {error.message}")
        start = replace(start, parent=f"{job.execution}/{job.name}", depth=depth)
        return await self._start(action, execution, start, prepared.folder)

    async def _start(self, action: str, execution: str, start: Start, folder: str) -> Failed | None:
        try:
            await self._begin(execution, start, folder)
            reach(Failpoint.CHILD_BEGUN)
        except RequestError as error:
            if error.code == "already_started":
                return None  # a commit that seemed to have failed, or another engine
            return Failed(code=error.code, message=f"{action}: {error.message}")
        return None
