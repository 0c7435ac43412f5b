"""The library as its users see it, with nothing in it replaced."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.runtime.fakes import in_loop

import segue
from segue.core.status import Status
from segue.values import JsonValue

COUNT = """
segue: 1
name: count
input:
  times: {type: integer}
vars: {turn: 1}
start: [step]
tasks:
  step:
    action: core.echo
    input: {message: "turn {{ ctx.turn }}"}
    next:
      - when: "{{ ctx.turn < ctx.times }}"
        publish: {turn: "{{ ctx.turn + 1 }}"}
        do: step
output:
  turns: "{{ ctx.turn }}"
"""

PRINT = """
segue: 1
name: print
tasks:
  one: {action: core.local, input: {cmd: "echo from one"}, next: [{do: two}]}
  two: {action: core.local, input: {cmd: "echo from two"}}
"""


def test_run_gives_all_of_the_execution(tmp_path: Path) -> None:
    file = tmp_path / "count.yaml"
    file.write_text(COUNT)
    view = segue.run(file, {"times": 3}, config=segue.Config())
    assert (view.status, view.output) == (Status.SUCCEEDED, {"turns": 3})
    assert [task.visit for task in view.tasks] == [1, 2, 3]


def test_run_keeps_the_execution_where_it_is_told_to(tmp_path: Path) -> None:
    db = str(tmp_path / "runs.db")
    view = segue.run(COUNT, {"times": 2}, db=db, config=segue.Config())

    async def look() -> segue.ExecutionView:
        async with segue.Engine(db, segue.Config()) as engine:
            return await engine.show("@latest")

    assert asyncio.run(look()) == view


def test_run_begins_where_it_is_told_to() -> None:
    text = "segue: 1\nname: x\ntasks:\n  a: {action: core.noop, next: [{do: b}]}\n"
    text += "  b: {action: core.noop}\n"
    view = segue.run(text, start=["b"], config=segue.Config())
    assert [task.task for task in view.tasks] == ["b"]


@in_loop
async def test_run_says_what_to_use_where_a_loop_is_running() -> None:
    with pytest.raises(RuntimeError, match="an event loop is running here"):
        segue.run(COUNT, {"times": 1})


@in_loop
async def test_what_commands_print_can_be_read_by_task(tmp_path: Path) -> None:
    async with segue.Engine(str(tmp_path / "runs.db"), segue.Config()) as engine:
        execution = await engine.start(PRINT)
        followed = [chunk.text async for chunk in engine.logs(execution, follow=True)]
        assert "".join(followed) == "from one\nfrom two\n"
        [chunk] = [chunk async for chunk in engine.logs(execution, "two")]
        assert (chunk.task, chunk.stream, chunk.text) == ("two", "stdout", "from two\n")


@in_loop
async def test_many_executions_run_beside_each_other(tmp_path: Path) -> None:
    async with segue.Engine(str(tmp_path / "runs.db"), segue.Config()) as engine:
        ids = [await engine.start(COUNT, {"times": 5}) for _ in range(20)]
        views = await asyncio.gather(*(engine.result(one) for one in ids))
        assert [view.output for view in views] == [{"turns": 5}] * 20
        assert await engine.store.list_work() == []
        assert len(await engine.list(status=Status.SUCCEEDED, limit=7)) == 7


def test_to_import_the_package_imports_none_of_its_parts() -> None:
    code = (
        "import sys, json; import segue;"
        "print(json.dumps([m for m in sys.modules if m.startswith('segue.') or m == 'asyncio']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("\ud83d", "$ has a lone surrogate"),
        ({"a": [float("inf")]}, "$.a[0] is inf"),
        ([float("nan")], "$[0] is nan"),
        ("x" * 17 * 1024 * 1024, "too large"),
    ],
)
def test_an_input_that_the_log_can_not_keep_is_refused(value: JsonValue, reason: str) -> None:
    text = "segue: 1\nname: x\ninput:\n  a:\n    default: 1\ntasks: {t: {action: core.noop}}\n"
    with pytest.raises(segue.RequestError) as caught:
        segue.run(text, {"a": value}, config=segue.Config())
    assert (caught.value.code, caught.value.field) == ("invalid_inputs", "inputs.a")
    assert reason in caught.value.message


@in_loop
async def test_words_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "\udcff.yaml"
    try:
        file.write_text(PRINT)
    except OSError:
        pytest.skip("this file system takes only text")
    async with segue.Engine(str(tmp_path / "runs.db"), segue.Config()) as engine:
        execution = await engine.start(file)
        await engine.cancel(execution, "because \ud83d")
        view = await engine.result(execution)
        assert view.status is Status.CANCELED
        with pytest.raises(segue.RequestError) as caught:
            await engine.show("\ud83d")
        assert caught.value.code == "execution_not_found"
    with pytest.raises(segue.StoreError, match="not text in UTF-8"):
        await segue.Engine("\ud83d.db", segue.Config()).open()


@pytest.mark.parametrize("id_", ["", " a", "a\0b", "\ud83d", "x" * 256, "a/b", "@latest", 5])
@in_loop
async def test_an_id_that_can_be_none_is_refused_and_hinders_nobody(id_: str) -> None:
    text = "segue: 1\nname: x\ntasks: {t: {action: core.noop}}\n"
    async with segue.Engine(":memory:", segue.Config()) as engine:
        with pytest.raises(segue.RequestError) as caught:
            await engine.start(text, id=id_)
        assert (caught.value.code, caught.value.field) == ("id_invalid", "id")
        view = await engine.result(await engine.start(text, id="order 7"))
        assert (view.id, view.status) == ("order 7", Status.SUCCEEDED)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"a": object()}, "$.response.a is a `object`"),
        ({"a": "\ud83d"}, "$.response.a has a lone surrogate"),
        ({"a": float("nan")}, "$.response.a is nan"),
        ({"a": "x" * 2048}, "more than the 0.00195 MiB that a result may have"),
    ],
)
@in_loop
async def test_an_answer_that_the_log_can_not_keep_is_refused(
    answer: dict[str, JsonValue], reason: str
) -> None:
    text = "segue: 1\nname: x\ntasks: {t: {action: core.ask, input: {message: well}}}\n"
    config = segue.Config(max_result_bytes=2048)
    async with segue.Engine(":memory:", config) as engine:
        execution = await engine.start(text)
        [question] = await engine.inbox(execution)
        with pytest.raises(segue.RequestError, match="no answer to t") as caught:
            await engine.answer(execution, answer, by="ann")
        assert caught.value.code == "answer_invalid"
        assert reason in caught.value.message
        with pytest.raises(segue.RequestError, match="lone surrogate"):
            await engine.reject(execution, "no \ud83d", by="ann")
        assert await engine.inbox(execution) == [question]
        await engine.answer(execution, {"a": 1}, by="ann")
        assert (await engine.result(execution)).status is Status.SUCCEEDED
