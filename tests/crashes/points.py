"""What is held of a process that dies at a point, on one database and on the other."""

from pathlib import Path

from tests.crashes.place import KILLED, Place
from tests.support.postgres_server import running_server, schema_for

from segue.failpoints import Failpoint

#: Where only a process that takes over comes.
TAKING_OVER = (
    Failpoint.ENGINE_DECLARED_LOST,
    Failpoint.WORK_CLAIMED,
    Failpoint.LEFTOVERS_ENDED,
    Failpoint.WORK_TAKEN_UP,
)
#: Steps of a transaction that SQLite does in our process, and PostgreSQL in its own.
IN_THE_TRANSACTION = (
    Failpoint.TRANSACTION_BEGUN,
    Failpoint.ROW_WRITTEN,
    Failpoint.EVENTS_WRITTEN,
    Failpoint.WORK_WRITTEN,
)
#: What is reached once in the life of a process.
ONCE = (Failpoint.ENGINE_ADDED, Failpoint.WORK_RELEASED)
#: Every point on every database.
CASES = [
    (db, point)
    for db in ("sqlite", "postgres")
    for point in Failpoint
    if db == "sqlite" or point not in IN_THE_TRANSACTION
]


def place_for(db: str, folder: Path) -> Place:
    url = str(folder / "runs.db")
    if db == "postgres":
        url = running_server().url(schema=schema_for(folder))
    place = Place(folder, url)
    place.prepare()
    return place


def require_survival(db: str, point: Failpoint, folder: Path) -> None:
    """Let a process die at a point, and another one finish: nothing is lost, nothing done twice."""
    place = place_for(db, folder)
    if point in TAKING_OVER:
        assert place.begin("process_noted:2") == KILLED
        assert place.go_on(point) == KILLED, "the point is reached"
        assert place.go_on() == 0
        place.require_whole(crashes=2)
        return
    hit = 1 if point in ONCE else 2
    assert place.begin(f"{point}:{hit}") == KILLED, "the point is reached"
    assert place.go_on() == 0
    if not place.effects():  # nobody was told that it had begun, and it had not
        assert place.begin() == 0
    place.require_whole(crashes=1)
