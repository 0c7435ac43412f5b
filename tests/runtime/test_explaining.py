"""What `Engine.why` knows of sub-workflows and of engines."""

from dataclasses import replace
from pathlib import Path

from tests.runtime.fakes import in_loop, until
from tests.runtime.stage import CONFIG, TWO_TASKS, Stage

from segue.core import reasons as r
from segue.core.reasoning import MOST_NAMED
from segue.core.status import Status
from segue.runtime.records.explaining import MOST_OF_A_TASK
from segue.store.memory import MemoryStore
from segue.store.port import ExecutionRow

CALLS = """
segue: 1
name: calls
tasks:
  each: {with: {items: [1, 2, 3, 4, 5, 6, 7]}, action: two}
  alone: {action: two}
"""


@in_loop
async def test_of_many_sub_workflows_of_items_the_first_few_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(TWO_TASKS)
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(tmp_path)))
    execution = await engine.start(CALLS)
    await until(lambda: len(transport.names()) == 8)
    each, alone = (await engine.why(execution)).waits
    assert isinstance(each.reason, r.Items)
    assert len(each.reason.workflows) == MOST_NAMED
    assert isinstance(alone.reason, r.SubWorkflow)
    for child in (*each.reason.workflows, alone.reason):
        assert child.status is Status.RUNNING
        assert [wait.task for wait in child.waits] == ["a"]
    explained = await engine.explain(execution)
    assert len(explained.below) == MOST_OF_A_TASK + 1
    await stage.stop()


@in_loop
async def test_what_runs_and_is_not_kept_is_no_reason() -> None:
    store = MemoryStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.names() == ["a#1.1"])
    store._work.clear()
    assert [wait.reason for wait in (await engine.why(execution)).waits] == [r.Nothing()]
    await stage.stop()


@in_loop
async def test_of_an_execution_that_never_stands_still_no_more_is_said_than_is_known() -> None:
    class BusyStore(MemoryStore):
        async def get_execution(self, execution: str) -> ExecutionRow | None:
            row = await super().get_execution(execution)
            return None if row is None else replace(row, seq=row.seq - 1)

    store = BusyStore()
    stage = Stage(store)
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.names() == ["a#1.1"])
    store._work.clear()
    [wait] = (await engine.why(execution)).waits
    assert isinstance(wait.reason, r.Running)
    await stage.stop()


@in_loop
async def test_an_engine_is_first_late_and_then_gone() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.names() == ["a#1.1"])
    kinds = []
    for _ in range(3):
        why = await engine.why(execution)
        kinds.append((type(why.waits[0].reason), len(why.leases)))
        stage.clock.set(stage.clock.now() + 6)
    assert kinds == [(r.Running, 1), (r.Late, 1), (r.Unheld, 0)]
    await stage.stop()


@in_loop
async def test_a_settled_execution_waits_for_nothing_and_is_held_by_nobody() -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    execution = await engine.start(TWO_TASKS)
    await until(lambda: transport.names() == ["a#1.1"])
    transport.end("a#1.1")
    await until(lambda: transport.names() == ["b#1.1"])
    transport.end("b#1.1")
    await engine.result(execution)
    why = await engine.why(execution)
    assert (why.status, why.waits, why.leases) == (Status.SUCCEEDED, (), ())
    await stage.stop()
