"""A file that can't be used is an error in plain words, with a code that stays."""

# ruff: noqa: ASYNC240 - the loop of a test has nothing else to do

import asyncio
import errno
import os
import stat
from pathlib import Path

import apsw
import pytest
from tests.contract.changes import change
from tests.store.conftest import Sql
from tests.store.file_systems import WatchedFileSystem

from segue.core.errors import InternalError
from segue.store.port import Committed, KeyRow, StoreError
from segue.store.sqlite import SqliteStore, writing
from segue.store.sqlite import connection as connection_module
from segue.store.sqlite.connection import Patience, require_sqlite
from segue.store.sqlite.errors import in_words_of_the_port, store_error
from segue.store.sqlite.rows import fetch_one


async def refusal(path: Path, busy_seconds: float = 1.0) -> StoreError:
    with pytest.raises(StoreError) as caught:
        await SqliteStore.open(path, busy_seconds=busy_seconds)
    return caught.value


async def test_the_file_and_its_directory_are_only_for_the_user(tmp_path: Path) -> None:
    path = tmp_path / "state" / "segue" / "segue.db"
    store = await SqliteStore.open(path)
    await store.commit([change()])
    for file in (path, path.with_name("segue.db-wal"), path.with_name("segue.db-shm")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await store.close()
    assert [file.name for file in path.parent.iterdir()] == ["segue.db"], "one file is left"


async def test_a_new_file_is_forced_into_its_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        forced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    path = tmp_path / "state" / "segue" / "segue.db"
    await (await SqliteStore.open(path)).close()
    made_in = [tmp_path / "state" / "segue", tmp_path / "state", tmp_path]
    assert sorted(forced) == sorted(str(directory) for directory in made_in)
    forced.clear()
    await (await SqliteStore.open(path)).close()
    assert forced == [], "once is enough"


async def test_a_directory_that_may_not_be_read_is_no_hindrance(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = os.open

    def refuse_directories(file: Path, flags: int, mode: int = 0o777) -> int:
        if file == path.parent:
            raise PermissionError
        return really_open(file, flags, mode)

    monkeypatch.setattr("segue.store.sqlite.connection.os.open", refuse_directories)
    store = await SqliteStore.open(path)
    assert list(await store.commit([change()])) == [Committed()]
    await store.close()


async def test_the_rights_of_a_file_that_exists_are_left_alone(path: Path) -> None:
    path.touch()
    path.chmod(0o640)
    store = await SqliteStore.open(path)
    await store.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_a_directory_is_no_database(tmp_path: Path) -> None:
    error = await refusal(tmp_path)
    assert error.code == "store_unavailable"
    assert str(tmp_path) in str(error)


async def test_a_file_is_no_directory(path: Path) -> None:
    path.write_text("x")
    error = await refusal(path / "segue.db")
    assert error.code == "store_unavailable"
    assert "directory" in str(error).lower()


async def test_where_no_directory_can_be_made_no_database_is_opened() -> None:
    error = await refusal(Path("/proc/segue/segue.db"))
    assert error.code == "store_unavailable"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
async def test_who_may_not_write_is_told_what_it_takes(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuses(*_: object) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr("segue.store.sqlite.connection.os.open", refuses)
    refused = await refusal(path)
    assert "to it and to its directory" in (refused.hint or "")


async def test_a_text_is_no_database(path: Path) -> None:
    path.write_text("segue: 1\n" * 200)
    before = path.read_bytes()
    error = await refusal(path)
    assert error.code == "store_damaged"
    assert "not a database" in str(error)
    assert path.read_bytes() == before


def damage_root_of(path: Path, table: str) -> None:
    """Overwrite the first page of a table, which opening does not look at."""
    connection = apsw.Connection(str(path))
    [(page,)] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    [(size,)] = connection.execute("PRAGMA page_size")
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(content)


async def test_damage_is_told_when_it_is_met(path: Path) -> None:
    store = await SqliteStore.open(path)
    await store.commit([change(f"x{number:03}", events=20) for number in range(40)])
    await store.close()
    damage_root_of(path, "events")
    store = await SqliteStore.open(path)
    with pytest.raises(StoreError) as caught:
        await store.read_events("x000")
    assert caught.value.code == "store_damaged"
    assert str(path) in str(caught.value)
    await store.close()


async def test_health_finds_damage_and_does_not_fail_over_it(path: Path) -> None:
    store = await SqliteStore.open(path)
    await store.commit([change(f"x{number:03}", events=20) for number in range(40)])
    await store.close()
    content = bytearray(path.read_bytes())
    content[-16384:] = b"\xa5" * 16384
    path.write_bytes(content)
    store = await SqliteStore.open(path)
    health = await store.check_health()
    assert any("damaged" in problem for problem in health.problems)
    await store.close()


async def test_an_event_that_can_not_be_read_is_named(path: Path, sql: Sql) -> None:
    store = await SqliteStore.open(path)
    await store.commit([change(events=3)])
    sql("UPDATE events SET data = ? WHERE seq = 2", b'{"type":"dreamt_of"}')
    with pytest.raises(StoreError, match=r"Event 2 of execution x") as caught:
        await store.read_events("x")
    assert caught.value.code == "store_damaged"
    await store.close()


async def test_after_an_event_that_can_not_be_read_the_store_sees_what_is_written(
    path: Path, sql: Sql
) -> None:
    store = await SqliteStore.open(path)
    await store.commit([change(events=3)])
    sql("UPDATE events SET data = ? WHERE seq = 2", b'{"type":"dreamt_of"}')
    with pytest.raises(StoreError) as kept:  # as an engine keeps it of what it has parked
        await store.read_events("x")
    await store.commit([change("y")])
    assert await store.get_execution("y") is not None
    assert kept.value is not None
    await store.close()


async def test_a_word_that_nobody_wrote_is_damage(path: Path, sql: Sql) -> None:
    store = await SqliteStore.open(path)
    await store.commit([change(new_work=["poll#1.1"])])
    sql("UPDATE executions SET status = 'dreaming'")
    with pytest.raises(StoreError, match="unknown status, 'dreaming'") as caught:
        await store.get_execution("x")
    assert caught.value.code == "store_damaged"
    sql("UPDATE work SET kind = 'dream'")
    with pytest.raises(StoreError, match="unknown kind, 'dream'") as caught:
        await store.list_work()
    assert caught.value.code == "store_damaged"
    await store.close()


async def test_the_value_of_a_key_that_can_not_be_read_is_damage(path: Path, sql: Sql) -> None:
    store = await SqliteStore.open(path)
    await store.put_key(KeyRow(name="a", value=1, updated_at=0.0))
    sql("UPDATE keys SET value = ?", b"{")
    with pytest.raises(StoreError, match="value of the key 'a' can't be read") as caught:
        await store.list_keys()
    assert caught.value.code == "store_damaged"
    await store.close()


async def test_a_disk_without_room_for_a_look_is_not_taken_for_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await SqliteStore.open(path)).close()

    def fails(connection: apsw.Connection, query: str) -> object:
        connection.execute("ROLLBACK")  # as SQLite does itself
        raise apsw.IOError("disk I/O error")

    monkeypatch.setattr("segue.store.sqlite.schema.fetch_one", fails)
    assert (await refusal(path)).code == "store_io"


async def test_a_file_locked_for_too_long_is_told(path: Path) -> None:
    store = await SqliteStore.open(path, busy_seconds=0.02)
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        await store.commit([change()])
    assert caught.value.code == "store_locked"
    assert list(await store.list_executions()) == [], "reading goes on"
    assert not await store.wait_for_change(0.0)
    blocker.execute("ROLLBACK")
    assert list(await store.commit([change()])) == [Committed()], "and so does writing"
    blocker.close()
    await store.close()


async def test_a_lock_that_goes_away_is_waited_for(path: Path) -> None:
    store = await SqliteStore.open(path)
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(store.commit([change()]))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done, "it waits"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert list(await waiting) == [Committed()]
    await store.close()


def test_patience_is_for_each_lock_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("segue.store.sqlite.connection.time.monotonic", lambda: now)
    monkeypatch.setattr("segue.store.sqlite.connection.time.sleep", sleep)
    patience = Patience(2.0)
    for _ in range(2):
        begin = now
        tries = 0
        while patience(tries):
            tries += 1
        assert 2.0 <= now - begin < 2.1
        assert tries > 400, "it looks often, or others overtake"


async def test_a_file_that_is_locked_whole_can_not_be_opened(path: Path) -> None:
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN EXCLUSIVE")
    assert (await refusal(path, busy_seconds=0.02)).code == "store_locked"
    blocker.execute("ROLLBACK")
    blocker.close()
    store = await SqliteStore.open(path)
    await store.close()


async def test_a_reader_keeps_the_mode_of_a_new_file_from_changing_for_a_while(path: Path) -> None:
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN")
    blocker.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    assert (await refusal(path, busy_seconds=0.02)).code == "store_locked"
    blocker.close()
    store = await SqliteStore.open(path)
    await store.close()


async def test_a_file_that_can_only_be_read_is_refused(path: Path) -> None:
    await (await SqliteStore.open(path)).close()
    before = path.read_bytes()
    disk = WatchedFileSystem("read-only")
    disk.read_only = True
    with pytest.raises(StoreError) as caught:
        await SqliteStore.open(path, vfs=disk.name)
    assert caught.value.code == "store_read_only"
    assert path.read_bytes() == before
    disk.unregister()


def test_a_place_where_processes_can_not_share_a_file_is_refused() -> None:
    connection = apsw.Connection(":memory:")
    with pytest.raises(StoreError, match="local file system") as caught:
        connection_module._use_wal(connection, Path("runs.db"), 1.0)
    assert caught.value.code == "store_unavailable"
    connection.close()


async def test_where_reading_can_not_be_opened_nothing_is_left_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> apsw.Connection:
        raise apsw.CantOpenError("too many open files")

    monkeypatch.setattr("segue.store.sqlite.store.open_reader", fail)
    error = await refusal(path)
    assert error.code == "store_unavailable"
    assert "too many open files" in str(error)
    assert [file.name for file in path.parent.iterdir()] == ["segue.db"]


@pytest.mark.parametrize("version", ["3.51.2", "3.40.1", "2.8.17"])
def test_an_old_library_is_refused(version: str) -> None:
    with pytest.raises(StoreError, match=r"3\.51\.3 or later") as caught:
        require_sqlite(version)
    assert caught.value.code == "store_library"


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "4.0.0"])
def test_a_library_that_is_sound_is_taken(version: str) -> None:
    require_sqlite(version)


async def test_an_old_library_opens_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.40.1")
    assert (await refusal(path)).code == "store_library"
    assert not path.exists()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (apsw.BusyError("b"), "store_locked"),
        (apsw.LockedError("b"), "store_locked"),
        (apsw.NotADBError("b"), "store_damaged"),
        (apsw.CorruptError("b"), "store_damaged"),
        (apsw.SQLError("b"), "store_damaged"),
        (apsw.FullError("b"), "store_full"),
        (apsw.ReadOnlyError("b"), "store_read_only"),
        (apsw.TooBigError("b"), "store_too_big"),
        (apsw.CantOpenError("b"), "store_unavailable"),
        (apsw.IOError("b"), "store_io"),
        (apsw.NoMemError("b"), "store_unavailable"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_trouble_has_a_code_and_names_the_file(error: apsw.Error, code: str) -> None:
    told = store_error(error, "/var/lib/segue.db")
    assert told.code == code
    assert "/var/lib/segue.db" in str(told)


def test_a_breach_of_a_constraint_is_our_mistake() -> None:
    with pytest.raises(InternalError), in_words_of_the_port("file"):
        raise apsw.ConstraintError


async def test_who_is_cancelled_while_waiting_hinders_nobody(path: Path) -> None:
    store = await SqliteStore.open(path)
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(store.commit([change()]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    blocker.execute("ROLLBACK")
    blocker.close()
    assert list(await store.commit([change("y")])) == [Committed()]
    await store.close()


def test_a_store_outlives_the_loop_it_was_opened_in(path: Path) -> None:
    store = asyncio.run(SqliteStore.open(path))
    assert list(asyncio.run(store.commit([change()]))) == [Committed()]
    asyncio.run(store.close())


def test_an_answer_to_a_loop_that_is_gone_is_dropped(path: Path) -> None:
    store = asyncio.run(SqliteStore.open(path))

    async def ask_and_go() -> None:
        store._writer._call(lambda: None)

    for _ in range(50):
        asyncio.run(ask_and_go())
    assert list(asyncio.run(store.commit([change()]))) == [Committed()]
    asyncio.run(store.close())


async def test_looking_for_changes_takes_no_notice_of_own_commits(path: Path) -> None:
    store = await SqliteStore.open(path)
    await store.commit([change()])
    assert not await store.wait_for_change(0.0), "an engine is not woken by itself"
    other = await SqliteStore.open(path)
    await other.commit([change("y")])
    assert await store.wait_for_change(0.0)
    assert not await other.wait_for_change(0.0)
    await other.close()
    await store.close()


async def test_looking_for_free_work_keeps_nobody_from_writing(path: Path) -> None:
    store = await SqliteStore.open(path, busy_seconds=0.02)
    blocker = apsw.Connection(str(path))
    blocker.execute("BEGIN IMMEDIATE")
    assert list(await store.claim_work("e1")) == []
    blocker.close()
    await store.close()


async def test_every_commit_is_forced_to_the_disk(path: Path) -> None:
    store = await SqliteStore.open(path)
    settings = {
        "synchronous": 2,  # FULL
        "journal_mode": "wal",
        "mmap_size": 0,
        "trusted_schema": 0,
    }
    for name, value in settings.items():
        found = await store._writer.run(fetch_one, f"PRAGMA {name}")
        assert found == (value,), name
    assert await store._reader.run(lambda connection: connection.readonly("main"))
    assert await store._writer.run(writing.data_version) >= 0
    await store.close()


async def test_a_file_that_is_taken_away_takes_no_more_writes(path: Path) -> None:
    store = await SqliteStore.open(path)
    assert list(await store.commit([change()])) == [Committed()]
    path.unlink()
    with pytest.raises(StoreError, match="was removed or replaced while it was in use") as caught:
        await store.commit([change("y")])
    assert caught.value.code == "store_unavailable"
    path.touch()
    with pytest.raises(StoreError, match="removed or replaced"):
        await store.commit([change("y")])
    with pytest.raises(StoreError, match="removed or replaced"):
        await store.put_key(KeyRow(name="a", value=1, updated_at=0.0))
    with pytest.raises(StoreError, match="removed or replaced"):
        await store.delete_key("a")
    await store.close()
