"""Which file an action means."""

from pathlib import Path

import pytest

from segue.core.errors import RequestError
from segue.runtime.workflows.catalog import Catalog

CHILD = "segue: 1\nname: {name}\ntasks: {{a: {{action: core.noop}}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "deploy.yaml",
        "build.yml",
        "net.restart.yaml",
        "net/stop.yaml",
        "net/a.b.yaml",
        "deep/er/still.yaml",
        "examples/actions/workflows/basic.yaml",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(CHILD.format(name=file.stem))
    return tmp_path


@pytest.mark.parametrize(
    ("action", "file"),
    [
        ("deploy", "deploy.yaml"),
        ("build", "build.yml"),
        ("net.restart", "net.restart.yaml"),
        ("net.stop", "net/stop.yaml"),
        ("net/stop", "net/stop.yaml"),
        ("net.a.b", "net/a.b.yaml"),
        ("deep.er.still", "deep/er/still.yaml"),
        ("examples.basic", "examples/actions/workflows/basic.yaml"),
    ],
)
def test_a_name_is_a_file_of_the_folder(folder: Path, action: str, file: str) -> None:
    catalog = Catalog(str(folder))
    assert catalog.names(action)
    assert catalog.find(action, None) == folder / file
    assert catalog.read(action, None).definition.file == str(folder / file)


@pytest.mark.parametrize(
    "action",
    [
        None,
        "",
        "core.noop",
        "core.deploy",
        "pack.action",
        "module:deploy",
        "net",
        "net.",
        ".deploy",
        "/deploy",
        "net/../deploy",
        "a\0b",
        "x" * 5000,
    ],
)
def test_other_names_are_no_workflows(folder: Path, action: str | None) -> None:
    (folder / "core.deploy.yaml").write_text(CHILD.format(name="core"))
    assert not Catalog(str(folder)).names(action)
    assert not Catalog(None).names(action)


def test_a_path_is_a_workflow_whether_or_not_it_is_there(folder: Path) -> None:
    catalog = Catalog()
    assert catalog.names("./nowhere.yaml")
    assert catalog.find("../deploy.yaml", str(folder / "net")) == folder / "deploy.yaml"
    for action in ("./nowhere.yaml", "./net", "./a\0b.yaml", f"{'x' * 5000}.yaml"):
        with pytest.raises(RequestError) as caught:
            catalog.read(action, str(folder))
        assert caught.value.code == "action_not_found"


def test_a_file_is_made_ready_once_and_again_when_it_has_changed(folder: Path) -> None:
    catalog = Catalog(str(folder))
    first = catalog.read("deploy", None)
    assert catalog.read("./deploy.yaml", str(folder)) is first
    (folder / "deploy.yaml").write_text(CHILD.format(name="other"))
    assert catalog.read("deploy", None).workflow.name == "other"


def test_no_more_is_kept_ready_than_is_of_use(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.runtime.workflows.catalog.MOST_PREPARED", 1)
    catalog = Catalog(str(folder))
    first = catalog.read("deploy", None)
    catalog.read("build", None)
    assert catalog.read("deploy", None) is not first
