"""A record that can't be read, damaged or of a newer release, stops one execution and no engine."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime.fakes import in_loop, until
from tests.runtime.stage import ONE_TASK, Stage

from segue.core import reasons as r
from segue.core.events import Recorded
from segue.core.status import Status
from segue.runtime.errors import ExecutionParkedError
from segue.store.memory import MemoryStore
from segue.store.port import UnreadableError


@in_loop
async def test_an_execution_that_can_not_be_read_hinders_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class DamagedStore(MemoryStore):
        async def read_events(
            self, execution: str, after: int = 0, limit: int | None = None
        ) -> Sequence[Recorded]:
            if execution == "bad":
                raise UnreadableError("Event 2 of execution bad can't be read.")
            return await super().read_events(execution, after, limit)

    stage = Stage(DamagedStore())
    former, running = await stage.engine()
    await former.start(ONE_TASK, id="bad")
    await former.start(ONE_TASK, id="good")
    await until(lambda: len(running.running) == 2)
    await stage.stop()
    engine, transport = await stage.engine()
    await engine.resume()
    await until(lambda: len(transport.running) == 2)
    for job in list(transport.running):
        transport.running.remove(job)
        transport.tell(job)
    assert (await engine.result("good")).status is Status.SUCCEEDED
    with pytest.raises(ExecutionParkedError, match=r"bad can't go on: Event 2 of execution bad"):
        await engine.cancel("bad")
    assert "execution bad is parked: Event 2" in caplog.text
    await stage.stop()


@in_loop
async def test_work_that_can_not_be_read_hinders_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    stage = Stage(store)
    former, running = await stage.engine()
    await former.start(ONE_TASK, id="bad")
    await former.start(ONE_TASK, id="good")
    await until(lambda: len(running.running) == 2)
    await stage.stop()
    works = store._work
    [name] = [
        name for name, work in works.items() if (work.execution, work.name) == ("bad", "a#1.1")
    ]
    works[name] = replace(works[name], data=b"{")
    engine, transport = await stage.engine()
    assert "The work a#1.1 can't be read" in whole(await engine.why("bad")).problem
    serving = asyncio.create_task(engine.serve())
    await until(lambda: transport.running)
    transport.end("a#1.1")
    assert (await engine.result("good")).status is Status.SUCCEEDED
    with pytest.raises(ExecutionParkedError, match=r"bad can't go on: The work a#1\.1 can't be"):
        await engine.result("bad")
    assert "execution bad is parked: The work a#1.1 can't be read" in caplog.text
    await stage.stop()
    await serving
    looking, _ = await stage.engine()
    noted = whole(await looking.why("bad"))
    assert "The work a#1.1 can't be read" in noted.problem
    assert noted.since is not None
    await stage.stop()


def whole(why: r.Why) -> r.Parked:
    """Return why the execution as a whole can't go on."""
    reason = why.waits[0].reason
    assert isinstance(reason, r.Parked)
    return reason


@in_loop
async def test_a_sub_workflow_that_can_not_be_read_hinders_nobody(tmp_path: Path) -> None:
    class DamagedStore(MemoryStore):
        damaged: str | None = None

        async def read_events(
            self, execution: str, after: int = 0, limit: int | None = None
        ) -> Sequence[Recorded]:
            if execution == self.damaged:
                raise UnreadableError(f"Event 2 of execution {execution} can't be read.")
            return await super().read_events(execution, after, limit)

    (tmp_path / "child.yaml").write_text(ONE_TASK)
    (tmp_path / "parent.yaml").write_text("segue: 1\ntasks: {call: {action: ./child.yaml}}\n")
    store = DamagedStore()
    stage = Stage(store)
    former, running = await stage.engine()
    await former.start(tmp_path / "parent.yaml", id="parent")
    await until(lambda: running.running)
    child = running.running[0].execution
    await stage.stop()
    store.damaged = child
    engine, running = await stage.engine()
    await engine.resume()
    await until(lambda: running.running)
    running.end("a#1.1")
    assert (await engine.result("parent")).status is Status.FAILED
    await stage.stop()
    # What it ran for is over, and nobody can tell whether somebody else has run it again.
    latest, transport = await stage.engine()
    await latest.start(ONE_TASK, id="other")
    serving = asyncio.create_task(latest.serve())
    await until(lambda: "other" in [job.execution for job in transport.running])
    transport.tell(next(job for job in transport.running if job.execution == "other"))
    assert (await latest.result("other")).status is Status.SUCCEEDED
    await latest.resume()
    assert (await latest.verify("parent")).violations == ()
    assert (await latest.verify(child)).violations != ()
    await stage.stop()
    await serving
