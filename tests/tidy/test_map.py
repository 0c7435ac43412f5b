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
    package, named = part, []
    for row in section.splitlines():
        *places, _ = row.strip("| ").split(" | ")
        for name in re.findall(r"`(\w+(?:\.py)?)`", " | ".join(places)):
            if name.endswith(".py"):
                named.append(name if package == part else f"{package}/{name}")
            elif row.startswith("| `"):
                package = name
    folder = SOURCE / part
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}
    assert set(named) == {name for name in files if not name.endswith("__init__.py")}
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
