"""A real process dies at each point in the life of a transition, and another one finishes.

`python3 dev.py crashes` does it on PostgreSQL as well at each of them, and at random times.
"""

from pathlib import Path

import pytest
from tests.crashes.points import CASES, require_survival

from segue.failpoints import Failpoint

pytestmark = pytest.mark.slow

#: Of PostgreSQL those that it has a part in: what is durable, who holds what, what was taken over.
ON_POSTGRES = {
    Failpoint.DECIDED,
    Failpoint.COMMITTED,
    Failpoint.PROCESS_NOTED,
    Failpoint.OUTCOME_REPORTED,
    Failpoint.WORK_CLAIMED,
}


@pytest.mark.parametrize(
    ("db", "point"),
    [
        pytest.param(db, point, id=f"{db}-{point}")
        for db, point in CASES
        if db == "sqlite" or point in ON_POSTGRES
    ],
)
def test_a_process_may_die_at(db: str, point: Failpoint, tmp_path: Path) -> None:
    require_survival(db, point, tmp_path)
