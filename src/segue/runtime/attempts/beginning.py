"""What begins an execution: the same for whoever asks for one and for a task that calls one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segue.core.stimuli import Start
from segue.runtime.config import Config
from segue.runtime.desk.desk import Desk
from segue.runtime.workflows.definitions import Prepared
from segue.runtime.workflows.inputs import require_inputs
from segue.runtime.workflows.surroundings import surroundings
from segue.values import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The attempt that an execution runs for ("EXECUTION/call#1.1"), and how deep that puts it."""

    attempt: str
    depth: int


async def start_of(
    desk: Desk,
    config: Config,
    execution: str,
    prepared: Prepared,
    inputs: Mapping[str, JsonValue],
    *,
    start: Sequence[str] = (),
    caller: Caller | None = None,
) -> Start:
    """Keep a definition, durably, and return what begins an execution of it.

    `start` are the tasks to begin with. Raises `RequestError` for inputs that can't be, and
    `StoreError`.
    """
    given = require_inputs(prepared.workflow, inputs)
    await desk.store.put_definition(prepared.definition)
    desk.loader.remember_program(prepared.definition, prepared.program)
    return Start(
        inputs=given,
        context=await surroundings(desk.store, prepared, execution),
        start=tuple(start),
        definition=prepared.definition.hash,
        max_duration=config.max_workflow_duration_seconds,
        max_visits=config.max_task_iterations_per_workflow,
        parent=caller.attempt if caller else None,
        depth=caller.depth if caller else 0,
    )
