"""Copies of a database that others write to, and restoring that is cut short."""

from pathlib import Path
from threading import Event, Thread

import apsw
import pytest
from tests.contract.changes import change

from segue.store.port import Definition, EngineRow, StoreError
from segue.store.sqlite import SqliteStore, copying
from segue.store.sqlite.copying import back_up
from segue.store.sqlite.restoring import restore


def nobody(row: EngineRow) -> bool:
    return False


async def filled(path: Path, executions: int) -> SqliteStore:
    store = await SqliteStore.open(path)
    await store.put_definition(Definition(hash="hash", name="watch", source="segue: 1"))
    await store.commit([change(f"x{n}", settled=True) for n in range(executions)])
    return store


async def test_a_copy_is_of_one_moment_whatever_is_written_meanwhile(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_PAGES", 1)
    store = await filled(path, 200)
    await store.close()
    begun, over = Event(), Event()

    def write() -> None:
        other = apsw.Connection(str(path))
        other.set_busy_timeout(10_000)
        while not over.is_set():
            with other:
                other.execute("UPDATE executions SET seq = seq + 1 WHERE id = 'x0'")
                other.execute(
                    "INSERT INTO events SELECT id, seq, 0, 't', x'' FROM executions WHERE id = 'x0'"
                )
            begun.set()
        other.close()

    writer = Thread(target=write)
    writer.start()
    assert begun.wait(20)
    found = back_up(path, tmp_path / "copy.db")
    over.set()
    writer.join(20)
    assert list(found.problems) == []
    assert found.executions == 200


async def test_a_restore_that_fails_in_the_middle_has_changed_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await filled(path, 500)
    await store.close()
    back_up(path, tmp_path / "copy.db")
    store = await SqliteStore.open(path)
    await store.commit([change("later", settled=True)])
    await store.close()
    real, calls = copying.copy_pages, 0

    def failing(source: apsw.Connection, copy: apsw.Connection) -> None:
        nonlocal calls
        calls += 1
        if calls < 3:  # the backup is looked at, and what is there is kept
            real(source, copy)
            return
        with copy.backup("main", source, "main") as pages:
            pages.step(20)
            assert not pages.done
            raise apsw.IOError("the disk is gone")

    monkeypatch.setattr("segue.store.sqlite.copying.copy_pages", failing)
    monkeypatch.setattr("segue.store.sqlite.restoring.copy_pages", failing)
    with pytest.raises(StoreError, match="the disk is gone"):
        restore(tmp_path / "copy.db", path, tmp_path / "kept.db", lives=nobody)
    assert calls == 3
    for file in (path, tmp_path / "kept.db"):
        store = await SqliteStore.open(file)
        assert await store.count_executions() == 501
        await store.close()


async def test_whoever_has_the_file_open_is_not_disturbed(path: Path, tmp_path: Path) -> None:
    store = await filled(path, 1)
    back_up(path, tmp_path / "copy.db")
    with pytest.raises(StoreError, match="Another process has the database") as caught:
        restore(tmp_path / "copy.db", path, tmp_path / "kept.db", lives=nobody, busy=0)
    assert caught.value.code == "store_in_use"
    assert not (tmp_path / "kept.db").exists()
    await store.commit([change("y", settled=True)])
    await store.close()
