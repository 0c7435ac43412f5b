"""How a database file comes to our schema, and which files are left alone."""

# ruff: noqa: ASYNC240 - the loop of a test has nothing else to do

import asyncio
from hashlib import sha256
from pathlib import Path

import apsw
import pytest
from tests.contract.changes import change
from tests.store.conftest import Sql

from segue.store.migrations import Migration
from segue.store.port import StoreError
from segue.store.sqlite import SqliteStore, schema
from segue.store.sqlite.queries import LIST_EXECUTIONS


async def refusal(path: Path) -> StoreError:
    with pytest.raises(StoreError) as caught:
        await SqliteStore.open(path)
    return caught.value


async def opened_and_closed(path: Path) -> None:
    store = await SqliteStore.open(path)
    await store.close()


async def test_a_new_file_gets_the_newest_schema(path: Path, sql: Sql) -> None:
    await opened_and_closed(path)
    known = schema.known_migrations()
    assert sql("SELECT number, name, sha256 FROM migrations ORDER BY number") == [
        (step.number, step.name, step.sha256) for step in known
    ]
    assert sql("PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert sql("PRAGMA journal_mode") == [("wal",)]


def test_migrations_are_numbered_without_a_gap() -> None:
    known = schema.known_migrations()
    assert [step.number for step in known] == list(range(1, len(known) + 1))
    assert known[0].name == "0001_initial.sql"


def test_a_released_migration_is_never_changed() -> None:
    """Add a new one instead: databases in use were made by these very bytes."""
    released = {
        step.name: sha256(step.sql.encode()).hexdigest() for step in schema.known_migrations()
    }
    assert released == {
        "0001_initial.sql": "1380f78b27b10069d651b9c55ce5157b014f4d84363c40195238c3206fbd65e3",
        "0002_keys.sql": "c6048674503c062fe08fd198e538adf67d4c5723ac32e961ed18210dbf5110b0",
        "0003_children.sql": "36d88bcd1c52645cc2d11c7563da1fc55bdae8ad47d03b5907764e82f7f72876",
        "0004_retention.sql": "fc301e912fcef210a8dea7f47dc688f8649468c840b107ed77fc0f3fc5bb8bd5",
        "0005_values.sql": "19ce47b8335ef6aaf8801a69a0f905bf2d28f2bb72e012880f07327d886b9de6",
        "0006_parked.sql": "85a6a0cb9fb9e9b5f641176b97ddf44ddf3c14f384f9b497a08454fc5e987e10",
    }


async def test_a_file_that_has_the_schema_is_left_as_it_is(path: Path) -> None:
    await opened_and_closed(path)
    before = path.read_bytes()
    await opened_and_closed(path)
    assert path.read_bytes() == before


async def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    await opened_and_closed(path)
    assert path.stat().st_size > 0


async def test_a_database_of_a_newer_release_is_refused_and_untouched(path: Path, sql: Sql) -> None:
    await opened_and_closed(path)
    sql("INSERT INTO migrations VALUES (9999, '9999_future.sql', 'abc')")
    before = path.read_bytes()
    error = await refusal(path)
    assert error.code == "store_too_new"
    assert "schema 9999" in str(error)
    assert str(path) in str(error)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE migrations SET sha256 = 'abc' WHERE number = 1",
        "UPDATE migrations SET number = 0 WHERE number = 1",
    ],
)
async def test_a_database_made_by_other_migrations_is_refused(
    path: Path, sql: Sql, tampering: str
) -> None:
    await opened_and_closed(path)
    sql(tampering)
    before = path.read_bytes()
    assert (await refusal(path)).code == "store_mismatch"
    assert path.read_bytes() == before


async def test_a_database_of_another_program_is_refused_and_untouched(path: Path, sql: Sql) -> None:
    sql("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    error = await refusal(path)
    assert error.code == "store_foreign"
    assert path.read_bytes() == before, "not even its journal mode was changed"


async def test_a_database_without_its_migrations_is_damaged(path: Path, sql: Sql) -> None:
    await opened_and_closed(path)
    sql("DROP TABLE migrations")
    assert (await refusal(path)).code == "store_damaged"


async def test_many_may_open_a_new_file_at_once(path: Path, sql: Sql) -> None:
    stores = await asyncio.gather(*(SqliteStore.open(path) for _ in range(8)))
    results = [(await store.commit([change(f"x{n}")]))[0] for n, store in enumerate(stores)]
    assert len(set(results)) == 1
    await asyncio.gather(*(store.close() for store in stores))
    assert sql("SELECT count(*) FROM migrations") == [(len(schema.known_migrations()),)]
    assert sql("SELECT count(*) FROM executions") == [(8,)]


FIRST = Migration(
    number=1,
    name="0001_first.sql",
    sql=f"""
    PRAGMA application_id = {schema.APPLICATION_ID};
    CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT, sha256 TEXT);
    CREATE TABLE a (x);
    """,
)
SECOND = Migration(number=2, name="0002_second.sql", sql="CREATE TABLE b (x); CREATE TABLE c (x)")


def tables(connection: apsw.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_schema ORDER BY name").fetchall()
    return [str(name) for (name,) in names]


def test_only_what_is_missing_is_applied(path: Path) -> None:
    connection = apsw.Connection(str(path))
    schema.migrate(connection, [FIRST], path)
    assert tables(connection) == ["a", "migrations"]
    schema.migrate(connection, [FIRST, SECOND], path)
    assert tables(connection) == ["a", "b", "c", "migrations"]
    assert schema.check(connection, [FIRST, SECOND], path) == 2
    with pytest.raises(StoreError, match="schema 2, this release knows up to 1"):
        schema.check(connection, [FIRST], path)
    connection.close()


def test_a_migration_that_fails_leaves_nothing_of_it(path: Path) -> None:
    wrong = Migration(number=2, name="0002_wrong.sql", sql="CREATE TABLE b (x); CREATE TABLE a (x)")
    connection = apsw.Connection(str(path))
    schema.migrate(connection, [FIRST], path)
    with pytest.raises(apsw.SQLError, match="already exists"):
        schema.migrate(connection, [FIRST, wrong], path)
    assert tables(connection) == ["a", "migrations"]
    assert not connection.in_transaction
    schema.migrate(connection, [FIRST, SECOND], path)
    assert tables(connection) == ["a", "b", "c", "migrations"]
    connection.close()


def test_a_migration_of_another_process_is_seen_wholly_or_not_at_all(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL")
    other = apsw.Connection(str(path))

    def migrate_in_between(_cursor: apsw.Cursor, statement: str, _bindings: object) -> bool:
        if "sqlite_schema" in statement:
            connection.exec_trace = None
            schema.migrate(other, [FIRST], path)
        return True

    connection.exec_trace = migrate_in_between
    assert schema.check(connection, [FIRST], path) == 0
    assert schema.check(connection, [FIRST], path) == 1
    schema.migrate(connection, [FIRST], path)
    other.close()
    connection.close()


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ((False, False, False, False), "executions_by_age"),
        ((True, False, False, False), "executions_by_status"),
        ((False, True, False, False), "executions_by_workflow"),
        ((False, False, True, False), "executions_by_parent"),
        ((False, False, False, True), "executions_on_top"),
    ],
)
async def test_a_listing_reads_what_it_shows_and_no_more(
    path: Path, sql: Sql, filters: tuple[bool, ...], index: str
) -> None:
    await opened_and_closed(path)
    query = LIST_EXECUTIONS[filters]
    for name in ("status", "workflow", "parent", "limit", "offset"):
        query = query.replace(f":{name}", "1")
    [plan] = [str(row[3]) for row in sql(f"EXPLAIN QUERY PLAN {query}")]
    assert f"USING INDEX {index}" in plan
