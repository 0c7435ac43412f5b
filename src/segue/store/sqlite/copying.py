"""Copies of a database as files of their own: whole, checked, and in place only when they are."""

import errno
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import apsw

from segue.store.port import Health, StoreError
from segue.store.sqlite import schema
from segue.store.sqlite.connection import BUSY_SECONDS, Patience, sync_directory
from segue.store.sqlite.errors import in_words_of_the_port
from segue.store.sqlite.health import DAMAGED, check_health
from segue.store.sqlite.rows import fetch_one

#: How many pages are copied before Ctrl-C is heard.
_PAGES = 4096
#: What file systems say that know no second name for a file.
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})


def back_up(path: Path, target: Path, *, busy: float = BUSY_SECONDS) -> Health:
    """Copy a database as it is at this moment into a new file, while others write to it.

    The file is there when it is complete, was checked and is on the disk, and not before; what was
    found in it is returned. Raises `StoreError`: store_exists where there is something of that
    name, store_damaged for a database of which no sound copy can be made.
    """
    path, target = path.absolute(), target.absolute()
    require_absent(target)
    with in_words_of_the_port(str(path)), closing(open_old(path, busy)) as source:
        with scratch_file(target) as temporary:
            health = copy_checked(source, path, temporary)
            put_in_place(temporary, target)
        return replace(health, location=str(target))


def copy_checked(source: apsw.Connection, path: Path, temporary: Path) -> Health:
    """Copy all of the database at `path` into an empty file, and look at all of the copy.

    What contradicts itself in it is returned. Raises `StoreError` for one that is not ours, is
    newer, or damaged. The copy needs no second file beside it, whatever the database does.
    """
    with closing(apsw.Connection(str(temporary))) as copy:
        copy_pages(source, copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        if schema.check(copy, schema.known_migrations(), path) == 0:
            raise StoreError(f"There is nothing in the database {path}.", code="store_foreign")
        health = check_health(copy, temporary)
    damage = [problem for problem in health.problems if problem.startswith(DAMAGED)]
    if damage:
        raise StoreError(f"There is no sound copy of {path}: {damage[0]}.", code="store_damaged")
    return health


def copy_pages(source: apsw.Connection, copy: apsw.Connection) -> None:
    """Copy a database page by page, as it is at this moment."""
    source.execute("BEGIN")
    try:
        # What is open for reading stays as it is, so that no commit makes us begin anew.
        fetch_one(source, "SELECT count(*) FROM sqlite_schema")
        with copy.backup("main", source, "main") as pages:
            while not pages.done:
                pages.step(_PAGES)
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")


def open_old(path: Path, busy: float) -> apsw.Connection:
    """Open a file that is there, to read it as it is: its schema is not brought to ours.

    A file in a log mode of SQLite has others beside it while it is open, and only who may write
    takes them away again.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - it never raises
        raise StoreError(f"There is no file {path}.")
    may_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    mode = apsw.SQLITE_OPEN_READWRITE if may_write else apsw.SQLITE_OPEN_READONLY
    connection = apsw.Connection(str(path), flags=mode)
    connection.set_busy_handler(Patience(busy))
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


@contextmanager
def scratch_file(target: Path) -> Iterator[Path]:
    """Give an empty file beside `target`, which is gone at the end if it was not put in place.

    Raises `StoreError` where nothing can be written there.
    """
    temporary = target.with_name(f".{target.name[:200]}.{token_hex(4)}")
    try:
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        yield temporary
    except apsw.FullError as error:
        raise StoreError(f"There is no space left for {target}.", code="store_full") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise StoreError(
            f"{target} can't be written ({error.strerror}).",
            code="store_full" if full else "store_unavailable",
        ) from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)


def require_absent(target: Path) -> None:
    """Raise `StoreError` where there is something of that name."""
    if os.path.lexists(target):
        raise StoreError(f"{target} exists, and nothing is overwritten.", code="store_exists")


def put_in_place(temporary: Path, target: Path) -> None:
    """Give a complete file its name, durably. Raises `StoreError` if something has that name."""
    descriptor = os.open(temporary, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, target)  # unlike a rename, it never replaces anything
    except FileExistsError:
        require_absent(target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        require_absent(target)
        temporary.rename(target)
    sync_directory(target.parent)
