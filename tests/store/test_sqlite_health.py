"""What `check_health` finds in a database file that something went wrong with."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.changes import change
from tests.store.conftest import Sql

from segue.store.port import Definition, Snapshot, Store
from segue.store.sqlite import SqliteStore
from segue.store.sqlite.schema import known_migrations


@pytest.fixture
def store(runner: asyncio.Runner, path: Path) -> Iterator[Store]:
    store = runner.run(SqliteStore.open(path))
    runner.run(store.put_definition(Definition(hash="hash", name="watch", source="segue: 1")))
    runner.run(
        store.commit(
            [
                change("a", events=4, new_work=["poll#1.1"], snapshot=Snapshot(seq=4, data=b"s")),
                change("b", events=2),
            ]
        )
    )
    yield store
    runner.run(store.close())


@pytest.mark.parametrize(
    ("damage", "problems"),
    [
        ("SELECT 1", []),
        (
            "DELETE FROM events WHERE execution = 'a' AND seq = 2",
            [
                "execution a has 3 events, numbered from 1 to 4",
                "execution a should have 4 events and has 3",
            ],
        ),
        (
            "DELETE FROM events WHERE execution = 'a' AND seq = 1",
            [
                "execution a has 3 events, numbered from 2 to 4",
                "execution a should have 4 events and has 3",
            ],
        ),
        (
            "DELETE FROM events WHERE execution = 'b' AND seq = 2",
            ["execution b should have 2 events and has 1"],
        ),
        (
            "DELETE FROM events WHERE execution = 'b'",
            ["execution b should have 2 events and has 0"],
        ),
        (
            "UPDATE executions SET seq = 5 WHERE id = 'b'",
            ["execution b should have 5 events and has 2"],
        ),
        ("DELETE FROM executions WHERE id = 'b'", ["execution b has events and no row"]),
        (
            "UPDATE executions SET settled = 1",
            ["execution a is settled and has outstanding work"],
        ),
        (
            "UPDATE work SET execution = 'c'",
            ["execution c has outstanding work and no row"],
        ),
        (
            "UPDATE snapshots SET seq = 5",
            ["execution a has a snapshot of 5 events, which it never had"],
        ),
        (
            "DELETE FROM definitions",
            [
                "execution a has a definition that is missing",
                "execution b has a definition that is missing",
            ],
        ),
    ],
)
async def test_what_contradicts_itself_is_found(
    store: Store, sql: Sql, damage: str, problems: list[str]
) -> None:
    sql(damage)
    assert list((await store.check_health()).problems) == problems


async def test_versions_places_and_sizes_are_told(store: Store, path: Path) -> None:
    health = await store.check_health()
    assert health.backend == "sqlite"
    assert health.location == str(path)
    assert health.schema == len(known_migrations())
    assert (health.executions, health.events, health.outstanding) == (2, 6, 1)
    assert health.version.startswith("3.")
    size = sum(path.with_name(name).stat().st_size for name in ("segue.db", "segue.db-wal"))
    assert health.size_bytes == size, "what is still in SQLite's log counts"


async def test_many_problems_of_a_kind_are_counted_not_listed(store: Store) -> None:
    await store.commit([change(f"x{n:02}", settled=True, new_work=["w"]) for n in range(25)])
    problems = list((await store.check_health()).problems)
    assert len(problems) == 21
    assert problems[0] == "execution x00 is settled and has outstanding work"
    assert problems[-1] == "and 5 more like this"


async def test_a_table_that_is_gone_is_damage(store: Store, sql: Sql) -> None:
    sql("DROP TABLE logs")
    sql("DROP TABLE snapshots")
    problems = list((await store.check_health()).problems)
    assert problems == ["the database is damaged: no such table: snapshots"]
