"""What is acknowledged is on the disk, and what the disk refuses is not acknowledged."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from tests.contract.changes import attempt, change
from tests.store.file_systems import Countdown, DiskImage, WatchedFileSystem

from segue.store.port import Change, Committed, Conflict, Definition, Store, StoreError
from segue.store.sqlite import SqliteStore


@pytest.fixture
def disk() -> Iterator[WatchedFileSystem]:
    system = WatchedFileSystem("watched")
    yield system
    system.unregister()


def turn(number: int) -> Change:
    """A turn of a loop: an attempt ends, the next begins."""
    return change(
        after=(number - 1) * 3,
        events=3,
        ended=[f"poll#{number - 1}.1"],
        new_work=[attempt(f"poll#{number}.1")],
    )


async def turns_in(store: Store) -> int:
    """Return how many turns the store has, after checking that each is whole."""
    seqs = [recorded.seq for recorded in await store.read_events("x")]
    assert seqs == list(range(1, len(seqs) + 1)), "no gap"
    turns, rest = divmod(len(seqs), 3)
    assert rest == 0, "no turn is there in part"
    if turns:
        assert [work.name for work in await store.list_work()] == [f"poll#{turns}.1"]
    await store.put_definition(Definition(hash="hash", name="watch", source="segue: 1"))
    assert list((await store.check_health()).problems) == []
    return turns


async def test_the_log_of_sqlite_is_forced_out_before_a_commit_is_answered(
    path: Path, disk: WatchedFileSystem
) -> None:
    store = await SqliteStore.open(path, vfs=disk.name)
    for number in range(1, 4):
        disk.operations.clear()
        assert list(await store.commit([turn(number)])) == [Committed()]
        log = [operation for operation, file in disk.operations if file.endswith("-wal")]
        assert log.count("write") > 0
        assert log.count("sync") == 1, "once for the whole group"
        assert log[-1] == "sync", "and nothing is written after it"
    await store.close()


@pytest.mark.parametrize(
    ("error", "code"),
    [(apsw.IOError("bad disk"), "store_io"), (apsw.FullError("no space"), "store_full")],
    ids=["input/output error", "disk full"],
)
async def test_a_commit_that_the_disk_refuses_is_not_acknowledged(
    path: Path, disk: WatchedFileSystem, error: apsw.Error, code: str
) -> None:
    store = await SqliteStore.open(path, vfs=disk.name)
    await store.commit([turn(1)])
    for left in range(20):
        disk.watch = countdown = Countdown(left, error)
        try:
            assert list(await store.commit([turn(2)])) == [Committed()]
        except StoreError as refused:
            told = refused
        disk.watch = lambda _operation, _path: None
        if not countdown.failed:
            break
        assert told.code == code
        assert str(path) in str(told)
        assert await turns_in(store) == 1, "nothing of it is seen"
    assert left > 1, "the failure was tried at every operation of a commit"
    await store.commit([turn(3)])
    assert await turns_in(store) == 3
    await store.close()


async def test_after_a_power_failure_all_that_was_acknowledged_is_there(
    path: Path, tmp_path: Path, disk: WatchedFileSystem
) -> None:
    image = DiskImage(tmp_path / "image", disk)
    store = await SqliteStore.open(path, vfs=disk.name)
    await store._writer.run(apsw.Connection.wal_autocheckpoint, 20)  # many times in a few turns
    for number in range(1, 31):
        assert list(await store.commit([turn(number)])) == [Committed()]
        image.copy_to(tmp_path / f"after {number}")
    synced = {file for operation, file in disk.operations if operation == "sync"}
    assert synced == {"segue.db", "segue.db-wal"} | {f for f in synced if f.endswith("-journal")}
    await store.close()
    for number in range(1, 31):
        survivor = await SqliteStore.open(tmp_path / f"after {number}" / "segue.db")
        assert await turns_in(survivor) == number
        await survivor.close()


async def test_after_a_power_failure_within_a_commit_it_is_there_wholly_or_not_at_all(
    path: Path, tmp_path: Path, disk: WatchedFileSystem
) -> None:
    image = DiskImage(tmp_path / "image", disk)
    store = await SqliteStore.open(path, vfs=disk.name)
    await store._writer.run(apsw.Connection.wal_autocheckpoint, 20)
    images = 0
    answered = 0
    promised: list[int] = []

    def before(_operation: str, _path: Path) -> None:
        nonlocal images
        image.copy_to(tmp_path / f"image {images}")
        promised.append(answered)
        images += 1

    disk.watch = before
    for number in range(1, 9):
        assert list(await store.commit([turn(number)])) == [Committed()]
        answered = number
    await store.close()
    assert images > 50
    for number, least in enumerate(promised):
        survivor = await SqliteStore.open(tmp_path / f"image {number}" / "segue.db")
        assert await turns_in(survivor) in {least, least + 1}
        await survivor.close()


async def test_a_writer_that_comes_back_after_a_failure_finds_where_it_is(
    path: Path, disk: WatchedFileSystem
) -> None:
    store = await SqliteStore.open(path, vfs=disk.name)
    await store.commit([turn(1)])
    disk.watch = Countdown(0, apsw.IOError("bad disk"))
    with pytest.raises(StoreError):
        await store.commit([turn(2)])
    disk.watch = lambda _operation, _path: None
    other = await SqliteStore.open(path)
    assert list(await other.commit([turn(2)])) == [Committed()]
    assert list(await store.commit([turn(2)])) == [Conflict(6)]
    await other.close()
    await store.close()
