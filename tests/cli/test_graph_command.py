"""`segue graph`: which drawing, where it goes, and what is said when there is none."""

import io
import json
import sys
from pathlib import Path

import pytest

from segue.cli.exit_codes import ExitCode
from segue.cli.main import main

LOOP = """\
segue: 1
start: probe
tasks:
  probe:
    action: core.noop
    next:
      - when: succeeded()
        do: wait
      - publish: {tries: 1}
  wait:
    action: core.noop
    next: [{do: probe}]
"""

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "loop.yaml"
    path.write_text(LOOP)
    return str(path)


def test_the_drawing_for_a_terminal_is_the_default(file: str, capsys: Capture) -> None:
    assert main(["graph", file]) == ExitCode.SUCCEEDED
    assert capsys.readouterr().out == (
        "╭▸▶  probe  core.noop\n┊ │  succeeded() → wait\n┊ ●  wait  core.noop\n╰┈╯  → ↺ probe\n"
    )


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("svg", "<svg "), ("mermaid", "flowchart TD\n"), ("dot", 'digraph "'), ("json", "{\n")],
)
def test_each_format_goes_to_stdout(form: str, beginning: str, file: str, capsys: Capture) -> None:
    assert main(["graph", file, "--format", form]) == ExitCode.SUCCEEDED
    assert capsys.readouterr().out.startswith(beginning)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.svg", "<svg "),
        ("a.MMD", "flowchart"),
        ("a.gv", "digraph"),
        ("a.json", "{"),
        ("a.txt", "╭▸▶"),
    ],
)
def test_the_ending_of_the_output_says_the_format(
    name: str, beginning: str, file: str, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["graph", file, "-o", str(tmp_path / name)]) == ExitCode.SUCCEEDED
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)
    assert capsys.readouterr().out == ""


def test_the_json_document_has_what_the_docs_promise(file: str, capsys: Capture) -> None:
    main(["graph", file, "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert {"tasks", "transitions", "entry_points", "joins", "loop_edges"} <= set(found)
    assert found["loop_edges"] == [
        {"source": "wait", "index": 0, "ordinal": 0, "target": "probe"},
    ]


def test_start_moves_the_beginning(file: str, capsys: Capture) -> None:
    assert main(["graph", file, "--start", "wait"]) == ExitCode.SUCCEEDED
    assert capsys.readouterr().out.splitlines()[0] == "╭▸▶  wait  core.noop"


def test_an_unknown_start_is_refused_with_the_nearest_name(file: str, capsys: Capture) -> None:
    assert main(["graph", file, "--start", "prob"]) == ExitCode.USAGE
    assert "hint: did you mean 'probe'?" in capsys.readouterr().err
    assert main(["graph", file, "--start", "xyzzy"]) == ExitCode.USAGE
    assert "its tasks are those under `tasks`" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_said_in_one_line(tmp_path: Path, capsys: Capture) -> None:
    assert main(["graph", str(tmp_path / "none.yaml")]) == ExitCode.USAGE
    assert "can't be read: No such file or directory" in capsys.readouterr().err
    (tmp_path / "image").write_bytes(b"\xff\xd8\xff")
    assert main(["graph", str(tmp_path / "image")]) == ExitCode.USAGE
    assert "is not text in UTF-8 (byte 0)" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_said_in_one_line(file: str, capsys: Capture) -> None:
    assert main(["graph", file, "-o", "/nowhere/at/all.svg"]) == ExitCode.USAGE
    assert "can't be written: No such file or directory" in capsys.readouterr().err


def test_a_file_with_errors_is_not_drawn(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("segue: 1\ntasks:\n  a:\n    nxt: []\n")
    assert main(["graph", str(path)]) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nxt" in captured.err


def test_the_standard_input_can_be_drawn(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LOOP.encode())))
    assert main(["graph", "-"]) == ExitCode.SUCCEEDED
    assert "probe" in capsys.readouterr().out


def test_ascii_stands_in_where_symbols_cannot_be_written(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert main(["graph", file]) == ExitCode.SUCCEEDED
    sys.stdout.flush()
    assert written.getvalue().startswith(b"+>>  probe  core.noop\n")


def test_colour_is_for_those_who_ask_for_it(
    file: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["graph", file])
    assert "\x1b[1mprobe\x1b[0m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["graph", file])
    assert "\x1b" not in capsys.readouterr().out


def test_a_transition_without_do_is_not_drawn_as_an_end_in_either_language(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "orquesta.yaml"
    path.write_text(
        "version: 1.0\ntasks:\n  a:\n    action: core.noop\n    next:\n"
        "      - when: <% succeeded() %>\n        publish: [{x: 1}]\n"
        "      - when: <% failed() %>\n        do: continue\n"
    )
    main(["graph", str(path)])
    assert capsys.readouterr().out == "▶  a  core.noop\n╵  failed() → continue\n"
