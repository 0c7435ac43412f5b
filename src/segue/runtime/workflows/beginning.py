"""What begins an execution: the same for whoever asks for one and for a task that calls one."""

from collections.abc import Mapping, Sequence

from segue.core.stimuli import Start
from segue.runtime.config import Config
from segue.runtime.workflows.definitions import Prepared
from segue.runtime.workflows.inputs import require_inputs
from segue.runtime.workflows.programs import Programs
from segue.runtime.workflows.surroundings import surroundings
from segue.store.port import Store
from segue.values import JsonValue


async def start_of(
    store: Store,
    programs: Programs,
    config: Config,
    prepared: Prepared,
    *,
    execution: str,
    inputs: Mapping[str, JsonValue],
    start: Sequence[str] = (),
) -> Start:
    """Keep a definition, durably, and return what begins an execution of it.

    `start` are the tasks to begin with. Raises `RequestError` for inputs that can't be, and
    `StoreError`.
    """
    given = require_inputs(prepared.workflow, inputs)
    await programs.keep(prepared)
    return Start(
        inputs=given,
        context=await surroundings(store, prepared, execution),
        start=tuple(start),
        definition=prepared.definition.hash,
        max_duration=config.max_workflow_duration_seconds,
        max_visits=config.max_task_iterations_per_workflow,
    )
