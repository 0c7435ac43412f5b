"""docs/reliability.md says of the invariants what the code says."""

import re
from pathlib import Path

from tests.simulation.plan import FAULTS
from tests.simulation.planted import BUGS

from segue.verification.invariants import INVARIANTS

PAGE = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_the_invariants_in_the_docs_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (I\d+[ab]?) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(one.id, one.statement) for one in INVARIANTS]


def test_the_planted_bugs_in_the_docs_are_those_that_there_are() -> None:
    table = PAGE.partition("<!-- planted -->")[2].partition("<!-- /planted -->")[0]
    rows = re.findall(r"^\| (.+) \| (\w+) \| (\d+) \|$", table, re.MULTILINE)
    assert [(name, part) for name, part, _ in rows] == [(b.name, b.part) for b in BUGS.values()]


def test_the_faults_in_the_docs_are_those_that_there_are() -> None:
    section = PAGE.partition("## Simulation")[2].partition("###")[0]
    cells = re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(FAULTS)
