"""`segue convert`: where the result and the notes go, and what is refused."""

import errno
import io
import json
import os
import sys
from pathlib import Path

import pytest

from segue.cli.exit_codes import ExitCode
from segue.cli.main import main

OLD = "version: 1.0  # old\ntasks:\n  a: {action: core.echo message=1}\n"
NEW = "segue: 1  # old\ntasks:\n  a: {action: core.echo, input: {message: 1}}\n"
NOTED = "version: 1.0\ntasks:\n  a: {action: core.noop, next: [{when: failed()}]}\n"
OK = "ok: converted old.yaml; nothing in it behaves differently\n"


class Said:
    """What a command said, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(["convert", *arguments])
        self.out, self.err = capsys.readouterr()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_bytes(OLD.encode())
    (tmp_path / "noted.yaml").write_bytes(NOTED.encode())
    return tmp_path


def test_the_result_goes_to_stdout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "old.yaml")

    assert (said.code, said.out, said.err) == (ExitCode.SUCCEEDED, NEW, OK)


def test_notes_go_to_stderr(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "noted.yaml")

    assert said.code == ExitCode.SUCCEEDED
    assert "when: completed()" in said.out
    assert said.err.startswith("note[always-holds]: this text always holds")
    assert "--> noted.yaml:3:40" in said.err
    assert "= see: docs/convert.md#always-holds" in said.err
    assert said.err.endswith("ok: converted noted.yaml; 1 note\n")


def test_calls_that_natively_keep_it_from_running_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the file itself runs until it comes to them."""
    text = (
        OLD.replace("echo message=1", "local cmd='df' sudo=true") + "  b: {action: core.remote}\n"
    )
    (folder / "remote.yaml").write_text(text, "utf-8")

    said = Said(capsys, "remote.yaml")

    assert said.code == ExitCode.SUCCEEDED
    told = [line for line in said.err.splitlines() if line.startswith(("note", " -->"))]
    so = "; natively the workflow is not run"
    assert told == [
        f"note[actions-checked]: `core.local`: there is no parameter `sudo`{so}",
        " --> remote.yaml:3:15",
        f"note[actions-checked]: there is no action `core.remote`{so}",
        " --> remote.yaml:4:15",
    ]
    assert said.err.endswith("ok: converted remote.yaml; 2 notes\n")


def test_a_native_file_is_not_looked_at(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "new.yaml").write_text(NEW.replace("message", "text"), "utf-8")

    said = Said(capsys, "new.yaml")

    assert said.err == "new.yaml is native already: there is nothing to convert\n"


def test_stdin_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OLD.encode())))

    said = Said(capsys, "-")

    assert (said.code, said.out) == (ExitCode.SUCCEEDED, NEW)
    assert "converted <stdin>" in said.err


def test_a_file_is_written_and_none_is_overwritten(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Said(capsys, "old.yaml", "-o", "new.yaml")
    written = (folder / "new.yaml").read_bytes()
    (folder / "new.yaml").write_bytes(b"mine")
    second = Said(capsys, "old.yaml", "-o", "new.yaml")
    kept = (folder / "new.yaml").read_bytes()
    third = Said(capsys, "old.yaml", "-o", "new.yaml", "--force")

    assert (first.code, first.out, written) == (ExitCode.SUCCEEDED, "", NEW.encode())
    assert first.err == OK.replace("old.yaml;", "old.yaml to new.yaml;")
    assert (second.code, kept) == (ExitCode.USAGE, b"mine")
    assert "error: new.yaml is there already\nhint: --force overwrites it" in second.err
    assert (third.code, (folder / "new.yaml").read_bytes()) == (ExitCode.SUCCEEDED, NEW.encode())


def test_the_file_itself_is_replaced_and_keeps_its_mode_and_line_breaks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "old.yaml"
    path.write_bytes(OLD.replace("\n", "\r\n").encode())
    path.chmod(0o640)

    said = Said(capsys, "old.yaml", "--write")
    again = Said(capsys, "old.yaml", "--write")

    assert (said.code, said.out) == (ExitCode.SUCCEEDED, "")
    assert path.read_bytes() == NEW.replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in folder.iterdir()) == ["noted.yaml", "old.yaml"]
    assert again.code == ExitCode.SUCCEEDED
    assert again.err == "old.yaml is native already: there is nothing to convert\n"


def test_no_file_is_put_in_the_place_of_a_pipe_or_a_device(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever is root would have lost /dev/null."""
    os.mkfifo("pipe")
    pipe = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)

    said = Said(capsys, "old.yaml", "-o", "pipe", "--force")

    assert (said.code, os.read(pipe, 1000)) == (ExitCode.SUCCEEDED, NEW.encode())
    os.close(pipe)
    assert (folder / "pipe").is_fifo()


def test_what_could_not_be_put_in_place_leaves_nothing_behind(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    said = Said(capsys, "old.yaml", "--write")

    assert said.err == "error: old.yaml can't be written: No space left on device\n"
    assert sorted(one.name for one in folder.iterdir()) == ["noted.yaml", "old.yaml"]
    assert (folder / "old.yaml").read_bytes() == OLD.encode()


def test_a_native_file_is_given_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "new.yaml").write_bytes(NEW.encode())

    said = Said(capsys, "new.yaml")

    assert (said.code, said.out) == (ExitCode.SUCCEEDED, NEW)
    assert said.err == "new.yaml is native already: there is nothing to convert\n"


def test_a_file_with_errors_is_refused_with_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.yaml").write_text("version: 1.0\ntaks: {}\n")

    said = Said(capsys, "bad.yaml", "-o", "new.yaml")

    assert (said.code, said.out) == (ExitCode.FAILED, "")
    assert "error[SEG101]: `taks` is not a key of the workflow" in said.err
    assert said.err.endswith("error: bad.yaml is not converted: it has 2 errors\n")
    assert not (folder / "new.yaml").exists()


def test_what_would_have_errors_natively_is_refused_with_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "version: 1.0\ntasks:\n  a: {action: core.echo message=<% nosuch() %>}\n"
    (folder / "strict.yaml").write_text(text)

    said = Said(capsys, "strict.yaml")

    assert (said.code, said.out) == (ExitCode.FAILED, "")
    assert "error[SEG302]: there is no function nosuch()" in said.err
    assert "--> strict.yaml (converted):3:" in said.err
    assert "natively it would have errors" in said.err


def test_the_document_has_result_and_notes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "noted.yaml", "--json")

    document = json.loads(said.out)
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, "")
    assert list(document) == [
        *("path", "language", "converted", "text", "notes", "errors_of_result")
    ]
    assert document["language"] == "orquesta"
    assert document["converted"] is True
    assert document["notes"][0]["code"] == "always-holds"
    assert document["notes"][0]["line"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "none.yaml can't be read: No such file or directory"),
        (["bytes.yaml"], "bytes.yaml is not text in UTF-8 (byte 0)"),
        (["old.yaml", "-o", "no/such.yaml"], "no/such.yaml can't be written: No such file"),
        (["old.yaml", "--write", "-o", "x"], "--write is for a file that is named"),
        (["-", "--write"], "--write is for a file that is named"),
    ],
)
def test_what_can_not_be_done_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (folder / "bytes.yaml").write_bytes(b"\xff")

    said = Said(capsys, *arguments)

    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert said.err.startswith(f"error: {message}")


def test_a_note_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "merged-deeply"]) == ExitCode.SUCCEEDED
    plain = capsys.readouterr().out
    assert main(["explain", "merged-deeply", "--format", "markdown"]) == ExitCode.SUCCEEDED

    assert plain.startswith("merged-deeply: a published mapping replaces the former one\n\nBefore:")
    assert capsys.readouterr().out.startswith("### merged-deeply\n\n**A published mapping")
