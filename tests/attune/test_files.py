"""The two files of a workflow of Attune on the disk: from either of them the other is found."""

from pathlib import Path

import pytest

from segue.core.errors import RequestError
from segue.language.attune_pair import graph_file
from segue.runtime.workflows.attune_files import completed
from segue.runtime.workflows.definitions import find_named, load_program, prepare, read_source

ACTION = "ref: demo.hello\nlabel: Hello\nworkflow_file: workflows/{}\nparameters: {{who: string}}\n"
GRAPH = "version: 1.0.0\ntasks: [{name: a, action: core.echo, input: {message: hi}}]\n"


def pack(folder: Path, graph: str = "hello.workflow.yaml", action: str = "hello.yaml") -> Path:
    """Make a pack of one workflow; return the folder of its actions."""
    actions = folder / "demo" / "actions"
    (actions / "workflows").mkdir(parents=True)
    (actions / action).write_text(ACTION.format(graph))
    (actions / "workflows" / graph).write_text(GRAPH)
    return actions


@pytest.mark.parametrize("named", ["hello.yaml", "workflows/hello.workflow.yaml"])
def test_either_file_is_the_whole_workflow(tmp_path: Path, named: str) -> None:
    actions = pack(tmp_path)
    prepared = prepare(read_source(actions / named))
    assert prepared.workflow.name == "demo.hello"
    assert [each.name for each in prepared.workflow.inputs] == ["who"]
    assert prepared.definition.file == str(actions / "workflows" / "hello.workflow.yaml")


def test_whichever_is_named_the_definition_is_the_same(tmp_path: Path) -> None:
    actions = pack(tmp_path)
    one = prepare(read_source(actions / "hello.yaml"))
    other = prepare(read_source(actions / "workflows" / "hello.workflow.yaml"))
    assert one.definition == other.definition


def test_what_the_store_keeps_is_the_whole_workflow(tmp_path: Path) -> None:
    prepared = prepare(read_source(pack(tmp_path) / "hello.yaml"))
    again = load_program(prepared.definition).workflow
    assert (again.name, [each.name for each in again.inputs]) == ("demo.hello", ["who"])


@pytest.mark.parametrize(
    ("graph", "action"), [("x.workflow.yaml", "other.yml"), ("x.yaml", "x.yml")]
)
def test_an_action_may_have_another_name_than_its_graph(
    tmp_path: Path, graph: str, action: str
) -> None:
    actions = pack(tmp_path, graph, action)
    (actions / "notes.txt").write_text("")
    (actions / "big.yaml").write_text("#" * 300_000)
    (actions / "x.yaml").write_text(f"workflow_file: elsewhere/{graph}\n")
    file = actions / "workflows" / graph
    assert prepare(read_source(file)).workflow.name == "demo.hello"


def test_a_graph_without_an_action_is_a_workflow_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "alone.workflow.yaml"
    file.write_text(GRAPH)
    assert completed(GRAPH, file).text == GRAPH
    assert completed(GRAPH, Path("no/such/folder/x.workflow.yaml")).text == GRAPH


def test_a_graph_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    actions = pack(tmp_path)
    (actions / "workflows" / "hello.workflow.yaml").unlink()
    with pytest.raises(RequestError, match=r"has its graph in .*hello.workflow.yaml, which can't"):
        read_source(actions / "hello.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1",
        "- workflow_file",
        "workflow_file: []",
        "workflow_file: ''",
        "workflow_file: a\ntasks: []",
        "workflow_file: [",
    ],
)
def test_other_files_are_no_actions_of_workflows(text: str) -> None:
    assert graph_file(text) is None


@pytest.mark.parametrize("remove", ["", "hello.yaml"])
def test_workflows_of_packs_are_found_by_their_ref(tmp_path: Path, remove: str) -> None:
    actions = pack(tmp_path)
    if remove:
        (actions / remove).unlink()
    assert find_named("demo.hello", str(tmp_path)) == actions / "workflows" / "hello.workflow.yaml"


def test_workflows_in_one_file_are_found_in_their_pack(tmp_path: Path) -> None:
    file = tmp_path / "demo" / "workflows" / "all.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(f"ref: demo.all\n{GRAPH}")
    assert find_named("demo.all", str(tmp_path)) == file
