"""`segue rehearse` and `segue export`: tests of workflows, for people and for programs."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from segue.cli.exit_codes import ExitCode
from segue.cli.main import main
from segue.cli.reports.rehearsal_text import percent_text

FLOW = """\
segue: 1
tasks:
  a:
    action: core.echo
    input: {message: hi}
    next: [{when: succeeded(), do: b}, {do: fail}]
  b: {}
"""
GOOD = """\
rehearsal: 1
workflow: w.yaml
tests:
  - name: it goes well
    mocks: {a: {result: 1}}
    expect: {tasks: [a, b]}
"""
BAD = GOOD.replace("goes well", "goes wrong").replace("[a, b]", "[a, c]").replace("c]", "a]")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGUE_DB", str(tmp_path / "s.db"))
    (tmp_path / "w.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "good.rehearsal.yaml").write_text(GOOD, "utf-8")
    return tmp_path


class Said:
    """What a command said, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        capsys.readouterr()
        self.code = main(list(arguments))
        self.out, self.err = capsys.readouterr()


def test_tests_that_pass_are_told_in_a_line_each(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Said(capsys, "rehearse", ".")
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, "")
    assert said.out == "good.rehearsal.yaml\n  ok      it goes well\n\n1 passed in 1 file\n"


def test_a_failure_tells_what_was_expected_and_what_came(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "rehearse_bad.yml").write_text(BAD, "utf-8")
    said = Said(capsys, "rehearse", ".")
    assert said.code == ExitCode.FAILED
    assert said.out == (
        "good.rehearsal.yaml\n"
        "  ok      it goes well\n"
        "rehearse_bad.yml\n"
        "  failed  it goes wrong\n"
        "          after a#1 a was expected to begin, and b#1 did\n"
        "              a#1\n"
        "            - a\n"
        "            + b#1\n"
        "            --> rehearse_bad.yml:6:14\n"
        "\n"
        "1 failed, 1 passed in 2 files\n"
    )


def test_a_file_that_is_wrong_is_told_as_check_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.rehearsal.yaml").write_text(GOOD.replace("[a, b]", "[a, bb]"), "utf-8")
    said = Said(capsys, "rehearse", ".")
    assert said.code == ExitCode.FAILED
    assert "error[SEG201]: the workflow has no task `bb`" in said.out
    assert " --> bad.rehearsal.yaml:6:25\n" in said.out
    assert "= help: did you mean `b`?" in said.out
    assert said.out.endswith("1 file not run, 1 passed in 2 files\n")


def test_coverage_is_told_and_demanded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "rehearse", "good.rehearsal.yaml", "--coverage")
    assert said.code == ExitCode.SUCCEEDED
    assert (
        "transition coverage: 1 of 2 (50 %)\n"
        "  w.yaml  1 of 2 (50 %)\n"
        "    line 6: a -> fail\n" in said.out
    )
    assert Said(capsys, "rehearse", ".", "--fail-under", "50").code == ExitCode.SUCCEEDED
    said = Said(capsys, "rehearse", ".", "--fail-under", "50.5")
    assert said.code == ExitCode.FAILED
    assert said.err == "error: transition coverage is 50 %, below 50.5 %\n"


def test_shares_are_never_rounded_up_to_all() -> None:
    assert percent_text(99.99) == "99.9 %"
    assert percent_text(100.0) == "100 %"


def test_programs_get_a_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rehearse_bad.yml").write_text(BAD, "utf-8")
    (folder / "wrong.rehearsal.yaml").write_text("rehearsal: 1\n", "utf-8")
    said = Said(capsys, "rehearse", ".", "--json")
    assert said.code == ExitCode.FAILED
    document: dict[str, Any] = json.loads(said.out)
    assert (document["passed"], document["failed"]) == (1, 1)
    assert [one["path"] for one in document["files"]] == [
        "good.rehearsal.yaml",
        "rehearse_bad.yml",
        "wrong.rehearsal.yaml",
    ]
    assert document["files"][2]["findings"][0]["code"] == "SEG102"
    failure = document["files"][1]["tests"][0]["failures"][0]
    assert (failure["kind"], failure["at"], failure["line"]) == ("tasks", "b#1", 6)
    assert document["coverage"]["workflows"][0]["untaken"] == [
        {"task": "a", "transition": 1, "line": 6, "when": None, "do": ["fail"]}
    ]


def test_ci_servers_get_junit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rehearse_bad.yml").write_text(BAD.replace("wrong", '"\\a<"'), "utf-8")
    (folder / "wrong.rehearsal.yaml").write_text("rehearsal: 1\n", "utf-8")
    Said(capsys, "rehearse", ".", "--junit", "j.xml")
    root = ET.parse(folder / "j.xml").getroot()
    assert root.attrib == {
        "name": "segue rehearse",
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    suites = {suite.attrib["name"]: suite for suite in root}
    good = suites["good.rehearsal.yaml"][0]
    assert (good.attrib["name"], good.attrib["line"], len(good)) == ("it goes well", "4", 0)
    failure = suites["rehearse_bad.yml"][0][0]
    assert failure.tag == "failure"
    assert "--> rehearse_bad.yml:6:14" in (failure.text or "")
    error = suites["wrong.rehearsal.yaml"][0][0]
    assert error.attrib["message"] == "1:1: SEG102: a rehearsal file needs `tests`: a list of tests"
    said = Said(capsys, "rehearse", ".", "--junit", "none/j.xml")
    assert said.code == ExitCode.USAGE
    assert "none/j.xml can't be written" in said.err


def test_tests_are_chosen_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rehearse_bad.yml").write_text(BAD, "utf-8")
    assert Said(capsys, "rehearse", ".", "-k", "well").code == ExitCode.SUCCEEDED
    said = Said(capsys, "rehearse", ".", "-k", "nothing like it")
    assert said.code == ExitCode.USAGE
    assert said.err == "error: no test has 'nothing like it' in its name\n"


def test_what_can_not_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = Said(capsys, "rehearse", "none.yaml")
    assert (said.code, said.err) == (
        ExitCode.USAGE,
        "error: none.yaml can't be read: No such file or directory\n",
    )
    (folder / "bytes.yaml").write_bytes(b"\xff")
    assert "is not text in UTF-8 (byte 0)" in Said(capsys, "rehearse", "bytes.yaml").err
    (folder / "empty").mkdir()
    said = Said(capsys, "rehearse", "empty")
    assert said.code == ExitCode.USAGE
    assert "there is no rehearsal file in empty" in said.err
    (folder / "good.rehearsal.yaml").write_text(GOOD.replace("w.yaml", "v.yaml"), "utf-8")
    assert "`v.yaml` can't be read: No such file" in Said(capsys, "rehearse", ".").out


def test_rehearsals_of_orquesta_are_found_by_what_is_in_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "actions").mkdir()
    (folder / "actions" / "flow.yaml").write_text(
        "version: 1.0\ntasks: {a: {action: core.noop}}\n", "utf-8"
    )
    (folder / "tests" / ".hidden").mkdir(parents=True)
    spec = "---\nworkflow: actions/flow.yaml\nexpected_task_sequence: [a]\n"
    (folder / "tests" / "one.yaml").write_text(spec, "utf-8")
    (folder / "tests" / ".hidden" / "two.yaml").write_text(spec, "utf-8")
    (folder / "tests" / "notes.txt").write_text(spec, "utf-8")
    (folder / "tests" / "bytes.yaml").write_bytes(b"\xff")
    said = Said(capsys, "rehearse", "tests")
    assert said.code == ExitCode.SUCCEEDED
    assert said.out == "tests/one.yaml\n  ok      one\n\n1 passed in 1 file\n"


def test_an_execution_is_exported_as_a_rehearsal_that_passes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Said(capsys, "run", "w.yaml", "--quiet").code == ExitCode.SUCCEEDED
    said = Said(capsys, "export", "@latest")
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, "")
    assert "workflow: w.yaml\n" in said.out
    (folder / "tests").mkdir()
    said = Said(capsys, "export", "@latest", "-o", "tests/seen.rehearsal.yaml")
    assert (said.code, said.out, said.err) == (ExitCode.SUCCEEDED, "", "")
    assert "workflow: ../w.yaml\n" in (folder / "tests" / "seen.rehearsal.yaml").read_text("utf-8")
    assert Said(capsys, "rehearse", "tests").code == ExitCode.SUCCEEDED
    assert "workflow: x.yaml\n" in Said(capsys, "export", "@latest", "--workflow", "x.yaml").out


def test_an_export_that_does_not_pass_as_it_is_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = "segue: 1\ntasks: {a: {}}\noutput: {k: \"{{ st2kv('system.k') }}\"}\n"
    (folder / "w.yaml").write_text(flow, "utf-8")
    Said(capsys, "key", "set", "system.k", "1")
    Said(capsys, "run", "w.yaml", "--quiet")
    said = Said(capsys, "export", "@latest")
    assert said.code == ExitCode.SUCCEEDED
    assert said.err.startswith("warning: it does not pass as it is: ")
    assert "hint: environment variables, keys and random numbers are not in the log" in said.err


def test_what_can_not_be_exported_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Said(capsys, "run", "w.yaml", "--quiet")
    assert Said(capsys, "export", "nothing").code == ExitCode.NOT_FOUND
    said = Said(capsys, "export", "@latest", "-o", "none/x.yaml")
    assert said.code == ExitCode.USAGE
    assert "none/x.yaml can't be written" in said.err


def test_a_file_of_a_folder_that_can_not_be_read_does_not_hide_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gone.rehearsal.yaml").symlink_to("nowhere")
    said = Said(capsys, "rehearse", ".", "--junit", "j.xml")
    assert (said.code, said.err) == (ExitCode.FAILED, "")
    assert "error[SEG403]: the file can't be read: No such file or directory" in said.out
    assert said.out.endswith("1 file not run, 1 passed in 2 files\n")
    assert ET.parse(folder / "j.xml").getroot().attrib["errors"] == "1"


EVERYTHING = """\
segue: 1
input: {hosts: array}
tasks:
  deploy:
    with: {items: "{{ ctx.hosts }}", as: host, concurrency: 2}
    action: ./deploy.yaml
    input: {host: "{{ item('host') }}"}
    timeout: 5m
    retry: {count: 1, delay: 30s}
    next:
      - {when: succeeded(), publish: {v: "{{ result() | first | default(none) }}"}, do: approve}
      - {do: [undo, fail]}
  approve:
    action: core.ask
    input: {message: Go on?, schema: {type: object, required: [ok]}}
    timeout: 1h
    next: [{when: succeeded() and result().response.ok, do: done}, {do: undo}]
  undo: {action: x.undo}
  done: {delay: 1d}
output: {v: "{{ ctx.v }}"}
"""
OF_EVERYTHING = """\
rehearsal: 1
workflow: everything.yaml
tests:
  - name: items are sub-workflows, of which one is tried again, and a question is answered
    inputs: {hosts: [a, b, c]}
    mocks:
      deploy:
        - {item: 0, result: {output: {v: 7}}, takes: 1m, action: ./deploy.yaml}
        - {item: 1, attempt: 1, times_out: true, input: {host: b}}
        - {times: 2, result: {output: {v: 8}}}
      approve: {answers: {ok: true}, takes: 10m}
    expect:
      output: {v: {output: {v: 7}}}
      tasks: [deploy, approve, done]
      duration: 1d15m30s
      visits:
        deploy: {attempts: 2, at: 0s}
        approve: {context: {v: {output: {v: 7}}}, at: 5m30s}
        done: {at: 1d15m30s}
  - name: nobody answers
    inputs: {hosts: []}
    mocks: {approve: {times_out: true}, undo: {}}
    expect: {tasks: [deploy, approve, undo], never: done, duration: 1h}
  - name: paused, run again, and canceled
    inputs: {hosts: [a]}
    mocks:
      deploy: [{visit: 1, times: 2, fails: no}, {visit: 2, never: true}]
      undo: {}
    requests:
      - {at: 10s, pause: lunch}
      - {at: 1m, resume: true}
      - {at: 2m, rerun: {from: deploy}}
      - {at: 3m, cancel: too late}
    expect:
      status: canceled
      tasks: [deploy, undo, "deploy#2"]
      order: [[undo, "deploy#2"]]
      duration: 3m
"""


def test_items_questions_sub_workflows_and_requests_are_rehearsed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "everything.yaml").write_text(EVERYTHING, "utf-8")
    (folder / "everything.rehearsal.yaml").write_text(OF_EVERYTHING, "utf-8")
    said = Said(capsys, "rehearse", "everything.rehearsal.yaml", "--fail-under", "100")
    assert (said.code, said.err) == (ExitCode.SUCCEEDED, ""), said.out
    assert "transition coverage: 4 of 4 (100 %)" in said.out
    assert said.out.endswith("3 passed in 1 file\n")
