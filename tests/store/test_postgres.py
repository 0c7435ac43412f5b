"""PostgreSQL: connections that are lost, servers that are away, schemas that are not ours."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from tests.contract.changes import change, chunk, engine
from tests.support.postgres_server import PostgresServer, running_server, schema_for

from segue.core.errors import InternalError
from segue.store.port import Change, Committed, Conflict, KeyRow, StoreError
from segue.store.postgres import PostgresStore, writing
from segue.store.postgres.target import Target


@pytest.fixture
def url(tmp_path: Path) -> str:
    return running_server().url(schema=schema_for(tmp_path))


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[PostgresStore]:
    store = await PostgresStore.open(url, **options)
    try:
        yield store
    finally:
        await store.close()


async def written(store: PostgresStore, one: Change) -> None:
    assert list(await store.commit([one])) == [Committed()]


async def execute(url: str, statement: str) -> None:
    """Do something to the database of a store, as its administrator would."""
    connection = await Target.of(url).connect()
    async with connection:
        await connection.execute(statement.encode())


CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'segue' AND pid <> pg_backend_pid()
"""


async def code_of(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        await PostgresStore.open(url)
    assert "secret" not in str(caught.value)
    return caught.value.code


# -- connections that are lost ---------------------------------------------------------------


async def test_a_store_whose_connections_were_cut_goes_on(url: str) -> None:
    async with opened(url) as store:
        await store.add_engine(engine())
        await written(store, change(new_work=["poll#1.1"]))
        await execute(url, CUT)
        await written(store, change(after=1))
        await execute(url, CUT)
        assert [one.seq for one in await store.read_events("x")] == [1, 2]
        await execute(url, CUT)
        assert await store.beat("e1", 7.0)


def lost_after(monkeypatch: pytest.MonkeyPatch, name: str) -> Callable[[], int]:
    """Lose the connection once, when a function has done its work and nobody has heard of it."""
    real = getattr(writing, name)
    calls: list[bool] = []

    async def lose(connection: psycopg.AsyncConnection, *arguments: Any) -> object:
        result = await real(connection, *arguments)
        calls.append(True)
        if len(calls) == 1:
            await connection.close()
            raise psycopg.OperationalError("the connection was lost")
        return result

    monkeypatch.setattr(writing, name, lose)
    return lambda: len(calls)


async def test_a_commit_whose_answer_was_lost_is_looked_up_and_not_repeated(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(url) as store:
        await written(store, change())
        calls = lost_after(monkeypatch, "commit")
        group = [change(after=1, new_work=["poll#1.1"]), change(after=9), change("y")]
        results = await store.commit(group)
        assert list(results) == [Committed(), Conflict(2), Committed()]
        assert calls() == 1
        assert [one.seq for one in await store.read_events("x")] == [1, 2]


async def test_the_answer_to_who_has_written_nothing_for_a_week_is_looked_up(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(url) as idle, opened(url) as other:
        await written(idle, change())
        schema = Target.of(url).schema
        await execute(url, f"UPDATE {schema}.commits SET at = now() - interval '8 days'")
        await written(other, change("y"))  # which removes what nobody has used for a week
        a_week_later = time.time() + 8 * 86_400
        monkeypatch.setattr(time, "time", lambda: a_week_later)
        lost_after(monkeypatch, "commit")
        await written(idle, change(after=1))


async def test_a_commit_that_never_arrived_is_made(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(url) as store:
        await written(store, change())
        real, calls = writing.commit, []

        async def lose(connection: psycopg.AsyncConnection, *arguments: Any) -> Any:
            calls.append(True)
            if len(calls) == 1:
                await connection.close()
                raise psycopg.OperationalError("the connection was lost")
            return await real(connection, *arguments)

        monkeypatch.setattr(writing, "commit", lose)
        await written(store, change(after=1))
        assert len(calls) == 2


async def test_a_claim_whose_answer_was_lost_is_not_lost_itself(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(url) as store:
        await written(store, change(new_work=["a", "b"], by=None))
        await store.add_engine(engine())
        lost_after(monkeypatch, "claim_work")
        claimed = await store.claim_work("e1")
        assert [(work.name, work.claim, work.engine) for work in claimed] == [
            ("a", 2, "e1"),
            ("b", 2, "e1"),
        ]
        assert list(await store.claim_work("e1")) == []


async def test_what_the_server_undid_for_a_deadlock_is_done_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(url) as store:
        real, calls = writing.commit, []

        async def undone(connection: psycopg.AsyncConnection, *arguments: Any) -> Any:
            calls.append(True)
            if len(calls) == 1:
                raise psycopg.errors.DeadlockDetected("deadlock detected")
            return await real(connection, *arguments)

        monkeypatch.setattr(writing, "commit", undone)
        await written(store, change())


async def test_who_waits_for_hints_gets_one_when_the_connection_was_lost(url: str) -> None:
    async with opened(url) as store:
        while await store.wait_for_change(0.0):
            pass
        await execute(url, CUT)
        assert await store.wait_for_change(30.0), "something may have been missed"


async def test_a_server_that_was_killed_has_all_that_was_answered() -> None:
    # What it says is durable it has given to the system, which is not killed here.
    server = PostgresServer(settings=("fsync=off",))
    server.start()
    try:
        async with opened(server.url()) as store:
            for seq in range(5):
                await written(store, change(after=seq))
            server.kill()
            pending = asyncio.ensure_future(store.commit([change(after=5)]))
            await asyncio.to_thread(server.start)
            assert list(await pending) == [Committed()]
            assert [one.seq for one in await store.read_events("x")] == [1, 2, 3, 4, 5, 6]
        server.kill()
        async with asyncio.timeout(30):
            with pytest.raises(StoreError):
                await PostgresStore.open(server.url())
    finally:
        server.stop()


async def test_patience_with_a_server_that_stays_away_ends() -> None:
    server = PostgresServer()
    server.start()
    try:
        store = await PostgresStore.open(server.url(), patience=0.0)
        server.kill()
        with pytest.raises(StoreError) as caught:
            await store.get_execution("x")
        assert caught.value.code == "store_unavailable"
        await store.close()
    finally:
        server.stop()


# -- several engines -------------------------------------------------------------------------


async def test_claims_of_several_engines_at_once_share_the_work(url: str) -> None:
    async with opened(url) as first, opened(url) as second:
        names = [f"w{number}" for number in range(40)]
        await written(first, change(new_work=names, by=None))
        await first.add_engine(engine("e1"))
        await second.add_engine(engine("e2"))

        async def claim(store: PostgresStore, name: str) -> list[str]:
            mine: list[str] = []
            while work := await store.claim_work(name, limit=3):
                mine += [one.name for one in work]
            return mine

        shares = await asyncio.gather(claim(first, "e1"), claim(second, "e2"))
        assert sorted(shares[0] + shares[1]) == sorted(names), "each was claimed once"


async def test_groups_over_the_same_executions_in_any_order_never_wait_crosswise(
    url: str,
) -> None:
    async with opened(url) as first, opened(url) as second:
        await first.commit([change("a"), change("b")])

        async def write(store: PostgresStore, order: str) -> int:
            won = 0
            for _ in range(30):
                rows = {one: await store.get_execution(one) for one in order}
                group = [change(one, after=row.seq) for one, row in rows.items() if row]
                won += list(await store.commit(group)).count(Committed())
            return won

        won = sum(await asyncio.gather(write(first, "ab"), write(second, "ba")))
        a, b = await first.get_execution("a"), await first.get_execution("b")
        assert a is not None
        assert b is not None
        assert a.seq + b.seq == won + 2


# -- what can't be used ----------------------------------------------------------------------


async def test_two_that_make_the_schema_at_once_do_not_clash(url: str) -> None:
    stores = await asyncio.gather(*(PostgresStore.open(url) for _ in range(4)))
    for store in stores:
        await store.close()


async def test_a_schema_that_is_newer_or_different_or_of_others_is_refused(url: str) -> None:
    async with opened(url):
        pass
    await execute(url, "INSERT INTO migrations VALUES (99, 'later', 'x')")
    assert await code_of(url) == "store_too_new"
    await execute(url, "DELETE FROM migrations WHERE number = 99")
    await execute(url, "UPDATE migrations SET sha256 = 'x'")
    assert await code_of(url) == "store_mismatch"
    await execute(url, "DROP TABLE migrations")
    assert await code_of(url) == "store_foreign"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://ann:secret@127.0.0.1:1/runs", "store_unavailable"),
        ("postgresql://ann:secret@host/runs?schema=No-Name", "store_url"),
        ("postgresql://ann:secret@host/runs?nonsense=1", "store_url"),
    ],
)
async def test_what_can_not_be_opened_is_said_without_the_password(url: str, code: str) -> None:
    assert await code_of(url) == code


async def test_a_database_that_is_not_there_is_said() -> None:
    with pytest.raises(StoreError, match='"nowhere" does not exist'):
        await PostgresStore.open(running_server().url("nowhere"))


async def test_a_database_that_lets_nobody_in_is_not_taken_for_one_that_is_not_there() -> None:
    server = running_server()
    for statement in (
        "DROP DATABASE IF EXISTS closed",
        "DROP ROLE IF EXISTS visitor",
        "CREATE DATABASE closed",
        "CREATE ROLE visitor LOGIN",
    ):
        server.execute(statement)
    url = server.url("closed").replace("segue@", "visitor@")
    for statement, said in (
        ("REVOKE CONNECT ON DATABASE closed FROM public", "does not let this user do that"),
        ("ALTER ROLE visitor CONNECTION LIMIT 0", "takes no more connections"),
        ("ALTER ROLE visitor CONNECTION LIMIT -1", "does not let this user do that"),
        ("GRANT CONNECT ON DATABASE closed TO visitor", "does not let this user do that"),
        ("ALTER DATABASE closed CONNECTION LIMIT 0", "takes no more connections"),
        ("ALTER DATABASE closed ALLOW_CONNECTIONS false", "can't be used"),
    ):
        server.execute(statement)
        with pytest.raises(StoreError, match=said):
            await PostgresStore.open(url)


async def test_a_database_that_keeps_text_otherwise_is_refused() -> None:
    server = running_server()
    server.execute("DROP DATABASE IF EXISTS latin")
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    assert await code_of(server.url("latin")) == "store_unsupported"


async def test_a_database_that_can_only_be_read_is_said(url: str) -> None:
    async with opened(url):
        pass
    async with opened(f"{url}&options=-c%20default_transaction_read_only%3Don") as store:
        assert await store.get_execution("x") is None
        with pytest.raises(StoreError) as caught:
            await store.commit([change()])
    assert caught.value.code == "store_read_only"


async def test_a_text_that_can_not_be_kept_is_said_and_nothing_is_written(url: str) -> None:
    async with opened(url) as store:
        with pytest.raises(StoreError) as caught:
            await store.commit([change(), change("y", new_work=["a\0b"])])
        assert caught.value.code == "store_unsupported"
        assert await store.get_execution("x") is None


async def test_work_that_is_made_twice_is_our_mistake_and_undoes_the_group(url: str) -> None:
    async with opened(url) as store:
        with pytest.raises(InternalError, match="duplicate key"):
            await store.commit([change(new_work=["a"]), change("x", after=1, new_work=["a"])])
        assert await store.get_execution("x") is None


async def test_the_settings_of_the_server_do_not_make_commits_less_durable(url: str) -> None:
    connection = await Target.of(f"{url}&options=-c%20synchronous_commit%3Doff").connect()
    async with connection:
        found = await connection.execute("SHOW synchronous_commit")
        assert await found.fetchone() == ("on",)


async def test_the_settings_of_a_database_do_not_change_what_is_kept(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = "-c standard_conforming_strings=off -c array_nulls=off"
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    for odd in (f"{url}&options={quote(options)}", f"{url}&client_encoding=LATIN1"):
        async with opened(odd) as store:
            await store.put_key(KeyRow(name="ключ", value="значение", updated_at=1.0))
            assert (await store.get_keys(["ключ"]))["ключ"].value == "значение"
    async with opened(f"{url}&options={quote(options)}") as store:
        await written(store, change("x", new_work=["a"]))
        assert [one.seq for one in await store.read_events("x")] == [1]
        row = await store.get_execution("x")
        assert row is not None
        assert row.parent is None
        assert (await store.list_work())[0].due is None


async def test_who_may_not_look_into_the_schema_is_told_so(url: str, tmp_path: Path) -> None:
    async with opened(url):
        pass
    nobody = f"nobody_{schema_for(tmp_path)}"
    await execute(url, f"CREATE ROLE {nobody} LOGIN")
    with pytest.raises(StoreError, match="does not let this user do that"):
        await PostgresStore.open(url.replace("segue@", f"{nobody}@"))
    await execute(url, f"DROP ROLE {nobody}")


async def test_damage_is_found_and_counted(url: str) -> None:
    async with opened(url) as store:
        await store.append_log([chunk("hello")])
        for number in range(25):
            await written(store, change(f"x{number:02}", events=3))
        await execute(url, "DELETE FROM events WHERE seq = 2")
        problems = (await store.check_health()).problems
    assert "execution x00 has 2 events, numbered from 1 to 3" in problems
    assert "execution x00 should have 3 events and has 2" in problems
    assert "execution x00 has a definition that is missing" in problems
    assert "and more like this" in problems
