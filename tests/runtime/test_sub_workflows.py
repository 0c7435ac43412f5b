"""Sub-workflows: begun durably, gone on with after a crash, and never without an outcome."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import CONFIG, Stage

from segue.core.status import Status
from segue.core.stimuli import Canceled, Failed, Succeeded
from segue.runtime.engine import Engine

PARENT = """
segue: 1
name: parent
tasks:
  call:
    action: child
    input: {x: 1}
    next:
      - when: succeeded()
        publish: {got: "{{ result() }}"}
        do: after
  after: {action: test.after}
output: {got: "{{ ctx.got }}"}
"""
CHILD = """
segue: 1
name: child
input: {x: integer}
tasks:
  work: {action: test.work, next: [{when: succeeded(), publish: {y: "{{ result() }}"}, do: more}]}
  more: {action: test.more}
output: {y: "{{ ctx.y }}"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "child.yaml").write_text(CHILD)
    return tmp_path


async def child_of(engine: Engine, parent: str) -> str:
    rows = await engine.list()
    [child] = [row.id for row in rows if row.id != parent]
    return child


@in_loop
async def test_the_output_of_a_sub_workflow_is_in_the_result_of_its_task(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    parent = await engine.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    transport.end("work#1.1", Succeeded(result=7))
    await until(lambda: transport.names() == ["more#1.1"])
    transport.end("more#1.1", Succeeded())
    await until(lambda: transport.names() == ["after#1.1"])
    child = await child_of(engine, parent)
    transport.end("after#1.1", Succeeded())
    view = await engine.result(parent)
    assert view.output == {
        "got": {"id": child, "status": "succeeded", "output": {"y": 7}, "errors": []}
    }
    assert (await engine.show(child)).parent == f"{parent}/call#1.1"
    await stage.stop()


@in_loop
async def test_the_failure_of_a_sub_workflow_reaches_its_parent(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    parent = await engine.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    transport.end("work#1.1", Failed(message="boom"))
    view = await engine.result(parent)
    assert view.status is Status.FAILED
    assert view.errors[0].code == "workflow_failed"
    assert "failed in `work`: boom" in view.errors[0].message
    await stage.stop()


@in_loop
async def test_a_join_that_is_lost_in_a_sub_workflow_reaches_its_parent(folder: Path) -> None:
    (folder / "child.yaml").write_text(
        "segue: 1\ninput: {x: integer}\ntasks:\n"
        "  a: {action: test.a, next: [{when: succeeded(), do: j}]}\n"
        "  b: {action: test.b, next: [{when: failed(), do: j}]}\n"
        "  j: {join: all, action: test.j}\n"
    )
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    parent = await engine.start(PARENT)
    await until(lambda: len(transport.running) == 2)
    transport.end("a#1.1", Succeeded())
    transport.end("b#1.1", Succeeded())
    view = await engine.result(parent)
    assert "the join `j` can't be satisfied" in view.errors[0].message
    await stage.stop()


@pytest.mark.parametrize(
    ("parent", "child", "code"),
    [
        ("{action: child, input: {x: one}}", CHILD, "invalid_input"),
        ("{action: child}", CHILD, "invalid_input"),
        ("{action: ./nowhere.yaml}", CHILD, "action_not_found"),
        ("{action: child, input: {x: 1}}", "segue: 1\ntasks: {a: {do: b}}\n", "workflow_invalid"),
    ],
)
def test_a_sub_workflow_that_can_not_begin_fails_its_task(
    folder: Path, parent: str, child: str, code: str
) -> None:
    @in_loop
    async def run() -> None:
        (folder / "child.yaml").write_text(child)
        stage = Stage()
        engine, _ = await stage.engine(replace(CONFIG, workflows=str(folder)))
        execution = await engine.start(f"segue: 1\ntasks:\n  call: {parent}\n")
        view = await engine.result(execution)
        assert [error.code for error in view.errors] == [code]
        await stage.stop()

    run()


@in_loop
async def test_a_workflow_may_call_itself_up_to_the_limit(folder: Path) -> None:
    (folder / "child.yaml").write_text(
        "segue: 1\nname: child\ninput: {x: integer}\n"
        "tasks: {again: {action: child, input: {x: 1}}}\n"
    )
    stage = Stage()
    config = replace(CONFIG, workflows=str(folder), max_workflow_depth=3)
    engine, _ = await stage.engine(config)
    view = await engine.result(await engine.start(PARENT))
    assert view.status is Status.FAILED
    assert "3 workflows run inside one another" in view.errors[0].message
    assert len(await engine.list()) == 4
    await stage.stop()


@in_loop
async def test_a_pause_reaches_down_and_so_does_going_on(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    parent = await engine.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    await engine.pause(parent)
    await settle()
    child = await child_of(engine, parent)
    assert (await engine.show(child)).status is Status.PAUSING
    assert (await engine.show(parent)).status is Status.PAUSING
    transport.end("work#1.1", Succeeded(result=1))
    await settle()
    assert (await engine.show(child)).status is Status.PAUSED
    assert (await engine.show(parent)).status is Status.PAUSED
    assert transport.names() == []
    await engine.unpause(parent)
    await until(lambda: transport.names() == ["more#1.1"])
    transport.end("more#1.1", Succeeded())
    await until(lambda: transport.names() == ["after#1.1"])
    assert (await engine.show(parent)).status is Status.RUNNING
    await stage.stop()


@in_loop
async def test_a_sub_workflow_that_is_paused_alone_shows_in_its_parent(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    parent = await engine.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    child = await child_of(engine, parent)
    await engine.pause(child)
    transport.end("work#1.1", Succeeded(result=1))
    await settle()
    view = await engine.show(parent)
    assert (view.status, view.tasks[0].status) == (Status.PENDING, Status.PAUSED)
    await engine.unpause(child)
    await until(lambda: transport.names() == ["more#1.1"])
    assert (await engine.show(parent)).tasks[0].status is Status.RUNNING
    await stage.stop()


@in_loop
async def test_a_cancel_reaches_down(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    parent = await engine.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    await engine.cancel(parent)
    await until(lambda: transport.canceled == ["work#1.1"])
    transport.end("work#1.1", Canceled())
    view = await engine.result(parent)
    assert view.status is Status.CANCELED
    assert {row.status for row in await engine.list()} == {Status.CANCELED}
    await stage.stop()


@in_loop
async def test_the_timeout_of_the_task_cancels_the_sub_workflow(folder: Path) -> None:
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(folder)))
    text = PARENT.replace("action: child", "action: child\n    timeout: 10s")
    parent = await engine.start(text)
    await until(lambda: transport.names() == ["work#1.1"])
    await stage.clock.advance(10)
    transport.end("work#1.1", Canceled())
    view = await engine.result(parent)
    assert view.tasks[0].status is Status.TIMEOUT
    assert [row.status for row in await engine.list() if row.id != parent] == [Status.CANCELED]
    await stage.stop()


@in_loop
async def test_after_a_crash_the_child_is_gone_on_with_and_not_begun_again(folder: Path) -> None:
    stage = Stage()
    config = replace(CONFIG, workflows=str(folder))
    first, transport = await stage.engine(config)
    parent = await first.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    transport.end("work#1.1", Succeeded(result=7))
    await until(lambda: transport.names() == ["more#1.1"])
    await stage.kill(first)
    second, transport = await stage.engine(config)
    await second.resume(parent)
    await until(lambda: transport.names() == ["more#1.1"])
    transport.end("more#1.1", Succeeded())
    await until(lambda: transport.names() == ["after#1.1"])
    transport.end("after#1.1", Succeeded())
    view = await second.result(parent)
    assert view.status is Status.SUCCEEDED
    assert len(await second.list()) == 2, "the child was begun once"
    await stage.stop()
