"""Sub-workflows while they are paused, canceled, too late, or in somebody else's hands."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime.fakes import FakeTransport, in_loop, settle, until
from tests.runtime.stage import CONFIG, Stage

from segue.core.events import AttemptChanged
from segue.core.status import Status
from segue.core.stimuli import Canceled, Failed, Succeeded
from segue.core.view import ExecutionView
from segue.runtime.desk.ids import child_id
from segue.runtime.desk.loading import Loaded
from segue.runtime.engine import Engine
from segue.store.port import WorkKind

PARENT = """
segue: 1
tasks:
  call:
    action: ./child.yaml
    next:
      - {when: succeeded(), publish: {got: "{{ result() }}"}, do: after}
      - {when: timed_out(), publish: {got: late}, do: noop}
  after: {action: test.after}
output: {got: "{{ ctx.got }}"}
"""
CHILD = """
segue: 1
tasks:
  one: {action: test.one, next: [{when: succeeded(), do: two}]}
  two: {action: test.two, next: [{when: succeeded(), do: three}]}
  three: {action: test.three}
output: {done: true}
"""
CALL = "call#1.1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parent.yaml").write_text(PARENT)
    (tmp_path / "child.yaml").write_text(CHILD)
    return tmp_path


async def begun(stage: Stage, folder: Path) -> tuple[Engine, FakeTransport, str, str]:
    """A parent whose child has begun its first task: the engine, and the ids of both."""
    engine, transport = await stage.engine()
    parent = await engine.start(folder / "parent.yaml")
    await until(lambda: transport.names() == ["one#1.1"])
    return engine, transport, parent, child_id(parent, CALL)


async def status(engine: Engine, execution: str) -> Status:
    return (await engine.show(execution)).status


async def after(engine: Engine, transport: FakeTransport, name: str) -> None:
    """End what runs, and wait for what follows."""
    transport.end(transport.names()[0], Succeeded())
    await until(lambda: transport.names() == [name])


async def finished(
    engine: Engine, transport: FakeTransport, parent: str, names: tuple[str, ...]
) -> ExecutionView:
    """End the tasks that are left, one after the other."""
    for name in names:
        await until(lambda name=name: transport.names() == [name])  # type: ignore[misc]
        transport.end(name, Succeeded())
    return await engine.result(parent)


async def look(stage: Stage) -> None:
    """Let every engine notice what others have written."""
    await settle()
    for engine in stage.engines:
        await engine.conductor.watcher.look(engine.conductor.desk.identity.id)
        await settle()


# -- pausing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine_dies", [False, True])
def test_what_was_paused_with_its_parent_goes_on_with_it(
    folder: Path,
    engine_dies: bool,  # noqa: FBT001
) -> None:
    @in_loop
    async def run() -> None:
        stage = Stage()
        engine, transport, parent, child = await begun(stage, folder)
        await engine.pause(parent)
        await settle()
        transport.end("one#1.1", Succeeded())
        await settle()
        assert await status(engine, parent) is Status.PAUSED
        assert await status(engine, child) is Status.PAUSED
        works = await stage.store.list_work(execution=child)
        assert [work.name for work in works] == ["deadline"], "nothing of it waits for an engine"
        if engine_dies:
            await stage.kill(engine)
            engine, transport = await stage.engine()
            await engine.resume(parent)
        await engine.unpause(parent)
        view = await finished(engine, transport, parent, ("two#1.1", "three#1.1", "after#1.1"))
        assert view.status is Status.SUCCEEDED
        await stage.stop()

    run()


@in_loop
async def test_going_on_that_did_not_reach_the_child_reaches_it_after_a_crash(
    folder: Path,
) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)
    await engine.pause(parent)
    await settle()
    transport.end("one#1.1", Succeeded())
    await settle()
    await stage.kill(engine)
    # Somebody else unpauses it, and dies before anything comes of that.
    second, _ = await stage.engine()
    await second.unpause(parent)
    await stage.kill(second)
    assert await status(second, child) is Status.PAUSED
    third, transport = await stage.engine()
    await third.resume(parent)
    view = await finished(third, transport, parent, ("two#1.1", "three#1.1", "after#1.1"))
    assert view.status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_pause_that_did_not_reach_the_child_reaches_it_after_a_crash(folder: Path) -> None:
    stage = Stage()
    engine, _, parent, child = await begun(stage, folder)
    await stage.kill(engine)
    second, _ = await stage.engine()
    await second.pause(parent)
    await settle()
    assert await status(second, child) is Status.RUNNING
    third, transport = await stage.engine()
    await third.resume(parent)
    await settle()
    assert await status(third, child) is Status.PAUSING
    transport.end("one#1.1", Succeeded())
    await settle()
    assert await status(third, parent) is Status.PAUSED
    await stage.stop()


@in_loop
async def test_another_engine_pauses_and_unpauses_what_this_one_has(folder: Path) -> None:
    stage = Stage()
    _, transport, parent, child = await begun(stage, folder)
    other, others = await stage.engine()
    await other.pause(parent)
    await look(stage)
    assert await status(other, child) is Status.PAUSING
    transport.end("one#1.1", Succeeded())
    await look(stage)
    assert await status(other, parent) is Status.PAUSED
    await other.unpause(parent)
    await look(stage)
    assert transport.names() + others.names() == ["two#1.1"]
    await stage.stop()


@in_loop
async def test_what_was_paused_by_itself_stays_paused_when_its_parent_goes_on(folder: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)
    await engine.pause(child)
    transport.end("one#1.1", Succeeded())
    await settle()
    await engine.pause(parent)
    await settle()
    assert await status(engine, parent) is Status.PAUSED
    await engine.unpause(parent)
    await settle()
    assert (await status(engine, parent), transport.names()) == (Status.PENDING, [])
    assert await status(engine, child) is Status.PAUSED
    await engine.unpause(child)
    view = await finished(engine, transport, parent, ("two#1.1", "three#1.1", "after#1.1"))
    assert view.status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_child_may_go_on_alone_while_its_parent_is_paused(folder: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)
    await engine.pause(parent)
    await settle()
    await engine.unpause(child)
    view = await engine.show(child)
    assert view.status is Status.RUNNING
    for name in ("one#1.1", "two#1.1", "three#1.1"):
        await until(lambda name=name: transport.names() == [name])  # type: ignore[misc]
        transport.end(name, Succeeded())
    await settle()
    assert await status(engine, child) is Status.SUCCEEDED
    assert (await status(engine, parent), transport.names()) == (Status.PAUSED, [])
    await engine.unpause(parent)
    assert (await finished(engine, transport, parent, ("after#1.1",))).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_child_that_begins_while_its_parent_is_being_paused_is_paused(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine()
    parent = await engine.start(folder / "parent.yaml")
    await engine.pause(parent)
    await settle()
    child = child_id(parent, CALL)
    assert await status(engine, child) in {Status.PAUSING, Status.PAUSED}
    transport.end("one#1.1", Succeeded())
    await settle()
    assert await status(engine, parent) is Status.PAUSED
    await stage.stop()


# -- canceling ---------------------------------------------------------------------------------


@in_loop
async def test_a_cancel_while_paused_ends_both(folder: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)
    await engine.pause(parent)
    await settle()
    transport.end("one#1.1", Succeeded())
    await settle()
    await engine.cancel(parent)
    view = await engine.result(parent)
    assert (view.status, await status(engine, child)) == (Status.CANCELED, Status.CANCELED)
    await stage.stop()


@in_loop
async def test_a_cancel_from_elsewhere_reaches_down_without_a_living_engine(folder: Path) -> None:
    stage = Stage()
    engine, _, parent, child = await begun(stage, folder)
    await stage.kill(engine)
    other, transport = await stage.engine()
    await other.cancel(parent)  # it returns when all is over
    assert (await status(other, parent), await status(other, child)) == (
        Status.CANCELED,
        Status.CANCELED,
    )
    assert transport.submitted == []
    assert await stage.store.list_work() == []
    await stage.stop()


@in_loop
async def test_what_was_canceled_before_it_began_never_begins(folder: Path) -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    parent = await engine.start(folder / "parent.yaml")
    [work] = [one for one in await stage.store.list_work() if one.kind is WorkKind.CHILD]
    held = engine.conductor.desk.holdings.find(parent, work.name)
    assert held is not None
    assert held.job is not None
    engine.conductor._children.cancel(held.job)  # before its turn has come
    await engine.cancel(parent)
    view = await engine.result(parent)
    assert view.status is Status.CANCELED
    assert await engine.store.count_executions(parent=parent) == 0
    await stage.stop()


@in_loop
async def test_a_child_that_is_canceled_by_itself_fails_its_task(folder: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)
    await engine.cancel(child)
    await until(lambda: transport.canceled == ["one#1.1"])
    transport.end("one#1.1", Canceled())
    view = await engine.result(parent)
    assert view.status is Status.FAILED
    [error] = [one for one in view.errors if one.task == "call"]
    assert (error.code, error.message) == (
        "workflow_failed",
        f"./child.yaml ({child}) was canceled",
    )
    await stage.stop()


@in_loop
async def test_what_is_canceled_tells_its_parent_nothing_else_any_more(folder: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)
    await engine.cancel(parent)
    await until(lambda: transport.canceled == ["one#1.1"])
    transport.end("one#1.1", Canceled())
    await engine.result(parent)
    events = [recorded.event async for recorded in engine.events(parent)]
    assert not [event for event in events if isinstance(event, AttemptChanged)]
    assert await status(engine, child) is Status.CANCELED
    await stage.stop()


# -- what takes too long -----------------------------------------------------------------------


@pytest.fixture
def hurried(folder: Path) -> Path:
    text = PARENT.replace("action: ./child.yaml", "action: ./child.yaml\n    timeout: 10")
    (folder / "parent.yaml").write_text(text)
    return folder


@in_loop
async def test_the_timeout_goes_on_while_no_engine_is_there(hurried: Path) -> None:
    stage = Stage()
    engine, _, parent, child = await begun(stage, hurried)
    await stage.clock.advance(6)
    await stage.kill(engine)
    second, transport = await stage.engine()
    await second.resume(parent)
    await until(lambda: transport.names() == ["one#1.1"])
    await stage.clock.advance(3.9)
    assert transport.canceled == []
    await stage.clock.advance(0.2)
    assert transport.canceled == ["one#1.1"]
    transport.end("one#1.1", Canceled())
    view = await second.result(parent)
    assert (view.status, view.output) == (Status.SUCCEEDED, {"got": "late"})
    assert view.tasks[0].status is Status.TIMEOUT
    assert await status(second, child) is Status.CANCELED
    await stage.stop()


@in_loop
async def test_what_was_ended_for_its_timeout_is_known_as_such_after_a_crash(hurried: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, hurried)
    await stage.clock.advance(10)
    assert transport.canceled == ["one#1.1"]
    await stage.kill(engine)
    second, transport = await stage.engine()
    await second.resume(parent)
    view = await second.result(parent)
    assert view.tasks[0].status is Status.TIMEOUT
    assert await status(second, child) is Status.CANCELED
    await stage.stop()


@in_loop
async def test_what_ended_in_time_has_its_outcome_however_late_it_arrives(hurried: Path) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, hurried)
    await stage.clock.advance(1)
    engine.conductor._children.clear()  # nobody here sees how it ends
    transport.end("one#1.1", Failed(message="boom"))
    await settle()
    assert await status(engine, child) is Status.FAILED
    await stage.kill(engine)
    await stage.clock.advance(100)
    second, _ = await stage.engine()
    await second.resume(parent)
    view = await second.result(parent)
    assert view.tasks[0].status is Status.FAILED
    assert view.errors[0].message == f"./child.yaml ({child}) failed in `one`: boom"
    await stage.stop()


@in_loop
async def test_what_could_not_begin_in_time_is_too_late(hurried: Path) -> None:
    stage = Stage()
    engine, _ = await stage.engine()
    parent = await engine.start(hurried / "parent.yaml")
    await stage.kill(engine)
    await stage.clock.advance(100)
    second, _ = await stage.engine()
    await second.resume(parent)
    view = await second.result(parent)
    assert view.tasks[0].status is Status.TIMEOUT
    await stage.stop()


# -- other engines, and trouble ------------------------------------------------------------------


@in_loop
async def test_the_outcome_of_what_another_engine_ended_arrives(folder: Path) -> None:
    stage = Stage()
    engine, _, parent, child = await begun(stage, folder)
    await stage.kill(engine)
    # One engine goes on with the child alone, another with the parent.
    second, transport = await stage.engine()
    assert (await second.resume(child)).taken == (child,)
    third, others = await stage.engine()
    assert (await third.resume(parent)).taken == (parent,)
    for name in ("one#1.1", "two#1.1", "three#1.1"):
        await until(lambda name=name: transport.names() == [name])  # type: ignore[misc]
        transport.end(name, Succeeded())
    await look(stage)
    await until(lambda: others.names() == ["after#1.1"])
    assert others.submitted[0].task == "after"
    await stage.stop()


@in_loop
async def test_a_defect_in_a_child_does_not_leave_its_parent_waiting(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    engine, transport, parent, child = await begun(stage, folder)

    desk = engine.conductor.desk
    desk.loader.forget(child)
    load = desk.loader.load

    async def break_down(execution: str) -> Loaded | None:
        if execution == child:
            raise ValueError("a bug")
        return await load(execution)

    monkeypatch.setattr(desk.loader, "load", break_down)
    transport.end("one#1.1", Succeeded())
    view = await engine.result(parent)
    assert view.status is Status.FAILED
    assert f"./child.yaml ({child}) can't go on" in view.errors[0].message
    assert "is parked" in caplog.text
    await stage.stop()


# -- files -------------------------------------------------------------------------------------


@in_loop
async def test_a_child_goes_on_with_what_it_began_with(folder: Path) -> None:
    stage = Stage()
    engine, _, parent, _ = await begun(stage, folder)
    await stage.kill(engine)
    (folder / "child.yaml").unlink()
    second, transport = await stage.engine()
    await second.resume(parent)
    names = ("one#1.1", "two#1.1", "three#1.1", "after#1.1")
    assert (await finished(second, transport, parent, names)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_name_that_was_a_workflow_stays_one(folder: Path) -> None:
    config = replace(CONFIG, workflows=str(folder))
    (folder / "parent.yaml").write_text(PARENT.replace("./child.yaml", "child"))
    stage = Stage()
    engine, before = await stage.engine(config)
    parent = await engine.start(folder / "parent.yaml")
    await until(lambda: before.names() == ["one#1.1"])
    await stage.kill(engine)
    (folder / "child.yaml").unlink()
    second, transport = await stage.engine(config)
    await second.resume(parent)
    names = ("one#1.1", "two#1.1", "three#1.1", "after#1.1")
    assert (await finished(second, transport, parent, names)).status is Status.SUCCEEDED
    await stage.stop()


@in_loop
async def test_a_path_begins_at_the_folder_of_the_file_wherever_the_engine_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same text in two folders, beside files that differ.
    for name in ("left", "right"):
        (folder / name).mkdir()
        (folder / name / "parent.yaml").write_text(PARENT.replace("./child", "./sub/../child"))
        (folder / name / "child.yaml").write_text(CHILD.replace("test.one", f"test.{name}"))
        (folder / name / "sub").mkdir()
    monkeypatch.chdir(folder)
    stage = Stage()
    engine, transport = await stage.engine()
    left = await engine.start(Path("left/parent.yaml"))
    right = await engine.start(Path("right/parent.yaml"))
    monkeypatch.chdir("/")
    await until(lambda: len(transport.running) == 2)
    assert [(job.execution, job.action) for job in transport.running] == [
        (child_id(left, CALL), "test.left"),
        (child_id(right, CALL), "test.right"),
    ]
    await stage.stop()


@in_loop
async def test_the_items_of_a_task_may_be_sub_workflows(folder: Path) -> None:
    (folder / "parent.yaml").write_text(
        "segue: 1\ntasks:\n  each: {with: [1, 2, 3], action: ./item.yaml,\n"
        "    input: {x: '{{ item() }}'},\n    next: [{publish: {all: '{{ result() }}'}}]}\n"
        "output: {all: '{{ ctx.all }}'}\n"
    )
    (folder / "item.yaml").write_text(
        "segue: 1\ninput: {x: integer}\ntasks: {a: {action: core.noop}}\n"
        "output: {y: '{{ ctx.x * 2 }}'}\n"
    )
    stage = Stage()
    engine, transport = await stage.engine()
    parent = await engine.start(folder / "parent.yaml")
    await until(lambda: len(transport.running) == 3)
    for job in list(reversed(transport.running)):
        transport.running.remove(job)
        transport.tell(job, Succeeded())
    view = await engine.result(parent)
    assert isinstance(view.output, dict)
    assert [one["output"] for one in view.output["all"]] == [{"y": 2}, {"y": 4}, {"y": 6}]
    rows = await engine.store.list_executions(parent=parent)
    assert {row.attempt for row in rows} == {"each#1.1[0]", "each#1.1[1]", "each#1.1[2]"}
    await stage.stop()
