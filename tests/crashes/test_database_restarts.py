"""PostgreSQL is killed and started again while an engine works on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.crashes.place import Place
from tests.support.postgres_server import PostgresServer
from tests.support.watching import watch

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = PostgresServer(settings=())  # what it answers is on the disk
    server.start()
    yield server
    server.stop()


def test_an_engine_goes_on_when_its_database_was_killed(
    server: PostgresServer, tmp_path: Path
) -> None:
    place = Place(tmp_path, server.url())
    place.prepare()
    process = place.starting()
    seen = 0
    for _ in range(2):
        watch(
            lambda: len(place.effects()) >= seen + 4 or process.poll() is not None,  # noqa: B023
            "the trip to go on",
        )
        seen = len(place.effects())
        server.kill()
        server.start()
    process.communicate(timeout=120)
    assert process.returncode == 0
    place.require_whole(crashes=0)
