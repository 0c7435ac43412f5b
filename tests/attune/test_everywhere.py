"""Attune's files in the rest of Segue: the command line, hosts, reruns, sub-workflows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conducting.hosting import running
from tests.runtime.fakes import in_loop, until
from tests.runtime.stage import CONFIG, Stage
from tests.support.operated import Operated

from segue.cli.main import main
from segue.core.status import Status
from segue.core.stimuli import Succeeded
from segue.language.attune_pair import join_pair

ACTION = """\
ref: demo.hello
label: Hello
workflow_file: workflows/hello.workflow.yaml
parameters: {who: {type: string, required: true}}
"""
GRAPH = """\
version: 1.0.0
tasks:
  - name: greet
    action: core.echo
    input: {message: "Hello, {{ parameters.who }}"}
output_map: {said: "{{ task.greet.result }}"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "demo" / "actions" / "workflows").mkdir(parents=True)
    (tmp_path / "demo" / "actions" / "hello.yaml").write_text(ACTION)
    (tmp_path / "demo" / "actions" / "workflows" / "hello.workflow.yaml").write_text(GRAPH)
    return tmp_path


FILES = ("demo/actions/hello.yaml", "demo/actions/workflows/hello.workflow.yaml")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.usefixtures("folder")
def test_either_file_runs(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--db", ":memory:", "-q", file, "-i", "who=Ada"]) == 0
    assert json.loads(capsys.readouterr().out) == {"said": "Hello, Ada"}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.usefixtures("folder")
def test_either_file_is_drawn(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "--format", "mermaid", file]) == 0
    assert "greet" in capsys.readouterr().out


@pytest.mark.parametrize("file", FILES)
def test_findings_of_both_files_are_shown_with_their_places(
    folder: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILES[0]).write_text(ACTION.replace("label:", "lable:"))
    (folder / FILES[1]).write_text(GRAPH.replace("parameters.who", "parameters.whom"))
    assert main(["check", "--format", "concise", file]) == 1
    of_graph, of_action = capsys.readouterr().out.splitlines()
    told = "error[SEG304] the workflow has no parameter `whom` (did you mean `who`?)"
    assert of_graph == f"{FILES[1]}:5:44: {told}"
    told = "error[SEG101] `lable` is not a key of the action (did you mean `label`?)"
    assert of_action == f"{FILES[0]}:2:1: {told}"
    assert main(["run", "--db", ":memory:", file]) == 2
    told = capsys.readouterr().err
    assert f" --> {FILES[0]}:2:1\n  |\n1 | ref: demo.hello\n2 | lable: Hello\n" in told
    assert main(["check", "--json", file]) == 1
    reports = json.loads(capsys.readouterr().out)["files"]
    assert [(one["path"], one["findings"][0]["line"]) for one in reports] == [
        (FILES[1], 5),
        (FILES[0], 2),
    ]


def test_a_warning_is_told_with_the_file_that_it_is_of(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILES[0]).write_text(f"{ACTION}runner_type: shell\n")
    assert main(["run", "--db", ":memory:", FILES[1], "-i", "who=x"]) == 0
    assert f"({FILES[0]}:5:1)" in capsys.readouterr().err


def test_a_graph_that_is_missing_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / FILES[1]).unlink()
    for command in (["check"], ["graph"], ["run", "--db", ":memory:"]):
        assert main([*command, FILES[0]]) == 2
        told = capsys.readouterr().err
        assert f"{FILES[0]} has its graph in {FILES[1]}, which can't be read" in told


def test_a_rehearsal_may_name_either_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in FILES:
        (folder / "x.rehearsal.yaml").write_text(
            f"rehearsal: 1\nworkflow: {file}\ntests:\n  - name: hello\n    inputs: {{who: Ada}}\n"
            "    mocks: {greet: {run: true}}\n    expect: {output: {said: 'Hello, Ada'}}\n"
        )
        assert main(["rehearse", "x.rehearsal.yaml"]) == 0, capsys.readouterr()


@pytest.mark.parametrize("definition", [GRAPH, join_pair(GRAPH, ACTION)])
def test_a_host_conducts_a_graph_alone_or_with_its_action(definition: str) -> None:
    host = running(definition, inputs={"who": "Ada"})
    (offer,) = host.next()
    assert offer["actions"] == [{"action": "core.echo", "input": {"message": "Hello, Ada"}}]
    assert host.do("greet", result="Hello, Ada") == "succeeded"
    assert host.state["output"] == {"said": "Hello, Ada"}


def test_a_host_is_not_offered_a_task_whose_when_does_not_hold() -> None:
    host = running("tasks:\n- {name: a, action: x, when: '{{ false }}'}\n- {name: b, action: x}\n")
    assert host.offered() == ["b"]


PARALLEL = """\
ref: demo.parallel
tasks:
  - name: both
    type: parallel
    tasks: [{name: left, action: x}, {name: right, action: x}]
    on_success: good
    on_failure: bad
  - {name: good, action: x}
  - {name: bad, action: x}
"""


@pytest.mark.parametrize(("status", "then"), [("succeeded", "good"), ("failed", "bad")])
def test_a_host_conducts_parallel_tasks(status: str, then: str) -> None:
    host = running(PARALLEL)
    host.do("both.begin")
    host.do("left")
    host.do("right", status)
    if status == "succeeded":
        host.do("both")
    assert host.offered() == [then]
    assert host.do(then) == "succeeded"


def test_a_task_that_can_not_be_rendered_and_is_not_handled_fails_the_execution_of_a_host() -> None:
    host = running("tasks: [{name: a, action: x, input: {x: '{{ 1 + [] }}'}}]\n")
    assert host.next() == []
    assert host.status == "failed"


def test_an_item_that_can_not_be_rendered_later_fails_the_execution_of_a_host() -> None:
    host = running(
        "tasks: [{name: a, action: x, with_items: [1, a], input: {x: '{{ 1 + item }}'}}]\n"
    )
    handle = host.begin("a")
    host.report(handle, "running", item=0)
    host.report(handle, "succeeded", item=0)
    assert host.next() == []
    assert host.status == "failed"


PARENT = """\
ref: demo.parent
tasks:
  - {name: call, action: demo.child, input: {x: 1}, on_success: after}
  - {name: after, action: test.after, input: {y: "{{ task.call.result.y }}"}}
output_map: {got: "{{ task.call.result }}"}
"""
CHILD = """\
ref: demo.child
parameters: {x: {type: integer, required: true}}
tasks: [{name: work, action: test.work, input: {x: "{{ parameters.x }}"}}]
output_map: {y: "{{ task.work.result }}"}
"""


@in_loop
async def test_a_workflow_calls_another_by_its_ref_and_gets_its_output(tmp_path: Path) -> None:
    (tmp_path / "demo" / "workflows").mkdir(parents=True)
    (tmp_path / "demo" / "workflows" / "child.yaml").write_text(CHILD)
    stage = Stage()
    engine, transport = await stage.engine(replace(CONFIG, workflows=str(tmp_path)))
    parent = await engine.start(PARENT)
    await until(lambda: transport.names() == ["work#1.1"])
    transport.end("work#1.1", Succeeded(result=7))
    await until(lambda: transport.names() == ["after#1.1"])
    transport.end("after#1.1", Succeeded())
    view = await engine.result(parent)
    assert (view.status, view.output) == (Status.SUCCEEDED, {"got": {"y": 7}})
    assert view.tasks[1].task == "after"
    await stage.stop()


SKIPPING = """\
ref: demo.skipping
parameters: {go: {type: boolean, required: true}}
tasks:
  - {name: a, action: p.a, on_success: b}
  - {name: b, action: p.b, when: "{{ parameters.go }}", on_success: c}
  - {name: c, action: p.c}
"""


def test_a_task_that_was_not_run_may_be_run_all_the_same() -> None:
    run = Operated(SKIPPING, {"go": False})
    run.succeed("a")
    assert run.settled()
    run.rerun("b")
    assert run.running == ["b"]
    run.succeed("b", visit=2)
    assert run.running == ["c"]
    assert run.lineage == [
        ("a", 1, None, False),
        ("b", 1, None, True),
        ("b", 2, 1, False),
        ("c", 1, None, False),
    ]


def test_running_again_what_led_to_it_asks_its_when_again() -> None:
    run = Operated(SKIPPING, {"go": False})
    run.succeed("a")
    run.rerun("a")
    run.succeed("a", visit=2)
    assert (run.settled(), run.visits("b")) == (True, 2)
    run.rerun_all({"go": True})
    run.succeed("a")
    assert run.running == ["b"]
