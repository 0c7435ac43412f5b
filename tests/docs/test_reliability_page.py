"""docs/reliability.md says of the invariants what the code says."""

import re
from pathlib import Path

from segue.verification.invariants import INVARIANTS

PAGE = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_the_invariants_in_the_docs_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (I\d+[ab]?) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(one.id, one.statement) for one in INVARIANTS]
