"""The guides: every file is right or wrong as the page says, does what it says, and is drawn."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from tests.docs.guides import DOCS, Fragment, Page, Said, completed
from tests.docs.redraw import drawing
from tests.docs.rehearsal import Rehearsal

from segue import core, runtime
from segue.checking import check
from segue.cli.inputs import parse_inputs
from segue.cli.main import COMMANDS, main, segue
from segue.cli.reports.document import execution_document
from segue.core.failure import FAIL_COMMAND, OUTCOME_UNKNOWN
from segue.core.status import Status
from segue.language import load_workflow
from segue.language.findings import Severity
from segue.values import JsonValue

PAGES = (
    "index.md",
    "quick-start.md",
    "how-execution-works.md",
    "language.md",
    "orquesta.md",
    "attune.md",
)
FILES = [(page, name) for page in PAGES for name in Page(page).files]
FRAGMENTS = [(page, one) for page in PAGES for one in Page(page).fragments]
SAID = [(page, said) for page in PAGES for said in Page(page).said]
DRAWN = [(page, name) for page in PAGES for name in Page(page).drawings]
LINES = sorted({(page, line) for page in PAGES for line in Page(page).commands})


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [one for one in os.environ if one.startswith("SEGUE_")] + ["FORCE_COLOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def part_of(expected: JsonValue, found: JsonValue, where: str = "$") -> None:
    """Fail where something of the expected document is not in the one that was found."""
    if isinstance(expected, dict) and where != "$.output":
        assert isinstance(found, dict), where
        for key, value in expected.items():
            assert key in found, f"{where} has no {key}"
            part_of(value, found[key], f"{where}.{key}")
    elif isinstance(expected, list) and where.startswith(("$.tasks", "$.errors", "$.joins")):
        assert isinstance(found, list | tuple), where
        assert len(found) == len(expected), f"{where}: {json.dumps(found)}"
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            part_of(one, other, f"{where}[{index}]")
    else:
        assert found == expected, where


@pytest.mark.parametrize(("page", "name"), FILES, ids=[name for _, name in FILES])
def test_a_file_has_no_findings_but_those_that_the_page_tells(page: str, name: str) -> None:
    findings = check(Page(page).files[name], name).findings
    told = {
        code
        for said in Page(page).said
        if said.words[:2] == ("check", name)
        for code in re.findall(r"\[(SEG\d+)\]", said.text)
    }
    assert {str(found.code) for found in findings} == told, findings


@pytest.mark.parametrize(
    ("page", "fragment"), FRAGMENTS, ids=[one.text[:40] for _, one in FRAGMENTS]
)
def test_a_fragment_is_right_where_a_file_has_it(page: str, fragment: Fragment) -> None:
    del page
    text = completed(fragment)
    refused = re.search(r"# (SEG\d+)", fragment.text)
    errors = [found for found in check(text).findings if found.severity is Severity.ERROR]
    assert {str(found.code) for found in errors} == ({refused[1]} if refused else set()), text


@pytest.mark.parametrize(
    ("page", "said"), SAID, ids=[f"{' '.join(said.words)} {said.how}" for _, said in SAID]
)
def test_a_command_does_what_the_page_says(
    page: str, said: Said, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = Page(page).files
    if said.how == "gives":
        run = _rehearsed(files, said)
        found = execution_document(run.to_the_end().view)
        part_of(json.loads(said.text), json.loads(json.dumps(found)))
        return
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    main([*said.words, "--db", ":memory:"] if said.words[0] == "run" else said.words)
    printed = capsys.readouterr()
    assert (printed.out + printed.err).strip() == said.text.strip()


def _rehearsed(files: Mapping[str, str], said: Said) -> Rehearsal:
    command = segue.get_command(click.Context(segue), "run")
    assert command is not None
    assert said.words[0] == "run"
    given = command.make_context("run", list(said.words[1:])).params
    text = files[given["workflow"]]
    workflow = load_workflow(text, file=given["workflow"]).workflow
    assert workflow is not None
    inputs = parse_inputs(workflow, given["pairs"], given["whole"], str)
    return Rehearsal(text, inputs, given["start"])


@pytest.mark.parametrize(("page", "name"), DRAWN, ids=[name for _, name in DRAWN])
def test_a_drawing_is_what_graph_makes_of_the_file_above_it(page: str, name: str) -> None:
    path = DOCS / "drawings" / f"{name}.svg"
    made = "python -m tests.docs.redraw"
    assert path.read_text(encoding="utf-8") == drawing(page, name), f"run `{made}`"


def test_no_drawing_is_left_over() -> None:
    assert {path.stem for path in (DOCS / "drawings").iterdir()} == {name for _, name in DRAWN}


@pytest.mark.parametrize(("page", "line"), LINES, ids=[line for _, line in LINES])
def test_a_command_line_is_one_that_there_is(page: str, line: str) -> None:
    words = re.split(r"[#&>]", line)[0].split()
    if words[0].startswith("-"):
        assert words[0] in {"--help", "--version"}, page
        return
    if words[0].endswith(":"):
        return  # the marker of the language, not a command
    assert words[0] in COMMANDS, page
    command = segue.get_command(click.Context(segue), words[0])
    assert command is not None
    if isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words[1]) or command
    known = {name for option in command.params for name in option.opts} | {"--help", "-h"}
    used = {word for word in words[1:] if word.startswith("-") and word != "-"}
    assert used <= known, f"{page}: segue {line}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", Page(page).text):
        if target.startswith("https://"):
            continue
        file, _, title = target.partition("#")
        path = (DOCS / file) if file else DOCS / page
        assert path.exists(), f"{page} links to {target}"
        if title:
            titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert title in {_anchor(one) for one in titles}, f"{page} links to {target}"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_every_page_is_in_the_index() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", Page("index.md").text))
    assert listed == {path.name for path in DOCS.glob("*.md")} - {"index.md"}


def test_every_status_is_told() -> None:
    _, text = Page("how-execution-works.md").text.split("\n## Statuses\n")
    told = set(re.findall(r"`(\w+)`", text.split("\n## ")[0]))
    assert set(Status) <= told


def test_every_code_of_an_error_of_the_engine_is_told() -> None:
    _, text = Page("how-execution-works.md").text.split("\n## Errors\n")
    told = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    sources = [
        *Path(core.__file__).parent.glob("*.py"),
        *Path(runtime.__file__).parent.rglob("*.py"),
    ]
    used = {
        code
        for source in sources
        for code in re.findall(r'\bcode="(\w+)"', source.read_text(encoding="utf-8"))
    }
    assert told == sorted({*used, FAIL_COMMAND, OUTCOME_UNKNOWN})
