"""The map in ARCHITECTURE.md is whole: what it names is there, and what is there it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "segue"
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize(("part", "heading"), [("core", "The core"), ("runtime", "The runtime")])
def test_every_file_of_the_part_has_its_place_in_the_table(part: str, heading: str) -> None:
    section = ARCHITECTURE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| `")]
    named = re.findall(r"`(\w+\.py)`", "\n".join(row.split(" | ")[0] for row in rows))
    files = {path.name for path in (SOURCE / part).glob("*.py")} - {"__init__.py"}
    assert set(named) == files
    assert len(named) == len(set(named)), "each file has one place"


def test_every_package_is_on_the_map() -> None:
    named = re.findall(r"^\| `segue\.(\w+)` \|", ARCHITECTURE, re.MULTILINE)
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert set(named) - {"values"} == packages


def test_every_file_that_the_page_speaks_of_is_there() -> None:
    for name in re.findall(r"`((?:\w+/)+\w+\.py)`", ARCHITECTURE):
        assert (SOURCE / name).exists() or (ROOT / name).exists(), name


def test_every_folder_of_tests_is_described() -> None:
    rows = re.findall(r"^\| (`\w+/`.*?) \| ", CONTRIBUTING, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)/`", row)}
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("*.py"))}
    assert named == folders
