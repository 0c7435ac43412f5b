"""Connections to a database file: how they are opened and what is set on them."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from segue.store.port import StoreError
from segue.store.sqlite import schema
from segue.store.sqlite.errors import store_error

#: Before this one, two connections that write and checkpoint at once can damage a WAL database.
OLDEST_SQLITE = (3, 51, 3)
#: How long a writer waits for the other processes on the same file.
BUSY_SECONDS = 10.0
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
#: SQLite makes two files beside it even for those who only read.
_MAY_WRITE = (
    "whoever uses it, also to look only, has to be able to write to it and to its directory"
)


def require_sqlite(version: str) -> None:
    """Raise `StoreError` where this SQLite library isn't safe with several processes."""
    if tuple(int(part) for part in version.split(".")) < OLDEST_SQLITE:
        oldest = ".".join(str(part) for part in OLDEST_SQLITE)
        raise StoreError(
            f"SQLite {version} can damage a database that several processes use; "
            f"{oldest} or later is needed. Install a newer apsw.",
            code="store_library",
        )


class Patience:
    """Waits for a lock that another process has, but not for ever.

    Steps are short: a transaction of somebody else takes about a millisecond, and SQLite's own
    steps grow to a hundred, in which others overtake.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    def __call__(self, tries: int) -> bool:
        """Wait a little; False: no more. `tries` counts from 0 for each lock."""
        now = time.monotonic()
        if tries == 0:
            self._until = now + self._seconds
        if now >= self._until:
            return False
        time.sleep(min(0.0005 * (tries + 1), 0.005))
        return True


def open_writer(path: Path, *, busy: float, vfs: str | None) -> apsw.Connection:
    """Open the connection that writes; make the file and bring it to our schema if needed.

    Raises `StoreError`. A database that we refuse is left as it was.
    """
    require_sqlite(apsw.sqlite_lib_version())
    make_file(path)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    try:
        _configure(connection, busy)
        _make_ours(connection, path, busy)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, *, busy: float, vfs: str | None) -> apsw.Connection:
    """Open a connection that can't write, on a file that `open_writer` has prepared."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs=vfs)
    _configure(connection, busy)
    return connection


@contextmanager
def transaction(connection: apsw.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Make all that happens inside durable together, or none of it."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(apsw.Error):  # the first error is the one that tells
                connection.execute("ROLLBACK")
        raise


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def require_in_place(path: Path, identity: tuple[int, int] | None) -> None:
    """Raise `StoreError` if the file was taken away: what is written to it then is lost."""
    if file_identity(path) != identity:
        raise StoreError(
            f"The database {path} was removed or replaced while it was in use.",
            code="store_unavailable",
        )


def make_file(path: Path) -> None:
    """Make an empty file (0600) where there is none, and its directory (0700), durably."""
    try:
        missing = (
            [] if path.exists() else [path, *(one for one in path.parents if not one.exists())]
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        for made in missing:  # a commit is not durable in a directory that is not
            sync_directory(made.parent)
    except OSError as error:
        code = "store_full" if error.errno in _NO_SPACE else "store_unavailable"
        hint = _MAY_WRITE if error.errno in _NOT_ALLOWED else None
        raise StoreError(
            f"The database {path} can't be opened ({error.strerror}).", code=code, hint=hint
        ) from error


def sync_directory(path: Path) -> None:
    """Make durable what was made or renamed in a directory."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:  # one may write into a directory that one may not read
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_ours(connection: apsw.Connection, path: Path, busy: float) -> None:
    if connection.readonly("main"):
        raise StoreError(f"The database {path} can't be written to.", code="store_read_only")
    known = schema.known_migrations()
    schema.check(connection, known, path)
    # The change of mode still goes through a rollback journal. If its removal were lost with the
    # power, it would undo the change, and the log would be dropped with all that is in it.
    connection.execute("PRAGMA synchronous = EXTRA")
    _use_wal(connection, path, busy)
    connection.execute("PRAGMA synchronous = FULL")
    schema.migrate(connection, known, path)


def _configure(connection: apsw.Connection, busy: float) -> None:
    connection.set_busy_handler(Patience(busy))
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA mmap_size = 0")  # an I/O error would be a signal, not an error
    connection.execute("PRAGMA temp_store = MEMORY")


def _use_wal(connection: apsw.Connection, path: Path, busy: float) -> None:
    # The change of mode doesn't ask the busy handler, so two that start at once meet here.
    until = time.monotonic() + busy
    while True:
        try:
            ((mode,),) = connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except apsw.BusyError as error:
            if time.monotonic() >= until:
                raise store_error(error, str(path)) from error
            time.sleep(0.005)
        else:
            break
    if mode != "wal":
        raise StoreError(
            f"The database {path} can't be used by several processes where it lies (its journal "
            f"is {mode!r}). Put it on a local file system.",
        )
