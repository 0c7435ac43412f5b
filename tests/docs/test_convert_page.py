"""docs/convert.md: its example is what comes of it, and its notes are those of the program."""

import re
from pathlib import Path

import pytest

from segue.cli.main import main
from segue.cli.reports.changes import sections

PAGE = (Path(__file__).parents[2] / "docs" / "convert.md").read_text("utf-8")


def test_the_notes_are_those_of_the_program() -> None:
    assert PAGE.endswith("prints what stands here.\n\n" + sections())


def test_the_example_is_what_comes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before, after = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    told = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert told
    (tmp_path / "greet.yaml").write_text(before, "utf-8")

    code = main(["convert", "greet.yaml"])

    assert (code, *capsys.readouterr()) == (0, after, told[1])


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(#([a-z-]+)\)", PAGE))))
def test_links_within_the_page_lead_somewhere(target: str) -> None:
    titles = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)

    assert target in {title.lower().replace(" ", "-") for title in titles}
