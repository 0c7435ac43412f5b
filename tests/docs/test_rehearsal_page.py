"""docs/rehearsal.md: its files pass, its parts can be read, and it has every key."""

import re
from pathlib import Path

import pytest
from tests.docs.guides import Page

from segue.cli.main import main
from segue.language.grammar import Section
from segue.rehearsal.grammar import (
    ERROR,
    EXPECT,
    FAILURE,
    FILE,
    MOCK,
    REQUEST,
    RERUN_SECTION,
    TEST,
    VISIT,
)
from segue.rehearsal.loading import Fetched
from segue.rehearsal.reading import read_rehearsal

PAGE = Page("rehearsal.md")

SECTIONS = {
    "A file": FILE,
    "A test": TEST,
    "A mock": MOCK,
    "How it fails: `fails`": FAILURE,
    "A request": REQUEST,
    "A rerun: `rerun`": RERUN_SECTION,
    "What is expected: `expect`": EXPECT,
    "An error: an entry of `errors`": ERROR,
    "A visit: an entry of `visits`": VISIT,
}

ANY_TASKS = """\
segue: 1
tasks:
  prepare: {next: [{do: [build_a, build_b]}]}
  build_a: {next: [{do: test_a}]}
  build_b: {next: [{do: test_b}]}
  test_a: {next: [{do: publish}]}
  test_b: {next: [{do: publish}]}
  publish: {join: all}
"""


def table(title: str, section: Section) -> str:
    rows = []
    for key in section.keys.values():
        words = key.shape.words.replace("|", "\\|")
        required = ", required" if key.required else ""
        rows.append(f"| `{key.name}` | {words}{required} | {key.about} |\n")
    return f"### {title}\n\n| key | takes | |\n|---|---|---|\n{''.join(rows)}\n"


def tables() -> str:
    return "".join(table(title, section) for title, section in SECTIONS.items()).rstrip() + "\n"


def test_the_page_has_every_key_of_every_part() -> None:
    made = "python -m tests.docs.test_rehearsal_page, and put it under `## Keys`"
    assert PAGE.text.partition("## Keys\n\n")[2] == tables(), f"run {made}"


@pytest.mark.parametrize("said", PAGE.said, ids=lambda said: " ".join(said.words))
def test_a_command_says_what_the_page_says(
    said: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name, text in PAGE.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = getattr(said, "words", ())
    main(list(words))
    printed = capsys.readouterr()
    assert (printed.out + printed.err).strip() == str(getattr(said, "text", "")).strip()


def test_there_is_something_said_to_try() -> None:
    assert PAGE.said


@pytest.mark.parametrize("fragment", PAGE.fragments, ids=lambda one: one.text[:20])
def test_a_part_of_a_rehearsal_can_be_read(fragment: object) -> None:
    text = str(getattr(fragment, "text", ""))
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    whole = f"rehearsal: 1\nworkflow: any.yaml\ntests:\n  - name: a part\n{lines}"

    def fetch(name: str, *, anywhere: bool = False) -> Fetched | str:
        return Fetched(path=name, text=ANY_TASKS)

    assert read_rehearsal(whole, "part.yaml", fetch).findings == ()


def test_the_failure_on_the_page_is_what_its_first_test_would_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"```text\n(  failed  .*?)```", PAGE.text, re.DOTALL)
    assert shown
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name, text in PAGE.files.items():
        other = text.replace("[probe, pause, probe, report]", "[probe, pause, report]")
        (tmp_path / name).write_text(other, encoding="utf-8")
    main(["rehearse", "watch.rehearsal.yaml"])
    assert shown[1].rstrip() in capsys.readouterr().out


def test_the_coverage_on_the_page_is_that_of_its_first_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = re.search(r"```text\n(transition coverage: 3 of 4.*?)```", PAGE.text, re.DOTALL)
    assert shown
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name, text in PAGE.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    main(["rehearse", ".", "-k", "healthy", "--coverage"])
    assert shown[1].rstrip() in capsys.readouterr().out


if __name__ == "__main__":
    print(tables())  # noqa: T201 (this is what it is for)
