"""What is done to a database alone: putting a backup in its place, and making it small."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import apsw

from segue.store.port import EngineRow, Health, StoreError
from segue.store.rows import engine_of
from segue.store.sqlite import queries, schema
from segue.store.sqlite.connection import BUSY_SECONDS, Patience, file_identity, make_file
from segue.store.sqlite.copying import (
    copy_checked,
    copy_pages,
    open_old,
    put_in_place,
    require_absent,
    scratch_file,
)
from segue.store.sqlite.errors import in_words_of_the_port
from segue.store.sqlite.rows import fetch, fetch_one

#: Tells whether an engine lives, as far as can be told from here.
Lives = Callable[[EngineRow], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A database that was restored. `kept` has what was there before; None: nothing was."""

    health: Health
    kept: Path | None


def restore(
    file: Path, path: Path, keep: Path, *, lives: Lives, busy: float = BUSY_SECONDS
) -> Restored:
    """Make the database at `path` what the backup is; what was there is in `keep` afterwards.

    The backup is copied and checked first. What is there is replaced in one transaction, with
    nobody else in it: after a crash it is either as it was or as the backup is. Raises
    `StoreError`: store_in_use where an engine lives on it or a process has it open, store_exists
    where there is something at `keep`, and all that can be wrong with a backup.
    """
    file, path, keep = file.absolute(), path.absolute(), keep.absolute()
    if file_identity(path) is not None and file_identity(path) == file_identity(file):
        raise StoreError(f"{file} is the database itself.", code="store_in_use")
    require_absent(keep)
    is_new = file_identity(path) is None
    if is_new:
        _require_nothing_beside(path)
        make_file(path)
    try:
        with scratch_file(path) as copy:
            with in_words_of_the_port(str(file)), closing(open_old(file, busy)) as source:
                health = replace(copy_checked(source, file, copy), location=str(path))
            with in_words_of_the_port(str(path)), closing(enter(path, lives, busy)) as target:
                if not is_new:
                    _keep(target, keep)
                with closing(open_old(copy, busy)) as checked:
                    copy_pages(checked, target)
    except BaseException:
        if is_new and path.stat().st_size == 0:
            path.unlink()
        raise
    return Restored(health=health, kept=None if is_new else keep)


def compact(path: Path, *, lives: Lives, busy: float = BUSY_SECONDS) -> tuple[int, int]:
    """Give what is free in a database back to the disk; return its size before and after, in bytes.

    Raises `StoreError`: store_in_use, store_damaged, store_foreign, store_full.
    """
    path = path.absolute()
    with in_words_of_the_port(str(path)), closing(enter(path, lives, busy)) as connection:
        before = path.stat().st_size
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute("VACUUM")
        return before, path.stat().st_size


def enter(path: Path, lives: Lives, busy: float) -> apsw.Connection:
    """Open a database of ours, or an empty file, and lock all others out of it.

    Raises `StoreError`: store_in_use, store_damaged, store_foreign.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_handler(Patience(busy))
        _require_ours(connection, path, lives)
        _lock_out(connection, path)
    except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
        connection.close()
        raise StoreError(
            f"The database {path} is damaged ({error}), so whether an engine uses it can't be "
            f"told. Stop them, move it away together with {path.name}-wal and {path.name}-shm, "
            "and try again.",
            code="store_damaged",
        ) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _require_ours(connection: apsw.Connection, path: Path, lives: Lives) -> None:
    (mark,) = fetch_one(connection, "PRAGMA application_id")
    (tables,) = fetch_one(connection, "SELECT count(*) FROM sqlite_schema")
    if tables and mark != schema.APPLICATION_ID:
        raise StoreError(f"The database {path} belongs to another program.", code="store_foreign")
    known = [engine_of(row) for row in fetch(connection, queries.LIST_ENGINES)] if tables else []
    for row in filter(lives, known):
        raise StoreError(
            f"An engine works on {path}: process {row.pid} on {row.host}.", code="store_in_use"
        )


def _lock_out(connection: apsw.Connection, path: Path) -> None:
    """Become the only one who has the database open, until the connection is closed."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA synchronous = EXTRA")
    try:
        # The mode changes only for whoever is alone; afterwards nothing is left beside the file.
        fetch(connection, "PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except apsw.BusyError as error:
        raise StoreError(
            f"Another process has the database {path} open.", code="store_in_use"
        ) from error


def _keep(connection: apsw.Connection, keep: Path) -> None:
    with scratch_file(keep) as former:
        with closing(apsw.Connection(str(former))) as copy:
            copy_pages(connection, copy)
        put_in_place(former, keep)


def _require_nothing_beside(path: Path) -> None:
    """Raise `StoreError` for logs of a database that was taken away: they would be read again."""
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size > 0:
            raise StoreError(
                f"{beside} is left of a database that was at {path}. Move it to where that "
                "database is now, and try again.",
                code="store_exists",
            )
