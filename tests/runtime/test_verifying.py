"""Executions are verified while they go on."""

from tests.runtime.fakes import in_loop, until
from tests.runtime.stage import TWO_TASKS, Stage

from segue.runtime.records.verifying import MOST_LOOKS, verify_execution
from segue.store.memory import MemoryStore
from segue.store.port import ExecutionRow


class Restless(MemoryStore):
    """A store in which an execution seems to go on whenever one looks."""

    looks = 0
    restless = False

    async def get_execution(self, execution: str) -> ExecutionRow | None:
        row = await super().get_execution(execution)
        self.looks += 1
        if not self.restless or row is None or self.looks % 2:
            return row
        return ExecutionRow(
            id=row.id,
            workflow=row.workflow,
            definition=row.definition,
            status=row.status,
            settled=row.settled,
            seq=row.seq + self.looks,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@in_loop
async def test_an_execution_that_runs_is_verified_with_its_outstanding_work() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    verified = await engine.verify(execution)
    assert (verified.violations, verified.whole) == ((), True)
    stage.store._work.clear()  # type: ignore[attr-defined]
    lost = await engine.verify(execution)
    assert {one.invariant for one in lost.violations} == {"I4", "I18"}
    await stage.stop()


@in_loop
async def test_of_one_that_never_stands_still_the_log_is_verified() -> None:
    store = Restless()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.running)
    store.restless, store.looks = True, 0
    verified = await verify_execution(store, engine.conductor.desk.programs, execution)
    store.restless = False
    assert (verified.violations, verified.whole) == ((), False)
    assert store.looks == 2 * MOST_LOOKS
    await stage.stop()
