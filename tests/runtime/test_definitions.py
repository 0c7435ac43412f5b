"""From what a user names to a definition: a path, a name, or the text itself."""

from pathlib import Path

import pytest

from segue.core.errors import RequestError
from segue.runtime.errors import DefinitionError
from segue.runtime.workflows.definitions import load_program, prepare, read_source
from segue.store.port import Definition, UnreadableError

TEXT = "segue: 1\nname: named\ntasks: {a: {action: core.noop}}\n"
UNNAMED = "version: 1.0\ntasks:\n  a:\n    action: core.noop\n"


def refusal(what: str | Path, folder: str | None = None) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read_source(what, folder)
    return caught.value


def test_a_string_of_several_lines_is_the_text() -> None:
    source = read_source(TEXT)
    assert (source.text, source.file, source.shown) == (TEXT, None, "<text>")


def test_a_path_is_read(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text(TEXT)
    for what in (file, str(file)):
        source = read_source(what)
        assert (source.text, source.file) == (TEXT, str(file))


def test_a_name_is_looked_up_in_the_folder_of_workflows(tmp_path: Path) -> None:
    (tmp_path / "deploy.yml").write_text(TEXT)
    assert read_source("deploy", str(tmp_path)).text == TEXT


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal("nowhere.yaml").message == "there is no file nowhere.yaml"
    assert refusal(Path("nowhere")).code == "workflow_not_found"
    assert "`workflows`" in (refusal("deploy").hint or "")
    assert refusal("deploy", str(tmp_path)).message == (
        f"there is no file deploy, and no workflow of that name in {tmp_path}"
    )
    assert refusal(tmp_path).message == f"{tmp_path} is a folder, not a file"


def test_nothing_is_no_name() -> None:
    assert refusal("").message == "no workflow is named"


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_bytes(b"\xff\xfe")
    assert refusal(file).message == f"{file} is not text in UTF-8 (byte 0)"


def test_what_can_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text(TEXT)

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(file).message == f"{file} can't be read: Permission denied"


def test_the_same_text_under_the_same_name_is_the_same_definition(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    for file in (one, other):
        file.write_text(UNNAMED)
    first = prepare(read_source(one)).definition
    assert (first.name, first.file) == ("one", str(one))
    assert prepare(read_source(one)).definition == first
    assert prepare(read_source(other)).definition.hash != first.hash
    assert prepare(read_source(TEXT)).definition.name == "named"


def test_a_definition_with_errors_gives_all_of_them() -> None:
    with pytest.raises(DefinitionError) as caught:
        prepare(read_source("segue: 1\nname: x\ntasks:\n  a: {next: [{do: b}, {do: c}]}\n"))
    assert len([one for one in caught.value.findings if one.severity == "error"]) >= 2
    assert str(caught.value).splitlines()[1].startswith("<text>:4:")


def test_a_stored_definition_keeps_its_name() -> None:
    stored = Definition(hash="h", name="kept", source=UNNAMED, file="gone.yaml")
    assert load_program(stored).workflow.name == "kept"


def test_a_stored_definition_that_can_not_be_read_any_more_is_said_to_be_so() -> None:
    with pytest.raises(UnreadableError, match="can't be read any more"):
        load_program(Definition(hash="h", name="x", source="segue: 1"))


def test_what_can_be_no_name_of_a_file_is_refused() -> None:
    for what in ("x" * 5000, f"{'x' * 5000}.yaml", Path("x" * 5000)):
        refused = refusal(what)
        assert refused.code == "workflow_unreadable"
        assert refused.message == f"{what} can't be read: File name too long"
