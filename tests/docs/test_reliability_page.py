"""docs/reliability.md says of the invariants what the code says."""

import re
from pathlib import Path

from tests.simulation.plan import FAULTS
from tests.simulation.planted import BUGS

from segue.verification.invariants import INVARIANTS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reliability.md").read_text(encoding="utf-8")
PROMISE = (
    "every acknowledged start, answer and signal survives; each transition is committed exactly "
    "once; each attempt's outcome is recorded exactly once; actions run at least once (with an "
    "idempotency key that is stable over redelivery), or at most once where a task says `delivery: "
    "at_most_once`; and an execution that is not finished always has a reason that can be named."
)


def test_the_promise_stands_at_the_top() -> None:
    title, quoted, *_ = PAGE.split("\n\n")
    assert title == "# Reliability"
    lines = quoted.splitlines()
    assert all(line.startswith("> ") for line in lines)
    assert " ".join(line.removeprefix("> ") for line in lines) == PROMISE


def test_each_clause_of_the_promise_is_held_by_tests_that_there_are() -> None:
    table = PAGE.partition("| clause | tests |\n|---|---|\n")[2].partition("\n\n")[0]
    rest = PROMISE
    for row in table.splitlines():
        clause, tests = row.strip("| ").split(" | ")
        before, found, rest = rest.partition(clause)
        assert found, f"{clause!r} is no clause, or not in its place"
        assert re.fullmatch(r"([;,] )?(and |or )?", before), f"{before!r} has no test"
        links = re.findall(r"\]\(([^)#]+)#(\w+)\)", tests)
        assert links, f"{clause!r} has no test"
        for file, name in links:
            text = (DOCS / file).read_text(encoding="utf-8")
            assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), (
                f"{file} has no {name}"
            )
    assert rest == "."


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
