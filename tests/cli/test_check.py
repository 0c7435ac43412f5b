"""`segue check`: all findings of all files, for people and for programs."""

import io
import json
import sys
from pathlib import Path

import pytest

from segue.cli.exit_codes import ExitCode
from segue.cli.main import main
from segue.cli.reports.findings_data import DIFFERENCES_PAGE

GOOD = "segue: 1\ntasks: {a: {}}\n"
BAD = """\
segue: 1
tasks:
  build:
    action: core.noop
    next:
      - when: succeeded()
        do: notfy
  notify: {join: all}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "bad.yaml").write_text(BAD, "utf-8")
    return tmp_path


class Said:
    """What a command said, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(["check", *arguments])
        self.out, self.err = capsys.readouterr()


def test_a_file_without_findings_is_ok(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "good.yaml")
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, "")
    assert said.out == "ok: no findings in 1 file\n"


def test_findings_show_their_place_and_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "bad.yaml", "good.yaml")
    assert (said.code, said.err) == (ExitCode.FAILED, "")
    assert said.out == (
        "error[SEG201]: there is no task `notfy`\n"
        " --> bad.yaml:7:13\n"
        "  |\n"
        "6 |       - when: succeeded()\n"
        "7 |         do: notfy\n"
        "  |             ^^^^^\n"
        "  = help: did you mean `notify`?\n"
        "\n"
        "warning[SEG206]: `join` of `notify` waits for nothing: no task leads to it\n"
        " --> bad.yaml:8:18\n"
        "  |\n"
        "7 |         do: notfy\n"
        "8 |   notify: {join: all}\n"
        "  |                  ^^^\n"
        "  = help: remove `join`, or add the transitions that are missing\n"
        "\n"
        "1 error, 1 warning in 2 files; `segue explain SEG201` tells more about a code\n"
    )


def test_warnings_alone_do_not_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "warned.yaml").write_text("segue: 1\ntasks: {a: {join: any}}\n", "utf-8")
    said = Said(capsys, "warned.yaml")
    assert said.code == ExitCode.SUCCEEDED
    assert "1 warning in 1 file" in said.out


def test_concise_is_one_line_for_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "--format", "concise", "bad.yaml")
    assert said.out.splitlines() == [
        "bad.yaml:7:13: error[SEG201] there is no task `notfy` (did you mean `notify`?)",
        (
            "bad.yaml:8:18: warning[SEG206] `join` of `notify` waits for nothing:"
            " no task leads to it (remove `join`, or add the transitions that are missing)"
        ),
    ]


def test_json_has_every_finding_of_every_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "--format", "json", "bad.yaml", "good.yaml")
    document = json.loads(said.out)
    assert [(each["path"], each["valid"]) for each in document["files"]] == [
        ("bad.yaml", False),
        ("good.yaml", True),
    ]
    assert document["files"][0]["findings"][0] == {
        "code": "SEG201",
        "severity": "error",
        "message": "there is no task `notfy`",
        "hint": "did you mean `notify`?",
        "line": 7,
        "column": 13,
        "end_line": 7,
        "end_column": 18,
    }


def test_sarif_has_the_rules_and_the_places(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "--format", "sarif", "bad.yaml", str(folder / "good.yaml"), "not there")
    assert said.code == ExitCode.USAGE
    document = json.loads(said.out)
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["SEG201", "SEG206"]
    first, second = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("SEG201", 0, "error")
    assert (second["ruleIndex"], second["level"]) == (1, "warning")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "bad.yaml"
    assert place["region"] == {"startLine": 7, "startColumn": 13, "endLine": 7, "endColumn": 18}
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "not there" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_names_files_by_uri(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a b.yaml").write_text(BAD, "utf-8")
    document = json.loads(Said(capsys, "--format=sarif", "a b.yaml", str(folder / "bad.yaml")).out)
    uris = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in document["runs"][0]["results"]
    }
    assert uris == {"a%20b.yaml", (folder / "bad.yaml").as_uri()}


def test_github_gets_annotations(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a,b.yaml").write_text("segue: 1\ntasks: {a: {next: [{do: 'x%\ny'}]}}\n", "utf-8")
    said = Said(capsys, "--format=github", "a,b.yaml", "bad.yaml")
    first, second, _ = said.out.splitlines()
    assert first == (
        "::error file=a%2Cb.yaml,line=2,col=25,endLine=3,endColumn=3,title=SEG201::"
        "there is no task `x%25 y`"
    )
    assert second.endswith("::there is no task `notfy` (did you mean `notify`?)")


def test_a_file_that_can_not_be_read_does_not_hide_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "latin.yaml").write_bytes(b"segue: 1\nname: \xe9\n")
    said = Said(capsys, "nowhere.yaml", "latin.yaml", ".", "bad.yaml")
    assert said.code == ExitCode.USAGE
    assert "error[SEG201]" in said.out
    assert said.err.splitlines() == [
        "error: nowhere.yaml can't be read: No such file or directory",
        "error: latin.yaml is not text in UTF-8 (byte 15)",
        "error: . can't be read: Is a directory",
    ]


def test_json_says_which_file_can_not_be_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "--format=json", "nowhere.yaml")
    (file,) = json.loads(said.out)["files"]
    assert (file["valid"], file["findings"]) == (False, [])
    assert file["unreadable"] == "can't be read: No such file or directory"


def test_nothing_but_unreadable_files_leaves_nothing_to_sum_up(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Said(capsys, "nowhere.yaml").out == ""


def test_a_file_that_is_too_large_is_a_finding(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "huge.yaml").write_bytes(b"# " + "é".encode() * 600_000)
    said = Said(capsys, "--format=concise", "huge.yaml")
    assert said.code == ExitCode.FAILED
    assert said.out.startswith("huge.yaml:1:1: error[SEG003]")


def test_a_dash_is_stdin(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    said = Said(capsys, "--format=concise", "-")
    assert said.out.startswith("<stdin>:7:13: error[SEG201]")


def test_without_files_there_is_nothing_to_check(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys)
    assert said.code == ExitCode.USAGE
    assert "missing argument" in said.err


def test_colour_is_for_terminals(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31merror[SEG201]\x1b[0m" in Said(capsys, "bad.yaml").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in Said(capsys, "bad.yaml").out


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        # Wide characters and tabs: the underline stands below what it means.
        (
            "segue: 1\ntasks: {作業: {foo: 1}}\n",
            ["2 | tasks: {作業: {foo: 1}}", "  |                ^^^"],
        ),
        (
            "segue: 1\ntasks: {a: {\tfoo: 1}}\n",
            ["2 | tasks: {a: { foo: 1}}", "  |              ^^^"],
        ),
        # Nothing in a file can do anything to the terminal.
        (
            "segue: 1\nname: a\u202eb\nfoo: 1\ntasks: {a: {}}\n",
            ["2 | name: a\\u202eb", "3 | foo: 1", "  | ^^^"],
        ),
        # What goes on in the next line is cut, and said to go on.
        (
            "segue: 1\ntasks: {a: {next: [{do: 'x\n y'}]}}\n",
            [
                "1 | segue: 1",
                "2 | tasks: {a: {next: [{do: 'x",
                "  |                         ^^ ...",
            ],
        ),
        # A long line is shown around the place.
        (
            f"segue: 1\ntasks: {{a: {{action: {'x' * 200}, foo: 1}}}}\n",
            [f"2 | {'x' * 90}, foo: 1}}}}", f"  | {' ' * 92}^^^"],
        ),
    ],
)
def test_excerpts_stay_readable(
    text: str, excerpt: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.yaml").write_text(text, "utf-8")
    lines = Said(capsys, "x.yaml").out.splitlines()
    joined = "\n".join(lines)
    for line in excerpt:
        assert any(shown.startswith(line) for shown in lines), joined


def test_a_file_without_text_has_an_excerpt_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.yaml").write_text("", "utf-8")
    assert "1 |\n  | ^\n" in Said(capsys, "x.yaml").out


DIAMOND = """\
version: 1.0
tasks:
  a: {action: core.noop, next: [{publish: [{x: old}], do: [b, c]}]}
  b: {action: core.noop, next: [{publish: [{x: new}]}]}
  c: {action: core.noop}
output: [{x: <% ctx().x %>}]
"""
PLAIN = "version: 1.0\ntasks: {a: {action: core.noop}}\n"


def test_a_file_in_which_no_difference_could_matter_is_told_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "plain.yaml").write_text(PLAIN, "utf-8")
    said = Said(capsys, "--compare", "orquesta", "plain.yaml")
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, "")
    assert said.out == "no place where a difference could matter\n"


def test_the_places_where_a_difference_could_matter_are_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "diamond.yaml").write_text(DIAMOND, "utf-8")
    said = Said(capsys, "--compare", "orquesta", "diamond.yaml", "good.yaml")
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, "")
    assert said.out == (
        "note[stale-context]: this `x` stays in the output; in Orquesta the one from before `a` "
        "comes back if the branch that does not write it is the last\n"
        " --> diamond.yaml:4:45\n"
        "  |\n"
        "3 |   a: {action: core.noop, next: [{publish: [{x: old}], do: [b, c]}]}\n"
        "4 |   b: {action: core.noop, next: [{publish: [{x: new}]}]}\n"
        "  |                                             ^\n"
        "  = help: where the older value was wanted, publish it in the other branch\n"
        "  = see: docs/differences-from-orquesta.md#stale-context\n"
        "\n"
        "1 place where a difference could matter (1 of 2 files not Orquesta's); "
        "`segue explain stale-context` tells more about one\n"
    )


def test_a_comparison_of_several_places_counts_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "diamond.yaml").write_text(DIAMOND, "utf-8")
    said = Said(capsys, "--compare", "orquesta", "diamond.yaml", "diamond.yaml")
    assert said.out.splitlines()[-1].startswith("2 places where a difference could matter;")


def test_a_file_with_errors_can_not_be_compared(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "--compare", "orquesta", "--format", "concise", "bad.yaml")
    assert said.code == ExitCode.FAILED
    assert said.out.startswith("bad.yaml:7:13: error[SEG201]")
    assert len(said.out.splitlines()) == 1
    assert "1 error in 1 file" in Said(capsys, "--compare", "orquesta", "bad.yaml").out


def test_a_comparison_is_there_for_programs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "diamond.yaml").write_text(DIAMOND, "utf-8")
    document = json.loads(
        Said(capsys, "--compare", "orquesta", "--json", "diamond.yaml", "good.yaml").out
    )
    diamond, good = document["files"]
    assert (diamond["compared"], good["compared"], good["findings"]) == (True, False, [])
    (place,) = diamond["findings"]
    assert (place["code"], place["severity"], place["line"]) == ("stale-context", "note", 4)
    assert place["see"] == "docs/differences-from-orquesta.md#stale-context"
    sarif = json.loads(Said(capsys, "--compare=orquesta", "--format=sarif", "diamond.yaml").out)
    (run,) = sarif["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["stale-context"]
    assert [result["level"] for result in run["results"]] == ["note"]
    annotation = Said(capsys, "--compare=orquesta", "--format=github", "diamond.yaml").out
    assert annotation.startswith("::notice file=diamond.yaml,line=4,")


def test_a_page_that_is_linked_is_there() -> None:
    assert (Path(__file__).parents[2] / DIFFERENCES_PAGE).exists()
