"""An engine that waits must not wear the processor, and must not miss a write."""

import os
from pathlib import Path

import pytest

from segue.store.sqlite.log_file import LogFile

SECOND = 1_000_000_000


@pytest.fixture
def log(path: Path) -> Path:
    return path.with_name("segue.db-wal")


def written_at(log: Path, seconds: float, size: int = 10) -> None:
    log.write_bytes(b"x" * size)
    os.utime(log, ns=(0, int(seconds * SECOND)))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr("segue.store.sqlite.log_file.time.time", lambda: 1000.0)
    return 1000.0


def test_a_log_that_was_seen_before_and_is_old_is_quiet(path: Path, log: Path, now: float) -> None:
    written_at(log, now - 1)
    file = LogFile(path)
    assert not file.is_quiet(), "it is seen for the first time"
    assert file.is_quiet()
    assert file.is_quiet()


def test_a_write_ends_the_quiet(path: Path, log: Path, now: float) -> None:
    written_at(log, now - 2)
    file = LogFile(path)
    file.is_quiet()
    written_at(log, now - 1)
    assert not file.is_quiet(), "another time"
    assert file.is_quiet()
    written_at(log, now - 1, size=11)
    assert not file.is_quiet(), "another size"


def test_a_log_that_was_just_written_may_have_been_written_twice(
    path: Path, log: Path, now: float
) -> None:
    written_at(log, now - 0.05)
    file = LogFile(path)
    assert not file.is_quiet()
    assert not file.is_quiet(), "a second write in the same step of the clock would look like this"


def test_nothing_is_certain_where_there_is_no_log(path: Path) -> None:
    file = LogFile(path)
    assert not file.is_quiet()
    assert not file.is_quiet()
